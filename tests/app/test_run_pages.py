"""Fine-tune, Results and Explain: empty, filled, and when something is wrong."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.demo import two_hospitals
from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.foundation.settings import Settings, Starting, Validation
from medtune.models.model_library import Library
from medtune.runs import starting
from medtune.runs.folder import PROCESS
from medtune.runs.record import START
from medtune.runs.store import Store
from medtune.runs.training import train_source
from medtune.runs.worker import perform

FINE_TUNE, RESULTS, EXPLAIN = "pages/tuning/fine_tune.py", "pages/results/results.py", "pages/results/explain.py"
QUICK = Validation(repeats=1, resamples=100)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A home in which the demo was tuned, in this process."""
    home = tmp_path_factory.mktemp("home")
    store = Store(home)
    source, local = two_hospitals()
    passport = Library(home).add(train_source(source, "Northgate"))
    settings = Settings(starting=Starting("model", passport.id, passport.name), validation=QUICK)
    cohort = store.add_cohort(local)
    run = store.new_run("fine_tune", "Demo", cohort, settings.to_json(), "Northgate")
    (run.path / START).write_bytes(Library(home).path(passport.id).read_bytes())
    assert perform(run.path).state == "finished"
    for name, value in {"cohort_id": cohort, "run_id": run.id, "settings": settings}.items():
        store.remember(name, value)
    return home


@pytest.fixture
def filled(made, monkeypatch):
    monkeypatch.setenv("MEDTUNE_HOME", str(made))
    return made


def few(events, n=60, **columns):
    """A cohort with few events, an existing risk, and nothing else that matters."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.normal(60, 9, n), "risk": rng.uniform(0.05, 0.6, n), **columns})
    table["died"] = [1] * events + [0] * (n - events)
    return make_cohort(table, Roles("died", Event(values=("1",)), ("age",), score="risk"), name="few")


@pytest.mark.parametrize(
    ("page", "sentence"), [(FINE_TUNE, "no patients yet"), (RESULTS, "no run yet"), (EXPLAIN, "no run yet")]
)
def test_an_empty_page_says_what_is_missing(app, page, sentence):
    app.open(page)
    assert sentence in app.text
    assert app.errors == []


def test_a_search_for_settings_says_how_its_time_is_divided(filled, app):
    app.open(FINE_TUNE)
    assert not app.has("selectbox", "Time for it in all")
    app.widget("selectbox", "Search for settings").select(25).run()
    app.widget("selectbox", "Time for it in all").select(60).run()
    assert "in each of 5 training folds and once on all patients: 12 searches, about 5.0 s for each." in app.text
    assert "Will compare 9 methods" in app.text
    app.widget("selectbox", "Search for settings").select(0).run()
    assert "Will compare 7 methods" in app.text
    assert app.errors == []


def test_the_plan_is_told_before_it_is_carried_out(filled, app):
    app.open(FINE_TUNE)
    assert "Will compare 7 methods by 1 × 5-fold cross-validation on 300 patients" in app.text
    app.widget("number_input", "Folds").set_value(10).run()
    app.widget("selectbox", "Repeats").select(2).run()
    assert "2 × 10-fold" in app.text
    app.open(RESULTS).open(FINE_TUNE)
    assert "2 × 10-fold" in app.text
    assert "Refit is left out. Needs 150 events" in app.text
    app.widget("number_input", "Folds").set_value(5).run()
    app.widget("selectbox", "Repeats").select(1).run()


def test_results_show_the_verdict_its_evidence_and_every_method(filled, app):
    app.open(RESULTS)
    assert "The tuned model is better here." in app.text
    assert "lowers log-loss by 0." in app.text
    for method in ("Original", "Averaged update", "Intercept update", "Logistic recalibration", "Shrunken revision"):
        assert method in app.html
    for measure in ("Accuracy", "Recall (sensitivity)", "Precision (PPV)", "Specificity", "F1"):
        assert measure in app.html
    assert app.errors == []


def test_a_model_can_be_kept_against_the_verdict_and_that_is_recorded(filled, app):
    app.open(RESULTS)
    app.widget("selectbox", "Model of the method").select("intercept").run()
    assert "not the model that the verdict chose" in app.text
    app.widget("text_input", "Name").set_value("Moved only").run()
    app.press("Save to library")
    kept = next(passport for passport in Library(filled).list() if passport.name == "Moved only")
    assert any("against the verdict" in str(note) for note in kept.notes)
    assert Library(filled).open(kept.id).risk(two_hospitals()[1].frame).shape == (304,)


def test_explain_names_the_columns_that_matter_and_follows_the_choice(filled, app):
    app.open(EXPLAIN)
    assert "moves the estimated risks most" in app.text
    assert app.errors == []
    app.widget("selectbox", "Column").select("lactate_mmol_l").run()
    assert "every column acts by itself" in app.text
    app.at.session_state["explain_tabs"] = "One patient"
    app.at.run()
    patients = app.widget("selectbox", "Patient, highest estimated risk first")
    assert len(patients.options) == 300
    patients.select_index(5).run()
    assert app.errors == []


def test_a_missing_choice_is_one_sentence_and_nothing_can_be_started(app, monkeypatch, tmp_path):
    monkeypatch.setenv("MEDTUNE_HOME", str(tmp_path))
    store = Store()
    store.remember("cohort_id", store.add_cohort(few(20)))
    app = type(app)().open(FINE_TUNE)
    assert app.errors == ["Choose the model to start from."]
    start = next(button for button in app.at.button if button.label == "Start fine-tuning")
    assert start.disabled


def test_too_few_events_are_told_and_the_original_is_kept(app, monkeypatch, tmp_path):
    monkeypatch.setenv("MEDTUNE_HOME", str(tmp_path))
    store = Store()
    cohort = few(4)
    settings = Settings(starting=Starting("score_column", name="risk"), validation=QUICK)
    id = store.add_cohort(cohort)
    run = store.new_run("fine_tune", "few", id, settings.to_json())
    assert perform(run.path).state == "finished"
    for name, value in {
        "cohort_id": id,
        "run_id": run.id,
        "settings": settings,
        "starting_from": "score_column",
    }.items():
        store.remember(name, value)
    app = type(app)().open(FINE_TUNE)
    assert "Too few events to change anything" in app.text
    app.open(RESULTS)
    assert "Too few events to change anything." in app.text
    assert "4 have the event and 56 do not" in app.text
    app.open(EXPLAIN)
    assert app.errors == []


def test_a_failed_run_says_why_in_one_sentence(app, monkeypatch, tmp_path):
    monkeypatch.setenv("MEDTUNE_HOME", str(tmp_path))
    store = Store()
    settings = Settings(starting=Starting("score_column", name="no such column"), validation=QUICK)
    id = store.add_cohort(few(20))
    run = store.new_run("fine_tune", "wrong", id, settings.to_json())
    assert perform(run.path).state == "failed"
    for name, value in {"cohort_id": id, "run_id": run.id}.items():
        store.remember(name, value)
    app = type(app)().open(RESULTS)
    assert any("no such column" in error for error in app.errors)
    assert "This run has no result yet." in app.text


def test_start_puts_the_run_into_view_with_everything_it_needs(filled, app, monkeypatch):
    started = []
    monkeypatch.setattr(starting.execution, "start", lambda folder: started.append(folder))
    before = Store(filled).recall("run_id")
    app.open(FINE_TUNE).press("Start fine-tuning")
    (folder,) = started
    assert (folder / START).exists()
    assert not (folder / PROCESS).exists()
    assert Store(filled).recall("run_id") == folder.name
    Store(filled).remember("run_id", before)


def test_the_threshold_follows_from_consequence_and_from_capacity(filled, app):
    app.open(RESULTS)
    way = app.widget("button_group", "Choose the threshold")
    way.set_value("consequence").run()
    app.widget("number_input", "Missing one patient with the event is as bad as this many false alarms").set_value(
        4.0
    ).run()
    assert "1 / (1 + 4) = 20.0%" in app.text
    assert "From a risk of 20% on" in app.text
    app.widget("button_group", "Choose the threshold").set_value("capacity").run()
    app.widget("number_input", "At most this many alerts a day").set_value(10.0).run()
    app.widget("number_input", "Among this many patients a day").set_value(40.0).run()
    assert "without looking at outcomes" in app.text
    assert "alerts for each true case" in app.text
    app.widget("button_group", "Choose the threshold").set_value("risk").run()


def test_every_measure_at_the_threshold_has_a_sentence_and_predictive_values_move_with_prevalence(filled, app):
    app.open(RESULTS)
    for measure in ("LR+", "LR−", "Balanced accuracy", "MCC", "Net benefit", "NPV"):
        assert measure in app.html
    assert "patients with the event," in app.html
    app.widget("number_input", "Share of patients with the event elsewhere, %").set_value(1.0).run()
    assert "There PPV would be" in app.text


TABS = {
    "Calibration": ("ICI (mean distance)", "percentage points on average"),
    "Discrimination": ("a paired difference of", "from the original"),
    "Usefulness": ("true cases per 100 patients", "Above 0 the tuned model is more useful"),
    "Certainty": ("refer, do not score", "Truth not ruled out"),
}


@pytest.mark.parametrize("tab", TABS)
def test_details_stand_in_tabs_that_are_drawn_when_opened(filled, app, tab):
    app.open(RESULTS)
    assert not any(words in app.html for words in TABS[tab])
    app.at.session_state["more"] = tab
    app.at.run()
    assert all(words in app.html for words in TABS[tab]), app.html
    assert app.errors == []


def test_groups_come_from_the_warm_process(filled, app):
    app.open(RESULTS)
    app.at.session_state["more"] = "Who it serves"
    app.at.run()
    assert app.errors == []
    assert len(app.widget("selectbox", "Groups by").options) > 3
    assert "between groups" in app.html
    assert "Truth not ruled out" in app.html
    assert app.errors == []
