"""Which rows of a table hold the names of its columns, and what those names are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from medtune.cohort.values import read_number
from medtune.cohort.wishes import MISSING_CODES, Wishes
from medtune.foundation.errors import LayoutError
from medtune.foundation.words import Sentence, say

Rows = Sequence[tuple[int, list[str]]]
MOST_ROWS = 3  # of names
LOOKED_AT = 60  # rows below them
FEWEST_SAMPLES = 8  # with a word each, from which a row of words may be a note on them
_NUMBER = re.compile(r"\s*[<>≤≥]?=?\s*[+-]?(\d[\d,.' \u00a0\u202f]*|[.,]\d+)([eE][+-]?\d+)?\s*%?\s*")
_RULE = re.compile(r"[-=+_]{2,}")


@dataclass(frozen=True)
class Header:
    """The names of a table's columns, and where they stand.

    Attributes
    ----------
    names : list of str
        As written, "" where there is none.
    row, count : int
        Row of the first line of names (0 for none), and how many lines there are.
    first : int
        Place, counted from 0, from which on rows are patients.
    repeated : int
        Row of the only line of names, which may come again further down; 0 when there are several.
    sample : list of list of str
        Cells of the first patients.
    report : tuple of Sentence
    """

    names: list[str]
    row: int
    count: int
    first: int
    repeated: int
    sample: list[list[str]]
    report: tuple[Sentence, ...]


def is_number(cell: str) -> bool:
    """Whether a cell is written as a number, in any country's way, also with a sign such as "<" before it."""
    return _NUMBER.fullmatch(cell) is not None


def find_header(rows: Rows, width: int, wishes: Wishes) -> Header:
    """Find the names of the columns.

    Parameters
    ----------
    rows : sequence of (row number, cells)
        The first rows, blank ones left out.
    width : int
        How many cells most rows have.
    wishes : Wishes
        `header` and `header_rows` where the user chose them.

    Returns
    -------
    Header

    Raises
    ------
    LayoutError
        When the row of names holds numbers, or there is no such row.
    """
    if wishes.header == 0:
        names = [""] * max(width, max(len(cells) for _, cells in rows[:LOOKED_AT]))
        said = say("The file has no column names; columns are called by their place.")
        return Header(names, 0, 0, 0, 0, [cells for _, cells in rows], (said,))
    place = _chosen(rows, wishes.header) if wishes.header else _likeliest(rows, width)
    above, lines, report = place, 1, []
    if wishes.header_rows:
        lines = min(wishes.header_rows, len(rows) - place)
    elif not wishes.header:
        upper = _upper_line(rows, place, width)
        place, lines = (place - 1, 2) if upper else (place, 1)
        above = place
    if not wishes.header_rows:
        lines += _further_lines(rows, place + lines - 1, MOST_ROWS - lines)
    block, below = rows[place : place + lines], rows[place + lines :]
    ruled = bool(below) and all(_RULE.fullmatch(cell.strip()) for cell in below[0][1] if cell.strip())
    ruled = ruled and any(cell.strip() for cell in below[0][1])
    if not any(is_number(cell) is False for _, cells in block for cell in cells if cell.strip()):
        raise LayoutError(
            "The first row holds numbers where the column names should be; add a row of names above it, "
            "or say that there are none."
        )
    if above:
        report.append(_said_above([row for row, _ in rows[:above]]))
    if lines > 1:
        first, last = block[0][0], block[-1][0]
        report.append(say("The column names take up rows {first} to {last} and were joined.", first=first, last=last))
    if ruled:
        report.append(say("Row {row} is only a line under the names and was left out.", row=below[0][0]))
    last = below[0][0] if ruled else block[-1][0]
    sample = [cells for _, cells in below[int(ruled) :]]
    repeated = 0 if lines > 1 else block[0][0]
    names = _joined([cells for _, cells in block]) if lines > 1 else list(block[0][1])
    return Header(names, block[0][0], lines, last, repeated, sample, tuple(report))


def _chosen(rows: Rows, wanted: int) -> int:
    place = next((place for place, (row, _) in enumerate(rows) if row == wanted), None)
    if place is None:
        raise LayoutError("Row {row} holds no column names; choose another row.", row=wanted)
    return place


def _likeliest(rows: Rows, width: int) -> int:
    """The first row that is filled as the table is; rows above it are remarks."""
    filled = [sum(map(bool, map(str.strip, cells))) for _, cells in rows]
    usual = min(width, max(filled))
    for place, (_, cells) in enumerate(rows):
        remark = cells[0].startswith(("# ", "##")) and place + 1 < len(rows)
        if filled[place] >= max(2, usual / 2) and not remark:
            data = place > 0 and sum(is_number(cell) for cell in cells if cell.strip()) > filled[place] / 4
            return 0 if data and filled[0] > 1 else place
    return 0


def _upper_line(rows: Rows, place: int, width: int) -> bool:
    """Whether the row above groups names that would otherwise be empty or repeated, as merged cells do."""
    if place == 0 or rows[place - 1][0] != rows[place][0] - 1:
        return False
    above, names = rows[place - 1][1], [cell.strip() for cell in rows[place][1]]
    groups = [cell for cell in above if cell.strip()]
    if len(above) != len(names) or len(groups) < 2 or any(is_number(cell) for cell in groups):
        return False
    return len(set(names)) < len(names) or "" in names


def _further_lines(rows: Rows, place: int, most: int) -> int:
    """How many rows below belong to the names: words in columns that hold numbers everywhere else."""
    count = 0
    while count < most:
        at = place + count + 1
        body = [cells for _, cells in rows[at + 1 : at + 1 + LOOKED_AT]]
        names = [cells for _, cells in rows[place:at]]
        if len(body) < 2 or not _is_line_of_names(rows[at][1], body, names):
            break
        if len(names) == 1 and _is_note_on_samples(rows[at][1], body, names[0]):
            break
        count += 1
    return count


def _is_line_of_names(cells: list[str], body: list[list[str]], names: list[list[str]]) -> bool:
    words = 0
    for column, cell in enumerate(cells):
        text = cell.strip()
        if not text:
            continue
        values = [row[column].strip() for row in body if column < len(row) and row[column].strip()]
        if len(values) < 2 or sum(map(is_number, values)) < 0.8 * len(values):
            continue
        if is_number(text) or _RULE.fullmatch(text) or text in MISSING_CODES or text in values:
            return False
        words += 1
    upper_gaps = any(not cell.strip() for cell in names[-1])
    return words >= 2 or (words == 1 and upper_gaps)


def _is_note_on_samples(cells: list[str], body: list[list[str]], names: list[str]) -> bool:
    """Whether words below the names say something of each sample, as a status does in a table whose rows are genes.

    Such a row is named as the rows below it are, each once. The names above it are whole, and it groups them: its words
    come again and are no units.
    """
    first = [row[0].strip() if row else "" for row in [cells, *body]]
    if "" in first or len(set(first)) < len(first) or any(map(is_number, first)):
        return False
    above = [name.strip() for name in names[1:]]
    words = [cell.strip() for cell in cells[1:] if cell.strip()]
    if len(words) < FEWEST_SAMPLES or "" in above or len(set(above)) < len(above) or len(set(words)) > len(words) / 2:
        return False
    units = [word for word in words if read_number(f"1 {word}").unit and (len(word) > 1 or not word.isalpha())]
    return len(units) < len(words) / 2


def _joined(lines: list[list[str]]) -> list[str]:
    """Names of several lines as one: a group's name stands before each name that it covers."""
    width = max(map(len, lines))
    lines = [[*(cell.strip() for cell in line), *[""] * (width - len(line))] for line in lines]
    for upper, lower in pairwise(lines):
        carried = ""
        for column in range(width):
            upper[column] = upper[column] or (carried if lower[column] else "")
            carried = upper[column] if lower[column] else ""  # a name over an empty cell covers no further column
    return [" ".join(dict.fromkeys(part for part in column if part)) for column in zip(*lines, strict=True)]


def join_names(name: str) -> str:
    """A name on one line, without the line ends and doubled spaces that wrapped cells carry."""
    return " ".join(name.split())


def _said_above(rows: list[int]) -> Sentence:
    one = "Row {first} stands above the column names and was left out."
    many = "Rows {first} to {last} stand above the column names and were left out."
    return say(one if len(rows) == 1 else many, first=rows[0], last=rows[-1])
