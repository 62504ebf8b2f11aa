"""What a column is taken for, and what it is proposed for."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import describe, propose_event, propose_roles
from medtune.cohort.reading import read_table
from medtune.cohort.roles import Event
from tests.cohort.shared_data import shared

N = 60
KINDS = {
    "few whole numbers are a category": ([1.0, 2.0, 3.0, 4.0] * 15, "category"),
    "zero and one is a number": ([0, 1] * 30, "number"),
    "measurements are numbers": (np.linspace(60, 200, N), "number"),
    "numbers kept as text are numbers": ([f"{x:.2f}" for x in np.linspace(1, 9, N)], "number"),
    "words that repeat are a category": (["male", "female"] * 30, "category"),
    "true and false is a category": ([True, False] * 30, "category"),
    "dates": (pd.date_range("2020-01-01", periods=N).astype(str), "date"),
    "dates with the day first": ([f"{1 + i % 28:02d}.03.2021" for i in range(N)], "date"),
    "sentences are text": ([f"patient came in with complaint {i}" for i in range(N)], "text"),
    "codes that never repeat are an identifier": ([f"A-{i:05d}" for i in range(N)], "identifier"),
    "a row number is an identifier": (range(1, N + 1), "identifier"),
    "an empty column is a number": ([np.nan] * N, "number"),
}


@pytest.mark.parametrize("case", KINDS, ids=list(KINDS))
def test_a_column_is_taken_for_what_it_holds(case):
    values, kind = KINDS[case]
    (column,) = describe(pd.DataFrame({"x": values}))
    assert column.kind == kind


def test_a_persons_name_is_an_identifier_even_where_names_repeat():
    (column,) = describe(pd.DataFrame({"last_name": ["Li", "Wang", "Li", "Zhao"] * 15}))
    assert column.kind == "identifier"


def test_levels_stand_in_the_order_of_their_numbers_without_decimals():
    (column,) = describe(pd.DataFrame({"ward": [10.0, 9.0, 2.0] * 20}))
    assert column.levels == ("2", "9", "10")


def test_missing_codes_do_not_count_as_values():
    (column,) = describe(pd.DataFrame({"x": [0.0, 100.0, 150.0, 0.0]}), codes={"x": ("0",)})
    assert (column.low, column.high, column.missing, column.codes) == (100.0, 150.0, 0.5, ("0",))


EVENTS = [
    (("0", "1"), Event(values=("1",))),
    (("No", "Yes"), Event(values=("Yes",))),
    (("0_no", "1_yes"), Event(values=("1_yes",))),
    (("alive", "deceased"), Event(values=("deceased",))),
    (("benign", "malignant"), Event(values=("malignant",))),
    (("B", "M"), Event(values=("M",))),
    (("f", "m"), Event()),
    (("1", "2"), Event(values=("1",))),
    (("0", "1", "2", "3", "4"), Event(at_least=1)),
    (("invalid", "negative", "positive"), Event(values=("positive",))),
    (("0", "1", "9"), Event()),
    (("blue", "green"), Event()),
]


@pytest.mark.parametrize(("levels", "event"), EVENTS)
def test_the_event_is_proposed_only_where_it_is_natural(levels, event):
    assert propose_event(levels) == event


def test_roles_are_proposed_from_names_and_values():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "PatientID": [f"P{i}" for i in range(N)],
            "hospital": ["A", "B"] * 30,
            "admission_date": pd.date_range("2020-01-01", periods=N).astype(str),
            "age": rng.normal(60, 10, N),
            "constant": 1,
            "euro_risk": rng.random(N),
            "smoker": rng.integers(0, 2, N),
            "died": rng.integers(0, 2, N),
        }
    )
    roles = propose_roles(frame)
    assert roles.named == {
        "outcome": "died",
        "patient": "PatientID",
        "site": "hospital",
        "date": "admission_date",
        "score": "euro_risk",
    }
    assert roles.event == Event(values=("1",))
    assert roles.predictors == ("age", "smoker")


def test_without_a_telling_name_the_last_two_valued_column_is_the_outcome():
    frame = pd.DataFrame({"a": [0, 1] * 10, "b": np.arange(20) / 7, "c": [0, 1] * 10, "d": np.arange(20) / 3})
    assert propose_roles(frame).outcome == "c"


def test_an_event_spelled_in_several_ways_is_one_event():
    assert propose_event(("Alive", "DIED", "Died", "alive", "died")) == Event(values=("DIED", "Died", "died"))
    assert propose_event(("N", "Y", "y")) == Event(values=("Y", "y"))


def test_an_outcome_that_nobody_has_is_proposed_rather_than_the_sex():
    frame = pd.DataFrame({"sex": ["m", "f"] * 10, "age": range(20), "died": 0})
    assert propose_roles(frame).outcome == "died"
    assert propose_roles(frame[["sex", "age"]]).outcome == ""


def test_a_date_of_birth_is_not_proposed_as_the_date():
    days = pd.date_range("2025-01-01", periods=20).strftime("%d.%m.%Y")
    frame = pd.DataFrame({"Geb.datum": days, "Aufnahme": days, "age": range(20), "died": [0, 1] * 10})
    assert propose_roles(frame).date == "Aufnahme"


def test_no_outcome_is_proposed_where_none_qualifies():
    assert propose_roles(pd.DataFrame({"a": np.arange(20) / 7})).outcome == ""


def test_the_heart_table_is_understood():
    frame = read_table(shared("heart_four_hospitals.csv")).frame
    kinds = {column.name: column.kind for column in describe(frame)}
    assert {name for name, kind in kinds.items() if kind == "category"} == {
        "hospital", "chest_pain_type", "resting_ecg", "st_slope", "major_vessels", "thal", "disease_stage",
    }  # fmt: skip
    roles = propose_roles(frame)
    assert (roles.outcome, roles.event, roles.site) == ("disease_stage", Event(at_least=1), "hospital")
    assert len(roles.predictors) == 13


def test_a_name_is_no_patient_id():
    frame = pd.DataFrame({"patient_name": [f"Ann {i}" for i in range(N)], "patient_id": [f"P{i}" for i in range(N)]})
    assert propose_roles(frame.assign(died=[0, 1] * (N // 2))).patient == "patient_id"
