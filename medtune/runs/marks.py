"""What readers wrote beside patients of a cohort; kept with the cohort, and nothing is deleted by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from medtune.foundation.errors import RunError
from medtune.foundation.files import write_record
from medtune.foundation.words import Sentence, say
from medtune.runs.folder import read_record
from medtune.runs.locks import exclusive

FILE = "marks.json"
KINDS: dict[str, Sentence] = {
    "wrong": say("Label wrong"),
    "unusual": say("Unusual but right"),
    "exclude": say("Exclude"),
}
LONGEST = 200


@dataclass(frozen=True)
class Mark:
    """One remark.

    Attributes
    ----------
    row : int
        Position of the patient in the cohort as it is kept.
    kind : str
        One of `KINDS`.
    reason : str
        In the reader's words; needed to exclude.
    """

    row: int
    kind: str
    reason: str = ""


@dataclass(frozen=True)
class _Kept:
    marks: tuple[Mark, ...] = ()


def read_marks(folder: Path) -> dict[int, Mark]:
    """Remarks on the patients of a cohort.

    Parameters
    ----------
    folder : Path
        The cohort's folder in the store.

    Returns
    -------
    dict of int to Mark
        By position in the cohort.
    """
    kept = read_record(_Kept, folder / FILE)
    return {mark.row: mark for mark in kept.marks} if kept else {}


def mark(folder: Path, rows: Iterable[int], kind: str | None, reason: str = "") -> None:
    """Write a remark beside patients, in place of an earlier one; None takes it away.

    Parameters
    ----------
    folder : Path
        The cohort's folder in the store.
    rows : iterable of int
        Positions in the cohort.
    kind : str or None
        One of `KINDS`.
    reason : str
        In the reader's words.

    Raises
    ------
    RunError
        When a patient shall be excluded without a reason, or the remark is of no known kind.
    """
    reason = reason.strip()[:LONGEST]
    if kind is not None and kind not in KINDS:
        raise RunError("There is no remark of this kind; choose one from the list.")
    if kind == "exclude" and not reason:
        raise RunError("Give a reason for leaving this patient out; it stands in the notes of the cohort.")
    with exclusive(folder / "marks.lock"):
        marks = read_marks(folder)
        for row in rows:
            marks.pop(int(row), None)
            if kind is not None:
                marks[int(row)] = Mark(int(row), kind, reason)
        write_record(folder / FILE, _Kept(tuple(marks[row] for row in sorted(marks))))


def excluded(folder: Path) -> tuple[int, ...]:
    """Positions of the patients that a reader wants left out."""
    return tuple(sorted(row for row, one in read_marks(folder).items() if one.kind == "exclude"))
