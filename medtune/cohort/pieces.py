"""The rows of a large text read piece by piece: little memory beside the table itself, and progress on the way."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd

from medtune.cohort.side_by_side import side_by_side

PIECE = 2**23  # bytes of text in a piece
FEWEST = 1000  # rows in a piece
MISSING, WHOLE, NUMBER, YES_NO, TEXT, MIXED = "missing", "whole", "number", "yes or no", "text", "mixed"

Progress = Callable[[float], None]


def no_progress(_share: float) -> None:
    """Where nobody looks on."""


def read_in_pieces(
    text: bytes, start: int, ends: np.ndarray, options: dict, progress: Progress = no_progress
) -> pd.DataFrame:
    """Read rows of a text as `pandas.read_csv` would at once, several pieces at a time.

    Parameters
    ----------
    text : bytes
    start : int
        Where the first row begins.
    ends : ndarray of int, shape (rows,)
        Place behind each row.
    options : dict
        Of `pandas.read_csv`, the names of all columns among them.
    progress : callable
        Told the share that is read, 0 to 1.

    Returns
    -------
    DataFrame of shape (rows, columns)
        With another length where the text holds another number of rows. A column whose pieces look different, such as
        numbers first and words later, is read again as a whole, so that no cell loses the way it is written. So is
        the table where the parser ends its rows elsewhere, as it does where a cell holds a lone quotation mark.
    """
    rows = ends.size
    columns = [_Growing(rows) for _ in options["names"]]
    step = max(FEWEST, PIECE * rows // max(1, len(text) - start))
    cuts = np.append(np.arange(0, rows, step), rows)
    places = [start, *ends[cuts[1:] - 1].tolist()]
    parts = zip(places[:-1], places[1:], np.diff(cuts).tolist(), strict=True)
    for piece, end, expected in side_by_side(lambda part: _piece(text, *part, options), parts):
        if piece is None or len(piece) != expected:
            return _whole(text, start, options)
        for column, (_, series) in zip(columns, piece.items(), strict=True):
            column.add(series)
        progress((end - start) / max(1, places[-1] - start))
    made = {name: column.array(rows) for name, column in zip(options["names"], columns, strict=True)}
    again = [name for name, column in zip(options["names"], columns, strict=True) if column.kind == MIXED]
    if again:
        whole = _whole(text, start, {**options, "usecols": again})
        made |= {name: whole[name].array for name in again}
    return pd.DataFrame(made, copy=False)


def _whole(text: bytes, start: int, options: dict) -> pd.DataFrame:
    source = io.BytesIO(text)
    source.seek(start)
    return pd.read_csv(source, low_memory=False, **options)


def _piece(text: bytes, start: int, end: int, rows: int, options: dict) -> tuple[pd.DataFrame | None, int, int]:
    """Some rows, where they end, and how many there have to be; no rows where the parser sees others."""
    part = text[start:end]
    if not _begins_with_space(part, options["sep"]):  # looking for such spaces doubles the time
        options = {**options, "skipinitialspace": False}
    try:
        return pd.read_csv(io.BytesIO(part), low_memory=False, **options), end, rows
    except (pd.errors.ParserError, pd.errors.EmptyDataError, OverflowError):
        return None, end, rows  # read as a whole it has the same trouble, and tells in which row


def _begins_with_space(part: bytes, delimiter: str) -> bool:
    """Whether some cell begins with a space."""
    if b" " not in part:
        return False
    return part.startswith(b" ") or b"\n " in part or delimiter.encode() + b" " in part


class _Growing:
    """One column while its pieces come in; numbers go to their place at once."""

    def __init__(self, rows: int) -> None:
        self.rows, self.done, self.kind = rows, 0, MISSING
        self.numbers: np.ndarray | None = None
        self.texts: list = []

    def add(self, piece: pd.Series) -> None:
        """Take in the next cells."""
        kind, before = _kind_of(piece), self.kind
        self.kind = _joined(before, kind) if self.done else kind
        if self.kind == MIXED:
            self.numbers, self.texts = None, []
        elif self.kind == TEXT:
            if before == MISSING and self.done:
                self.texts = [pd.array([None] * self.done, dtype="str")]
            self.texts.append(piece.array if kind == TEXT else pd.array([None] * len(piece), dtype="str"))
        elif self.kind != MISSING:
            self._place(piece)
        self.done += len(piece)

    def _place(self, piece: pd.Series) -> None:
        wanted = {WHOLE: np.int64, NUMBER: np.float64, YES_NO: np.bool_}[self.kind]
        if self.numbers is None:
            self.numbers = np.empty(self.rows, dtype=wanted)
            if self.done:
                self.numbers[: self.done] = np.nan
        elif self.numbers.dtype != wanted:
            self.numbers = self.numbers.astype(wanted)
        self.numbers[self.done : self.done + len(piece)] = piece.to_numpy()

    def array(self, rows: int):
        """All cells."""
        if self.kind == TEXT:
            return pd.concat([pd.Series(part) for part in self.texts], ignore_index=True).array
        if self.kind in (MISSING, MIXED):
            return np.full(rows, np.nan)
        return self.numbers[:rows]


def _kind_of(piece: pd.Series) -> str:
    if isinstance(piece.dtype, pd.StringDtype):
        return MISSING if _all_missing(piece) else TEXT
    if piece.dtype == np.float64:
        return MISSING if _all_missing(piece) else NUMBER
    return {np.dtype("int64"): WHOLE, np.dtype("bool"): YES_NO}.get(piece.dtype, MIXED)


def _all_missing(piece: pd.Series) -> bool:
    """Whether no cell holds anything; the first few nearly always tell."""
    return bool(piece.iloc[:50].isna().all() and piece.isna().all())


def _joined(one: str, two: str) -> str:
    """What a column is whose pieces are of two kinds."""
    kinds = {one, two}
    if MIXED in kinds or len(kinds) == 1:
        return MIXED if MIXED in kinds else one
    if kinds <= {MISSING, WHOLE, NUMBER}:
        return NUMBER  # a gap makes floats of whole numbers
    return TEXT if kinds == {MISSING, TEXT} else MIXED
