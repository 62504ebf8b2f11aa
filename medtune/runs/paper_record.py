"""What a run keeps of its model on paper."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from medtune.explanation.main_effects import MainEffects
from medtune.explanation.nomogram import Nomogram
from medtune.explanation.points import PointsCheck, PointsScore
from medtune.foundation.words import Sentence
from medtune.runs.folder import read_record

MOST = 20
EFFECTS = "main_effects.json"


@dataclass(frozen=True)
class Paper:
    """A run's model on paper.

    Attributes
    ----------
    nomogram : Nomogram
    sheet : PointsScore
    check : PointsCheck or None
        None where the patients do not suffice for it.
    note : Sentence
        How the check was made, or why there is none.
    """

    nomogram: Nomogram
    sheet: PointsScore
    check: PointsCheck | None
    note: Sentence


def read_paper(folder: Path, most: int = MOST) -> Paper | None:
    """What was written of a run.

    Parameters
    ----------
    folder : Path
        The run's folder.
    most : int
        Points that may come together.

    Returns
    -------
    Paper or None
        None when nobody asked yet.
    """
    return read_record(Paper, folder / paper_file(most))


def read_main_effects(folder: Path) -> MainEffects | None:
    """The main effects of the model of the run in a folder; None when nobody asked yet."""
    return read_record(MainEffects, folder / EFFECTS)


def paper_file(most: int) -> str:
    """Name of the file for so many points."""
    return f"paper-{most}.json"
