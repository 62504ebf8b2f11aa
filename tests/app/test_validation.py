"""Validating a model without tuning it, on the pages."""

from medtune.cohort.demo import two_hospitals
from medtune.foundation.settings import Settings, Starting, Validation
from medtune.models.model_library import Library
from medtune.runs.record import START
from medtune.runs.store import Store
from medtune.runs.training import train_source
from medtune.runs.worker import perform

FINE_TUNE, RESULTS = "pages/tuning/fine_tune.py", "pages/results/results.py"


def test_a_model_is_validated_and_no_verdict_is_shown(app, monkeypatch, tmp_path):
    monkeypatch.setenv("MEDTUNE_HOME", str(tmp_path))
    store = Store()
    source, local = two_hospitals()
    passport = Library(tmp_path).add(train_source(source, "Northgate"))
    start = Starting("model", passport.id, passport.name)
    cohort = store.add_cohort(local)
    store.remember("cohort_id", cohort)
    store.remember("settings", Settings(starting=start, validation=Validation(resamples=100)))
    app = type(app)().open(FINE_TUNE)
    app.widget("button_group", "What to do").set_value("validate").run()
    assert "nothing is fitted to them" in app.text
    assert not app.has("number_input", "Folds")
    assert any(button.label == "Start validation" for button in app.at.button)
    settings = store.recall("settings")
    assert settings["method"] == "original"
    run = store.new_run("fine_tune", "Validation", cohort, Settings(starting=start, method="original",
                        validation=Validation(resamples=100)).to_json(), "Northgate")  # fmt: skip
    (run.path / START).write_bytes(Library(tmp_path).path(passport.id).read_bytes())
    assert perform(run.path).state == "finished"
    store.remember("run_id", run.id)
    app = type(app)().open(RESULTS)
    assert "External validation: AUROC 0.7" in app.text
    assert "no change is judged" in app.html
    assert "Methods compared" not in app.text
    assert "better here" not in app.text
    assert app.errors == []
    for tab in ("Calibration", "Discrimination", "Usefulness", "Certainty", "Notes"):
        app.at.session_state["more"] = tab
        app.at.run()
        assert app.errors == []
