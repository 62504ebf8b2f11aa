"""What the warm process answers about the original and the tuned model of a finished run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from medtune.explanation.changes import Changes, changes, contribution_changes, reason
from medtune.foundation.files import write_record
from medtune.runs.folder import read_record
from medtune.runs.opened import opened, tuned_key

CHANGES = "changes.json"


@dataclass(frozen=True)
class Reason:
    """What moved one patient: a column ("" when none did), by how much in log-odds, and all patients together."""

    row: int
    column: str
    change: float
    together: float


def read_changes(folder: Path) -> Changes | None:
    """What was found out about the changes of a run; None when nobody asked yet."""
    return read_record(Changes, folder / CHANGES)


def run_changes(payload: Mapping[str, Any]) -> None:
    """Compare original and tuned model, and keep what comes of it in the run's folder: it never changes.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder.
    """
    run = opened(payload["run"])
    original, tuned = run.model("original"), run.model(tuned_key(run.result))
    write_record(run.folder / CHANGES, changes(original, tuned, run.cohort.frame, run.settings.seed))


def change_reasons(payload: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Why some patients moved, one thing each.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder; ``rows``, positions among those who took part.
    """
    run, rows = opened(payload["run"]), np.asarray(payload["rows"], dtype=int)
    if not rows.size:
        return ()
    pair = run.model("original"), run.model(tuned_key(run.result))
    told, _ = contribution_changes(*pair, run.cohort.frame, rows, run.settings.seed)
    found = []
    for place, row in enumerate(told.rows):
        found.append(Reason(int(row), *reason(told, place), told.baseline))
    return tuple(found)
