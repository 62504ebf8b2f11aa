"""The closer look that a run took at its two models, read when a tab first asks for it."""

from __future__ import annotations

from pathlib import Path

from medtune.evaluation.closer import CloserEvaluation
from medtune.foundation.errors import MedtuneError
from medtune.runs.record import read_closer
from medtune.ui import widgets
from medtune.ui.memory import once


def closer_look(folder: Path) -> CloserEvaluation:
    """What lies in the run's folder; without it a sentence is shown and there is nothing to draw."""
    try:
        return once("closer", folder.name, lambda: read_closer(folder))
    except MedtuneError as error:
        widgets.aside(error.sentence)
        return CloserEvaluation()
