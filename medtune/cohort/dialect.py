"""How the text of a table is laid out: what stands between columns, the names of the columns, the width of each row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

import numpy as np

from medtune.cohort.side_by_side import side_by_side

DELIMITERS = (",", ";", "\t", "|")
RARER = ("^", "~", "\x1f", "\x01", ":")  # looked for when none of the usual ones cuts the rows
SPACES = " "
DELIMITER_WORDS = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
    SPACES: "spaces",
    ":": "colons",
    "^": "carets",
    "~": "tildes",
    "\x1f": "unit separators",
    "\x01": "control characters",
}
STAND_IN = "\x1f"  # for a separator of several signs, or of one outside ASCII
SAMPLE, FEWEST, LONGEST = 2**16, 30, 2**22  # bytes, rows, bytes looked at
CHUNK = 2**18  # bytes counted at a time: what a core has close at hand


def sample_rows(text: bytes, delimiter: str, most: int = 200) -> list[tuple[int, list[str]]]:
    """The first rows of a table, cut at a whole line, blank lines left out.

    Parameters
    ----------
    text : bytes
    delimiter : str
    most : int

    Returns
    -------
    list of (int, list of str)
        Row number as a spreadsheet counts, and the cells.
    """
    end = _sample_end(text)
    rows = csv.reader(io.StringIO(text[:end].decode("utf-8", errors="replace"), newline=""), delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    try:
        for place, row in enumerate(rows, start=1):
            if row:
                found.append((place, row))
            if len(found) == most:
                break
    except csv.Error:  # one cell longer than the reader allows: what was read so far has to do
        return found
    return found


def _sample_end(text: bytes) -> int:
    """Where the sample ends: after a whole line, at least some rows even where rows are long."""
    if len(text) <= SAMPLE:
        return len(text)
    end = text.rfind(b"\n", 0, SAMPLE) + 1
    lines = text.count(b"\n", 0, SAMPLE)
    while lines < FEWEST and end < min(len(text), LONGEST):
        following = text.find(b"\n", end or SAMPLE) + 1
        if not following:
            return min(len(text), LONGEST)
        end, lines = following, lines + 1
    return end or min(len(text), LONGEST)


def find_delimiter(text: bytes) -> str:
    """The sign that cuts the first rows most evenly into more than one column; a comma when none does."""
    for candidates in (DELIMITERS, RARER):
        scores = {delimiter: score for delimiter in candidates if (score := _evenness(text, delimiter))}
        if scores:
            return max(scores, key=scores.get)
    return SPACES if _cut_by_spaces(text) else ","


def _evenness(text: bytes, delimiter: str) -> tuple | None:
    widths = [len(row) for _, row in sample_rows(text, delimiter)]
    if not widths:
        return None
    width, rows = Counter(width for width in widths if width > 1 or max(widths) == 1).most_common(1)[0]
    if width < 2:
        return None
    if delimiter in RARER and rows < 0.8 * len(widths):
        return None
    header_agrees = widths[0] in (width, width - 1)
    return (round(rows / len(widths), 1), header_agrees, width)


def _cut_by_spaces(text: bytes) -> bool:
    """Whether runs of spaces cut every row of the sample into the same number of cells, two at least."""
    lines = [line for line in text[: _sample_end(text)].split(b"\n") if line.strip()]
    widths = Counter(len(line.split()) for line in lines)
    return len(lines) > 2 and b'"' not in text[:SAMPLE] and len(widths) == 1 and max(widths) > 1


def unwrapped(text: bytes) -> tuple[bytes, bool]:
    """Rows that are one cell in quotation marks each, as a table saved twice has them, without these marks.

    Parameters
    ----------
    text : bytes

    Returns
    -------
    text : bytes
    done : bool
        Whether there were such rows; the first one, of the names, may lack the marks.
    """
    lines = [line for line in text[: _sample_end(text)].split(b"\n") if line.strip()]
    if len(lines) < 2 or not all(map(_is_one_cell, lines[1:])):
        return text, False
    inside = b"\n".join(map(_without_marks, lines))
    if not any(_evenness(inside, delimiter) for delimiter in DELIMITERS):
        return text, False
    return b"\n".join(map(_without_marks, text.split(b"\n"))), True


def _is_one_cell(line: bytes) -> bool:
    inside = line[1:-1]
    return len(line) > 2 and line[:1] == line[-1:] == b'"' and b'"' not in inside.replace(b'""', b"")


def _without_marks(line: bytes) -> bytes:
    return line[1:-1].replace(b'""', b'"') if _is_one_cell(line) else line


def made_plain(text: bytes, delimiter: str) -> tuple[bytes, str]:
    """The text with a delimiter of one ASCII sign, which the parser needs.

    Returns
    -------
    text : bytes
    delimiter : str
        A tab in place of spaces, an unprinted sign in place of several signs or of one outside ASCII.
    """
    if delimiter == SPACES:
        lines = (b"\t".join(line.split()) for line in text.split(b"\n"))
        return b"\n".join(lines), "\t"
    if len(delimiter.encode("utf-8")) > 1:
        return text.replace(delimiter.encode("utf-8"), STAND_IN.encode()), STAND_IN
    return text, delimiter


def row_widths(text: bytes, delimiter: str) -> tuple[np.ndarray, np.ndarray]:
    """How many cells each row has, and where it ends.

    Parameters
    ----------
    text : bytes
        UTF-8 with "\\n" line ends.
    delimiter : str

    Returns
    -------
    widths : ndarray of int, shape (rows,)
        0 for a blank line. A line end inside quotation marks does not end a row.
    ends : ndarray of int, shape (rows,)
        Place in `text` just behind each row.
    """
    starts = range(0, len(text), CHUNK)
    inside = _quoted_at(text, starts)
    widths: list[np.ndarray] = []
    all_ends: list[np.ndarray] = []
    length = pending = 0  # of the row that a chunk ends in
    parts = zip(starts, inside, strict=True)
    for start, ends, within, size in side_by_side(lambda part: _counted(text, ord(delimiter), *part), parts):
        lengths, cells = np.diff(ends, prepend=-1) - 1, within[: ends.size] + 1
        if ends.size:
            lengths[0] += length
            cells[0] += pending
            length, pending = 0, 0
            widths.append(np.where(lengths == 0, 0, cells).astype(np.int32))
            all_ends.append(ends + start + 1)
        if within.size > ends.size:
            length += size - (int(ends[-1]) + 1 if ends.size else 0)
            pending += int(within[-1])
    if length:
        widths.append(np.array([pending + 1]))
        all_ends.append(np.array([len(text)]))
    nothing = np.zeros(0, dtype=int)
    return (np.concatenate(widths), np.concatenate(all_ends)) if widths else (nothing, nothing)


def _signs(text: bytes, start: int) -> np.ndarray:
    return np.frombuffer(text, dtype=np.uint8, count=min(CHUNK, len(text) - start), offset=start)


def _quoted_at(text: bytes, starts: Sequence[int]) -> np.ndarray:
    """Whether each chunk begins within quotation marks, 0 or 1."""
    if b'"' not in text:
        return np.zeros(len(starts), dtype=int)
    marks = list(side_by_side(lambda start: int(np.count_nonzero(_signs(text, start) == 34)), starts))
    return np.cumsum([0, *marks[:-1]]) & 1


def _counted(text: bytes, cut: int, start: int, inside: int) -> tuple[int, np.ndarray, np.ndarray, int]:
    """Of one chunk: where it starts, the places of its line ends, separators before, between and after, its size."""
    signs = _signs(text, start)
    ends, cuts = signs == 10, signs == cut
    quotes = signs == 34
    if inside or quotes.any():
        free = ((np.cumsum(quotes, dtype=np.int32) + inside) & 1) == 0
        ends &= free
        cuts &= free
    ends = np.flatnonzero(ends)
    rows = np.concatenate([[0], ends + 1])
    rows = rows[: rows.size - int(rows[-1] == signs.size)]
    cuts = cuts.view(np.uint8)
    within = np.add.reduceat(cuts, rows).astype(np.int32)
    if within.sum() != np.count_nonzero(cuts):  # a row has more than 255 of them
        within = np.add.reduceat(cuts, rows, dtype=np.int32)
    return start, ends, within, signs.size


def careful_widths(text: bytes, delimiter: str) -> tuple[np.ndarray, np.ndarray]:
    """The same as `row_widths` cell by cell: slower, and right where a cell holds a lone mark."""
    lines = _Lines(text)
    widths, ends = [], []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            widths.append(len(row))
            ends.append(lines.place)
    except csv.Error:
        return row_widths(text, delimiter)
    return np.array(widths, dtype=int), np.array(ends, dtype=int)


class _Lines:
    """The lines of a text, and how far it was read."""

    def __init__(self, text: bytes) -> None:
        self.lines, self.place = io.BytesIO(text), 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.place += len(line)
        return line.decode("utf-8")


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
