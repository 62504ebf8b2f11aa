"""What the warm process answers about the explanation of a finished run, beyond what the run keeps itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medtune.explanation.contributions import Explanation
from medtune.explanation.interplay import Interplay, interplay
from medtune.explanation.one_class import explain_class
from medtune.foundation.files import write_record
from medtune.runs.folder import read_record
from medtune.runs.opened import opened
from medtune.runs.record import read_explanation

INTERPLAY = "interplay.json"


def read_interplay(folder: Path) -> Interplay | None:
    """The interactions of a run's model; None when nobody asked yet."""
    return read_record(Interplay, folder / INTERPLAY)


def interplay_of_run(payload: Mapping[str, Any]) -> None:
    """Which columns act together in the chosen model of a run; kept in the run's folder.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder.
    """
    run = opened(payload["run"])
    model, told = run.model(run.result.verdict.chosen), read_explanation(run.folder)
    write_record(run.folder / INTERPLAY, interplay(model, run.cohort.frame, told, run.settings.seed))


def read_class_explanation(folder: Path, place: int) -> Explanation | None:
    """The explanation of one class of a run.

    Parameters
    ----------
    folder : Path
        The run's folder.
    place : int
        Of the class.

    Returns
    -------
    Explanation or None
        None when nobody asked yet.
    """
    return read_record(Explanation, folder / _file(place))


def explain_class_of_run(payload: Mapping[str, Any]) -> None:
    """Contributions to the risk of one class in the chosen model of a run; kept in the run's folder.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder; ``place`` of the class.
    """
    run, place = opened(payload["run"]), int(payload["place"])
    model = run.model(run.result.verdict.chosen)
    told = explain_class(model, run.cohort.frame, model.classes[place], seed=run.settings.seed)
    write_record(run.folder / _file(place), told)


def _file(place: int) -> str:
    return f"explanation-class-{place}.json"
