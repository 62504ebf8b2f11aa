"""The patients a starting model was made from: named on Fine-tune, used by the run, shown on Results."""

import re

import pytest

from medtune.cohort.demo import two_hospitals
from medtune.foundation.records import from_plain
from medtune.foundation.settings import Settings, Starting, Validation
from medtune.models.model_library import Library
from medtune.runs import starting
from medtune.runs.store import Store
from medtune.runs.training import train_source
from medtune.runs.worker import perform

FINE_TUNE, RESULTS = "pages/tuning/fine_tune.py", "pages/results/results.py"
BOX = "Patients it was made from"


@pytest.fixture
def home(own_home):
    """A model, its own patients and those of another hospital; the latter are in use."""
    store = Store()
    source, local = two_hospitals()
    passport = Library(store.place).add(train_source(source, "Northgate"))
    ids = store.add_cohort(source), store.add_cohort(local)
    store.remember("cohort_id", ids[1])
    store.remember("settings", Settings(validation=Validation(folds=2, repeats=1, resamples=100)))
    return passport, *ids


def methods_planned(app):
    return int(re.search(r"Will compare (\d+) methods", app.text)[1])


def draft():
    return from_plain(Settings, Store().recall("settings", {}))


def test_the_patients_that_the_passport_names_are_proposed_and_can_be_left_out(home, app, new_session):
    passport, source, _ = home
    app.open(FINE_TUNE).widget("selectbox", "Model").select(passport.id).run()
    assert draft().starting.source == source
    assert app.widget("selectbox", BOX).value == source
    assert "passport names these patients" in app.text
    with_them = methods_planned(app)
    app.widget("selectbox", BOX).select("").run()
    assert draft().starting.source == ""
    assert methods_planned(app) == with_them - 1
    again = new_session().open(FINE_TUNE)
    assert again.widget("selectbox", BOX).value == ""
    assert again.errors == []


def test_the_patients_in_use_are_not_offered_and_a_draft_that_names_them_says_so(home, new_session):
    passport, source, _local = home
    store = Store()
    store.remember("cohort_id", source)
    store.remember("settings", Settings(starting=Starting("model", passport.id, "Northgate", source=source)))
    app = new_session().open(FINE_TUNE)
    assert source not in app.widget("selectbox", BOX).options
    assert any("cannot be the local patients" in error for error in app.errors)
    assert app.widget("button", "Start fine-tuning").disabled


def test_patients_that_were_removed_are_not_at_hand_any_more(home, new_session):
    passport, source, _ = home
    store = Store()
    chosen = Settings(starting=Starting("model", passport.id, "Northgate", source=source))
    store.remember("settings", chosen)
    store.delete_cohort(source)
    app = new_session().open(FINE_TUNE)
    assert app.errors == []
    assert not app.has("selectbox", BOX)
    app.at.run()
    assert draft().starting.source == ""


def test_the_run_uses_them_and_the_results_say_what_tuning_costs_there(home, app, monkeypatch, new_session):
    passport, source, local = home
    begun = []
    monkeypatch.setattr(starting.execution, "start", begun.append)
    app.open(FINE_TUNE).widget("selectbox", "Model").select(passport.id).run()
    app.press("Start fine-tuning")
    assert perform(begun[0]).state == "finished"
    store = Store()
    run = store.runs()[0]
    assert (run.job.cohort, run.job.source) == (local, source)
    assert run.state == "finished"
    results = new_session().open(RESULTS)
    assert "The data support" in results.text
    assert "Pooled refit" in results.text
    results.at.session_state["more"] = "At the source"
    results.at.run()
    assert "it is for here, not for there" in results.text
    assert "flatters it here" in results.text
    changed = new_session().open("pages/results/changes.py")
    changed.at.session_state["changes"] = "At the source"
    changed.at.run()
    assert changed.errors == []
    assert "it is for here, not for there" in changed.text
    results.at.session_state["more"] = "The update"
    results.at.run()
    assert "No sign of" in results.text or "leave open" in results.text or "The data support" in results.text


def test_trust_is_a_slider_in_words_that_widens_the_prior(home, app):
    passport, *_ = home
    app.open(FINE_TUNE).widget("selectbox", "Model").select(passport.id).run()
    slider = app.widget("select_slider", "Trust the source or the local patients")
    assert slider.value == 1.0
    slider.set_value(2.0).run()
    assert draft().averaging.width == 2.0
    assert app.errors == []
    app.at.button_group[0].set_value("scratch").run()
    assert not app.has("select_slider", "Trust the source or the local patients")
