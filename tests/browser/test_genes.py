"""Genes in a real browser: a table that lies, real leukaemias and real tissues, from the upload to the Genes page."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from medtune.tuning.verdict import SCRATCH_STATES
from tests.browser import steps, walk
from tests.sources import ROOT

FOLDER = ROOT.parent / "shared" / "data"
GOLUB, TISSUES = FOLDER / "golub.csv.gz", FOLDER / "tissue_gene_expression.csv"
LONG = 300_000  # ms; a run and a hundred half-samples take a while on a busy machine


def real(path) -> pytest.MarkDecorator:
    """Leave a test out, by the file's name, where the public data are not here."""
    return pytest.mark.skipif(not path.exists(), reason=f"the public data (shared/data/{path.name}) are not here")


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


def train_once(page: Page, family: str = "") -> str:
    """From scratch, compared in one round of folds, which is enough to see the way; the verdict."""
    walk.visit(page, "Fine-tune")
    steps.tick(page, "Nothing")
    steps.choose(page, "Repeats", "1")
    if family:
        steps.tick(page, "Model from scratch")
        steps.choose(page, "Kind of model", family)
    return walk.train(page, "Start training")


def look_at_genes(page: Page, count: str, halves: str = "half-samples") -> None:
    """The Genes page once every half-sample was drawn: its plots, and one gene found by name."""
    walk.visit(page, "Genes")
    steps.expect_text(page, halves, LONG)
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


@real(GOLUB)
def test_real_leukaemias_go_from_upload_to_the_genes_page(page, server):
    steps.open_page(page, f"{server.url}/data")
    steps.upload(page, GOLUB)
    steps.expect_text(page, re.compile("of 7.129 columns of numbers are predictors"))
    steps.choose(page, "these values", "AML")
    steps.press(page, "Use these patients")
    steps.expect_text(page, "These patients are in use.")
    assert train_once(page) == str(SCRATCH_STATES["better"])
    look_at_genes(page, "2.000")


@real(TISSUES)
def test_real_tissues_are_told_apart_and_their_genes_shown(page, server):
    steps.open_page(page, f"{server.url}/data")
    steps.upload(page, TISSUES)
    steps.expect_text(page, "500 of 500 columns of numbers are predictors")
    steps.choose(page, "Outcome", "y")
    steps.tick(page, "All 7 classes")
    steps.press(page, "Use these patients")
    steps.expect_text(page, "7 classes")
    assert (
        train_once(page, "Ridge on principal components")
        == "The new model tells the classes apart better than their shares alone."
    )
    look_at_genes(page, "500", "A class has fewer than 8 patients, so halves of them were not drawn.")
