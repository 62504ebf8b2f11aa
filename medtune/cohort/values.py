"""What the cells of one column mean: numbers, levels, dates, and codes that stand for "missing"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

_WHOLE = re.compile(r"[+-]?\d+\.0+")
_TIME = r"([T ]\d{1,2}:\d{2}.*)?"
_DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(\d{4}|\d{2})|\d{4}年\d{1,2}月\d{1,2}日?"
    rf"|\d{{1,2}}[- ]?[A-Za-z]{{3,9}}\.?[- ,]*\d{{4}}|[A-Za-z]{{3,9}}\.? \d{{1,2}},? \d{{4}}){_TIME}"
)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?( ?[ap]\.?m\.?)?", re.IGNORECASE)
_LITRE = re.compile(r"(?<![A-Za-zµ])([mdfcµu]?)l(?![A-Za-z])")
_COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\.0)?")
_ONE = (
    r"(?:[mµμun]?mol|[mµμunpk]?c?g|[mkµμu]?I?U|m?Eq|[mcµμu]?m|mmHg|kPa|°?[CF]|bpm|min|h|hrs?|hours?|d|days?|weeks?|wks?|"
    r"mo|months?|y|yrs?|years?|Jahre?|Tage?|ans|jours|%|‰|[mdfcµμu]?[lL]|mm3|cells|x?10\^?\d+|岁|年|月|天|日|次|分|kg|mOsm|dyn|s|sec)"
)
_UNIT = rf"{_ONE}(?:\s?[/·.x*]\s?{_ONE}\d?)*\d?"
_WITH_MORE = re.compile(
    rf"(?P<sign>[<>≤≥~≈]=?|=)?\s*(?P<number>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>{_UNIT})?"
)


def level_text(value: object) -> str:
    """Write one value as the level it stands for: 1.0 and "1.0 " are both "1"."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    text = str(value).strip()
    return str(int(float(text))) if _WHOLE.fullmatch(text) and len(text) < 16 else text


def as_number(text: str) -> float | None:
    """The number a code is written as, or None.

    Parameters
    ----------
    text : str

    Returns
    -------
    float or None
        None for infinity too.
    """
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def level_codes(series: pd.Series) -> tuple[np.ndarray, list[str]]:
    """The column as places in a list of levels.

    Returns
    -------
    codes : ndarray of int, shape (n,)
        Place of each cell's level, -1 where the cell is missing, empty or blank.
    levels : list of str
        Each once, numeric codes without ".0"; in the order in which they come.
    """
    codes, uniques = pd.factorize(series.astype(object) if isinstance(series.dtype, pd.CategoricalDtype) else series)
    texts = _level_texts(uniques)
    places: dict[str, int] = {}
    target = [places.setdefault(text, len(places)) if text else -1 for text in texts]
    if target != list(range(len(target))):
        codes = np.array([*target, -1], dtype=np.intp)[codes]
    return codes, list(places)


def _level_texts(uniques) -> list[str]:
    if len(uniques) < 1000 or not isinstance(uniques.dtype, pd.StringDtype):
        return [level_text(value) for value in uniques.tolist()]
    texts = pd.Series(uniques).str.strip()
    whole = texts.str.fullmatch(_WHOLE.pattern).to_numpy(dtype=bool)
    written = texts.to_numpy(dtype=object, copy=True)
    written[whole] = [level_text(text) for text in written[whole]]
    return written.tolist()


def as_levels(series: pd.Series) -> pd.Series:
    """The column as text levels (pandas `str` dtype, NaN missing), numeric codes written without ".0".

    Empty and blank cells are missing.

    Parameters
    ----------
    series : Series of shape (n,)

    Returns
    -------
    Series of shape (n,)
    """
    codes, levels = level_codes(series)
    labels = pd.array(np.array(levels, dtype=object), dtype="str")
    return pd.Series(labels.take(codes, allow_fill=True), index=series.index, name=series.name)


def as_numbers(series: pd.Series) -> tuple[np.ndarray, int]:
    """The column as numbers.

    Parameters
    ----------
    series : Series of shape (n,)

    Returns
    -------
    numbers : ndarray of float64, shape (n,)
        NaN where the cell is empty, infinite or not a number.
    refused : int
        How many cells hold something that is not a finite number.
    """
    if pd.api.types.is_numeric_dtype(series.dtype):
        numbers = series.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        endless = np.isinf(numbers)
        numbers[endless] = np.nan
        return numbers, int(endless.sum())
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return np.full(len(series), np.nan), int(series.notna().sum())
    codes, uniques = pd.factorize(series.astype(object))
    read = [read_number(value) for value in uniques]
    unit = _main_unit(read, codes)
    parsed = np.array([one.number if one.unit in ("", unit) else np.nan for one in read] + [np.nan])
    empty = np.array([isinstance(value, str) and not value.strip() for value in uniques] + [True])
    numbers = parsed[codes]
    return numbers, int((np.isnan(numbers) & ~empty[codes]).sum())


@dataclass(frozen=True)
class ReadNumber:
    """What a cell says of a number: its value (NaN for none), the sign before it ("<"), the unit behind it."""

    number: float
    sign: str = ""
    unit: str = ""


def read_number(value: object) -> ReadNumber:
    """Read one cell as a number, also "<0.5", "12 mg/dL" and "1,2".

    Parameters
    ----------
    value : object
        A number or text.

    Returns
    -------
    ReadNumber
        A limit such as "<0.5" is read as the limit itself.
    """
    if isinstance(value, (bool, int, float, np.number, np.bool_)):
        number = float(value)
        return ReadNumber(number if np.isfinite(number) else np.nan)
    text = str(value).strip()
    number = as_number(text)
    if number is not None:
        return ReadNumber(number)
    found = _WITH_MORE.fullmatch(text)
    if found is None:
        return ReadNumber(np.nan)
    number = as_number(found["number"].replace(",", "."))
    if number is None:
        return ReadNumber(np.nan)
    unit = "".join((found["unit"] or "").split()).replace("μ", "µ")
    return ReadNumber(number, found["sign"] or "", _LITRE.sub(r"\1L", unit))


def _main_unit(read: list[ReadNumber], codes: np.ndarray) -> str:
    """The unit that most cells carry; numbers in another one cannot stand beside them."""
    if not any(one.unit for one in read):
        return ""
    tally = np.bincount(codes[codes >= 0], minlength=len(read))
    units: dict[str, int] = {}
    for one, count in zip(read, tally.tolist(), strict=True):
        if one.unit:
            units[one.unit] = units.get(one.unit, 0) + count
    return max(units, key=units.get)


def as_dates(series: pd.Series) -> pd.Series:
    """The column as dates (datetime64[ns]), NaT where a cell is no date.

    Day before month only where the column itself shows it: a first part above 12, or points between the parts.
    """
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        dates = series.dt.tz_convert(None) if series.dt.tz is not None else series
        return dates.astype("datetime64[ns]")
    codes, levels = level_codes(series)
    texts = pd.Series(levels, dtype="str").str.replace(r"(\d{4})年(\d{1,2})月(\d{1,2})日?", r"\1-\2-\3", regex=True)
    compact = texts.str.fullmatch(_COMPACT.pattern).to_numpy(dtype=bool)
    texts = texts.where(~compact, texts.str[:4] + "-" + texts.str[4:6] + "-" + texts.str[6:8])
    first = pd.to_numeric(texts.str.extract(r"^(\d{1,2})[-/.]\d{1,2}[-/.]\d{2}", expand=False))
    day_first = bool((first > 12).any()) or texts.str.match(r"\d{1,2}\.\d{1,2}\.\d{2}").any()
    dates = pd.to_datetime(texts, errors="coerce", format="mixed", dayfirst=bool(day_first), utc=True)
    known = np.append(dates.dt.tz_convert(None).astype("datetime64[ns]").to_numpy(), np.datetime64("NaT", "ns"))
    return pd.Series(known[codes], index=series.index, name=series.name)


def looks_like_compact_date(text: str) -> bool:
    """Whether a cell is a day in eight digits, such as 20240305."""
    return _COMPACT.fullmatch(text.strip()) is not None


def looks_like_time(text: str) -> bool:
    """Whether a cell is a time of the day, such as 14:30."""
    return _CLOCK.fullmatch(text.strip()) is not None


def looks_like_date(text: str) -> bool:
    """Whether a cell is written like a calendar date."""
    return _DATE.fullmatch(text.strip()) is not None


def holds_any(series: pd.Series, codes: Iterable[str]) -> np.ndarray:
    """Which cells hold one of the given codes, such as those that stand for "missing".

    Parameters
    ----------
    series : Series of shape (n,)
        Raw or cleaned.
    codes : iterable of str
        A code that is a number is compared as a number ("0" is 0 and 0.0), any other as text.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    codes = [str(code).strip() for code in codes]
    if not codes:
        return np.zeros(len(series), dtype=bool)
    wanted = {number for number in map(as_number, codes) if number is not None}
    if pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.isin(values, list(wanted)) if wanted else np.zeros(len(series), dtype=bool)
    places, uniques = pd.factorize(series.astype(object))
    texts = [level_text(value) for value in uniques]
    hits = [text in codes or (bool(wanted) and as_number(text) in wanted) for text in texts]
    return np.array([*hits, False], dtype=bool)[places]


def in_order(levels: Iterable[str]) -> tuple[str, ...]:
    """Levels in reading order: by number when all are numbers, else by text.

    Parameters
    ----------
    levels : iterable of str

    Returns
    -------
    tuple of str
    """
    levels = list(levels)
    numbers = [as_number(level) for level in levels]
    if None not in numbers:
        return tuple(level for _, level in sorted(zip(numbers, levels, strict=True)))
    return tuple(sorted(levels))


def spoken(level: str) -> str:
    """A level without regard to case and spaces, as a person would say it."""
    return " ".join(level.casefold().split())


def merge_spellings(levels: pd.Series) -> pd.Series:
    """Levels that differ only in case or spaces as one, in the commonest spelling (of equals, the first by text)."""
    counts = levels.value_counts()
    best: dict[str, str] = {}
    for level in sorted(counts.index, key=lambda level: (-counts[level], level)):
        best.setdefault(spoken(level), level)
    return levels.replace({level: best[spoken(level)] for level in counts.index if best[spoken(level)] != level})
