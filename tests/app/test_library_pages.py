"""Score, Models and Runs: empty, filled, and when something is wrong."""

from __future__ import annotations

import shutil
import time

import numpy as np
import pandas as pd
import pytest

from medtune.foundation.files import write_record
from medtune.foundation.settings import Settings, Starting, Validation
from medtune.foundation.words import say
from medtune.models.model_library import Library
from medtune.runs.folder import OUTCOME, Outcome
from medtune.runs.progress import Progress
from medtune.runs.record import START
from medtune.runs.store import Store
from tests.models.conftest import fitted, patients

SCORE, MODELS, RUNS = (f"pages/library/{name}.py" for name in ("score", "models", "runs"))
SOURCE = "Northgate model"


@pytest.fixture(scope="session")
def furnished(tmp_path_factory):
    """A home with a model, a cohort, and a finished, a cancelled and a failed run."""
    from medtune.cohort.demo import two_hospitals
    from medtune.runs.stages import fine_tune_job
    from medtune.runs.training import train_source

    home = tmp_path_factory.mktemp("furnished")
    store, library = Store(home), Library(home)
    source, local = two_hospitals()
    model = library.add(train_source(source, SOURCE))
    cohort = store.add_cohort(local.take(np.arange(150)), "local.csv")
    settings = Settings(
        starting=Starting("model", model.id, model.name), validation=Validation(folds=2, repeats=1, resamples=100)
    )
    for name, state in (("First", "finished"), ("Second", "cancelled"), ("Third", "failed")):
        run = store.new_run("fine_tune", name, cohort, settings.to_json(), model.name)
        shutil.copyfile(library.path(model.id), run.path / START)
        summary = fine_tune_job(run.path, Progress(run.path)) if state == "finished" else None
        began = time.time() - 20
        write_record(
            run.path / OUTCOME, Outcome(state, say("It ended as {state}.", state=state), began, began + 12, summary)
        )
    store.remember("run_id", next(entry.id for entry in store.runs() if entry.job.name == "First"))
    store.remember("cohort_id", cohort)
    return home


@pytest.fixture
def filled(furnished, own_home):
    """What is kept, in this test's own home."""
    shutil.copytree(furnished, own_home, dirs_exist_ok=True)
    return own_home


def new_patients(n=40, **changes):
    from medtune.cohort.demo import two_hospitals

    frame = two_hospitals(seed=7)[1].frame.head(n)
    return frame.drop(columns=["died"]).assign(**changes)


def upload(app, frame, name="new.csv"):
    content = frame if isinstance(frame, bytes) else frame.to_csv(index=False).encode()
    app.at.file_uploader[0].upload(name, content).run()
    return app


def entry(home, name):
    return next(entry for entry in Store(home).runs() if entry.job.name == name)


# Score


def test_without_a_model_the_score_page_says_where_one_comes_from(app):
    app.open(SCORE)
    assert "There is no model to score with." in app.text
    assert app.errors == []
    assert not app.at.file_uploader


def test_the_model_of_the_run_in_view_is_offered_first(filled, app):
    app.open(SCORE)
    box = app.widget("selectbox", "Model")
    assert box.value == f"run {entry(filled, 'First').id}"
    assert box.options[0].startswith("Run in view: ")
    assert box.options[1] == SOURCE
    assert "The 11 columns this model needs" in [expander.label for expander in app.at.expander]
    assert app.has("button", "Try it with the 150 patients in use")


def test_new_patients_are_scored_and_differences_are_said(filled, app):
    app.open(SCORE).widget("selectbox", "Model").select(Library(filled).list()[0].id).run()
    frame = (
        new_patients(sex="unknown")
        .rename(columns={"age_years": "Age years"})
        .drop(columns="albumin_g_l", errors="ignore")
    )
    upload(app, frame)
    assert app.errors == []
    assert "of 40 patients" in app.text
    assert "Column 'Age years' was taken for 'age_years'." in app.text
    assert "'unknown'" in app.text
    table = app.at.dataframe[0].value
    assert list(table.columns[:4]) == ["estimated_risk", "flagged", "top_reasons", "warnings"]
    risk = Library(filled).open(Library(filled).list()[0].id).risk(frame)
    np.testing.assert_allclose(table["estimated_risk"], 100 * risk, atol=1e-4)


def test_the_threshold_flags_anew_and_goes_back_to_the_models_own(filled, app):
    upload(app.open(SCORE), new_patients())
    field = app.widget("number_input", "Flag patients from a risk of, %")
    own = field.value
    field.set_value(0.0).run()
    assert "40 of 40 patients (100.0%) have an estimated risk of 0.0% or more." in app.text
    assert set(app.at.dataframe[0].value["flagged"]) == {"yes"}
    app.press(f"Back to {own:.1f}%")
    assert app.widget("number_input", "Flag patients from a risk of, %").value == own


def test_another_page_loses_neither_the_table_nor_the_threshold_but_forgetting_does(filled, app):
    upload(app.open(SCORE), new_patients())
    app.widget("number_input", "Flag patients from a risk of, %").set_value(50.0).run()
    app.open(MODELS).open(SCORE)
    assert "have an estimated risk of 50.0% or more" in app.text
    app.press("Forget these patients")
    assert "Bring a table of new patients" in app.text
    assert not app.at.dataframe


def test_the_highest_risks_come_first_when_asked_for(filled, app):
    upload(app.open(SCORE), new_patients())
    app.widget("toggle", "Highest risk first").set_value(True).run()
    risk = app.at.dataframe[0].value["estimated_risk"]
    assert list(risk) == sorted(risk, reverse=True)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (pd.DataFrame({"age_years": [50, 60], "height": [170, 180]}), "The table lacks"),
        (b"", "is empty"),
        (b"\x80\x04\x95abc\x00\x00", ""),
    ],
    ids=["other columns", "empty", "binary"],
)
def test_a_table_that_cannot_be_scored_leads_to_one_sentence(filled, app, content, sentence):
    upload(app.open(SCORE), content)
    (said,) = app.errors
    assert sentence in said
    assert not app.at.dataframe


def test_no_file_of_new_patients_stays_behind(filled, app):
    upload(app.open(SCORE), new_patients())
    assert app.at.dataframe
    assert list((filled / "errands").iterdir()) == []


def test_the_patients_in_use_can_be_tried_and_that_is_said(filled, app):
    app.open(SCORE).press("Try it with the 150 patients in use")
    assert "of 150 patients" in app.text
    assert "a model tuned to them knows them already" in app.text
    assert "50 of 150 patients are shown" in app.text


# Models


def test_an_empty_library_explains_itself(app):
    app.open(MODELS)
    assert "The library is empty." in app.text
    assert app.errors == []
    assert app.at.file_uploader


def test_a_model_is_shown_with_what_is_known_of_it(filled, app):
    app.open(MODELS)
    assert "One model is in the library." in app.text
    assert "Trained from scratch on 1\u202f200 patients" in app.text
    assert "Logistic regression" in app.text
    assert "How good it is on other patients was not measured." in app.text
    assert "age_years" in app.text


def test_a_tuned_model_shows_how_good_it_was(filled, app):
    from medtune.runs.record import model_file, model_passport, read_result

    folder = Store(filled).run(entry(filled, "First").id).path
    chosen = read_result(folder).candidates[1].key
    passport = model_passport(folder, chosen)
    Library(filled).add_file(model_file(folder, chosen), passport)
    app.open(MODELS)
    auroc = passport.performance["auroc"]
    assert f"{auroc.value:.3f}<small>({auroc.low:.3f} to {auroc.high:.3f})</small>" in app.html
    assert "2 models are in the library." in app.text


def test_renaming_in_place_follows_everywhere(filled, app):
    app.open(MODELS).widget("text_input", "New name").set_value("Our model").run()
    assert Library(filled).list()[0].name == "Our model"
    assert "Our model" in [heading.value for heading in app.at.subheader]
    app.widget("text_input", "New name").set_value("  ").run()
    assert app.errors == ["A model needs a name; type one."]


def test_deleting_names_what_goes_and_then_it_is_gone(filled, app):
    app.open(MODELS)
    assert f"The model '{SOURCE}' will be deleted from the library." in app.text
    app.press("Delete for good")
    assert Library(filled).list() == ()
    assert "The library is empty." in app.text


def test_fine_tuning_starts_from_the_model_that_was_chosen(filled, app):
    app.open(MODELS).press("Start fine-tuning from this model")
    assert [title.value for title in app.at.title] == ["Fine-tune"]
    model = Library(filled).list()[0]
    chosen = Store(filled).recall("settings")["starting"]
    assert (chosen["kind"], chosen["model"], chosen["name"]) == ("model", model.id, SOURCE)


def test_a_model_file_is_imported_and_a_pickle_is_refused(filled, app, tmp_path):
    from medtune.models.files import dump_model

    app.open(MODELS)
    upload(app, b"\x80\x04\x95abc", "model.joblib")
    (said,) = app.errors
    assert "'model.joblib' is a pickle" in said
    assert len(Library(filled).list()) == 1
    upload(app, dump_model(fitted("logistic")), "theirs.skops")
    assert app.errors == []
    added = next(passport for passport in Library(filled).list() if passport.name == "Test model")
    assert Library(filled).open(added.id).risk(patients(5)[0]).shape == (5,)
    assert "2 models are in the library." in app.text


def test_a_broken_model_is_listed_with_its_sentence_and_can_be_deleted(own_home, app):
    broken = own_home / "models" / "broken-ab12"
    broken.mkdir(parents=True)
    (broken / "passport.json").write_text("{")
    app.open(MODELS)
    assert app.errors == [
        "The passport of model 'broken-ab12' in the library cannot be read; delete the model or import it again."
    ]
    app.press("Delete for good")
    assert not broken.exists()
    assert app.errors == []


# Runs


def test_without_runs_the_page_links_to_where_one_starts(app):
    app.open(RUNS)
    assert "No run was started yet." in app.text
    assert app.errors == []


def test_runs_are_listed_newest_first_with_state_and_sentence(filled, app):
    app.open(RUNS)
    assert [heading.value for heading in app.at.subheader] == ["Third", "Second", "First"]
    assert "3 runs are kept; none is running." in app.text
    for words in ("failed", "cancelled", "finished", "It ended as failed.", "took 12 s", "in view"):
        assert words in app.text
    first = entry(filled, "First")
    assert f"n = {first.n}, {first.events} events" in app.text
    assert [button.label for button in app.at.button].count("Repeat") == 2


def test_opening_a_run_brings_it_into_view(filled, app):
    app.open(RUNS)
    app.at.button(f"open_{entry(filled, 'Third').id}").click().run()
    assert Store(filled).recall("run_id") == entry(filled, "Third").id
    assert [title.value for title in app.at.title] == ["Fine-tune"]


def test_a_run_gets_another_name_and_no_empty_one(filled, app):
    app.open(RUNS).widget("text_input", "New name").set_value("To our hospital").run()
    assert entry(filled, "To our hospital").state == "failed"
    app.widget("text_input", "New name").set_value("").run()
    assert app.errors == ["A run needs a name; give it one."]


def test_a_deleted_run_leaves_patients_and_models(filled, app):
    first = entry(filled, "First")
    app.open(RUNS)
    app.at.button(f"delete_run_{first.id}").click().run()
    assert app.errors == []
    assert [one.job.name for one in Store(filled).runs()] == ["Third", "Second"]
    assert len(Store(filled).cohorts()) == len(Library(filled).list()) == 1
    assert Store(filled).recall("run_id") in (None, "")


def test_a_cancelled_run_is_repeated_with_the_same_inputs(filled, app, monkeypatch):
    from medtune.ui import run_lines

    repeated = []
    monkeypatch.setattr(run_lines.execution, "repeat", repeated.append)
    second = entry(filled, "Second")
    app.open(RUNS)
    app.at.button(f"repeat_{second.id}").click().run()
    assert repeated == [Store(filled).run(second.id).path]


def test_a_damaged_run_says_so_and_can_only_be_deleted(filled, app):
    second = entry(filled, "Second")
    (filled / "runs" / second.id / "job.json").write_text("{")
    app.open(RUNS)
    assert "damaged" in app.text
    assert not any(button.key == f"open_{second.id}" for button in app.at.button)
    app.at.button(f"delete_run_{second.id}").click().run()
    assert len(Store(filled).runs()) == 2


@pytest.fixture
def two_models(filled):
    """Ids of two models of the library, the second a copy of the first."""
    library = Library(filled)
    first = library.list()[0]
    return [first.id, library.import_bytes(library.export_bytes(first.id), "another").id]


def test_several_models_are_made_into_one_to_start_from(filled, two_models, app):
    app.open(MODELS)
    assert app.widget("button", "Make the mean").disabled
    app.widget("multiselect", "Models of the same event").set_value(two_models).run()
    app.widget("text_input", "Name of the mean").set_value("Both").run()
    app.press("Make the mean")
    assert app.errors == []
    mean = next(passport for passport in Library(filled).list() if passport.name == "Both")
    assert mean.method == "several"
    assert list(mean.parents) == two_models
    assert "The mean of 2 models in log-odds" in app.text


def test_a_model_that_has_gone_meanwhile_is_told(filled, two_models, app):
    app.open(MODELS).widget("multiselect", "Models of the same event").set_value(two_models).run()
    shutil.rmtree(Library(filled).folder / two_models[1])
    app.press("Make the mean")
    (said,) = app.errors
    assert "There is no model" in said or "no longer" in said
    assert len(Library(filled).list()) == 1
