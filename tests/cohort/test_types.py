"""What a column is: numbers in other clothes, opposites, orders, dates; each guess says why."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import describe
from medtune.cohort.evidence import evidence, notes_on_writing
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.scales import ranked
from medtune.cohort.signs import identifies
from medtune.cohort.table import make_cohort, open_cohort, save_cohort
from medtune.cohort.values import as_dates, as_numbers, read_number

NUMBERS = {
    "<0.5": (0.5, "<", ""),
    ">= 1000": (1000, ">=", ""),
    "≤3": (3, "≤", ""),
    "1,2": (1.2, "", ""),
    "12 mg/dL": (12, "", "mg/dL"),
    "7.4mmol/l": (7.4, "", "mmol/L"),
    "80 ml/min": (80, "", "mL/min"),
    "2 mol": (2, "", "mol"),
    "5.1 x10^9/L": (5.1, "", "x10^9/L"),
    "80 %": (80, "", "%"),
    "61 岁": (61, "", "岁"),
    "1e3": (1000, "", ""),
    "120/80": (np.nan, "", ""),
    "3 apples": (np.nan, "", ""),
    "neg": (np.nan, "", ""),
    "A12": (np.nan, "", ""),
}


@pytest.mark.parametrize("cell", NUMBERS)
def test_a_number_is_read_with_its_sign_and_unit(cell):
    number, sign, unit = NUMBERS[cell]
    read = read_number(cell)
    assert (read.sign, read.unit) == (sign, unit)
    np.testing.assert_equal(read.number, number)


def test_numbers_in_another_unit_are_not_mixed_in():
    cells = pd.Series(["90 mg/dL", "100 mg/dL", "5.1 mmol/L", "<80 mg/dL", "85"])
    numbers, refused = as_numbers(cells)
    np.testing.assert_equal(numbers, [90, 100, np.nan, 80, 85])
    assert refused == 1
    said = " ".join(map(str, notes_on_writing(cells, "glucose")))
    assert "1 value of 'glucose' is given as below or above a limit" in said
    assert "1 value of 'glucose' is not in mg/dL like the others" in said


KINDS = {
    "number": (["<0.5", "1,2", "12", "3.4"] * 10, "at a limit"),
    "number ": ([f"{3 * i} mg/dL" for i in range(40)], "with the unit mg/dL"),
    "category": (["neg", "pos"] * 20, "two opposites"),
    "category ": (["ja", "nein"] * 20, "two opposites"),
    "category  ": (["男", "女"] * 20, "two opposites"),
    "category   ": (["阳性", "阴性"] * 20, "two opposites"),
    "ordinal": (["mild", "severe", "moderate", "none"] * 10, "levels with an order"),
    "ordinal ": (["40-49", "<40", "50-59", "60+"] * 10, "levels with an order"),
    "date": (["05-Mar-2020", "17-Apr-2021"] * 20, "written as dates"),
    "date ": (["2020年3月5日", "2021年12月31日"] * 20, "written as dates"),
    "date  ": (["31.12.2020", "01.02.2021"] * 20, "day first"),
    "date   ": (["03/04/2020", "01/02/2021"] * 20, "which no cell shows"),
    "text": ([f"the patient {'felt well ' * (i % 7)}on day {i}" for i in range(40)], "different texts"),
    "identifier": ([f"M{i:05d}" for i in range(40)], "nearly every value differs"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_guessed_and_its_evidence_said(kind):
    cells, why = KINDS[kind]
    series = pd.Series(cells, name="x")
    (column,) = describe(series.to_frame())
    assert column.type == kind.strip()
    assert why in str(evidence(series, column))


def test_a_choice_of_the_user_is_evidence_enough():
    (column,) = describe(pd.DataFrame({"x": [1, 2, 3] * 5}), {"x": "ordinal"})
    assert (column.kind, column.ordered, column.levels) == ("category", True, ("1", "2", "3"))
    assert str(evidence(pd.Series([1, 2, 3]), column, chosen=True)) == "your choice"


RANKS = [
    (["severe", "mild", "moderate"], ("mild", "moderate", "severe")),
    (["Stage III", "Stage I", "Stage II"], ("Stage I", "Stage II", "Stage III")),
    (["current", "never", "former"], ("never", "former", "current")),
    (["重度", "无", "轻度"], ("无", "轻度", "重度")),
    (["3+", "neg", "1+"], ("neg", "1+", "3+")),
    (["70 and more", "red", "blue"], None),
    (["north", "south", "east"], None),
    (["yes", "no"], None),
]


@pytest.mark.parametrize(("levels", "order"), RANKS)
def test_levels_are_ranked_only_where_they_have_an_order(levels, order):
    assert ranked(levels) == order


def test_days_in_eight_digits_are_dates_where_the_name_says_so():
    frame = pd.DataFrame({"admission_date": [20200305, 20211231] * 20, "amount": [20200305, 20211231] * 20})
    date, amount = describe(frame)
    assert (date.kind, amount.kind) == ("date", "number")
    assert as_dates(frame["admission_date"]).iloc[0] == pd.Timestamp("2020-03-05")


def test_an_order_outlives_the_store(tmp_path):
    n = 40
    frame = pd.DataFrame(
        {"pain": ["none", "mild", "severe", "mild"] * 10, "age": np.arange(n) / 3, "died": [0, 1] * 20}
    )
    cohort = make_cohort(frame, Roles("died", Event(values=("1",)), ("pain", "age")), Cleaning())
    assert cohort.columns["pain"].levels == ("none", "mild", "severe")
    again = open_cohort(save_cohort(cohort, tmp_path))
    assert again.columns["pain"] == cohort.columns["pain"]
    assert again.take(np.arange(20)).columns["pain"].ordered


def test_decimal_numbers_with_a_few_words_among_them_are_numbers():
    potassium = [f"{value:.1f}" for value in np.linspace(3, 5.5, 26)] * 6
    potassium[::13] = ["haemolysed"] * 12
    (column,) = describe(pd.DataFrame({"potassium": potassium}))
    assert column.kind == "number"
    (column,) = describe(pd.DataFrame({"ward": [*map(str, range(1, 21))] * 6 + ["recovery"] * 6}))
    assert column.kind == "category"


def test_days_with_a_year_of_two_digits_are_dates():
    dates = as_dates(pd.Series(["3/14/25", "12/1/25"]))
    assert dates.dt.strftime("%Y-%m-%d").tolist() == ["2025-03-14", "2025-12-01"]
    dates = as_dates(pd.Series(["03.04.25", "12.01.25"]))
    assert dates.dt.strftime("%Y-%m-%d").tolist() == ["2025-04-03", "2025-01-12"]
    (column,) = describe(pd.DataFrame({"admitted": [f"{day}/3/25" for day in range(1, 29)]}))
    assert column.kind == "date"
    (column,) = describe(pd.DataFrame({"version": [f"1.{at}-12" for at in range(1, 29)]}))
    assert column.kind != "date"


def test_times_of_the_day_do_not_tell_who_a_patient_is():
    frame = pd.DataFrame({"arrival": [f"{at % 24:02d}:{at % 60:02d}" for at in range(60)]})
    (column,) = describe(frame)
    assert column.kind == "text"
    assert not identifies(frame, column)
    assert str(evidence(frame["arrival"], column)) == "times of the day"
