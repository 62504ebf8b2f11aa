"""Table 1 as a file: CSV, a workbook, or a table for Word; no cell of it starts a formula."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import pandas as pd

from medtune.cohort.table_one import TableOne
from medtune.foundation.words import Sentence, say
from medtune.models.scoring import safe_csv

Translate = Callable[[Sentence], str]


def as_frame(table: TableOne, translate: Translate = str) -> pd.DataFrame:
    """The table as it is read: one row a line, one column a group.

    Parameters
    ----------
    table : TableOne
    translate : callable
        From a sentence to its text.

    Returns
    -------
    DataFrame of str
    """
    rows = []
    for line in table.lines:
        name = line.name or (f"  {line.level}" if line.level else "")
        difference = "" if math.isnan(line.difference) else f"{abs(line.difference):.2f}"
        rows.append([name, translate(line.what) if line.what.template else "", *line.cells, difference])
    heads = [translate(say("Column")), translate(say("Told by")), translate(say("All patients")), *table.groups]
    frame = pd.DataFrame(rows, columns=[*heads, translate(say("Standardised difference"))], dtype="str")
    return frame if len(table.groups) == 2 else frame.iloc[:, :-1]


def as_csv(table: TableOne, translate: Translate = str) -> bytes:
    """The table as CSV, UTF-8 with a mark that spreadsheets understand.

    Parameters
    ----------
    table : TableOne
    translate : callable
        From a sentence to its text.

    Returns
    -------
    bytes
    """
    return safe_csv(as_frame(table, translate))


def as_workbook(table: TableOne, translate: Translate = str) -> bytes:
    """The table as a workbook of Excel; every cell is text.

    Parameters
    ----------
    table : TableOne
    translate : callable
        From a sentence to its text.

    Returns
    -------
    bytes
    """
    import openpyxl
    from openpyxl.cell.cell import TYPE_STRING
    from openpyxl.styles import Font

    frame, book, file = as_frame(table, translate), openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title = "Table 1"
    for row, cells in enumerate([list(frame.columns), *frame.to_numpy(dtype=object).tolist()], start=1):
        for place, text in enumerate(cells, start=1):
            cell = sheet.cell(row, place)
            cell.value, cell.data_type = _printable(text), TYPE_STRING  # "=1+2" stays what it says
            cell.font = Font(bold=row == 1)
    sheet.column_dimensions["A"].width = 32
    sheet.freeze_panes = "B2"
    book.save(file)
    return file.getvalue()


def as_document(table: TableOne, title: str, note: str, translate: Translate = str) -> bytes:
    """The table as a document of Word.

    Parameters
    ----------
    table : TableOne
    title, note : str
        Above and below it.
    translate : callable

    Returns
    -------
    bytes
    """
    import docx

    frame, document, file = as_frame(table, translate), docx.Document(), io.BytesIO()
    document.add_paragraph(_printable(title)).runs[0].bold = True
    grid = document.add_table(rows=1, cols=frame.shape[1], style="Light List")
    for cell, text in zip(grid.rows[0].cells, frame.columns, strict=True):
        cell.text = _printable(str(text))
    for row in frame.to_numpy(dtype=object).tolist():
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = _printable(text)
    document.add_paragraph(_printable(note))
    document.save(file)
    return file.getvalue()


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")
