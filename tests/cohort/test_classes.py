"""Outcomes whose values are classes of their own."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.findings import find
from medtune.cohort.opening import read_cohort
from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort, open_cohort, save_cohort
from medtune.foundation.errors import RolesError

STAGES = ("none", "mild", "severe")


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    stage = np.array(STAGES)[rng.permutation(np.repeat([0, 1, 2], [30, 20, 10]))]
    return pd.DataFrame({"age": rng.normal(60, 9, 60), "sex": rng.choice(["m", "f"], 60), "stage": stage})


def roles(classes=STAGES):
    return Roles("stage", predictors=("age", "sex"), classes=classes)


def test_the_outcome_is_the_number_of_the_class(table):
    cohort = make_cohort(table, roles())
    assert cohort.classes == STAGES
    assert cohort.counts == (30, 20, 10)
    assert [STAGES[code] for code in cohort.outcome] == table.stage.tolist()
    assert (cohort.events, cohort.event_rate) == (None, None)


def test_numbers_keep_their_class_when_rows_are_left_out(table):
    cohort = make_cohort(table, roles())
    without = cohort.take(table.stage.ne("mild").to_numpy())
    assert without.classes == STAGES
    assert without.counts == (30, 0, 10)


def test_an_event_is_forgotten_where_classes_are_chosen(table):
    assert make_cohort(table, replace(roles(), event=Event(values=("mild",)))).roles.event == Event()


def test_a_saved_cohort_comes_back_with_its_classes(table, tmp_path):
    cohort = make_cohort(table, roles())
    again = open_cohort(save_cohort(cohort, tmp_path))
    assert again.classes == STAGES
    np.testing.assert_array_equal(again.outcome, cohort.outcome)


def test_classes_make_another_fingerprint_and_none_leave_it(table):
    event = Roles("stage", Event(values=("severe",)), ("age",))
    assert make_cohort(table, event).fingerprint != make_cohort(table, roles()).fingerprint


def test_a_value_that_is_no_class_is_named(table):
    with pytest.raises(RolesError, match="also has the value 'severe', which is none of the classes"):
        make_cohort(table, roles(("none", "mild", "other")))


def test_classes_that_do_not_occur_are_no_classes(table):
    assert make_cohort(table, roles((*STAGES, "unknown"))).classes == STAGES
    with pytest.raises(RolesError, match="has 2 values here; between 3 and 8"):
        make_cohort(table[table.stage != "mild"], roles())


def test_a_file_is_read_with_every_value_a_class(table):
    cohort = read_cohort(table.to_csv(index=False).encode(), "stage", classes=True)
    assert set(cohort.classes) == set(STAGES)
    assert cohort.roles.predictors == ("age", "sex")


def test_a_column_that_gives_one_class_away_is_found(table):
    table["score"] = (table.stage == "mild") * 10.0 + np.arange(60) % 7
    found = {finding.key: finding for finding in find(make_cohort(table, Roles("stage", predictors=("score",),
                                                                              classes=STAGES)))}  # fmt: skip
    assert "who is of class ‘mild’" in str(found["given_away"].sentence)


def test_a_rare_class_is_said(table):
    rare = table[(table.stage != "severe") | (table.groupby("stage").cumcount() < 4)]
    (few,) = [f for f in find(make_cohort(rare, roles())) if f.key == "few_events"]
    assert "Only 4 patients of class ‘severe’" in str(few.sentence)
    assert (few.remedy.action, few.remedy.columns, few.remedy.codes) == ("leave_out_level", ("stage",), ("severe",))
