"""Signs in one column: that it tells who a patient is, gives the outcome away, or hides codes for "missing"."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.values import as_numbers, level_codes
from medtune.cohort.vocabulary import names_an_identifier
from medtune.evaluation.discrimination import placements

SAMPLE = 300  # cells looked at
_CODES = (-9, -1, -99, -999, 99, 999, 9999)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",  # e-mail address
        r"(\+|00)?[\d ()/-]{7,17}\d",  # telephone number
        r"\d{17}[\dXx]|\d{3}-\d{2}-\d{4}",  # Chinese and American national ids
    )
)


def identifies(series: pd.Series, column: Column) -> bool:
    """Whether a column tells who a patient is: by its kind, by its name, or by how its cells are written.

    Parameters
    ----------
    series : Series of shape (n,)
    column : Column
        What `describe` said of it.

    Returns
    -------
    bool
    """
    if column.kind == "identifier" or (column.kind == "text" and names_an_identifier(column.name)):
        return True
    if column.kind == "number":
        long = column.integer and column.low >= 1e7 and column.distinct > 0.9 * len(series) * (1 - column.missing)
        return bool(long and len(series) >= 10)
    if column.kind not in ("text", "category") or column.distinct < 3:
        return False
    cells = [str(cell).strip() for cell in series.dropna().iloc[:SAMPLE]]
    return any(np.mean([pattern.fullmatch(cell) is not None for cell in cells]) > 0.8 for pattern in _PATTERNS)


def separation(series: pd.Series, column: Column, y: np.ndarray) -> float:
    """How well one column alone tells events from non-events: AUROC in the better direction, by ranks.

    Missing cells are left out for numbers; a category is ordered by its share of events, and a category
    with fewer than ten patients a level on average is passed over (0.5), since it would look perfect by chance.

    Parameters
    ----------
    series : Series of shape (n,)
    column : Column
        What `describe` said of it.
    y : ndarray of int, shape (n,)

    Returns
    -------
    float
        From 0.5 to 1.
    """
    if column.kind == "number":
        values = as_numbers(series)[0]
    elif column.kind == "category":
        codes, levels = level_codes(series)
        known = codes >= 0
        if not levels or known.sum() < 10 * len(levels):
            return 0.5
        events = np.bincount(codes[known], weights=y[known], minlength=len(levels))
        share = events / np.maximum(np.bincount(codes[known], minlength=len(levels)), 1)
        values = np.where(known, share[codes], np.nan)
    else:
        return 0.5
    known = ~np.isnan(values)
    if min(y[known].sum(), (1 - y[known]).sum()) < 5:
        return 0.5
    area = float(placements(y[known], values[known])[0].mean())
    return max(area, 1 - area)


def codes_that_stand_apart(values: np.ndarray) -> list[int]:
    """Usual codes for "missing" (0, -9, 999) that lie far from all other numbers of a column.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Without NaN.

    Returns
    -------
    list of int
    """
    found = []
    for code in (0, *_CODES):
        rest = values[values != code]
        if 0 < rest.size < values.size and _stands_apart(code, rest):
            found.append(code)
    return found


def _stands_apart(code: int, rest: np.ndarray) -> bool:
    low, middle, high = rest.min(), np.median(rest), rest.max()
    if code == 0:
        return bool(low > 0.25 * middle and low >= 5)
    if code < 0:
        return bool(low >= 0)
    return bool(high < code / 2)
