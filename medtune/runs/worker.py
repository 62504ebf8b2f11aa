"""The process that does one run: ``python -m medtune.runs.worker RUN_FOLDER``."""

from __future__ import annotations

import errno
import faulthandler
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from medtune.foundation.errors import MedtuneError, RunError
from medtune.foundation.files import write_record
from medtune.foundation.words import Sentence, say
from medtune.runs.discretion import describe, keep_values_out_of_logs, note
from medtune.runs.execution import CANCELLED
from medtune.runs.folder import ALONE, LATER, LOG, OUTCOME, PROCESS, Outcome, RunFolder, Summary
from medtune.runs.follow_up import follow
from medtune.runs.locks import exclusive
from medtune.runs.processes import Process
from medtune.runs.progress import Progress
from medtune.runs.spare import WAIT, wait_for_folder

# Kind of job -> where its function stands: function(folder: Path, progress: Progress) -> Summary | None.
# Imported only when asked for, since a job's room brings scikit-learn along.
JOBS: dict[str, str] = {
    "fine_tune": "medtune.runs.stages:fine_tune_job",
    "treatment": "medtune.runs.treatments:treatment_job",
    "demo_two_clinics": "medtune.runs.picture_demo:two_clinics_job",
    "images": "medtune.runs.picture_reading:images_job",
    "picture_shift": "medtune.runs.picture_shift:shift_job",
    "demo_two_hospitals": "medtune.runs.demo:two_hospitals_job",
    "demo_breast_cancer": "medtune.runs.demo:breast_cancer_job",
    "demo_genes": "medtune.runs.demo:genes_job",
    LATER: "medtune.runs.later:later_job",
}

# What nearly every run needs; a worker that waits imports it beforehand.
AHEAD = ("medtune.runs.stages", "medtune.runs.training", "skops.io", "skmisc.loess", "scipy.stats")

# "when asked" leaves what comes after a result until a page that shows it is opened: for computers with little power.
FOLLOWING = "MEDTUNE_AFTERWARDS"

FINISHED = say("Finished.")
UNEXPECTED = say("Something unexpected stopped this run; the log in its folder names the place.")


class Cancelled(BaseException):
    """The user wants this process to end; not an Exception, so that no job takes it for a failure of its own."""


def function_at(place: str) -> Callable:
    """The function that ``module:function`` names."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def perform(folder: Path, jobs: Mapping[str, str] = JOBS) -> Outcome:
    """Do the run of a folder and record how it ended; only in a process of its own, which it makes deaf to SIGTERM.

    Parameters
    ----------
    folder : Path
        The run's folder.
    jobs : mapping of str to str
        Kind of job to ``module:function``.

    Returns
    -------
    Outcome
        What was written to the folder.
    """
    started, progress = time.time(), Progress(folder)
    try:
        state, sentence, summary = _do(folder, progress, jobs)
        _deaf()
    except Cancelled:
        state, sentence, summary = "cancelled", CANCELLED, None
    progress.close() if state == "finished" else progress.stop()
    outcome = Outcome(state, sentence, started, time.time(), summary)
    write_record(folder / OUTCOME, outcome)
    return outcome


def main(arguments: list[str] | None = None, jobs: Mapping[str, str] = JOBS) -> int:
    """Do the run whose folder is the one argument; returns 0 when it finished."""
    (place,) = sys.argv[1:] if arguments is None else arguments
    folder = wait_for_folder(AHEAD, LOG) if place == WAIT else Path(place)
    if folder is None:
        return 0
    signal.signal(signal.SIGTERM, _cancelled)
    faulthandler.enable()
    keep_values_out_of_logs()
    try:
        # One worker a folder, whatever servers or windows believe.
        with exclusive(folder / ALONE, timeout=0.5):
            write_record(folder / PROCESS, Process.of(os.getpid()))
            outcome = perform(folder, jobs)
        if outcome.state == "finished" and os.environ.get(FOLLOWING) != "when asked":
            _follow(folder)
    except RunError as error:
        note(describe(error))
        return 1
    except Cancelled:
        return 1  # before the work began, or while its end was written: whoever cancelled completes the record
    _end_the_group()
    return 0 if outcome.state == "finished" else 1


def _do(folder: Path, progress: Progress, jobs: Mapping[str, str]) -> tuple[str, Sentence, Summary | None]:
    try:
        job = RunFolder(folder).job
        if job.kind not in jobs:
            raise RunError("Nothing is known about runs of kind '{kind}'; start a new one.", kind=job.kind)
        summary = function_at(jobs[job.kind])(folder, progress)
    except MedtuneError as error:
        note(describe(error))
        return "failed", error.sentence, None
    except Exception as error:
        note(describe(error))
        return "failed", known_trouble(error) or UNEXPECTED, None
    return "finished", FINISHED, summary


def known_trouble(error: Exception) -> Sentence | None:
    """A sentence for what a machine may lack; None for everything else."""
    if isinstance(error, MemoryError):
        return say("This needs more memory than the machine has left; close other programs and try again.")
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return say("The disk is full; free some space and try again.")
    return None


def _follow(folder: Path) -> None:
    """Start what comes after the result; that it could not be started is no failure of the run."""
    try:
        follow(folder)
    except MedtuneError as error:
        note(describe(error))


def _cancelled(*_: object) -> None:
    _deaf()
    raise Cancelled


def _deaf() -> None:
    """The end of this process is decided; a second request must not tear what is being written about it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _end_the_group() -> None:
    """Take along the processes that joblib may have left behind; only where this process leads a group of its own."""
    if os.name != "nt" and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
