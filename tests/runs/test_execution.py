"""A run lives in a process of its own: it is seen, cancelled, found dead, repeated, and never confused with another."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from medtune.foundation.errors import RunError
from medtune.foundation.files import write_record
from medtune.runs import execution
from medtune.runs.folder import OUTCOME, PROCESS, PROGRESS, read_record
from medtune.runs.processes import Process
from tests.runs.waiting import until

TRIAL = "tests.runs.trial_worker"
posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


def started(store, kind, settings="{}"):
    run = store.new_run(kind, f"My {kind} run", settings=settings)
    process = execution.start(run.path, worker=TRIAL)
    return run, process


def ended(run):
    return until(lambda: (now := execution.status(run.path)).final and now, "the end of the run")


def waiting(run):
    """Until the patient job is in the middle of its second stage."""

    def there():
        now = execution.status(run.path)
        assert not now.final, now
        return now.progress and now.progress.done == 1 and str(now.sentence) == "Waiting." and now

    return until(there, "the second stage")


def test_a_run_is_queued_then_finished_with_its_result_and_summary(store):
    run = store.new_run("quick", "First", settings='{"seed": 7}')
    assert execution.status(run.path).state == "queued"
    execution.start(run.path, worker=TRIAL)
    now = ended(run)
    assert now.state == "finished", (run.path / "log.txt").read_text()
    assert (run.path / "result.json").read_text() == '{"seed": 7}'
    assert (now.summary.n, now.summary.events, str(now.summary.sentence)) == (294, 106, "Better on 294 patients.")
    assert [stage.key for stage in now.progress.finished] == ["first", "second"]
    assert now.progress.fraction == 1.0
    assert now.started <= now.ended


def test_progress_is_seen_while_it_runs(store):
    run, _ = started(store, "patient")
    now = waiting(run)
    assert now.state == "running"
    assert (now.progress.done, now.progress.total) == (1, 2)
    assert now.progress.fraction == pytest.approx((1 + 3 * 0.5) / 4)
    assert now.progress.seconds_left > 0
    beat = now.heartbeat
    until(lambda: execution.status(run.path).heartbeat > beat, "another heartbeat")
    (run.path / "go").touch()
    assert ended(run).state == "finished"


@pytest.mark.parametrize("kind", ["patient", pytest.param("stubborn", marks=posix)])
def test_cancel_ends_the_process_and_keeps_what_finished(store, kind):
    run, process = started(store, kind)
    waiting(run)
    now = execution.cancel(run.path, grace=0.3 if kind == "stubborn" else 10.0)
    assert now.state == "cancelled"
    assert str(now.sentence) == "Cancelled; what was finished is kept."
    assert now.error is None
    assert not process.alive
    assert (run.path / "first.json").read_text() == "done"
    assert not (run.path / "result.json").exists()
    assert not list(run.path.glob("*.part"))


def test_cancelling_what_has_finished_changes_nothing(store):
    run, _ = started(store, "quick")
    ended(run)
    assert execution.cancel(run.path).state == "finished"


def test_cancelling_before_the_start_keeps_it_from_starting(store):
    run = store.new_run("quick", "Never")
    assert execution.cancel(run.path).state == "cancelled"
    with pytest.raises(RunError, match="was started already"):
        execution.start(run.path, worker=TRIAL)


@posix
def test_a_killed_run_is_interrupted_and_can_be_repeated(store):
    run, process = started(store, "patient", settings='{"seed": 3}')
    waiting(run)
    os.kill(process.pid, signal.SIGKILL)
    now = ended(run)
    assert now.state == "interrupted"
    assert "Repeat it" in str(now.error)
    assert now.progress.done == 1
    (run.path / "go").touch()
    again = execution.repeat(run.path, worker=TRIAL)
    assert again != process
    assert ended(run).state == "finished"
    assert run.settings == '{"seed": 3}'


def test_a_run_being_done_or_finished_is_not_started_twice(store):
    run, _ = started(store, "patient")
    waiting(run)
    with pytest.raises(RunError, match="started already"):
        execution.start(run.path, worker=TRIAL)
    with pytest.raises(RunError, match="still being done"):
        execution.repeat(run.path, worker=TRIAL)
    (run.path / "go").touch()
    ended(run)
    with pytest.raises(RunError, match="has finished"):
        execution.repeat(run.path, worker=TRIAL)


def test_two_windows_that_start_at_once_start_one_process(store):
    run = store.new_run("patient", "Twice")
    came, together = [], threading.Barrier(4)

    def press():
        together.wait()
        try:
            came.append(execution.start(run.path, worker=TRIAL))
        except RunError as error:
            came.append(error)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(answer, Process) for answer in came) == 1
    assert sum(isinstance(answer, RunError) for answer in came) == 3


def test_a_second_worker_in_the_same_folder_gives_way(store):
    run, _ = started(store, "patient")
    waiting(run)
    command = [sys.executable, "-m", TRIAL, str(run.path)]
    second = subprocess.run(command, env=execution.environment(), capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "another window" in second.stderr.lower()
    assert waiting(run).state == "running"


def test_a_refused_job_gives_its_sentence_and_no_traceback(store):
    run, _ = started(store, "refused")
    now = ended(run)
    assert now.state == "failed"
    assert str(now.error) == "Column 'age' is missing; add it."
    assert "Traceback" not in (run.path / OUTCOME).read_text()


@pytest.mark.parametrize("kind", ["full", "unknown"])
def test_known_trouble_has_its_own_sentence(store, kind):
    run, _ = started(store, kind)
    expected = {"full": "The disk is full", "unknown": "Nothing is known about runs of kind 'unknown'"}[kind]
    assert str(ended(run).error).startswith(expected)


def test_no_cell_value_reaches_the_log_or_the_page(store):
    from tests.runs.trial_worker import SECRET

    run, _ = started(store, "leaky")
    now = ended(run)
    assert str(now.error) == "Something unexpected stopped this run; the log in its folder names the place."
    texts = {path.name: path.read_text() for path in run.path.iterdir()}
    assert not [name for name, text in texts.items() if SECRET in text]
    log = texts["log.txt"]
    assert "builtins.KeyError" in log
    assert log.count("builtins.ValueError") == 2
    assert "UserWarning" in log
    assert "WARNING of library" in log
    assert "trial_worker.py" in log
    assert "in leaky" in log


@posix
def test_a_number_given_to_another_process_is_never_ended(store):
    """The pid of our run belongs to a stranger now: it is not ours, not alive, and not touched."""
    # A process begun by one that ignores SIGTERM ignores it too: this one listens, whoever runs the tests.
    listens = "import signal; signal.signal(signal.SIGTERM, signal.SIG_DFL); print('ready', flush=True); input()"
    command = [sys.executable, "-c", listens]
    stranger = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    assert stranger.stdout.readline().strip() == b"ready"
    try:
        run = store.new_run("patient", "Old")
        mine = Process.of(stranger.pid)
        assert mine.alive
        write_record(run.path / PROCESS, replace(mine, birth=mine.birth + "0"))
        assert execution.status(run.path).state == "interrupted"
        assert execution.cancel(run.path, grace=0.0).state == "interrupted"
        replace(mine, birth=mine.birth + "0").end(grace=0.0)
        assert stranger.poll() is None
        mine.end(grace=60.0)  # it comes back as soon as the process has gone
        assert stranger.wait(10) == -signal.SIGTERM
    finally:
        stranger.kill()
        stranger.communicate()


@posix
def test_a_process_that_ended_but_was_not_collected_is_not_alive():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = Process.of(child.pid)
    assert process.alive
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays in the system's table
    assert not process.alive
    child.wait()


@posix
def test_birth_is_also_known_from_ps(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    mine = Process.of(os.getpid())
    assert mine.birth
    assert mine.alive
    assert not replace(mine, birth="Thu Jan 1 00:00:00 1970").alive
    assert not Process.of(2**22 - 3).alive


@posix
def test_ended_runs_leave_nothing_in_the_systems_table(store):
    run, process = started(store, "quick")
    ended(run)

    def collected():
        try:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        except ChildProcessError:
            return True
        return False

    until(collected, "the collection of the child")


def test_a_run_on_another_machine_is_known_by_its_heartbeat(store):
    run, process = started(store, "patient")
    standing = waiting(run).progress
    execution.cancel(run.path)
    (run.path / OUTCOME).unlink()
    write_record(run.path / PROCESS, replace(process, host="elsewhere"))
    write_record(run.path / PROGRESS, replace(standing, heartbeat=standing.heartbeat + 3600))
    assert execution.status(run.path).state == "running"
    with pytest.raises(RunError, match="another machine, 'elsewhere'"):
        execution.cancel(run.path)
    write_record(run.path / PROGRESS, replace(standing, heartbeat=standing.heartbeat - 3600))
    assert execution.status(run.path).state == "interrupted"
    write_record(run.path / PROCESS, process)


def test_damaged_files_are_a_sentence_or_a_repeat(store):
    run, _ = started(store, "quick")
    ended(run)
    (run.path / OUTCOME).write_text('{"state": "fin')
    with pytest.raises(RunError, match=r"'status.json' in folder .* cannot be read"):
        execution.status(run.path)
    execution.repeat(run.path, worker=TRIAL)
    assert ended(run).state == "finished"
    assert read_record(Process, run.path / PROCESS).pid > 0
    with pytest.raises(RunError, match="is missing"):
        execution.status(run.path.parent / "gone")


def test_workers_compute_on_one_thread_each():
    surroundings = execution.environment()
    assert surroundings["OMP_NUM_THREADS"] == surroundings["OPENBLAS_NUM_THREADS"] == "1"
    assert surroundings["OMP_WAIT_POLICY"] == "PASSIVE"
    assert surroundings["PYTHONWARNINGS"] == "ignore"
