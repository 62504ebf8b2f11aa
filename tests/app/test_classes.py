"""An outcome of three classes, from upload to verdict, library and scoring."""

import numpy as np
import pandas as pd
import pytest

from medtune.models.model_library import Library
from medtune.runs import starting
from medtune.runs.folder import OUTCOME, Outcome, RunFolder
from medtune.runs.progress import Progress
from medtune.runs.stages import fine_tune_job
from medtune.runs.store import Store
from medtune.runs.worker import FINISHED
from tests.app.conftest import ROOT

DATA, FINE_TUNE, RESULTS = "pages/cohort/data.py", "pages/tuning/fine_tune.py", "pages/results/results.py"
EXPLAIN, SCORE, MODELS = "pages/results/explain.py", "pages/library/score.py", "pages/library/models.py"


def table(n: int, seed: int, shift: float = 0.0) -> bytes:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"age": rng.normal(60, 10, n).round(1), "lactate": rng.gamma(2, 1, n).round(2)})
    score = frame.lactate + 0.05 * (frame.age - 60) + rng.logistic(0, 0.6, n) + shift
    return frame.assign(stage=np.array(["none", "mild", "severe"])[np.digitize(score, [1.6, 3.2])]).to_csv().encode()


@pytest.fixture
def here(monkeypatch):
    """Runs are done in this process, when their button is pressed."""

    def at_once(folder):
        summary = fine_tune_job(folder, Progress(folder))
        RunFolder(folder).write(OUTCOME, Outcome("finished", FINISHED, 0.0, 1.0, summary))

    monkeypatch.setattr(starting.execution, "start", at_once)


def bring(app, content: bytes, name: str):
    app.open(DATA)
    app.at.file_uploader[0].upload(name, content).run()
    app.widget("selectbox", "Outcome").select("stage").run()
    if not app.widget("radio", "What is estimated").value:
        app.widget("radio", "What is estimated").set_value(True).run()
    assert app.errors == []
    return app.press("Use these patients")


def start_from(app, kind: str):
    app.open(FINE_TUNE)
    app.widget("button_group", "Start from").select(kind).run()
    app.widget("selectbox", "Repeats").select(1).run()
    return app


def test_the_whole_way_with_three_classes(app, here):
    bring(app, table(300, 1), "north.csv")
    assert "3 classes of 'stage'" in app.text
    assert "north, n = 300, 3 classes" in app.text
    start_from(app, "scratch")
    assert "Will compare 2 methods on 3 classes by 1 × 5-fold" in app.text
    assert "compared with the shares of the classes" in app.text
    app.press("Start training").open(RESULTS)
    assert app.errors == []
    assert "tells the classes apart better than their shares alone" in app.text
    app.press("Save to library")
    (passport,) = Library(Store().place).list()
    assert passport.classes == ("mild", "none", "severe")
    assert sum(passport.counts) == 300

    bring(app, table(200, 2, shift=-1.0), "south.csv")
    start_from(app, "model")
    app.widget("selectbox", "Model").select(passport.id).run()
    assert "on 3 classes" in app.text
    app.press("Start fine-tuning").open(RESULTS)
    assert app.errors == []
    assert "The tuned model is better here" in app.text
    assert "AUROC over pairs" in app.text
    assert "Rows: what happened. Columns: the most likely class" in app.text
    assert "decision curves and subgroups are not offered" in app.text
    app.widget("button_group", "Class").select("severe").run()
    assert "the better patients of class ‘severe’ are told" in app.text
    assert app.errors == []
    app.press("Save to library")

    app.open(EXPLAIN)
    app.widget("selectbox", "Risk of class").select_index(2).run()
    assert "'lactate' moves the estimated risk of ‘severe’ most" in app.text
    assert "random orders" in app.text
    assert app.errors == []
    app.open("pages/results/changes.py")
    assert "patients changes: for" in app.text
    assert app.errors == []
    app.open(MODELS)
    assert "It estimates the risks of 3 classes of “stage”" in app.text
    assert app.errors == []

    app.open(SCORE)
    app.press("Try it with the 200 patients in use")
    assert "Most likely class of 200 patients: mild" in app.text
    app.widget("selectbox", "Highest risk first, of class").select("severe").run()
    frame = app.at.dataframe[-1].value
    assert frame["risk_severe"].is_monotonic_decreasing
    assert frame["top_reasons"].str.contains("lactate = ").any()
    np.testing.assert_allclose(frame[["risk_mild", "risk_none", "risk_severe"]].sum(axis=1), 100, atol=0.01)
    assert app.errors == []
    app.open("pages/library/runs.py")
    assert app.errors == []


def test_going_back_to_an_event_proposes_one(app):
    app.open(DATA)
    app.at.file_uploader[0].upload("north.csv", table(300, 1)).run()
    app.widget("selectbox", "Outcome").select("stage").run()
    app.widget("radio", "What is estimated").set_value(True).run()
    assert app.widget("text_input", "Classes").value == "mild, none, severe"
    assert not app.has("selectbox", "Event when the value is")
    app.widget("radio", "What is estimated").set_value(False).run()
    app.widget("multiselect", "these values").set_value(["severe"]).run()
    assert "with the event" in app.text
    assert app.errors == []


def test_a_model_of_an_event_and_a_score_are_no_start_for_classes(app):
    bring(app, table(300, 1), "north.csv")
    app.open(FINE_TUNE)
    app.widget("button_group", "Start from").select("score_column").run()
    assert any("is one risk, but the outcome has several classes" in error for error in app.errors)


def test_two_values_are_an_event_and_ask_nothing(app):
    app.open(DATA)
    app.at.file_uploader[0].upload("two.csv", table(300, 1).replace(b"severe", b"mild")).run()
    app.widget("selectbox", "Outcome").select("stage").run()
    assert not app.has("radio", "What is estimated")


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "pages" / "results").glob("*.py")))
def test_every_page_of_results_opens_for_classes(app, here, page):
    bring(app, table(150, 1), "north.csv")
    start_from(app, "scratch")
    app.press("Start training").open(f"pages/results/{page}")
    assert app.errors == []
