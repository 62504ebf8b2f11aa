"""Results: one rung instead, enough patients, how steady; what arrives after the result."""

import os
from dataclasses import replace

import numpy as np
import pytest

from medtune.cohort.findings import GIVES_AWAY
from medtune.foundation.files import write_record
from medtune.foundation.words import say
from medtune.runs import follow_up, later
from medtune.runs.folder import JOB, LATER, OUTCOME, PROCESS, Job, Outcome, RunFolder
from medtune.runs.processes import Process
from medtune.runs.record import INSTABILITY
from medtune.runs.store import Store
from medtune.runs.worker import perform
from medtune.tuning.candidates import CAUTIOUS
from medtune.tuning.verdict import too_few
from medtune.ui.patient import answers, classes
from medtune.ui.results import verdict
from tests.app.conftest import App
from tests.app.test_explanation_pages import PATIENT
from tests.app.test_run_pages import RESULTS, filled, made

__all__ = ["filled", "made"]  # fixtures: a home in which the demo was tuned


@pytest.fixture
def run(filled, monkeypatch):
    """The finished run, with nothing after it; a start of what follows is only noted."""
    store = Store(filled)
    folder = store.run(store.recall("run_id"))
    asked = []
    monkeypatch.setattr(follow_up, "start", asked.append)
    monkeypatch.setattr(follow_up, "repeat", asked.append)
    yield folder, asked
    for path in sorted((folder.path / LATER).glob("*")):
        path.unlink()
    if (folder.path / LATER).exists():
        (folder.path / LATER).rmdir()


def tab(name):
    """The Results page with one of its tabs open."""
    app = App()
    app.at.session_state["more"] = name
    return app.open(RESULTS)


def ended(folder, state, sentence="Something."):
    """What came after ended without a result."""
    place = RunFolder(folder.path / LATER)
    place.path.mkdir(exist_ok=True)
    place.write(JOB, Job(LATER, LATER, "Demo", "2026-01-01T00:00:00+00:00"))
    place.write(OUTCOME, Outcome(state, say(sentence), 0.0, 1.0))


def test_one_rung_is_named_with_its_corrected_numbers_and_the_closed_test(run):
    app = tab("All methods")
    assert "If a single method is wanted: “" in app.text
    assert "1-SE rule; chosen in" in app.text
    assert "Corrected for choosing, its gain in log-loss is" in app.text
    assert "A closed test rejects" in app.text
    assert "The verdict does not rest on this" in app.text
    assert app.errors == []


def test_what_these_patients_can_tell_is_there_at_once_and_the_rest_is_started(run):
    folder, asked = run
    app = tab("Enough patients?")
    assert "With these 300 patients the intercept is known to ±" in app.text
    assert "A new model with 15 coefficients takes about" in app.text
    assert asked == [folder.path / LATER]
    assert app.errors == []


def test_progress_is_shown_while_it_is_worked_out(run):
    folder, asked = run
    ended(folder, "cancelled")
    (folder.path / LATER / OUTCOME).unlink()
    write_record(folder.path / LATER / PROCESS, Process.of(os.getpid()))
    app = tab("How steady?")
    assert "This is being worked out; the results above are complete without it." in app.text
    assert asked == []
    assert app.errors == []


@pytest.mark.parametrize(
    ("state", "said"), [("cancelled", "This gave way to another run."), ("failed", "The disk is full.")]
)
def test_what_did_not_come_is_one_sentence_and_one_button(run, state, said):
    folder, asked = run
    ended(folder, state, "The disk is full.")
    app = tab("How steady?")
    assert said in app.text
    app.press("Work it out again")
    assert asked == [folder.path / LATER]


def test_curve_and_instability_are_drawn_when_they_are_there(run, monkeypatch):
    folder, asked = run
    monkeypatch.setattr(later, "resamples_for", lambda cells: 6)
    monkeypatch.setattr(later, "repeats_of_curve", lambda n: 1)
    monkeypatch.setattr(later, "COSTLY", (*later.COSTLY, "boosted", "revision", "scratch"))
    monkeypatch.setattr(later, "give_precedence", lambda: None)
    ended(folder, "cancelled")
    (folder.path / LATER / OUTCOME).unlink()
    assert perform(folder.path / LATER).state == "finished"
    app = tab("Enough patients?")
    assert "Averaged update" in app.text
    assert "Each method learnt from a part of the training patients" in app.text
    steady = tab("How steady?")
    assert "Fitted again to 6 resamples of these patients, the model moves a patient's risk by" in steady.text
    assert "change sides of the threshold" in steady.text
    assert "corrected for having seen them" in steady.text
    assert "Harrell's bootstrap over the whole fitting" in steady.text
    patient = App().open(PATIENT)
    assert "refits to 6 resamples say" in patient.text
    for page in (app, steady, patient):
        assert page.errors == []
        assert "Work it out again" not in [button.label for button in page.at.button]
    assert asked == []


def test_a_damaged_file_is_one_sentence(run):
    folder, _ = run
    ended(folder, "finished")
    (folder.path / LATER / INSTABILITY).write_text("{")
    assert any("cannot be read" in error for error in tab("How steady?").errors)
    patient = App().open(PATIENT)
    assert patient.errors == []
    assert "Estimated risk" in patient.text
    assert "cannot be read" in patient.text


@pytest.mark.parametrize(
    ("events", "others", "said"),
    [(9, 9, []), (8, 40, ["The event is never ruled out here"]), (40, 8, ["Its absence is never ruled out here"])],
)
def test_an_outcome_that_nothing_can_rule_out_is_named_beside_the_risk(events, others, said):
    told = [str(sentence) for sentence in answers._never_excluded(np.r_[np.ones(events, int), np.zeros(others, int)])]
    assert [sentence.split(":")[0] for sentence in told] == said


def test_classes_that_nothing_can_rule_out_are_named_with_their_patients():
    (told,) = classes._never_excluded(np.repeat([0, 1, 2], [30, 6, 9]), ("liver", "placenta", "colon"))
    assert str(told) == "Never ruled out here, since that takes 9 patients of a class: ‘placenta’ (6)."
    assert classes._never_excluded(np.repeat([0, 1], 9), ("liver", "colon")) == []


@pytest.mark.parametrize(("toward", "words"), [(CAUTIOUS, "to a more cautious update"), ("", "to the tuned one")])
def test_a_model_between_says_how_far_it_goes_and_toward_what(toward, words):
    said = replace(too_few(5, 90, "likely"), chosen="blended", method="averaged", blend=0.96, t=1.8, toward=toward)
    told = str(verdict._used(said))
    assert f"96% of the way {words}" in told
    assert "1.8 times its standard error" in told


def test_a_predictor_that_gives_the_outcome_away_is_named_beside_the_verdict(monkeypatch):
    shown = []
    monkeypatch.setattr(verdict.widgets, "note", lambda sentence, severity: shown.append((str(sentence), severity)))
    leak = say(GIVES_AWAY, name="bwt", whom=say("who has the event"), area=1.0)
    verdict.with_care([say("Something else."), leak])
    assert shown == [(str(leak), "warning")]
