"""From the rows of a text to a table: missing codes, numbers in any country's way, columns that are nothing."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from medtune.cohort.decoding import rows_listed
from medtune.cohort.layout import Layout
from medtune.cohort.pieces import Progress, no_progress, read_in_pieces
from medtune.cohort.wide import MANY, together, untouched_numbers
from medtune.cohort.wishes import Wishes
from medtune.foundation.errors import LayoutError
from medtune.foundation.words import Sentence, listed, say

LARGE = 2**22  # bytes from which on a text is read in pieces
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_DECIMAL_COMMA = re.compile(r"\s*[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?\s*")
_LEADING_ZERO = re.compile(r"0\d+")
_GROUPS = {
    ",": re.compile(r"\s*[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*"),
    ".": re.compile(r"\s*[+-]?\d{1,3}(\.\d{3})+(,\d+)?\s*"),
    " ": re.compile(r"\s*[+-]?\d{1,3}([ \u00a0\u202f\u2009]\d{3})+([.,]\d+)?\s*"),
    "'": re.compile(r"\s*[+-]?\d{1,3}(['\u2019]\d{3})+(\.\d+)?\s*"),
}
GROUP_WORDS = {",": "Commas", ".": "Points", " ": "Spaces", "'": "Apostrophes"}


@dataclass(frozen=True)
class Written:
    """How the numbers of a file are written: its decimal sign, and what separates thousands ("none")."""

    decimal: str = "."
    thousands: str = "none"


def parse(
    layout: Layout, delimiter: str, wishes: Wishes, progress: Progress = no_progress
) -> tuple[pd.DataFrame, list[Sentence], Written]:
    """Read the rows.

    Parameters
    ----------
    layout : Layout
    delimiter : str
    wishes : Wishes
        Decimal sign, separator of thousands, missing codes.
    progress : callable
        Told the share that is read, where the text is large.

    Returns
    -------
    frame : DataFrame of shape (patients, columns)
    report : list of Sentence
    written : Written

    Raises
    ------
    LayoutError
        When a quotation mark is left open.
    """
    kept_text = _with_leading_zeros(layout)
    decimal = wishes.decimal or _decimal(layout, delimiter)
    frame = _read(layout, delimiter, decimal, kept_text, progress)
    if len(frame) != layout.rows.size:
        raise LayoutError("The table cannot be read to its end; look for a quotation mark that is not closed.")
    frame, report = _without_empty_rows(frame, layout.rows)
    commas = _with_commas(layout) if decimal == "," else []
    frame, more, written = _tidy(frame, delimiter, set(kept_text), wishes, commas, decimal)
    return frame, [*report, *more], written


def _with_leading_zeros(layout: Layout) -> list[str]:
    """Columns of digits some of which start with 0: ids and postcodes, which lose it when read as numbers."""
    places = {
        place
        for row in layout.sample
        for place, cell in enumerate(row[: len(layout.names)])
        if cell.lstrip()[:1] == "0" and _LEADING_ZERO.fullmatch(cell.strip())
    }
    return [layout.names[place] for place in sorted(places)]


def _decimal(layout: Layout, delimiter: str) -> str:
    """A comma where the first rows have numbers with one comma and none with a point."""
    if delimiter == ",":
        return "."
    cells = [cell for row in layout.sample for cell in row]
    commas = [cell for cell in cells if "," in cell and _DECIMAL_COMMA.fullmatch(cell)]
    points = any("." in cell and _NUMBER.fullmatch(cell) for cell in cells)
    thousands = bool(commas) and all(_GROUPS[","].fullmatch(cell) for cell in commas)
    return "," if commas and not points and not thousands else "."


def _with_commas(layout: Layout) -> list[str]:
    """Columns whose first rows have numbers with a decimal comma."""
    return [
        name
        for place, name in enumerate(layout.names)
        if any(place < len(row) and _DECIMAL_COMMA.fullmatch(row[place]) for row in layout.sample)
    ]


def _read(layout: Layout, delimiter: str, decimal: str, kept_text: list[str], progress: Progress) -> pd.DataFrame:
    options = {
        "sep": delimiter,
        "header": None,
        "names": layout.names,
        "index_col": False,
        "dtype": dict.fromkeys(kept_text, "str"),
        "keep_default_na": False,
        "na_values": [""],
        "skipinitialspace": delimiter != "\t",
        "decimal": decimal,
        "encoding": "utf-8",
    }
    try:
        wide = len(layout.names) >= max(MANY, layout.rows.size)
        if len(layout.text) - layout.start > LARGE and not wide:
            return read_in_pieces(layout.text, layout.start, layout.ends, options, progress)
        source = io.BytesIO(layout.text)
        source.seek(layout.start)
        frame = pd.read_csv(source, low_memory=False, **options)
        return frame.copy() if wide else frame  # a copy holds columns of one type together, which makes each step quick
    except (pd.errors.ParserError, ValueError, OverflowError) as trouble:
        row = re.search(r"row (\d+)", str(trouble))
        raise LayoutError(
            "The table cannot be read further than row {row}; look for a quotation mark that is not closed there."
            if row
            else "The table cannot be read; look for a quotation mark that is not closed.",
            row=int(layout.rows[min(int(row.group(1)), layout.rows.size - 1)]) if row else "",
        ) from trouble


def _without_empty_rows(frame: pd.DataFrame, rows: np.ndarray) -> tuple[pd.DataFrame, list[Sentence]]:
    """Rows of separators only, as spreadsheets write them below a table."""
    suspects = np.flatnonzero(frame.iloc[:, 0].isna().to_numpy())
    if not suspects.size:
        return frame, []
    empty = suspects[frame.iloc[suspects].isna().all(axis=1).to_numpy()]
    if not empty.size or empty.size == len(frame):
        return frame, []
    one, many = "Row {rows} is empty and was left out.", "{count} rows are empty and were left out (rows {rows})."
    said = say(one if empty.size == 1 else many, count=int(empty.size), rows=rows_listed(rows[empty]))
    return frame.drop(index=frame.index[empty]).reset_index(drop=True), [said]


def _tidy(
    frame: pd.DataFrame, delimiter: str, kept_text: set[str], wishes: Wishes, commas: list[str], decimal: str
) -> tuple[pd.DataFrame, list[Sentence], Written]:
    """Missing codes, numbers written otherwise, and columns that are nothing but a stray separator."""
    cells: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    endless: list[str] = []
    tidy, stray, found = {}, [], {",": list(commas), "groups": {}}
    codes = set(wishes.codes)
    numeric_codes = [float(code) for code in codes if _NUMBER.fullmatch(code)]
    plain = untouched_numbers(frame, numeric_codes if wishes.missing is not None else ())
    for name in frame.columns.delete(plain):
        series = frame[name]
        if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
            if re.fullmatch(r"column \d+( \(\d+\))?", name) and series.isna().all():
                stray.append(name)
                continue
            if numeric_codes and wishes.missing is not None:
                series, hits = _without_numbers(series, numeric_codes)
                cells.update(hits)
                columns.update(hits.keys())
            tidy[name] = series
            continue
        series, hits = without_codes(series, codes)
        cells.update(hits)
        columns.update(hits.keys())
        if name not in kept_text:
            series, comma, group = as_written(series, delimiter, wishes, decimal)
            found[","] += [name] if comma and name not in found[","] else []
            if group:
                found["groups"].setdefault(group, []).append(name)
        tidy[name] = series
    for name, series in list(tidy.items()):
        if series.dtype == np.float64 and (infinite := np.isinf(series.to_numpy())).any():
            tidy[name] = series.mask(infinite)
            endless.append(name)
    decimals = decimal == "," or bool(found[","])
    report = _said(cells, columns, stray, found, decimals, endless, sorted(kept_text))
    written = Written("," if decimals else ".", next(iter(found["groups"]), "none"))
    if not plain.size:
        return pd.DataFrame(tidy, index=frame.index, copy=False), report, written
    gone = set(stray)
    return together(frame.iloc[:, plain], tidy, [name for name in frame.columns if name not in gone]), report, written


def _said(cells, columns, stray, found, decimals, endless, zeros) -> list[Sentence]:
    report = [
        say(
            "'{code}' is read as missing (cells: {cells}, columns: {columns}).",
            code=code,
            cells=cells[code],
            columns=columns[code],
        )
        for code in sorted(cells, key=cells.get, reverse=True)
    ]
    if stray:
        one, many = "Column {names} has", "Columns {names} have"
        rest = " neither a name nor a value and {was} left out."
        report.append(
            say(
                (one if len(stray) == 1 else many) + rest.format(was="was" if len(stray) == 1 else "were"),
                names=listed(stray),
            )
        )
    if found[","]:
        report.append(say("Numbers in {names} are read with a decimal comma.", names=listed(found[","])))
    elif decimals:
        report.append(say("Numbers are read with a decimal comma."))
    for group, names in found["groups"].items():
        template = GROUP_WORDS[group] + " in the numbers of {names} are read as separators of thousands."
        report.append(say(template, names=listed(names)))
    if zeros:
        report.append(say("Numbers in {names} start with 0 and are kept as text.", names=listed(zeros)))
    if endless:
        report.append(say("Infinite values in {names} count as missing.", names=listed(endless)))
    return report


def _without_numbers(series: pd.Series, codes: list[float]) -> tuple[pd.Series, dict[str, int]]:
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    hits = np.isin(values, codes)
    if not hits.any():
        return series, {}
    found = {f"{code:g}": int((values == code).sum()) for code in codes if (values == code).any()}
    return series.mask(hits), found


def without_codes(series: pd.Series, wanted: set[str]) -> tuple[pd.Series, dict[str, int]]:
    """The column with cells that hold one of the codes, or nothing, as missing; and how often each was met.

    Parameters
    ----------
    series : Series of shape (n,)
        Text.
    wanted : set of str

    Returns
    -------
    series : Series of shape (n,)
    found : dict of str to int
    """
    if pd.api.types.is_bool_dtype(series.dtype):
        return series, {}
    codes, uniques = pd.factorize(series)
    plain = [str(cell).strip() for cell in uniques.tolist()] if len(uniques) else []
    hits = np.array([*(text in wanted or not text for text in plain), False])
    if not hits.any():
        return series, {}
    tally = np.bincount(codes[codes >= 0], minlength=len(plain))
    found = Counter()
    for place in np.flatnonzero(hits):
        found[plain[place] or "(blank)"] += int(tally[place])
    return series.mask(hits[codes]), dict(found)


def as_written(series: pd.Series, delimiter: str, wishes: Wishes, decimal: str) -> tuple[pd.Series, bool, str]:
    """A column of text as numbers where every cell is one.

    Parameters
    ----------
    series : Series of shape (n,)
        Text.
    delimiter : str
        Of the file: a comma that separates columns is no decimal sign in a cell without quotation marks.
    wishes : Wishes
    decimal : str
        The decimal sign of the file.

    Returns
    -------
    series : Series of shape (n,)
        float64, or the text when some cell is no number.
    comma : bool
        Whether a decimal comma was read.
    group : str
        What separated thousands, "" when nothing did.
    """
    known = series.dropna()
    if known.empty:
        return series.astype("float64"), False, ""
    if pd.api.types.is_bool_dtype(series.dtype):
        return series, False, ""
    texts = known.astype("str")
    first = texts.iloc[:200]
    marks = re.compile(r"[\d,.' \u00a0\u202f\u2009\u2019eE+-]+")
    if not all(marks.fullmatch(cell) for cell in first):
        return series, False, ""
    group, comma = _way(texts, delimiter, wishes, decimal)
    plain = texts
    if group:
        plain = plain.str.replace(r"[ \u00a0\u202f\u2009]" if group == " " else f"[{group}\u2019]", "", regex=True)
    if comma:
        plain = plain.str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(plain, errors="coerce")
    if numbers.isna().any():
        return series, False, ""
    return numbers.astype("float64").reindex(series.index), comma, group


def _way(texts: pd.Series, delimiter: str, wishes: Wishes, decimal: str) -> tuple[str, bool]:
    """What separates thousands in a column, and whether its decimal sign is a comma."""
    odd = texts[~texts.str.fullmatch(_NUMBER.pattern).to_numpy(dtype=bool)].iloc[:500]
    if odd.empty:
        return "", False
    comma = decimal == "," or (wishes.decimal != "." and delimiter != "," and _all(odd, _DECIMAL_COMMA))
    groups = [wishes.thousands] if wishes.thousands else [",", ".", " ", "'"]
    for group in groups:
        if group == "none" or (group == "," and comma) or (group == "." and not (comma or delimiter != ",")):
            continue
        with_group = odd[odd.str.contains("[ \u00a0\u202f\u2009]" if group == " " else re.escape(group), regex=True)]
        if not with_group.empty and _all(with_group, _GROUPS[group]):
            return group, comma or group == "." or bool(with_group.str.contains(r",\d+$", regex=True).all())
    return "", decimal == "," or wishes.decimal != "."


def _all(texts: pd.Series, pattern: re.Pattern) -> bool:
    return bool(texts.str.fullmatch(pattern.pattern).all())
