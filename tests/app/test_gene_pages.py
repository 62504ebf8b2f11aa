"""Pages with thousands of columns: found by a search, shown in portions, prepared together."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from medtune.foundation.words import say
from medtune.models.mapping import OUTSIDE
from medtune.ui.mapping_choices import in_short
from tests.app.test_data_page import upload
from tests.cohort.shared_data import shared
from tests.cohort.test_turning import lying, patients

DATA, PREPARE, FINE_TUNE = "pages/cohort/data.py", "pages/cohort/prepare.py", "pages/tuning/fine_tune.py"


def wide(n: int = 40, p: int = 1200) -> bytes:
    """A table of genes with an outcome, a sex and a plate."""
    rng = np.random.default_rng(2)
    table = pd.DataFrame(rng.normal(7, 2, (n, p)).round(3), columns=[f"GENE{at}" for at in range(p)])
    table.insert(0, "status", np.where(np.arange(n) % 2, "relapse", "none"))
    table.insert(1, "plate", np.where(np.arange(n) % 4 < 2, "p1", "p2"))
    return table.to_csv(index=False).encode()


def test_genes_are_found_prepared_and_planned(new_session):
    app = new_session().open(DATA)
    upload(app, wide(), "genes.csv")
    assert app.errors == []
    assert "columns of numbers are predictors" in app.text
    app.widget("selectbox", "Outcome").select("status").run()
    app.widget("text_input", "Find a column").input("gene77").run()
    assert app.errors == []
    app.press("Use these patients")
    assert app.errors == []
    app.open(PREPARE)
    assert app.errors == []
    app.widget("selectbox", "Centre genes by batch").select("plate").run()
    assert "centred within" in app.text
    app.open(FINE_TUNE)
    assert not app.at.exception


@pytest.mark.parametrize("counts", [False, True])
def test_five_patients_with_very_many_genes_end_in_one_sentence(new_session, counts):
    table = pd.read_csv(io.BytesIO(wide(5, 2_000)))
    if counts:
        genes = [name for name in table if name.startswith("GENE")]
        table[genes] = (10 * table[genes]).astype(int)
    app = new_session().open(DATA)
    upload(app, table.to_csv(index=False).encode(), "five.csv")
    assert any("at least 10" in error for error in app.errors)
    lists = [*app.at.selectbox, *app.at.multiselect]
    assert max(len(one.options) for one in lists) <= 250  # and no list of two thousand columns


def test_a_table_that_lies_is_turned_in_one_click(new_session):
    app = new_session().open(DATA)
    upload(app, lying(patients(p=400), status=False, described=False).to_csv(index=False).encode(), "lying.csv")
    app.press("Turn the table")
    assert not app.at.exception
    assert "the table was turned" in app.text
    assert "12 patients, 400 genes" in app.text


def test_leukaemias_are_taken_in(new_session):
    app = new_session().open(DATA)
    upload(app, shared("golub.csv.gz").read_bytes(), "golub.csv.gz")
    app.widget("multiselect", "these values").select("AML").run()
    assert app.errors == []
    app.press("Use these patients")
    app.open(PREPARE)
    assert app.errors == []
    assert "7129 columns are genes" in app.text.replace("\u202f", "").replace(",", "").replace("\xa0", "")


def test_tissues_are_taken_in_as_classes(new_session):
    app = new_session().open(DATA)
    upload(app, shared("tissue_gene_expression.csv").read_bytes(), "tissue_gene_expression.csv")
    app.widget("selectbox", "Outcome").select("y").run()
    app.widget("radio", "What is estimated").set_value(True).run()
    assert app.errors == []
    app.press("Use these patients")
    assert "7 classes" in app.text


def test_ranges_of_many_genes_are_one_sentence():
    doubts = [say(OUTSIDE, share=at, column=f"GENE{at}") for at in range(6, 16)]
    other = say("Column '{column}' is empty.", column="age")
    first, second = in_short([*doubts[:5], other, *doubts[5:]])
    assert "10 columns" in str(first)
    assert "'GENE15' (15%)" in str(first)
    assert second == other
    assert in_short(doubts[:3]) == doubts[:3]
