"""Where in a text the table lies: rows above the names, the names themselves, the patients, and rows below them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medtune.cohort.decoding import rows_listed
from medtune.cohort.dialect import DELIMITER_WORDS, careful_widths, row_widths, sample_rows, unique_names
from medtune.cohort.header import find_header, is_number, join_names
from medtune.cohort.wishes import Wishes
from medtune.foundation.errors import LayoutError, TableError
from medtune.foundation.words import Sentence, listed, say

TAIL = 12  # rows looked at for what stands below a table
MOST_LONG = 20_000  # rows with too many cells that are looked into one by one
_TOTALS = re.compile(
    r"(grand )?total\b|sum(me)?\b|gesamt|mean\b|average\b|合计|总计|平均|小计|source\b|note(s)?\b|legend\b|quelle|"
    r"export(ed)?\b|end of|\(?\d+ rows?\b|来源|注[::]|说明|page \d",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class Layout:
    """A table found in a text.

    Attributes
    ----------
    names : list of str
        Of the columns, each once.
    text : bytes
        The patients' rows start at `start`; nothing follows them.
    start : int
    rows : ndarray of int, shape (patients,)
        Number of each patient's row in the file as a spreadsheet counts; blank rows are no patients.
    ends : ndarray of int, shape (patients,)
        Place in `text` just behind each patient's row.
    sample : list of list of str
        Cells of the first patients.
    header, header_rows, footer : int
        Row of the names (0 when there are none), how many rows they take up, how many rows follow the patients.
    report : list of Sentence
    """

    names: list[str]
    text: bytes
    start: int
    rows: np.ndarray
    ends: np.ndarray
    sample: list[list[str]]
    header: int
    header_rows: int
    footer: int
    report: list[Sentence]


def lay_out(text: bytes, delimiter: str, wishes: Wishes) -> Layout:
    """Find the table in a text.

    Parameters
    ----------
    text : bytes
        UTF-8 with "\\\\n" line ends.
    delimiter : str
        One ASCII sign.
    wishes : Wishes
        Header row, rows of names, rows below, and what happens to rows that are too long.

    Returns
    -------
    Layout

    Raises
    ------
    LayoutError
        When there are no names, no patients, one column only, or rows with more cells than there are names.
    """
    widths, ends = row_widths(text, delimiter)
    if (widths > 0).sum() < 2 and wishes.header != 0:
        raise TableError("The file has column names but no patients; choose a file with a row for each patient.")
    rows = sample_rows(text, delimiter)
    _refuse_one_column(rows, widths)
    width = int(np.bincount(widths[widths > 0]).argmax())
    found = find_header(rows, width, wishes)
    header, report, body = found.names, list(found.report), _body_of(widths, found.first)
    body_widths = widths[body]
    if b'"' in text and (body_widths != len(header)).any():  # a sign of inches within a cell is no quotation
        widths, ends = careful_widths(text, delimiter)
        body = _body_of(widths, found.first)
        body_widths = widths[body]
    footer, below = _footer(text, delimiter, widths, ends, body, found.sample, wishes)
    if footer:
        report.append(below)
        body = body[body <= len(widths) - 1 - footer]
    if not body.size:
        raise TableError("The file has column names but no patients; choose a file with a row for each patient.")
    body, more = _without_repeats(text, found.repeated, ends, body)
    report += more
    header = _widened(header, widths[body], found.sample)
    text, start, body, ends, more = _cut_to_width(text, delimiter, len(header), widths, ends, body, wishes)
    report += more
    names, more = _named(header)
    return Layout(names, text, start, body + 1, ends, found.sample, found.row, found.count, footer, [*report, *more])


def _refuse_one_column(rows: Sequence[tuple[int, list[str]]], widths: np.ndarray) -> None:
    if not rows:
        raise LayoutError(
            "A cell of the file is longer than 100,000 signs, so it is no table; look for a missing line end or "
            "quotation mark."
        )
    if max(len(cells) for _, cells in rows) < 2 and widths.max() < 2:
        raise LayoutError(
            "The file has one column only; check that commas, semicolons, tabs or bars stand between its columns."
        )


def _body_of(widths: np.ndarray, first: int) -> np.ndarray:
    """Places of the rows from `first` on that are not blank."""
    places = np.flatnonzero(widths)
    return places[places >= first]


def _widened(header: list[str], widths: np.ndarray, sample: list[list[str]]) -> list[str]:
    """Names for columns that have none: row names of R in front, or a separator at the end of each line."""
    width = len(header)
    if (widths == width + 1).all():
        trailing = all(not row[-1].strip() for row in sample if len(row) == width + 1)
        return [*header, ""] if trailing else ["", *header]
    beyond = [cell for row in sample for cell in row[width:]]
    if beyond and not any(cell.strip() for cell in beyond) and (widths > width).mean() > 0.5:
        return [*header, *[""] * (int(np.bincount(widths).argmax()) - width)]
    return header


def _footer(
    text: bytes,
    delimiter: str,
    widths: np.ndarray,
    ends: np.ndarray,
    body: np.ndarray,
    sample: list[list[str]],
    wishes: Wishes,
) -> tuple[int, Sentence | None]:
    """How many rows at the end are no patients, and the sentence that says so."""
    total = len(widths)
    if wishes.footer is not None:
        count = min(wishes.footer, total)
    else:
        count = 0
        tail = body[-TAIL:][1 if body.size <= TAIL else 0 :]  # the first patient is never below the table
        for place in tail[::-1]:
            apart = bool(place and widths[place - 1] == 0 and place > body[0])
            whole = len(sample) == body.size  # the sample reaches to the end: a row is compared with those above it
            others = sample[: int(np.searchsorted(body, place))] if whole else sample
            if not _stands_below(_cells(text, delimiter, ends, place), others, apart):
                break
            count = total - int(place)
        while count and widths[total - count] == 0:
            count -= 1
    if not count:
        return 0, None
    rows = [total - count + 1, total]
    one = "Row {first} stands below the patients and was left out."
    many = "Rows {first} to {last} stand below the patients and were left out."
    return count, say(one if count == 1 else many, first=rows[0], last=rows[1])


def _stands_below(cells: list[str], sample: list[list[str]], apart: bool) -> bool:
    """Whether a row near the end is a remark, a sum or a line rather than a patient."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    width = max((len(row) for row in sample), default=0)
    if not filled:
        return False
    first = filled[0]
    column = [row[0].strip() for row in sample if row]
    if all(re.fullmatch(r"[-=+_*]{3,}", cell) for cell in filled):
        return True
    if _TOTALS.match(first) and not any(_TOTALS.match(cell) for cell in column):
        return len(filled) < max(width, 2) or all(is_number(cell) for cell in filled[1:])
    few = width >= 3 and len(filled) == 1 and cells[0].strip() == first
    if not few:
        return False
    unlike = not is_number(first) and bool(column) and all(is_number(cell) for cell in column if cell)
    return apart or unlike or (" " in first and not any(" " in cell for cell in column))


def _cells(text: bytes, delimiter: str, ends: np.ndarray, place: int) -> list[str]:
    line = text[int(ends[place - 1]) if place else 0 : int(ends[place])].decode("utf-8", errors="replace")
    try:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _without_repeats(text: bytes, row: int, ends: np.ndarray, body: np.ndarray) -> tuple[np.ndarray, list[Sentence]]:
    """Leave out rows that only repeat the names, as files that were put together have them."""
    if not row:
        return body, []
    wanted = text[int(ends[row - 2]) if row > 1 else 0 : int(ends[row - 1])]
    alike = body[np.diff(ends, prepend=0)[body] == len(wanted)]
    signs = np.frombuffer(text, dtype=np.uint8)
    for at in range(min(4, len(wanted))):
        alike = alike[signs[ends[alike] - len(wanted) + at] == wanted[at]]
    alike = alike[np.array([text[int(end) - len(wanted) : int(end)] == wanted for end in ends[alike]], dtype=bool)]
    if not alike.size:
        return body, []
    one = "Row {rows} only repeats the column names and was left out."
    many = "Rows {rows} only repeat the column names and were left out."
    return np.setdiff1d(body, alike), [say(one if alike.size == 1 else many, rows=rows_listed(alike + 1))]


def _cut_to_width(
    text: bytes,
    delimiter: str,
    width: int,
    widths: np.ndarray,
    ends: np.ndarray,
    body: np.ndarray,
    wishes: Wishes,
) -> tuple[bytes, int, np.ndarray, np.ndarray, list[Sentence]]:
    """The rows of the patients in one piece, none of them wider than the names."""
    report: list[Sentence] = []
    long = body[widths[body] > width]
    mended: dict[int, bytes] = {}
    if 0 < long.size <= MOST_LONG:
        for place in long:
            cells = _cells(text, delimiter, ends, place)
            if not any(cell.strip() for cell in cells[width:]):
                mended[int(place)] = _written(cells[:width], delimiter)
        long = np.setdiff1d(long, list(mended))
    if long.size and wishes.long_rows == "refuse":
        raise LayoutError(
            "{count} rows have more cells than there are column names ({width}), first in row {rows}; "
            "put quotation marks round cells that hold {delimiter}, or mend these rows."
            if long.size > 1
            else "Row {rows} has more cells than there are column names ({width}); "
            "put quotation marks round cells that hold {delimiter}, or mend the row.",
            count=int(long.size),
            rows=rows_listed(long + 1),
            width=width,
            delimiter=DELIMITER_WORDS.get(delimiter, "the separator"),
        )
    if long.size:
        many = "{count} rows have more cells than there are column names and were left out (rows {rows})."
        one = "Row {rows} has more cells than there are column names and was left out."
        report.append(say(many if long.size > 1 else one, count=int(long.size), rows=rows_listed(long + 1)))
        body = np.setdiff1d(body, long)
        if not body.size:
            raise LayoutError("Every row has more cells than there are column names; choose another header row.")
    short = body[widths[body] < width]
    if short.size:
        many = "{count} rows have fewer cells than there are columns (rows {rows}); the others count as missing."
        one = "Row {rows} has fewer cells than there are columns; the others count as missing."
        report.append(say(many if short.size > 1 else one, count=int(short.size), rows=rows_listed(short + 1)))
    first, last = int(body[0]), int(body[-1])
    start, stop = (int(ends[first - 1]) if first else 0), int(ends[last])
    blank = last - first + 1 - body.size == int((widths[first : last + 1] == 0).sum())
    if blank and not mended:
        return (text if stop == len(text) else text[:stop]), start, body, ends[body], report
    pieces = [mended.get(place) or text[int(ends[place - 1]) if place else 0 : int(ends[place])] for place in body]
    pieces = [piece if piece.endswith(b"\n") else piece + b"\n" for piece in pieces]
    return b"".join(pieces), 0, body, np.cumsum([len(piece) for piece in pieces]), report


def _written(cells: list[str], delimiter: str) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return line.getvalue().encode("utf-8")


def _named(header: list[str]) -> tuple[list[str], list[Sentence]]:
    names, repeated, empty = unique_names(header)
    names = [join_names(name) for name in names]
    report = []
    if repeated:
        many = "Several columns are named {names}; the later ones got a number."
        report.append(say(many, names=listed(repeated)))
    if empty:
        unnamed = [name for name, given in zip(names, header, strict=True) if not given.strip()]
        one = "A column without a name is called by its place: {names}."
        many = "Columns without a name are called by their place: {names}."
        report.append(say(many if len(unnamed) > 1 else one, names=listed(unnamed)))
    return names, report
