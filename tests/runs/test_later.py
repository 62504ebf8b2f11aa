"""What comes after a result: worked out in a run of its own, which gives way to every other and is never listed."""

import shutil

import numpy as np
import pytest

from medtune.cohort.demo import two_hospitals
from medtune.foundation.settings import Guards, Settings, Starting, Validation
from medtune.models.files import save_model
from medtune.runs import execution, follow_up, later, worker
from medtune.runs.folder import JOB, LATER, OUTCOME, Job, RunFolder, Summary, read_record
from medtune.runs.record import INSTABILITY, LEARNING, RESULT, START, read_instability, read_learning, read_result
from medtune.runs.store import Store
from medtune.runs.training import train_source
from medtune.runs.worker import perform
from tests.runs.waiting import until

TRIAL = "tests.runs.trial_worker"


@pytest.fixture
def gently(monkeypatch):
    """Few refits and sizes, and this process keeps its priority."""
    monkeypatch.setattr(later, "resamples_for", lambda cells: 8)
    monkeypatch.setattr(later, "repeats_of_curve", lambda n: 1)
    monkeypatch.setattr(later, "give_precedence", lambda: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A finished run from the demo's source model, with few methods."""
    store = Store(tmp_path_factory.mktemp("home"))
    source, local = two_hospitals()
    quick, few = Validation(repeats=1, resamples=100), Guards(revision=1000, refit_per_parameter=100)
    settings = Settings(starting=Starting("model", name="N"), validation=quick, guards=few)
    run = store.new_run("fine_tune", "Demo", store.add_cohort(local), settings.to_json(), "N")
    save_model(train_source(source, "N"), run.path / START)
    assert perform(run.path).state == "finished"
    return store, run


@pytest.fixture
def tuned(made):
    store, run = made
    yield store, run
    shutil.rmtree(run.path / LATER, ignore_errors=True)


def asked_for(run, kind=LATER):
    """The folder of what comes after, not yet started."""
    folder = RunFolder(run.path / LATER)
    folder.path.mkdir()
    folder.write(JOB, Job(LATER, kind, "Demo", "2026-01-01T00:00:00+00:00"))
    return folder.path


@pytest.mark.usefixtures("gently")
def test_curve_and_instability_of_the_judged_method_are_left_in_the_folder(tuned):
    store, run = tuned
    folder = asked_for(run)
    assert read_learning(run.path) is read_instability(run.path) is None
    assert perform(folder).state == "finished", (folder / "log.txt").read_text()
    result, curve, spread = read_result(run.path), read_learning(run.path), read_instability(run.path)
    compared = {c.key for c in result.candidates if c.comparison is not None}
    assert set(curve.gains) == compared
    assert len(curve.patients) == 5
    assert np.all(np.diff(curve.patients) > 0)
    # With all training patients the curve ends where the comparison stands, which had the same folds.
    whole = result.tuned.comparison.gain
    assert curve.gains["averaged"][-1].value == pytest.approx(whole.value, rel=1e-9)
    assert (spread.method, spread.resamples, spread.n) == ("averaged", 8, result.n)
    assert spread.threshold == result.threshold
    assert set(spread.optimism) == {"log_loss", "auroc", "brier", "slope"}
    assert spread.optimism["auroc"].corrected.value == pytest.approx(result.tuned.performance.auroc.value, abs=0.06)
    assert [entry.id for entry in store.runs()] == [run.id]
    first = (folder / INSTABILITY).read_text(), (folder / LEARNING).read_text()
    later.later_job(folder, later.Progress())
    assert ((folder / INSTABILITY).read_text(), (folder / LEARNING).read_text()) == first


@pytest.mark.usefixtures("gently")
def test_above_some_rows_a_random_part_is_worked_with_and_that_is_said(tuned, monkeypatch):
    _, run = tuned
    monkeypatch.setattr(later, "ROWS", 200)
    assert perform(asked_for(run)).state == "finished"
    curve, spread = read_learning(run.path), read_instability(run.path)
    assert spread.n == 200
    assert curve.patients[-1] == 160
    assert "200 patients drawn at random from 300" in str(curve.note)
    assert curve.note == spread.note


def test_patients_are_drawn_alike_each_time():
    rows, note = later.drawn(np.zeros(30_000), seed=4)
    assert note is not None
    assert len(rows) == 20_000
    assert np.array_equal(rows, later.drawn(np.zeros(30_000), seed=4)[0])
    assert later.drawn(np.zeros(50), seed=4)[1] is None


def waiting(store):
    """A run whose follow-up is being worked out by a process that waits."""
    run = store.new_run("quick", "First")
    execution.start(run.path, worker=TRIAL)
    until(lambda: execution.status(run.path).final, "the end of the run")
    folder = asked_for(run, "patient")
    process = execution.start(folder, worker=TRIAL)
    until(lambda: (now := execution.status(folder)).progress and now.progress.done == 1, "its second stage")
    return run, folder, process


def test_it_gives_way_when_another_run_starts_and_can_be_worked_out_again(store):
    run, folder, process = waiting(store)
    another = store.new_run("quick", "Second")
    execution.start(another.path, worker=TRIAL)
    assert not process.alive
    assert follow_up.later_standing(run.path).state == "cancelled"
    assert until(lambda: (now := execution.status(another.path)).final and now, "the other run").state == "finished"
    (folder / "go").touch()
    execution.repeat(folder, worker=TRIAL)
    assert until(lambda: (now := execution.status(folder)).final and now, "the end").state == "finished"


def test_starting_it_does_not_end_that_of_another_run(store):
    _, _, process = waiting(store)
    run = store.new_run("quick", "Second")
    execution.start(asked_for(run, "quick"), worker=TRIAL)
    assert process.alive


def test_it_ends_when_its_run_is_deleted(store):
    run, _, process = waiting(store)
    store.delete(run.id)
    assert not process.alive
    assert store.runs() == ()


@pytest.fixture
def started(monkeypatch):
    places = []
    monkeypatch.setattr(follow_up, "start", places.append)
    return places


def ended(store, kind="fine_tune", verdict="better", result=RESULT):
    run = store.new_run(kind, "Done")
    outcome = worker.Outcome("finished", worker.FINISHED, 0.0, 1.0, Summary(10, 5, verdict))
    run.write(OUTCOME, outcome)
    (run.path / result).touch()
    return run


def test_the_worker_starts_it_once_after_a_result(store, started):
    run = ended(store)
    assert follow_up.later_standing(run.path) is None
    follow_up.follow(run.path)
    assert started == [run.path / LATER]
    assert read_record(Job, run.path / LATER / JOB).kind == LATER
    assert follow_up.later_standing(run.path).state == "queued"
    (run.path / LATER / "status.json").write_bytes((run.path / OUTCOME).read_bytes())
    follow_up.follow(run.path)
    assert len(started) == 1


@pytest.mark.parametrize(
    ("kind", "verdict", "result"),
    [
        ("fine_tune", "too few", RESULT),
        ("another kind", "better", RESULT),
        ("fine_tune", "better", "class_result.json"),
    ],
)
def test_where_nothing_was_fitted_or_classes_are_several_nothing_follows(store, started, kind, verdict, result):
    run = ended(store, kind, verdict, result)
    follow_up.follow(run.path)
    assert started == []
    assert follow_up.later_standing(run.path) is None


def test_that_it_cannot_be_started_is_no_failure_of_the_run(store, monkeypatch):
    run = store.new_run("quick", "First")

    def refuse(folder):
        raise worker.RunError("No process could be started.")

    monkeypatch.setattr(worker, "follow", refuse)
    worker._follow(run.path)
