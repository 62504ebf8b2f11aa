"""Fine-tune, Results and Explain when a run did not end well, or the choices no longer fit the patients."""

from __future__ import annotations

import pytest

from medtune.cohort.demo import two_hospitals
from medtune.foundation.files import write_record
from medtune.foundation.settings import Settings, Starting
from medtune.runs import execution
from medtune.runs.execution import CANCELLED
from medtune.runs.folder import OUTCOME, Outcome
from medtune.runs.searching import GOING
from medtune.runs.store import Store
from medtune.tuning.search_record import Told

FINE_TUNE, RESULTS, EXPLAIN = "pages/tuning/fine_tune.py", "pages/results/results.py", "pages/results/explain.py"


@pytest.fixture(scope="module")
def local():
    return two_hospitals()[1]


@pytest.fixture
def at_hand(local, own_home):
    """Patients in use, to be tuned to from their published risk."""
    store = Store()
    settings = Settings(starting=Starting("score_column", name="published_risk"))
    remember(store, cohort_id=store.add_cohort(local), settings=settings, starting_from="score_column")
    return store


def remember(store, **values):
    for name, value in values.items():
        store.remember(name, value)


def run_that_ended(store, state, sentence):
    """A run of the patients at hand, in view, that ended like this."""
    settings = Settings(starting=Starting("score_column", name="published_risk"))
    run = store.new_run("fine_tune", "Ended", store.recall("cohort_id"), settings.to_json())
    write_record(run.path / OUTCOME, Outcome(state, sentence, 1.0, 2.0))
    remember(store, run_id=run.id)
    return run


@pytest.mark.parametrize("page", [RESULTS, EXPLAIN])
def test_a_cancelled_run_has_no_result_and_the_page_leads_back(at_hand, new_session, page):
    run_that_ended(at_hand, "cancelled", CANCELLED)
    app = new_session().open(page)
    assert app.errors == []
    assert "Cancelled; what was finished is kept." in app.text
    assert "This run has no result yet." in app.text


def test_a_cancelled_run_still_shows_what_its_search_had_found(at_hand, new_session):
    run = run_that_ended(at_hand, "cancelled", CANCELLED)
    write_record(run.path / GOING, Told("searched", 7, 25, 0.512, 0.53, {"C": 0.5}))
    app = new_session().open(FINE_TUNE)
    assert app.errors == []
    found = "“From scratch, settings searched” had come to: strength of shrinkage 2 (inner log-loss 0.512)"
    assert found in app.text


def test_after_a_cancelled_run_another_can_be_started_at_once(at_hand, new_session, monkeypatch):
    run_that_ended(at_hand, "cancelled", CANCELLED)
    started = []
    monkeypatch.setattr(execution, "start", started.append)
    app = new_session().open(FINE_TUNE)
    assert "Cancelled; what was finished is kept." in app.text
    app.press("Start fine-tuning")
    assert app.errors == []
    assert at_hand.recall("run_id") == started[0].name


@pytest.mark.parametrize("page", [FINE_TUNE, RESULTS, EXPLAIN])
def test_why_a_run_failed_is_said_on_each_page_it_is_missed_on(at_hand, new_session, page):
    run_that_ended(at_hand, "failed", execution.INTERRUPTED)
    (said,) = new_session().open(page).errors
    assert said.startswith("This run was interrupted")


def test_patients_without_the_score_column_that_was_chosen_are_told_so(local, at_hand, new_session):
    from medtune.cohort.table import make_cohort

    frame = local.frame.drop(columns="published_risk")
    roles = type(local.roles)(**{**vars(local.roles), "score": None})
    remember(at_hand, cohort_id=at_hand.add_cohort(make_cohort(frame, roles, name="No score")))
    app = new_session().open(FINE_TUNE)
    assert len(app.errors) == 1
    assert next(button for button in app.at.button if button.label == "Start fine-tuning").disabled


def test_choices_survive_other_pages_and_a_new_session(at_hand, new_session):
    app = new_session().open(FINE_TUNE)
    app.widget("radio", "Comparison").set_value("hold_out").run()
    assert "One random split of 304 patients is a weak test" in app.text
    app.widget("slider", "Patients held out, %").set_value(40).run()
    app.widget("selectbox", "When to use the tuned model").select("clear").run()
    app.widget("number_input", "Threshold of risk, %").set_value(25.0).run()
    for again in (app.open("pages/library/runs.py").open(FINE_TUNE), new_session().open(FINE_TUNE)):
        assert again.widget("radio", "Comparison").value == "hold_out"
        assert again.widget("slider", "Patients held out, %").value == 40
        assert again.widget("selectbox", "When to use the tuned model").value == "clear"
        assert again.widget("number_input", "Threshold of risk, %").value == 25.0
        assert again.errors == []


def test_each_family_shows_the_settings_it_knows(at_hand, new_session):
    app = new_session().open(FINE_TUNE)
    known = {"Strength of shrinkage", "Share of lasso in the penalty", "Trees", "Learning rate"}
    known.add("Principal components at most")
    shown = {
        "logistic": {"Strength of shrinkage"},
        "elastic_net": {"Strength of shrinkage", "Share of lasso in the penalty"},
        "elastic_net_path": {"Share of lasso in the penalty"},
        "pca_ridge": {"Principal components at most"},
        "random_forest": {"Trees"},
        "gradient_boosting": {"Trees", "Learning rate"},
    }
    for family, expected in shown.items():
        app.widget("selectbox", "Kind of model").select(family).run()
        assert {label for label in known if app.has("number_input", label)} == expected
        assert app.errors == []
