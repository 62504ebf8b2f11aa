"""Table 1 tells the right numbers, hides small counts where it leaves, and opens safely."""

import io

import docx
import numpy as np
import openpyxl
import pandas as pd
import pytest

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.cohort.table_one import table_one
from medtune.report.table_one import as_csv, as_document, as_frame, as_workbook

N = 40
FRAME = pd.DataFrame(
    {
        "=age": [50.5, 60, 70, 80, 61, 72.5, 83, 44, 57] * 4 + [np.nan] * 4,
        "crp": [1.0] * 20 + [2] * 6 + [2.5] * 4 + [3] * 4 + [3.5] * 4 + [200] * 2,
        "stage": ["a"] * 18 + ["b"] * 19 + ["c"] * 3,
        "ward": ["north", "south"] * 20,
        "died": [0] * 30 + [1] * 10,
    }
)
COHORT = make_cohort(FRAME, Roles("died", Event(values=("1",)), ("=age", "crp", "stage"), site="ward"))


def line(table, name, level=""):
    lines = iter(table.lines)
    found = next(one for one in lines if one.name == name)
    return next(one for one in lines if one.level == level) if level else found


def test_numbers_are_told_by_mean_or_when_skewed_by_median():
    table = table_one(COHORT)
    assert table.groups == ("no event", "event")
    assert table.lines[0].cells == ("40", "30", "10")
    assert line(table, "=age").cells[0] == "64.2 (12.6)"
    assert line(table, "crp").cells[0] == "1.50 [1.00 to 2.62]"
    assert [one.cells for one in table.lines if str(one.what) == "missing"] == [("4", "0", "4")]


def test_the_difference_is_standardised():
    table = table_one(COHORT)
    no, yes = FRAME["=age"][:30], FRAME["=age"][30:].dropna()
    by_hand = (yes.mean() - no.mean()) / np.sqrt((yes.var() + no.var()) / 2)
    assert line(table, "=age").difference == pytest.approx(by_hand)


def test_a_share_has_the_known_as_its_base():
    assert line(table_one(COHORT), "stage", "a").cells == ("18 (45.0)", "18 (60.0)", "0 (0.0)")


def test_small_counts_are_hidden_and_cannot_be_worked_out():
    table = table_one(COHORT, hide=True)
    assert line(table, "stage", "c").cells == ("<5", "0 (0.0)", "<5")
    assert line(table, "stage", "b").cells[0] == "hidden" or line(table, "stage", "a").cells[0] == "hidden"
    assert line(table, "stage", "b").cells[2] == "hidden"
    assert "(7.5)" not in str(as_frame(table))


def test_only_small_counts_are_called_small():
    stages, wards = ["a"] * 20 + ["b"] * 12 + ["c"] * 8, ["n"] * 12 + ["s"] * 8 + ["n"] * 11 + ["s"] + ["n"] * 8
    frame = FRAME.assign(stage=stages, ward=wards)
    cohort = make_cohort(frame, Roles("died", Event(values=("1",)), ("stage",), site="ward"))
    open_table, hidden = table_one(cohort, "site"), table_one(cohort, "site", hide=True)
    for shown, left in zip(open_table.lines, hidden.lines, strict=True):
        for cell, kept in zip(shown.cells, left.cells, strict=True):
            assert kept in (cell, "<5", "hidden")
            if kept in ("<5", "hidden"):
                assert (int(cell.split(" ")[0]) < 5) == (kept == "<5")


def test_a_number_of_two_values_is_counted():
    cohort = make_cohort(FRAME.assign(sex=[0, 1, 1, 1] * 10), Roles("died", Event(values=("1",)), ("sex", "=age")))
    table = table_one(cohort)
    assert str(line(table, "sex").what) == "count (%)"
    assert line(table, "sex", "1").cells[0] == "30 (75.0)"
    assert "0" not in {one.level for one in table.lines}


def test_by_site_each_site_is_a_group():
    table = table_one(COHORT, "site")
    assert table.groups == ("north", "south")
    assert table.lines[0].cells == ("40", "20", "20")
    assert line(table, "died", "event").cells == ("10 (25.0)", "5 (25.0)", "5 (25.0)")
    assert "no event" not in {one.level for one in table.lines}


def test_by_outcome_the_outcome_is_no_line_of_its_own():
    assert "died" not in {one.name for one in table_one(COHORT).lines}


def test_no_file_starts_a_formula():
    table = table_one(COHORT, hide=True)
    assert "\r\n'=age," in as_csv(table).decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(table))).active
    cell = next(cell for cell in sheet["A"] if cell.value == "=age")
    assert cell.data_type == "s"
    document = docx.Document(io.BytesIO(as_document(table, "Table 1", "A note")))
    assert [cell.text for cell in document.tables[0].rows[1].cells][2:] == ["40", "30", "10", ""]
