"""Treatments: empty, chosen, compared, and when the patients do not allow it."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.evaluation.logistic import expit
from medtune.foundation.settings import Settings, Treatment
from medtune.runs.store import Store
from medtune.runs.treatments import begin_comparison
from medtune.runs.worker import perform

PAGE = "pages/results/treatments.py"


def trial(n=1500, options=("old", "new")):
    rng = np.random.default_rng(4)
    age, arm = rng.normal(60, 10, n), (rng.random(n) < 0.55).astype(int) % len(options)
    risk = expit(-0.4 + 0.06 * (age - 60) - 0.9 * (arm == 1))
    table = pd.DataFrame({"age": age, "drug": np.array(options)[arm], "died": (rng.random(n) < risk).astype(int)})
    return make_cohort(table, Roles("died", Event(values=("1",)), ("age",), treatment="drug"), name="Trial")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDTUNE_HOME", str(tmp_path))
    return Store(tmp_path)


def compared(store, cohort, monkeypatch, design="randomised"):
    """The comparison, done in this process."""
    from medtune.runs import execution

    monkeypatch.setattr(execution, "start", lambda path: perform(path))
    known = store.add_cohort(cohort)
    settings = Settings(treatment=Treatment(design, "old"))
    run = begin_comparison(store, cohort.name, known, "drug", settings)
    for name, value in {"cohort_id": known, "comparison_id": run.id, "settings": settings}.items():
        store.remember(name, value)
    return run


def test_without_patients_or_treatment_the_data_page_is_named(home, app, new_session):
    app.open(PAGE)
    assert "no patients yet" in app.text
    plain = trial()
    roles = Roles("died", Event(values=("1",)), ("age",))
    home.remember("cohort_id", home.add_cohort(make_cohort(plain.frame.drop(columns="drug"), roles)))
    assert "No column says which treatment was given" in new_session().open(PAGE).text


def test_choices_start_a_comparison_of_these_patients(home, app, monkeypatch):
    started = []
    monkeypatch.setattr("medtune.runs.execution.start", started.append)
    home.remember("cohort_id", home.add_cohort(trial()))
    app = type(app)().open(PAGE)
    app.widget("radio", "Was “drug” decided by chance (randomised)?").set_value("randomised").run()
    app.widget("selectbox", "Compare the others with").select("old").run()
    app.press("Compare the treatments")
    (folder,) = started
    settings = Settings.from_json((folder / "settings.json").read_text())
    assert settings.treatment == Treatment("randomised", "old")
    assert app.errors == []


def test_a_comparison_is_shown_with_its_patients(home, monkeypatch, new_session):
    compared(home, trial(), monkeypatch)
    app = new_session().open(PAGE)
    assert app.errors == []
    assert "“new” changes the event rate by −" in app.text
    assert "old" in app.html
    assert "doubly robust" in app.text
    app.at.session_state["treatment_more"] = "One patient"
    app.at.run()
    assert app.errors == []
    assert "Estimated risk" in app.html
    assert "patients like this one" in app.text


def test_without_chance_the_page_speaks_of_association(home, monkeypatch, new_session):
    compared(home, trial(), monkeypatch, "unknown")
    app = new_session().open(PAGE)
    assert "an association, not an effect" in app.text
    assert "effect of the treatment" not in app.text.replace("is a difference an effect of the treatment", "")


def test_too_few_options_end_in_one_sentence(home, monkeypatch, new_session):
    compared(home, trial(options=("old",)), monkeypatch)
    app = new_session().open(PAGE)
    assert any("had the same treatment" in error for error in app.errors)


def test_the_list_of_runs_leads_back_to_it(home, monkeypatch, new_session):
    run = compared(home, trial(), monkeypatch)
    home.remember("comparison_id", "")
    app = new_session().open("pages/library/runs.py")
    assert "drug: Trial" in app.text
    app.press("Open results")
    assert app.at.session_state["medtune.comparison_id"] == run.id
    assert app.errors == []


def test_the_made_up_trial_is_one_click_away(home, app, monkeypatch, new_session):
    started = []
    monkeypatch.setattr("medtune.runs.execution.start", started.append)
    app.open(PAGE).press("Try it on a made-up trial")
    assert app.errors == []
    perform(started[0])
    done = new_session().open(PAGE)
    assert "Trial (synthetic)" in done.text
    assert "drug A" in done.html
    assert done.errors == []
    other = new_session().press("Try it on a trial")
    assert other.errors == []
    assert other.at.title[0].value == "Treatments"
    assert len(started) == 2
