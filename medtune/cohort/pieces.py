"""The rows of a large text read piece by piece: little memory beside the table itself, and progress on the way."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd

PIECE = 2**22  # bytes of text read at a time
MISSING, WHOLE, NUMBER, YES_NO, TEXT, MIXED = "missing", "whole", "number", "yes or no", "text", "mixed"

Progress = Callable[[float], None]


def no_progress(_share: float) -> None:
    """Where nobody looks on."""


def read_in_pieces(text: bytes, start: int, rows: int, options: dict, progress: Progress = no_progress) -> pd.DataFrame:
    """Read rows of a text as `pandas.read_csv` would at once.

    Parameters
    ----------
    text : bytes
    start : int
        Where the first row begins.
    rows : int
        How many rows follow.
    options : dict
        Of `pandas.read_csv`, the names of all columns among them.
    progress : callable
        Told the share that is read, 0 to 1.

    Returns
    -------
    DataFrame of shape (rows, columns)
        With another length where the text holds another number of rows. A column whose pieces look different, such as
        numbers first and words later, is read again as a whole, so that no cell loses the way it is written.
    """
    source = io.BytesIO(text)
    source.seek(start)
    step = max(1000, PIECE * rows // max(1, len(text) - start))
    columns = [_Growing(rows) for _ in options["names"]]
    done = 0
    with pd.read_csv(source, chunksize=step, **options) as pieces:
        for piece in pieces:
            if done + len(piece) > rows:
                return pd.DataFrame(index=pd.RangeIndex(done + len(piece)))
            for place, column in enumerate(columns):
                column.add(piece.iloc[:, place])
            done += len(piece)
            progress(min(1.0, (source.tell() - start) / max(1, len(text) - start)))
    made = {name: column.array(done) for name, column in zip(options["names"], columns, strict=True)}
    again = [name for name, column in zip(options["names"], columns, strict=True) if column.kind == MIXED]
    if again:
        source = io.BytesIO(text)
        source.seek(start)
        whole = pd.read_csv(source, usecols=again, low_memory=False, **options)
        made |= {name: whole[name].array for name in again}
    return pd.DataFrame(made, copy=False)


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
        return MISSING if piece.isna().all() else TEXT
    if piece.dtype == np.float64:
        return MISSING if np.isnan(piece.to_numpy()).all() else NUMBER
    return {np.dtype("int64"): WHOLE, np.dtype("bool"): YES_NO}.get(piece.dtype, MIXED)


def _joined(one: str, two: str) -> str:
    """What a column is whose pieces are of two kinds."""
    kinds = {one, two}
    if MIXED in kinds or len(kinds) == 1:
        return MIXED if MIXED in kinds else one
    if kinds <= {MISSING, WHOLE, NUMBER}:
        return NUMBER  # a gap makes floats of whole numbers
    return TEXT if kinds == {MISSING, TEXT} else MIXED
