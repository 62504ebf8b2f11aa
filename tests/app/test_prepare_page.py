"""The Prepare page: settings, what they would do, and that they are kept."""

import pytest

from medtune.cohort.demo import two_hospitals
from medtune.foundation.records import from_plain
from medtune.foundation.settings import Settings
from medtune.runs.store import Store

PAGE = "pages/cohort/prepare.py"


@pytest.fixture(scope="module")
def cohort():
    return two_hospitals()[1]


@pytest.fixture
def ready(cohort, new_session):
    store = Store()
    store.remember("cohort_id", store.add_cohort(cohort))
    return new_session().open(PAGE)


def kept():
    return from_plain(Settings, Store().recall("settings", {})).preparation


def test_without_patients_it_says_where_to_choose_them(app):
    app.open(PAGE)
    assert "There are no patients to prepare yet." in app.text
    assert app.errors == []
    assert not app.has("selectbox", "Numbers are scaled")


def test_it_says_what_will_happen_and_shows_a_column_with_gaps(ready, cohort):
    gaps = cohort.without_duplicates().predictors.isna().sum()
    assert ready.errors == []
    assert f"{gaps.sum()} missing values are filled." in ready.text
    assert "4 rows that are exact copies of others are left out." in ready.text
    assert gaps[ready.widget("selectbox", "Column").value] > 0
    assert len(ready.at.get("plotly_chart")) == 1


def test_a_choice_changes_what_is_told_and_is_kept(ready, new_session):
    ready.widget("selectbox", "A missing number becomes").select("mean").run()
    ready.widget("toggle", "Mark missing values").set_value(True).run()
    ready.widget("slider", "Draw in extremes beyond").set_value(2.5).run()
    assert "become the mean of the training patients" in ready.text
    assert "tell whether a value was missing" in ready.text
    assert (kept().numbers, kept().indicators, kept().clip) == ("mean", True, 0.025)
    again = new_session().open(PAGE)
    assert again.widget("selectbox", "A missing number becomes").value == "mean"
    assert again.widget("slider", "Draw in extremes beyond").value == 2.5


def test_the_step_is_done_when_accepted_and_open_again_after_a_change(ready):
    ready.press("Prepare like this")
    assert "This preparation is in use." in ready.text
    ready.widget("selectbox", "Copied rows").select("keep").run()
    assert ready.has("button", "Prepare like this")


def test_other_patients_bring_their_own_columns(ready):
    ready.widget("selectbox", "Column").select("lactate_mmol_l").run()
    ready.open("pages/cohort/data.py")
    kept_ones = ["age_years", "platelets_10e9_l"]
    ready.widget("multiselect", "Predictors").set_value(kept_ones).run()
    ready.press("Use these patients").open(PAGE)
    assert ready.errors == []
    assert list(ready.widget("selectbox", "Column").options) == kept_ones
    assert ready.widget("selectbox", "Column").value in kept_ones


def test_patients_deleted_meanwhile_are_one_sentence(ready):
    store = Store()
    store.delete_cohort(store.cohorts()[0].id)
    ready.widget("selectbox", "Copied rows").select("keep").run()
    assert ready.errors == ["This cohort is no longer kept here; open its file again."]
