"""Gene tables turned and joined: whichever way they lie, the same patients come out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.reading import read_table
from medtune.cohort.turning import joined, rows_are_genes, turned
from medtune.foundation.errors import TableError


def patients(n: int = 12, p: int = 150) -> pd.DataFrame:
    """A row for each patient."""
    rng = np.random.default_rng(0)
    genes = pd.DataFrame(rng.normal(7, 2, (n, p)).round(3), columns=[f"GENE{at}" for at in range(p)])
    return pd.concat([pd.DataFrame({"sample": [f"S{at}" for at in range(n)]}), genes], axis=1)


def lying(table: pd.DataFrame, status: bool = True, described: bool = True) -> pd.DataFrame:
    """The same with a row for each gene, a row of notes on top and a column that describes the genes."""
    rows = table.set_index("sample").T.astype(object if status else float)
    if status:
        rows = pd.concat([pd.DataFrame([["relapse", "none"] * 6], columns=rows.columns, index=["status"]), rows])
    rows = rows.rename_axis("symbol").reset_index()
    if described:
        rows.insert(1, "description", [f"what gene {at} does" for at in range(len(rows))])
    return rows


@pytest.mark.parametrize("status", [True, False])
@pytest.mark.parametrize("described", [True, False])
def test_rows_that_are_genes_become_columns(status, described):
    table = patients()
    rows = lying(table, status, described)
    assert rows_are_genes(rows)
    assert not rows_are_genes(table)
    made = turned(rows)
    pd.testing.assert_frame_equal(made.frame[list(table.columns)], table, check_dtype=False)
    assert ("status" in made.frame) is status
    if status:
        assert made.frame["status"].tolist() == ["relapse", "none"] * 6
    assert "12 patients, 150 genes" in str(made.report[0])


@pytest.mark.parametrize("word", ["relapse", "F"])
def test_a_row_of_notes_above_the_genes_is_no_second_row_of_names(word):
    rows = lying(patients(), described=False).replace("relapse", word)
    read = read_table(rows.to_csv(index=False).encode()).frame
    assert list(read.columns) == list(rows.columns)
    assert turned(read).frame["status"].tolist() == [word, "none"] * 6
    pd.testing.assert_frame_equal(turned(read).frame[list(patients().columns)], patients(), check_dtype=False)


@pytest.mark.parametrize("first", ["", "unit"])
def test_units_below_the_names_are_still_names(first):
    table = patients(p=10)
    units = pd.DataFrame([[first, *["mg/dL", "%"] * 5]], columns=table.columns)
    read = read_table(pd.concat([units, table.astype(object)]).to_csv(index=False).encode()).frame
    assert "GENE0 mg/dL" in read.columns
    assert len(read) == len(table)


def test_a_gene_that_comes_twice_is_asked_about():
    rows = lying(patients())
    rows.loc[5, "symbol"] = rows.loc[6, "symbol"]
    with pytest.raises(TableError, match="name every row once"):
        turned(rows)


def test_a_clinical_table_is_not_taken_for_genes():
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"id": [f"P{at}" for at in range(900)], "age": rng.normal(60, 9, 900), "sex": "f", "died": 0})
    table["ward"] = "surgery"
    assert not rows_are_genes(table)


def test_laboratory_values_behind_an_id_are_not_taken_for_genes():
    rng, n = np.random.default_rng(2), 160
    table = pd.DataFrame({"ID": [f"P{at:03d}" for at in range(n)], "Age": rng.normal(66, 9, n).round()})
    table = table.assign(Na=rng.normal(138, 3, n), K=rng.normal(4, 0.4, n), Died="no", EF=rng.normal(0.5, 0.1, n))
    assert not rows_are_genes(table)
    scores = pd.DataFrame(rng.integers(0, 2, (n, 8)), columns=[f"item {at}" for at in range(8)])
    assert not rows_are_genes(pd.concat([table[["ID"]], scores], axis=1))


def test_outcomes_come_from_a_second_table_by_id():
    table = patients()
    second = pd.DataFrame({"patient": [f"S{at}" for at in range(11, 0, -1)], "dead": np.arange(11) % 2})
    made = joined(table, second)
    assert made.frame.set_index("sample")["dead"].dropna().to_dict() == {
        f"S{11 - at}": float(at % 2) for at in range(11)
    }
    assert np.isnan(made.frame["dead"].iloc[0])
    assert any("1 sample is not in the second table" in str(line) for line in made.report)


def test_tables_without_shared_ids_are_refused():
    with pytest.raises(TableError, match="share no ids"):
        joined(patients(), pd.DataFrame({"patient": ["X1", "X2", "X3"], "dead": [0, 1, 0]}))


def test_an_id_twice_in_the_second_table_is_refused():
    second = pd.DataFrame({"patient": ["S1", "S1", "S2", "S3", "S4"], "dead": [0, 1, 0, 1, 0]})
    with pytest.raises(TableError, match="more than once"):
        joined(patients(), second)
