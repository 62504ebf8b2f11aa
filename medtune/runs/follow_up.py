"""What is worked out after a result is there, in a run of its own inside the run's folder: `later`."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from medtune.foundation.errors import RunError
from medtune.runs.execution import Status, repeat, start, status
from medtune.runs.folder import JOB, LATER, RunFolder
from medtune.runs.gene_marks import has_genes
from medtune.runs.record import CLASS_RESULT, RESULT

# Kinds of runs whose result is followed up.
FOLLOWED = ("fine_tune", "demo_two_hospitals", "demo_breast_cancer", "demo_genes")


def follow(folder: Path) -> None:
    """Start what comes after the result of a run, unless it was started before.

    Parameters
    ----------
    folder : Path
        The run's folder, with its result.

    Raises
    ------
    RunError
        When no process can be had.
    """
    run = RunFolder(Path(folder))
    job, summary = run.job, status(run.path).summary
    # Where nothing was fitted there is nothing to follow up; of several classes only genes are looked at.
    there = (run.path / RESULT).exists() or ((run.path / CLASS_RESULT).exists() and has_genes(run.path))
    fitted = summary is not None and summary.verdict not in ("too few", "validated") and there
    if job.kind not in FOLLOWED or not fitted:
        return
    later = RunFolder(run.path / LATER)
    with contextlib.suppress(FileExistsError):
        later.path.mkdir(mode=0o700)
    created = datetime.now(UTC).isoformat(timespec="microseconds")
    later.write(JOB, replace(job, id=LATER, kind=LATER, created=created))
    # Another window may have been first; its process does the work.
    if status(later.path).state == "queued":
        with contextlib.suppress(RunError):
            start(later.path)


def follow_again(folder: Path) -> None:
    """Start what comes after the result of a run once more, when it failed, gave way or was interrupted.

    Parameters
    ----------
    folder : Path
        The run's folder.

    Raises
    ------
    RunError
        When it is being done, or no process can be had.
    """
    repeat(Path(folder) / LATER)


def later_standing(folder: Path) -> Status | None:
    """Where what comes after a result stands; None when it was never started."""
    later = Path(folder) / LATER
    return status(later) if (later / JOB).exists() else None
