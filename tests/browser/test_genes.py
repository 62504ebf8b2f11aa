"""Genes in a real browser: a table that lies and real leukaemias, from the upload to the Genes page."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from medtune.foundation.settings import Family, Settings, Validation
from medtune.runs.execution import end_later
from medtune.runs.store import Store
from medtune.tuning.classes.verdict import SCRATCH_CLASS_STATES
from medtune.tuning.verdict import SCRATCH_STATES
from tests.browser import steps, walk
from tests.sources import ROOT

FOLDER = ROOT.parent / "shared" / "data"
GOLUB, TISSUES = FOLDER / "golub.csv.gz", FOLDER / "tissue_gene_expression.csv"
LONG = 300_000  # ms; a run and a hundred half-samples take a while on a busy machine


@pytest.fixture
def server(server):
    """The shared dashboard, in which nothing goes on that these tests began: resampling genes takes minutes."""
    yield server
    store = Store(server.home)
    for run in store.runs():
        end_later(store.run(run.id).path)


def lying_table() -> dict:
    """Made-up genes as rows under a row that tells who relapsed; four of 300 carry the outcome."""
    rng = np.random.default_rng(5)
    relapse = np.arange(48) % 2
    values = rng.normal(7, 1, (48, 300))
    values[:, :4] += 1.6 * relapse[:, None]
    genes = pd.DataFrame(values.T.round(3), columns=[f"S{at + 1:02d}" for at in range(48)])
    genes.insert(0, "symbol", [f"GENE{at}" for at in range(300)])
    status = pd.DataFrame([["status", *np.where(relapse, "relapse", "none")]], columns=genes.columns)
    content = pd.concat([status, genes.astype(object)]).to_csv(index=False)
    return {"name": "lying.csv", "mimeType": "text/csv", "buffer": content.encode()}


def train_once(page: Page) -> str:
    """From scratch, compared in one round of folds, which is enough to see the way; the verdict."""
    walk.visit(page, "Fine-tune")
    steps.tick(page, "Nothing")
    steps.choose(page, "Repeats", "1")
    return walk.train(page, "Start training")


def look_at_genes(page: Page, count: str) -> None:
    """The Genes page once every half-sample was drawn: its plots, and one gene found by name."""
    walk.visit(page, "Genes")
    steps.expect_text(page, "half-samples", LONG)
    steps.idle(page)
    steps.expect_text(page, re.compile(rf"\d+ of {count} genes differ between the outcomes"))
    for name in ("volcano", "one_gene", "heat_map"):
        expect(page.locator(f".st-key-{name} .main-svg").first).to_be_visible(timeout=steps.PATIENCE)
    steps.no_trouble(page)


def test_a_table_that_lies_is_turned_and_its_telling_genes_are_found(page, server):
    steps.open_page(page, f"{server.url}/data")
    steps.upload(page, lying_table())
    steps.press(page, "Turn the table")
    steps.expect_text(page, "48 patients, 300 genes")
    steps.choose(page, "Outcome", "status")
    expect(page.get_by_role("button", name="Remove relapse")).to_be_visible()
    steps.press(page, "Use these patients")
    steps.expect_text(page, "These patients are in use.")
    assert train_once(page) in walk.VERDICTS
    look_at_genes(page, "300")
    box = page.get_by_test_id("stMain").get_by_role("textbox", name="Find a column")
    box.fill("gene2")
    box.press("Enter")
    steps.idle(page)
    rows = page.get_by_test_id("stMain").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("GENE2")  # of all genes called like this the one that carries the outcome
    expect(rows.nth(1)).to_contain_text("yes")


def first_genes(count: int) -> dict:
    """The real leukaemias with the outcome and the first of their genes: the same way in a fraction of the time."""
    table = pd.read_csv(GOLUB)
    genes = [name for name in table.columns if pd.api.types.is_numeric_dtype(table[name]) and name != "rownames"]
    others = [name for name in table.columns if name not in genes]
    content = table[[*others, *genes[:count]]].to_csv(index=False).encode()
    return {"name": "golub.csv", "mimeType": "text/csv", "buffer": content}


@pytest.mark.skipif(not GOLUB.exists(), reason="the public data (shared/data/golub.csv.gz) are not here")
def test_real_leukaemias_go_from_upload_to_the_genes_page(page, server):
    steps.open_page(page, f"{server.url}/data")
    steps.upload(page, first_genes(600))
    steps.expect_text(page, re.compile("of 600 columns of numbers are predictors"))
    steps.choose(page, "these values", "AML")
    steps.press(page, "Use these patients")
    steps.expect_text(page, "These patients are in use.")
    assert train_once(page) == str(SCRATCH_STATES["better"])
    look_at_genes(page, r"\d+")  # those whose spread is too small are left out


def some_tissues(genes: int, each: int) -> dict:
    """Of the seven real tissues some samples of each with some of their genes: still more genes than samples."""
    table = pd.read_csv(TISSUES)
    few = table.groupby("y").head(each)
    content = few[["y", *[name for name in few if name.startswith("x.")][:genes]]].to_csv(index=False).encode()
    return {"name": "tissues.csv", "mimeType": "text/csv", "buffer": content}


@pytest.mark.skipif(not TISSUES.exists(), reason="the data (shared/data/tissue_gene_expression.csv) are not here")
def test_seven_real_tissues_are_told_apart_as_classes(page, fresh_server):
    quick = Settings(family=Family("pca_ridge"), validation=Validation(folds=2, repeats=1, resamples=100))
    Store(fresh_server.home).remember("settings", quick)
    steps.open_page(page, f"{fresh_server.url}/data")
    steps.upload(page, some_tissues(210, 8))
    steps.choose(page, "Outcome", "y")
    steps.tick(page, "All 7 classes")
    steps.press(page, "Use these patients")
    steps.expect_text(page, "7 classes of 'y', 210 predictors")
    walk.visit(page, "Fine-tune")
    steps.tick(page, "Nothing")
    assert walk.train(page, "Start training") == str(SCRATCH_CLASS_STATES["better"])
    for tissue in ("cerebellum", "colon", "endometrium", "hippocampus", "kidney", "liver", "placenta"):
        steps.expect_text(page, tissue)
