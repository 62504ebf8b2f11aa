"""Read a table as hospitals export it, and say what was found in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from medtune.cohort.decoding import ENCODINGS, refuse_what_is_no_table, to_utf8
from medtune.cohort.dialect import DELIMITER_WORDS, find_delimiter, made_plain, unwrapped
from medtune.cohort.layout import lay_out
from medtune.cohort.orientation import doubts_about_rows
from medtune.cohort.pairs import apart
from medtune.cohort.parsing import parse
from medtune.cohort.pieces import Progress, no_progress
from medtune.cohort.unpacking import unpacked
from medtune.cohort.wishes import MISSING_CODES, Wishes
from medtune.foundation.errors import TableError
from medtune.foundation.words import Sentence, counted, say

__all__ = ["MISSING_CODES", "Table", "Wishes", "read_table"]

# Shares of the time until a large text is decoded, laid out and parsed.
DECODED, LAID_OUT, PARSED = 0.1, 0.2, 0.95
SHEET_READ = 0.8  # share of the time until a sheet of a workbook is text


@dataclass(frozen=True, eq=False)
class Table:
    """A table as read.

    Attributes
    ----------
    frame : DataFrame of shape (rows, columns)
        Numbers parsed, missing codes as NaN, everything else as text.
    report : tuple of Sentence
        What was detected and done.
    name : str
    encoding, delimiter, decimal : str
        How the file was read.
    form : str
        "text", "workbook", "Parquet", "SPSS", "Stata" or "SAS"; "" for a table that was not read from a file.
    found : Wishes
        Every detail as it was read, found or wished.
    parts : tuple of str
        Sheets of a workbook or files of an archive that could have been chosen.
    """

    frame: pd.DataFrame
    report: tuple[Sentence, ...]
    name: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    form: str = ""
    found: Wishes = field(default_factory=Wishes)
    parts: tuple[str, ...] = ()


def read_table(
    source: str | Path | bytes | BinaryIO,
    name: str = "",
    wishes: Wishes | None = None,
    progress: Progress = no_progress,
) -> Table:
    """Read a table from a file, whatever program it comes from.

    Text with any separator (CSV, TSV), workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods), Parquet, SPSS (.sav, .zsav, .por),
    Stata (.dta), SAS (.sas7bdat, .xpt); plain, packed with gzip or alone in a zip archive.

    Parameters
    ----------
    source : path, bytes or file-like
    name : str
        What to call the table; the file's name when it is empty.
    wishes : Wishes, optional
        How to read it where the file itself does not show it.
    progress : callable
        Told how far reading is, as a share of 1; a small file is read before it would be told.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        One sentence on why there is no table to be had, with row numbers as a spreadsheet counts them
        (the column names are row 1). A `LayoutError` when other `wishes` may mend it.
    """
    wishes = wishes or Wishes()
    content, name = _content(source, name)
    content, part, parts, report = unpacked(content, wishes.part)
    refuse_what_is_no_table(content)
    form = _form(content)
    if form == "workbook":
        return _from_workbook(content, name, wishes, part, parts, report, progress)
    if form != "text":
        return _from_other(content, name, form, wishes, part, parts, report, progress)
    text, encoding, more = to_utf8(content, wishes.encoding)
    del content
    progress(DECODED)
    told = replace(wishes, encoding=encoding, part=part)
    return _from_text(text, name, told, parts, [*report, *more], progress=progress)


_FORMS = (
    (b"PK\x03\x04", "workbook"),
    (b"\xd0\xcf\x11\xe0", "workbook"),
    (b"PAR1", "Parquet"),
    (b"$FL2", "SPSS"),
    (b"$FL3", "SPSS"),
    (b"<stata_dta", "Stata"),
    (b"HEADER RECORD*******LIB", "SAS"),
    (b"HEADER RECORD*******LIBV8", "SAS"),
)
_SAS = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
_PORTABLE = b"SPSS PORT FILE"


def _form(content: bytes) -> str:
    for start, form in _FORMS:
        if content.startswith(start):
            return form
    if content.startswith(_SAS):
        return "SAS"
    if _PORTABLE in content[:400] or "ASCII SPSS PORT FILE".encode("cp037") in content[:400]:
        return "SPSS"
    old_stata = content[:1] in (b"\x69", b"\x6c", b"\x6e", b"\x71", b"\x72", b"\x73") and content[1:4] in (
        b"\x01\x01\x00",
        b"\x02\x01\x00",
    )
    return "Stata" if old_stata else "text"


def _content(source: str | Path | bytes | BinaryIO, name: str) -> tuple[bytes, str]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), name
    if isinstance(source, (str, Path)):
        try:
            return Path(source).read_bytes(), name or Path(source).name
        except OSError as trouble:
            raise TableError(
                "The file '{name}' cannot be opened; check its name and place.", name=Path(source).name
            ) from trouble
    content = source.read()
    content = content.encode("utf-8") if isinstance(content, str) else bytes(content)
    return content, name or Path(str(getattr(source, "name", "") or "")).name


def _from_text(
    text: bytes,
    name: str,
    wishes: Wishes,
    parts: tuple[str, ...],
    report: list[Sentence],
    form: str = "text",
    progress: Progress = no_progress,
) -> Table:
    """The table in a text; `wishes` carries the encoding that was found."""
    text, told = _directive(text)
    text, done = unwrapped(text)
    if done:
        report = [*report, say("Each row was one cell in quotation marks; the marks were taken off.")]
    delimiter = wishes.delimiter or told or find_delimiter(text)
    text, plain = made_plain(text, delimiter)
    layout = lay_out(text, plain, wishes)
    del text
    progress(LAID_OUT)
    rest = PARSED - LAID_OUT
    frame, more, written = parse(layout, plain, wishes, lambda share: progress(LAID_OUT + rest * share))
    frame, split = apart(frame)
    first = _summary(frame, wishes.encoding, delimiter) if form == "text" else []
    found = replace(
        wishes,
        delimiter=delimiter,
        decimal=written.decimal,
        thousands=written.thousands,
        header=layout.header,
        header_rows=layout.header_rows,
        footer=layout.footer,
        missing=wishes.codes,
    )
    said = (*first, *report, *layout.report, *more, *split, *doubts_about_rows(frame))
    return Table(frame, said, name, wishes.encoding, delimiter, written.decimal, form, found, parts)


def _directive(text: bytes) -> tuple[bytes, str]:
    """Excel's own first line "sep=;", which names the separator; it is blanked so that row numbers stay."""
    line, _, _rest = text[:20].partition(b"\n")
    if not line.lower().strip(b'"').startswith(b"sep=") or len(line.strip(b'"')) != 5:
        return text, ""
    return text[len(line) :], line.strip(b'"')[4:].decode("utf-8", errors="replace")


def _summary(frame: pd.DataFrame, encoding: str, delimiter: str) -> list[Sentence]:
    plain = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(encoding, encoding)
    words = DELIMITER_WORDS.get(delimiter, f"'{delimiter}'")
    return [
        say(
            "Read as {encoding} text with {delimiter} between columns: {rows} and {columns}.",
            encoding=ENCODINGS.get(plain, encoding.upper()),
            delimiter=words,
            **_size(frame),
        )
    ]


def _size(frame: pd.DataFrame) -> dict[str, Sentence]:
    return {
        "rows": counted(len(frame), "{count} row", "{count} rows"),
        "columns": counted(frame.shape[1], "{count} column", "{count} columns"),
    }


def _from_workbook(content, name, wishes, part, parts, report, progress) -> Table:
    from medtune.cohort.workbooks import sheet_as_text

    text, sheet, sheets, more = sheet_as_text(
        content, "" if part else wishes.part, lambda share: progress(SHEET_READ * share)
    )
    # Cells of a sheet are numbers or text already: no separator, decimal sign or encoding has to be found.
    plain = replace(wishes, delimiter=",", decimal=".", encoding="utf-8", part=part or sheet)
    rest = 1 - SHEET_READ
    table = _from_text(
        text, name, plain, parts or sheets, [*report, *more], "workbook", lambda s: progress(SHEET_READ + rest * s)
    )
    first = say(
        "Read from sheet '{sheet}': {rows} and {columns}.",
        sheet=sheet,
        **_size(table.frame),
    )
    return replace(table, report=(first, *table.report))


def _from_other(content, name, form, wishes, part, parts, report, progress) -> Table:
    from medtune.cohort.statistical import read_statistical

    frame, more = read_statistical(content, form, wishes.codes, lambda share: progress(PARSED * share))
    frame, split = apart(frame)
    first = say(
        "Read as a file of {form}: {rows} and {columns}.",
        form=form,
        **_size(frame),
    )
    found = Wishes(part=part, missing=wishes.codes)
    return Table(
        frame, (first, *report, *more, *split, *doubts_about_rows(frame)), name, form=form, found=found, parts=parts
    )
