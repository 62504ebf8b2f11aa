"""A sheet of a workbook as text, so that its rows, names and cells are understood like those of any other table."""

from __future__ import annotations

import csv
import datetime
import io

from medtune.cohort.pieces import Progress, no_progress
from medtune.foundation.errors import LayoutError, TableError
from medtune.foundation.words import Sentence, listed, say

MIDNIGHT = datetime.time()
OPENED, TAKEN = 0.4, 0.6  # shares of the time until a workbook is open and its sheet in memory
STEP = 2000  # rows


def sheet_as_text(
    content: bytes, sheet: str = "", progress: Progress = no_progress
) -> tuple[bytes, str, tuple[str, ...], list[Sentence]]:
    """Write a sheet as comma-separated text.

    Parameters
    ----------
    content : bytes
        Of an .xlsx, .xlsm, .xlsb, .xls or .ods file.
    sheet : str
        Which sheet; the one with the most filled cells when it is empty.
    progress : callable
        Told how far it is, as a share of 1; opening the workbook is one step.

    Returns
    -------
    text : bytes
        UTF-8; row numbers are those of the sheet.
    sheet : str
    sheets : tuple of str
        Every sheet with cells in it.
    report : list of Sentence

    Raises
    ------
    TableError
        When the workbook is locked, damaged or empty.
    """
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(io.BytesIO(content))
        sizes = {}
        for data in book.sheets_metadata:
            if data.typ == calamine.SheetTypeEnum.WorkSheet:
                found = book.get_sheet_by_name(data.name)
                sizes[data.name] = (data.visible == calamine.SheetVisibleEnum.Visible, found.width * found.height)
    except calamine.PasswordError as trouble:
        raise TableError("The workbook is locked with a password; save it without one.") from trouble
    except (calamine.CalamineError, OSError, ValueError) as trouble:
        raise _damaged(content) from trouble
    sheets = tuple(name for name, (_, cells) in sizes.items() if cells)
    if not sheets:
        raise TableError("The workbook is empty; choose one with a row of column names and a row for each patient.")
    chosen = sheet if sheet in sheets else max(sheets, key=lambda name: sizes[name])
    report = []
    if len(sheets) > 1 and not sheet:
        others = [name for name in sheets if name != chosen]
        one, many = "The workbook has another sheet, {names}.", "The workbook has other sheets, {names}."
        report.append(say(one if len(others) == 1 else many, names=listed(others)))
    try:
        progress(OPENED)
        rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
        progress(TAKEN)
    except (calamine.CalamineError, calamine.XmlError) as trouble:
        raise _damaged(content) from trouble
    text = _as_text(rows, chosen, lambda share: progress(TAKEN + (1 - TAKEN) * share))
    return text, chosen, sheets, report


def _damaged(content: bytes) -> TableError:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return TableError(
            "The file is an old Office document or a workbook with a password; save it as .xlsx without a password."
        )
    return TableError("The workbook is damaged or no spreadsheet; save it anew as .xlsx or as CSV.")


def _as_text(rows: list[list], sheet: str, progress: Progress) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    width = max((len(row) for row in rows), default=0)
    filled = [max((place for place, cell in enumerate(row, start=1) if cell != ""), default=0) for row in rows]
    columns = max(filled, default=0)
    if columns < 1 or sum(count > 0 for count in filled) < 2:
        raise LayoutError("Sheet '{sheet}' holds no table; choose another sheet.", sheet=sheet)
    for place, (row, count) in enumerate(zip(rows, filled, strict=True), start=1):
        if place % STEP == 0:
            progress(place / len(rows))
        if count:
            writer.writerow([_written(cell) for cell in row[: min(columns, width)]])
        else:
            text.write("\n")
    return text.getvalue().encode("utf-8")


def _written(cell: object) -> object:
    """A cell as it reads in the sheet; midnight is a date without a time."""
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == MIDNIGHT else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, datetime.timedelta):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").replace("\r", "\n")
    return cell
