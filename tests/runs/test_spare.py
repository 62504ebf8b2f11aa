"""A worker that waits with its imports done, and does the next run."""

import pytest

from medtune.runs import execution
from medtune.runs.execution import status
from medtune.runs.folder import LOG
from medtune.runs.spare import Spare
from tests.runs.waiting import until

WORKER = "tests.runs.trial_worker"


@pytest.fixture
def spare(monkeypatch):
    spare = Spare(WORKER)
    monkeypatch.setattr(execution, "_spare", spare)
    monkeypatch.setattr(execution, "WORKER", WORKER)
    spare.keep()
    yield spare
    spare.close()


def test_the_waiting_worker_does_the_next_run_and_another_one_gets_ready(store, spare):
    waiting = spare._child.pid
    run = store.new_run("quick", "first")
    process = execution.start(run.path, WORKER)
    assert process.pid == waiting
    until(lambda: status(run.path).final)
    assert status(run.path).state == "finished"
    until(lambda: spare._child is not None and spare._child.pid != waiting)


def test_a_run_given_to_the_waiting_worker_can_be_cancelled(store, spare):
    run = store.new_run("patient", "slow")
    execution.start(run.path, WORKER)
    until(lambda: (run.path / "first.json").exists())
    assert execution.cancel(run.path).state == "cancelled"


def test_without_a_living_worker_the_run_gets_one_of_its_own(store, spare):
    spare._child.kill()
    spare._child.wait()
    run = store.new_run("quick", "after all")
    execution.start(run.path, WORKER)
    until(lambda: status(run.path).final)
    assert status(run.path).state == "finished"


def test_what_it_says_goes_to_the_log_of_the_run(store, spare):
    run = store.new_run("refused", "refused")
    execution.start(run.path, WORKER)
    until(lambda: status(run.path).final)
    assert "ColumnsError" in (run.path / LOG).read_text()


def test_it_ends_when_nobody_is_there_to_give_it_a_run(spare):
    child = spare._child
    child.stdin.close()
    assert child.wait(timeout=60) == 0


def test_two_runs_at_once_get_two_workers(store, spare):
    runs = [store.new_run("patient", name) for name in ("one", "two")]
    pids = {execution.start(run.path, WORKER).pid for run in runs}
    assert len(pids) == 2
    for run in runs:
        (run.path / "go").touch()
        until(lambda run=run: status(run.path).final)
