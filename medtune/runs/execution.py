"""Runs in processes of their own: start, watch, cancel, repeat; nothing here depends on who started them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from medtune.foundation.errors import RunError
from medtune.foundation.files import patiently, write_record
from medtune.foundation.words import Sentence, say
from medtune.runs.folder import (
    LATER,
    LOCK,
    LOG,
    OUTCOME,
    PROCESS,
    PROGRESS,
    Outcome,
    Record,
    RunFolder,
    Summary,
    read_record,
)
from medtune.runs.locks import exclusive
from medtune.runs.processes import Process
from medtune.runs.progress import Standing
from medtune.runs.spare import Spare
from medtune.runs.surroundings import ROOT, detached, environment, private

WORKER = "medtune.runs.worker"
STALE = 30.0  # seconds without a heartbeat, where a process can be known by nothing better
FINAL = ("finished", "cancelled", "failed")
STATES = ("queued", "running", *FINAL, "interrupted")

NOT_STARTED = say("Not started yet.")
STARTING = say("Starting.")
CANCELLED = say("Cancelled; what was finished is kept.")
INTERRUPTED = say(
    "This run was interrupted: its process ended without a result, as when the machine is switched off or memory "
    "runs out. Repeat it when you are ready."
)


@dataclass(frozen=True)
class Status:
    """Where a run stands.

    Attributes
    ----------
    state : str
        One of `STATES`.
    sentence : Sentence
        What is being done, or what came of it.
    progress : Standing, optional
        How far it is, or was when it ended.
    error : Sentence, optional
        What went wrong, when it failed or was interrupted.
    started, ended, heartbeat : float, optional
        Seconds since the epoch.
    summary : Summary, optional
        Of a finished run.
    """

    state: str
    sentence: Sentence
    progress: Standing | None = None
    error: Sentence | None = None
    started: float | None = None
    ended: float | None = None
    heartbeat: float | None = None
    summary: Summary | None = None

    @property
    def final(self) -> bool:
        """Whether nothing will change unless it is repeated."""
        return self.state in (*FINAL, "interrupted")


def start(folder: Path, worker: str = WORKER) -> Process:
    """Start the run of a folder in a process that outlives this one.

    Parameters
    ----------
    folder : Path
        The run's folder, with its job.
    worker : str
        The module that does it.

    Returns
    -------
    Process
        The process, known by number and birth.

    Raises
    ------
    RunError
        When the run was started already, or the process cannot be had.
    """
    run = RunFolder(Path(folder))
    job = run.job
    with exclusive(run.path / LOCK):
        if (run.path / PROCESS).exists() or (run.path / OUTCOME).exists():
            raise RunError("Run '{name}' was started already.", name=job.name)
        return _spawn(run, worker)


def repeat(folder: Path, worker: str = WORKER) -> Process:
    """Start a run again from what was asked for, when it failed, was cancelled or interrupted.

    Other files of its folder stay, so that a job may go on from what it had finished.

    Parameters
    ----------
    folder : Path
        The run's folder.
    worker : str
        Module that does the work; tests have their own.

    Returns
    -------
    Process

    Raises
    ------
    RunError
        When it is still being done, or has finished.
    """
    run = RunFolder(Path(folder))
    job = run.job
    with exclusive(run.path / LOCK):
        state = _state_to_repeat(run)
        if state == "finished":
            raise RunError("Run '{name}' has finished; there is nothing to repeat.", name=job.name)
        if state == "running":
            raise RunError("Run '{name}' is still being done; cancel it first.", name=job.name)
        for name in (OUTCOME, PROGRESS, PROCESS):
            patiently((run.path / name).unlink, True)
        return _spawn(run, worker)


def status(folder: Path) -> Status:
    """Where the run of a folder stands; RunError when the folder is missing or damaged."""
    run = RunFolder(Path(folder))
    if not run.path.is_dir():
        raise RunError("The folder of run '{run}' is missing; remove the run from the list.", run=run.id)
    process, standing = _told(Process, run.path / PROCESS), _told(Standing, run.path / PROGRESS)
    going = process is not None and _going(process, standing)
    # Read last: a run that ends in between has told how before its process was gone.
    outcome = read_record(Outcome, run.path / OUTCOME)
    if outcome is not None:
        return _ended(outcome, standing)
    if process is None:
        return Status("queued", NOT_STARTED)
    started, heartbeat = (standing.started, standing.heartbeat) if standing else (None, None)
    if not going:
        return Status("interrupted", INTERRUPTED, standing, INTERRUPTED, started, heartbeat=heartbeat)
    return Status("running", standing.stage if standing else STARTING, standing, None, started, heartbeat=heartbeat)


def cancel(folder: Path, grace: float = 1.0) -> Status:
    """End the process of a run, and keep what it has finished.

    Parameters
    ----------
    folder : Path
        The run's folder.
    grace : float
        Seconds the process has to end by itself.

    Returns
    -------
    Status
        Where the run stands afterwards; a run that had ended already stays as it was.

    Raises
    ------
    RunError
        When it is being done on another machine.
    """
    run = RunFolder(Path(folder))
    with exclusive(run.path / LOCK):
        before = status(run.path)
        if before.final:
            return before
        process = _told(Process, run.path / PROCESS)
        if process is not None and not process.here:
            raise RunError("This run is being done on another machine, '{host}'; cancel it there.", host=process.host)
        if process is not None:
            process.end(grace)
        if read_record(Outcome, run.path / OUTCOME) is None:
            began = before.started or time.time()
            write_record(run.path / OUTCOME, Outcome("cancelled", CANCELLED, began, time.time()))
    return status(run.path)


def end_later(folder: Path) -> None:
    """End what is still being worked out after the result of a run, if anything is; on this machine only.

    Parameters
    ----------
    folder : Path
        The run's folder.
    """
    later = Path(folder) / LATER
    if (later / PROCESS).exists() and not (later / OUTCOME).exists():
        with contextlib.suppress(RunError):  # what cannot be ended must not keep another run from starting
            cancel(later, grace=0.0)


_spare = Spare(WORKER)


def keep_spare() -> None:
    """Have a worker ready whose imports are done; the next run goes to it, and another one gets ready afterwards."""
    _spare.keep()


def _spawn(run: RunFolder, worker: str) -> Process:
    child = _spare.take(run.path.resolve()) if worker == WORKER else None
    child = child or _popen(run, worker)
    process = Process.of(child.pid)
    write_record(run.path / PROCESS, process)
    if run.id != LATER:
        # It can be worked out again, and a user waits for this run.
        for later in run.path.parent.glob(f"*/{LATER}"):
            end_later(later.parent)
    # Somebody must collect the child when it ends, or it stays in the system's table as long as this server lives.
    threading.Thread(target=_collect, args=(child,), daemon=True, name=f"collect {run.id}").start()
    return process


def _collect(child: subprocess.Popen) -> None:
    child.wait()
    _spare.renew()


def _popen(run: RunFolder, worker: str) -> subprocess.Popen:
    command = [sys.executable, "-m", worker, str(run.path.resolve())]
    try:
        with open(run.path / LOG, "ab", opener=private) as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(), cwd=ROOT, **detached()
            )
    except OSError as error:
        raise RunError(
            "No process could be started for this run ({reason}); close other programs and try again.",
            reason=error.strerror,
        ) from error


def _state_to_repeat(run: RunFolder) -> str:
    try:
        return status(run.path).state
    except RunError:
        return "damaged"  # the record of how it ended cannot be read: a reason to repeat, not against it


def _told(kind: type[Record], path: Path) -> Record | None:
    """A record that will be written anew or is worth nothing once the run ended: a damaged one is as good as none."""
    try:
        return read_record(kind, path)
    except RunError:
        return None


def _going(process: Process, standing: Standing | None) -> bool:
    if process.here and process.birth:
        return process.alive
    return standing is not None and time.time() - standing.heartbeat < STALE


def _ended(outcome: Outcome, standing: Standing | None) -> Status:
    return Status(
        state=outcome.state,
        sentence=outcome.sentence,
        progress=standing,
        error=outcome.sentence if outcome.state == "failed" else None,
        started=outcome.started,
        ended=outcome.ended,
        heartbeat=standing.heartbeat if standing else None,
        summary=outcome.summary,
    )
