"""Many columns of numbers at once: what they are and how they are cleaned, without going through them one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from medtune.cohort.values import as_numbers

MANY = 300  # columns of numbers from which they are looked at together
ALIKE, COMPARED = 0.999, 5_000  # correlation of two rows that are one sample; rows, beyond which pairs are too many
AT_ONCE = 2_000  # columns that are sorted together, so that a wide table is never copied whole
EXACT = 2.0**53  # whole numbers beyond it are not told apart as floats


class Facts(NamedTuple):
    """What is known of one column of numbers.

    Attributes
    ----------
    known, distinct : int
        Cells with a number, and how many different ones.
    low, high : float
        Range of the finite numbers; NaN without any.
    integer : bool
        Whether every number is whole.
    in_a_row : bool
        Whether the numbers are 0 or 1 and those that follow, each once, as row numbers are.
    """

    known: int
    distinct: int
    low: float
    high: float
    integer: bool
    in_a_row: bool


def numeric_places(frame: pd.DataFrame, passed_over: Sequence[str] = ()) -> np.ndarray:
    """Positions of the columns that pandas holds as numbers; none where they are few.

    Parameters
    ----------
    frame : DataFrame
    passed_over : sequence of str
        Columns that are looked at by themselves.

    Returns
    -------
    ndarray of int
    """
    if frame.shape[1] < MANY:
        return np.zeros(0, dtype=int)
    apart = set(passed_over)
    plain = [
        isinstance(dtype, np.dtype) and dtype.kind in "fiu" and str(name) not in apart
        for name, dtype in zip(frame.columns, frame.dtypes, strict=True)
    ]
    places = np.flatnonzero(plain)
    return places if places.size >= MANY else places[:0]


def untouched_numbers(frame: pd.DataFrame, codes: Sequence[float] = ()) -> np.ndarray:
    """Positions of the columns of numbers in which there is nothing to clean; none where columns are few.

    Parameters
    ----------
    frame : DataFrame
    codes : sequence of float
        Numbers that stand for "missing".

    Returns
    -------
    ndarray of int
        Columns that hold a number, but none of these and nothing infinite.
    """
    places = numeric_places(frame)
    plain = [places[:0]]
    for start in range(0, places.size, AT_ONCE):
        some = places[start : start + AT_ONCE]
        values = frame.iloc[:, some].to_numpy(dtype=np.float64, na_value=np.nan)
        odd = np.isinf(values).any(axis=0) | np.isnan(values).all(axis=0)
        if len(codes):
            odd |= np.isin(values, codes).any(axis=0)
        plain.append(some[~odd])
    return np.concatenate(plain)


def facts_of(frame: pd.DataFrame, places: np.ndarray) -> dict[int, Facts]:
    """What is known of the columns of numbers at these places.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
    places : ndarray of int
        From `numeric_places`.

    Returns
    -------
    dict of int to Facts
        Columns without a number, or with whole numbers too large for floats, are not among them.
    """
    found: dict[int, Facts] = {}
    for start in range(0, places.size, AT_ONCE):
        some = places[start : start + AT_ONCE]
        values = frame.iloc[:, some].to_numpy(dtype=np.float64, na_value=np.nan)
        found |= dict(zip(some.tolist(), _facts(values), strict=True))
    return {place: facts for place, facts in found.items() if facts is not None}


def _facts(values: np.ndarray) -> list[Facts | None]:
    ordered = np.sort(values, axis=0)
    known = (~np.isnan(ordered)).sum(axis=0)
    steps = np.diff(ordered, axis=0)  # NaN where one of the two is missing
    with np.errstate(invalid="ignore"):
        distinct = (steps > 0).sum(axis=0) + (known > 0)
        finite = np.isfinite(ordered)
        whole = (np.where(finite, np.mod(ordered, 1), 0) == 0).all(axis=0) & (known > 0)
        by_one = (np.where(np.isnan(steps), 1, steps) == 1).all(axis=0) & (distinct == known)
    low = np.where(finite, ordered, np.inf).min(axis=0, initial=np.inf)
    high = np.where(finite, ordered, -np.inf).max(axis=0, initial=-np.inf)
    first = values[0] if len(values) else np.zeros(values.shape[1])
    rows = by_one & whole & np.isin(low, (0, 1)) & (first == low)
    usual = (known > 0) & np.isfinite(low) & (np.maximum(np.abs(low), np.abs(high)) < EXACT)
    told = (known, distinct, low, high, whole, rows)
    each = zip(usual.tolist(), *(fact.tolist() for fact in told), strict=True)
    return [Facts(*facts) if fit else None for fit, *facts in each]


def cleaned_numbers(frame: pd.DataFrame, places: np.ndarray) -> tuple[pd.DataFrame, dict[str, int]]:
    """Columns of numbers as one block of floats, without infinity.

    Parameters
    ----------
    frame : DataFrame
    places : ndarray of int

    Returns
    -------
    block : DataFrame of float64
        With the index of `frame`.
    refused : dict of str to int
        By column, how many cells were infinite and count as missing.
    """
    values = frame.iloc[:, places].to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    endless = np.isinf(values)
    names = frame.columns[places]
    refused = {}
    if endless.any():
        counts = endless.sum(axis=0)
        refused = {str(names[at]): int(counts[at]) for at in np.flatnonzero(counts)}
        values[endless] = np.nan
    return pd.DataFrame(values, index=frame.index, columns=names, copy=False), refused


def numbers_of(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Columns as numbers, also those that are written as text, such as "<0.5" among numbers.

    Parameters
    ----------
    frame : DataFrame of n rows
    names : sequence of str

    Returns
    -------
    ndarray of float64, shape (n, names)
        NaN where a cell is empty or no number.
    """
    some = frame[list(names)]
    written = [name for name, dtype in zip(names, some.dtypes, strict=True) if not pd.api.types.is_numeric_dtype(dtype)]
    read = {name: as_numbers(some[name])[0] for name in written}
    return some.assign(**read).to_numpy(dtype=np.float64, na_value=np.nan)


def together(block: pd.DataFrame, others: Mapping[str, pd.Series], order: Sequence[str]) -> pd.DataFrame:
    """A table of a block of numbers and other columns, in the given order.

    Parameters
    ----------
    block : DataFrame
    others : mapping of str to Series
        With the index of `block`.
    order : sequence of str
        Every column of both.

    Returns
    -------
    DataFrame
    """
    if not others:
        return block
    whole = pd.concat([block, pd.DataFrame(dict(others), index=block.index)], axis=1)
    return whole if list(whole.columns) == list(order) else whole[list(order)]


def copies(frame: pd.DataFrame) -> np.ndarray:
    """Which rows are exact copies of an earlier one.

    Parameters
    ----------
    frame : DataFrame of n rows

    Returns
    -------
    ndarray of bool, shape (n,)
        As `DataFrame.duplicated` says, without its many seconds on a wide table.
    """
    places = numeric_places(frame)
    if not places.size:
        return frame.duplicated().to_numpy()
    values = frame.iloc[:, places].to_numpy(dtype=np.float64, na_value=np.nan) + 0.0
    values[np.isnan(values)] = np.nan
    apart = np.setdiff1d(np.arange(frame.shape[1]), places)
    others = [pd.factorize(frame.iloc[:, at])[0] for at in apart]
    codes = np.column_stack(others) if others else np.zeros((len(frame), 0), dtype=int)
    seen: set[bytes] = set()
    again = np.zeros(len(frame), dtype=bool)
    for row in range(len(frame)):
        content = values[row].tobytes() + codes[row].tobytes()
        again[row] = content in seen
        seen.add(content)
    return again


def alike(values: np.ndarray) -> np.ndarray:
    """Pairs of rows that agree in nearly every column: one sample measured or entered twice.

    Parameters
    ----------
    values : ndarray of shape (n, p)
        Gaps count as the median of their column.

    Returns
    -------
    ndarray of int, shape (pairs, 2)
        The earlier row first. Rows whose values correlate beyond .999, each column by its own mean and SD; none are
        looked for among more than 5,000 rows.
    """
    values = values[:, ~np.isnan(values).all(axis=0)]
    if len(values) > COMPARED or not values.size:
        return np.empty((0, 2), int)
    gaps = np.isnan(values)
    if gaps.any():
        values = np.where(gaps, np.nanmedian(values, axis=0), values)
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    length = np.sqrt((scaled**2).sum(axis=1))
    cosine = (scaled @ scaled.T) / np.maximum(np.outer(length, length), 1e-300)
    return np.argwhere(np.triu(cosine > ALIKE, 1))
