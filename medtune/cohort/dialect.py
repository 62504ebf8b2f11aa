"""How the text of a table is laid out: what stands between columns, the names of the columns, the width of each row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

import numpy as np

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
SAMPLE = 2**16
CHUNK = 2**24


def sample_rows(text: bytes, delimiter: str, most: int = 200) -> list[list[str]]:
    """The first rows of a table, cut at a whole line, blank lines left out."""
    start = text[:SAMPLE] if text.find(b"\n", 0, SAMPLE) >= 0 else text[: text.find(b"\n") + 1 or len(text)]
    if len(start) < len(text) and b"\n" in start:
        start = start[: start.rindex(b"\n") + 1]
    rows = csv.reader(io.StringIO(start.decode("utf-8", errors="replace"), newline=""), delimiter=delimiter)
    found: list[list[str]] = []
    try:
        for row in rows:
            if row:
                found.append(row)
            if len(found) == most:
                break
    except csv.Error:  # one cell longer than the reader allows: what was read so far has to do
        return found
    return found


def find_delimiter(text: bytes) -> str:
    """The sign that cuts the first rows most evenly into more than one column; a comma when none does."""
    scores = {}
    for delimiter in DELIMITERS:
        widths = [len(row) for row in sample_rows(text, delimiter)]
        if not widths:
            continue
        width, rows = Counter(widths).most_common(1)[0]
        header_agrees = widths[0] in (width, width - 1)
        if max(widths[0], width) > 1:
            scores[delimiter] = (width > 1, round(rows / len(widths), 1), header_agrees, width)
    return max(scores, key=scores.get) if scores else ","


def row_widths(text: bytes, delimiter: str) -> np.ndarray:
    """How many cells each row has; 0 for a blank line.

    Parameters
    ----------
    text : bytes
        UTF-8 with "\\n" line ends.
    delimiter : str

    Returns
    -------
    ndarray of int, shape (rows,)
        A line end inside quotation marks does not end a row.
    """
    cut, inside, pending = ord(delimiter), 0, 0
    widths: list[np.ndarray] = []
    length = 0  # of the row that a chunk ends in
    for start in range(0, len(text), CHUNK):
        signs = np.frombuffer(text, dtype=np.uint8, count=min(CHUNK, len(text) - start), offset=start)
        ends, cuts = signs == 10, signs == cut
        quotes = signs == 34
        if inside or quotes.any():
            quoted = (np.cumsum(quotes, dtype=np.int32) + inside) & 1
            inside = int(quoted[-1])
            ends &= quoted == 0
            cuts &= quoted == 0
        ends, cuts = np.flatnonzero(ends), np.flatnonzero(cuts)
        before = np.searchsorted(cuts, ends)
        lengths = np.diff(ends, prepend=-1) - 1
        cells = np.diff(before, prepend=0) + 1
        if ends.size:
            lengths[0] += length
            cells[0] += pending
            length, pending = 0, 0
            widths.append(np.where(lengths == 0, 0, cells))
        last = ends[-1] + 1 if ends.size else 0
        length += signs.size - last
        pending += cuts.size - (before[-1] if ends.size else 0)
    if length:
        widths.append(np.array([pending + 1]))
    return np.concatenate(widths) if widths else np.zeros(0, dtype=int)


def careful_widths(text: bytes, delimiter: str) -> np.ndarray:
    """The same as `row_widths` cell by cell, without blank lines: slower, and right where a cell holds a lone mark."""
    rows = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=delimiter)
    try:
        return np.array([len(row) for row in rows if row])
    except csv.Error:
        widths = row_widths(text, delimiter)
        return widths[widths > 0]


def unique_names(header: Sequence[str]) -> tuple[list[str], list[str], int]:
    """Names that are all there and all different.

    Returns
    -------
    names : list of str
        An empty one becomes "column 3", a repeated one "age (2)".
    repeated : list of str
        Names that came more than once.
    empty : int
        How many were empty.
    """
    plain = [name.strip() for name in header]
    taken, names, repeated = set(plain), [], []
    used: set[str] = set()
    for place, name in enumerate(plain, start=1):
        fresh = name or f"column {place}"
        copy = 1
        if name in used:
            repeated.append(name)
        while fresh in used or (copy > 1 and fresh in taken) or (not name and fresh in taken):
            copy += 1
            fresh = f"{name or f'column {place}'} ({copy})"
        used.add(fresh)
        names.append(fresh)
    return names, list(dict.fromkeys(repeated)), sum(not name for name in plain)
