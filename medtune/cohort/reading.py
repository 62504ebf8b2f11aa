"""Read a text table as hospitals export it, and say what was found in it."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from medtune.cohort.decoding import to_utf8
from medtune.cohort.dialect import (
    DELIMITER_WORDS,
    careful_widths,
    find_delimiter,
    row_widths,
    sample_rows,
    unique_names,
)
from medtune.foundation.errors import TableError
from medtune.foundation.words import Sentence, listed, say

MISSING_CODES = ("?", "NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "<NA>", "#N/A", "#NULL!", ".", "-", "--")
_ENCODING_WORDS = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp1252": "Western European (CP1252)", "gb18030": "GB18030"}
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+\s*")
_THOUSANDS = re.compile(r"\s*[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*")
_LEADING_ZERO = re.compile(r"0\d+")


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
    """

    frame: pd.DataFrame
    report: tuple[Sentence, ...]
    name: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."


def read_table(source: str | Path | bytes | BinaryIO, name: str = "") -> Table:
    """Read a CSV file, or one with tabs, semicolons or bars between its columns; plain or packed with gzip.

    Parameters
    ----------
    source : path, bytes or file-like
    name : str
        What to call the table; the file's name when it is empty.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        One sentence on why there is no table to be had, with row numbers as a spreadsheet counts them
        (the column names are row 1).
    """
    content, name = _content(source, name)
    text, encoding, report = to_utf8(content)
    delimiter = find_delimiter(text)
    names, more = _layout(text, delimiter)
    report += more
    kept_text = _with_leading_zeros(sample_rows(text, delimiter)[1:], names)
    frame = _parse(text, delimiter, names, kept_text)
    del text
    frame, more, decimal = _tidy(frame, delimiter, set(kept_text))
    report.insert(
        0,
        say(
            "Read as {encoding} text with {delimiter} between columns: {rows} rows and {columns} columns.",
            encoding=_ENCODING_WORDS.get(encoding, encoding.upper()),
            delimiter=DELIMITER_WORDS[delimiter],
            rows=len(frame),
            columns=frame.shape[1],
        ),
    )
    return Table(frame, (*report, *more), name, encoding, delimiter, decimal)


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


def _layout(text: bytes, delimiter: str) -> tuple[list[str], list[Sentence]]:
    """Column names, and the check that every row has as many cells."""
    rows = sample_rows(text, delimiter)
    header = rows[0] if rows else []
    widths = row_widths(text, delimiter)
    numbered = np.flatnonzero(widths) + 1  # as a spreadsheet counts
    widths = widths[widths > 0]
    if widths.size < 2:
        raise TableError("The file has column names but no patients; choose a file with a row for each patient.")
    if len(header) < 2 and widths.max() < 2:
        raise TableError(
            "The file has one column only; check that commas, semicolons, tabs or bars stand between its columns."
        )
    if len(header) > 1 and all(_NUMBER.fullmatch(cell) for cell in header):
        raise TableError("The first row holds numbers where the column names should be; add a row of names above it.")
    body, width = widths[1:], len(header)
    if (body == width + 1).all():
        trailing = all(not row[-1].strip() for row in rows[1:] if len(row) == width + 1)
        header = [*header, ""] if trailing else ["", *header]
        width += 1
    if b'"' in text and (body != width).any():  # a sign of inches or of seconds within a cell is no quotation
        body = careful_widths(text, delimiter)[1:]
        numbered = np.arange(1, body.size + 2)
    long, short = numbered[1:][body > width], numbered[1:][body < width]
    if long.size:
        raise TableError(
            "{count} rows have more cells than there are column names ({width}), first in row {rows}; "
            "put quotation marks round cells that hold {delimiter}, or mend these rows."
            if long.size > 1
            else "Row {rows} has more cells than there are column names ({width}); "
            "put quotation marks round cells that hold {delimiter}, or mend the row.",
            count=int(long.size),
            rows=_numbers_listed(long),
            width=width,
            delimiter=DELIMITER_WORDS[delimiter],
        )
    names, repeated, empty = unique_names(header)
    report = []
    if repeated:
        report.append(say("Several columns are named {names}; the later ones got a number.", names=listed(repeated)))
    if empty:
        unnamed = [name for name, given in zip(names, header, strict=True) if not given.strip()]
        report.append(say("Columns without a name are called by their place: {names}.", names=listed(unnamed)))
    if short.size:
        report.append(
            say(
                "{count} rows have fewer cells than there are columns (rows {rows}); the others count as missing."
                if short.size > 1
                else "Row {rows} has fewer cells than there are columns; the others count as missing.",
                count=int(short.size),
                rows=_numbers_listed(short),
            )
        )
    return names, report


def _numbers_listed(rows: np.ndarray, most: int = 5) -> str:
    shown = ", ".join(str(row) for row in rows[:most])
    return shown + (f" and {rows.size - most} more" if rows.size > most else "")


def _with_leading_zeros(rows: list[list[str]], names: list[str]) -> list[str]:
    """Columns of digits some of which start with 0: ids and postcodes, which lose it when read as numbers."""
    return [
        name
        for place, name in enumerate(names)
        if any(place < len(row) and _LEADING_ZERO.fullmatch(row[place].strip()) for row in rows)
    ]


def _parse(text: bytes, delimiter: str, names: list[str], kept_text: list[str]) -> pd.DataFrame:
    try:
        return pd.read_csv(
            io.BytesIO(text),
            sep=delimiter,
            header=0,
            names=names,
            index_col=False,
            dtype=dict.fromkeys(kept_text, "str"),
            keep_default_na=False,
            na_values=[""],
            skipinitialspace=True,
            low_memory=False,
            encoding="utf-8",
        )
    except (pd.errors.ParserError, ValueError) as trouble:
        row = re.search(r"(?:line|row) (\d+)", str(trouble))
        raise TableError(
            "The table cannot be read further than row {row}; look for a quotation mark that is not closed there."
            if row
            else "The table cannot be read; look for a quotation mark that is not closed.",
            row=int(row.group(1)) + 1 if row else "",
        ) from trouble


def _tidy(frame: pd.DataFrame, delimiter: str, kept_text: set[str]) -> tuple[pd.DataFrame, list[Sentence], str]:
    """Missing codes, numbers written otherwise, and columns that are nothing but a stray separator."""
    report: list[Sentence] = []
    cells: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    tidy, commas, thousands, stray = {}, [], [], []
    for name in frame.columns:
        series = frame[name]
        if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
            if re.fullmatch(r"column \d+", name) and series.isna().all():
                stray.append(name)
                continue
            tidy[name] = series
            continue
        series, found = _without_codes(series)
        cells.update(found)
        columns.update(found.keys())
        if name not in kept_text:
            series, written = _as_written(series, delimiter)
            commas += [name] if written == "decimal comma" else []
            thousands += [name] if written == "thousands" else []
        tidy[name] = series
    for code in sorted(cells, key=cells.get, reverse=True):
        report.append(
            say(
                "'{code}' is read as missing (cells: {cells}, columns: {columns}).",
                code=code,
                cells=cells[code],
                columns=columns[code],
            )
        )
    for names, template in (
        (stray, "Columns {names} have neither a name nor a value and were left out."),
        (commas, "Numbers in {names} are read with a decimal comma."),
        (thousands, "Commas in the numbers of {names} are read as separators of thousands."),
        (sorted(kept_text), "Numbers in {names} start with 0 and are kept as text."),
    ):
        if names:
            report.append(say(template, names=listed(names)))
    return pd.DataFrame(tidy, index=frame.index), report, "," if commas else "."


def _without_codes(series: pd.Series) -> tuple[pd.Series, dict[str, int]]:
    if pd.api.types.is_bool_dtype(series.dtype):
        return series, {}
    codes, uniques = pd.factorize(series)
    plain = [str(cell).strip() for cell in uniques.tolist()] if len(uniques) else []
    wanted = set(MISSING_CODES)
    hits = np.array([*(text in wanted or not text for text in plain), False])
    if not hits.any():
        return series, {}
    tally = np.bincount(codes[codes >= 0], minlength=len(plain))
    found = Counter()
    for place in np.flatnonzero(hits):
        found[plain[place] or "(blank)"] += int(tally[place])
    return series.mask(hits[codes]), dict(found)


def _as_written(series: pd.Series, delimiter: str) -> tuple[pd.Series, str]:
    """The column as numbers where every cell is one, and how they were written."""
    known = series.dropna()
    if known.empty:
        return series.astype("float64"), "plain"
    if pd.api.types.is_bool_dtype(series.dtype):
        return series, "text"
    texts = known.astype("str")
    first = texts.iloc[:200]
    with_comma = first[first.str.contains(",", regex=False)]
    if not all(_NUMBER.fullmatch(cell) or "," in cell for cell in first):
        return series, "text"
    if not texts.str.contains(",", regex=False).any():
        written, plain = "plain", texts
    elif delimiter != "," and all(_DECIMAL_COMMA.fullmatch(cell) for cell in with_comma):
        written, plain = "decimal comma", texts.str.replace(",", ".", regex=False)
    elif all(_THOUSANDS.fullmatch(cell) for cell in with_comma):
        written, plain = "thousands", texts.str.replace(",", "", regex=False)
    else:
        written, plain = "decimal comma", texts.str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(plain, errors="coerce")
    if numbers.isna().any():
        return series, "text"
    return numbers.astype("float64").reindex(series.index), written
