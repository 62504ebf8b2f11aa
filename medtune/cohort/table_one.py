"""Table 1: who the patients are, side by side by outcome or by site, with small counts hidden where it is to leave."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.table import Cohort
from medtune.cohort.values import as_levels, as_numbers, level_text
from medtune.cohort.wide import MANY
from medtune.foundation.words import Sentence, say

SMALL = 5  # counts below this could point at single patients
MOST_LEVELS, MOST_GROUPS = 20, 12
SKEWED = 1.0  # skewness from which on the median says more than the mean
HIDDEN = "<5"
HIDDEN_TOO = "hidden"  # a larger count, from which a small one could be worked out
BY = ("outcome", "site")


@dataclass(frozen=True)
class Line:
    """One line: a column or a level of it, what is told of it, and a text for each group.

    Attributes
    ----------
    name : str
        Of the column; "" on the lines of its levels.
    level : str
        Of a category, else "".
    what : Sentence
        For example "mean (SD)".
    cells : tuple of str
        For all patients, then for each group.
    difference : float
        Standardised difference between two groups, NaN where there are more or fewer.
    """

    name: str
    level: str
    what: Sentence
    cells: tuple[str, ...]
    difference: float = math.nan


@dataclass(frozen=True)
class TableOne:
    """Who the patients are.

    Attributes
    ----------
    groups : tuple of str
        Names of the groups, without that of all patients.
    lines : tuple of Line
        The first tells how many patients there are.
    hidden : bool
        Whether counts below five are hidden.
    """

    groups: tuple[str, ...]
    lines: tuple[Line, ...]
    hidden: bool


def table_one(cohort: Cohort, by: str = "outcome", hide: bool = False) -> TableOne:
    """Describe the predictors of a cohort, for everybody and by group.

    Parameters
    ----------
    cohort : Cohort
    by : {"outcome", "site"}
    hide : bool
        Hide counts below five, and one more where a hidden count could be worked out from the others.

    Returns
    -------
    TableOne

    Notes
    -----
    Numbers are told by mean and standard deviation, or by median and quartiles where the skewness of all patients
    exceeds 1; categories, and numbers with two values, by counts and their share of those with a value. Differences are
    standardised (Austin, Stat Med 2009;28:3083): a test would tell the size of the cohort. Missing values are counted,
    never filled.
    """
    groups = _groups(cohort, by)
    masks = [np.ones(cohort.n, dtype=bool), *groups.values()]
    sizes = tuple(_count(int(mask.sum()), hide) for mask in masks)
    lines = [Line("", "", say("patients"), sizes)]
    if by == "site":
        lines += _outcome_lines(cohort, masks, hide)
    numbers = [column for column in cohort.predictor_columns if column.kind == "number"]
    listed = cohort.predictor_columns
    if len(numbers) >= MANY:
        listed = [column for column in listed if column.kind != "number"]
        cells = (_count(len(numbers), False), *[""] * len(groups))
        lines.append(Line("", "", say("columns of numbers, not listed"), cells))
    for column in listed:
        lines += _lines_of(cohort.frame[column.name], column, masks, hide)
    return TableOne(tuple(groups), tuple(lines), hide)


def _outcome_lines(cohort: Cohort, masks: list[np.ndarray], hide: bool) -> list[Line]:
    """How often the event, or each class, happened at each site."""
    name = cohort.roles.outcome
    names = cohort.classes or ("no event", "event")
    happened = pd.Series(np.array(names, dtype=object)[cohort.outcome])
    lines = _category_lines(happened, Column(name, "category", names), masks, hide)
    return lines if cohort.classes else [lines[0], lines[2]]


def _groups(cohort: Cohort, by: str) -> dict[str, np.ndarray]:
    if by == "site":
        sites = cohort.site
        if sites is None:
            return {}
        names, counts = np.unique(sites, return_counts=True)
        largest = sorted(names[np.argsort(-counts, kind="stable")][:MOST_GROUPS].tolist())
        return {name: sites == name for name in largest}
    levels = as_levels(cohort.frame[cohort.roles.outcome])
    if cohort.roles.event.chosen and set(np.unique(cohort.outcome)) <= {0, 1}:
        return {"no event": cohort.outcome == 0, "event": cohort.outcome == 1}
    return {str(name): (levels == name).to_numpy() for name in sorted(levels.dropna().unique())[:MOST_GROUPS]}


def _count(count: int, hide: bool) -> str:
    return HIDDEN if hide and 0 < count < SMALL else f"{count:,}".replace(",", "\u202f")


def _lines_of(series: pd.Series, column: Column, masks: list[np.ndarray], hide: bool) -> list[Line]:
    if column.kind != "number":
        return _category_lines(series, column, masks, hide)
    values = as_numbers(series)[0]
    different = np.unique(values[~np.isnan(values)])
    if different.size != 2:
        return _number_lines(series, column, masks, hide)
    levels = tuple(level_text(value) for value in different)
    lines = _category_lines(series, Column(column.name, "category", levels), masks, hide)
    return [lines[0], *lines[2:]] if levels == ("0", "1") else lines  # of yes and no one is enough


def _number_lines(series: pd.Series, column: Column, masks: list[np.ndarray], hide: bool) -> list[Line]:
    values = as_numbers(series)[0]
    known = values[~np.isnan(values)]
    spread = known.std() if known.size else 0.0
    skewed = bool(known.size > 2 and spread and abs(((known - known.mean()) ** 3).mean() / spread**3) > SKEWED)
    cells = tuple(_spread_of(values[mask], skewed, hide) for mask in masks)
    what = say("median [quartiles]") if skewed else say("mean (SD)")
    line = Line(column.name, "", what, cells, _difference_of_means(values, masks))
    return [line, *_missing_line(np.isnan(values), masks, hide)]


def _spread_of(values: np.ndarray, skewed: bool, hide: bool) -> str:
    known = values[~np.isnan(values)]
    if not known.size:
        return ""
    if hide and known.size < SMALL:
        return HIDDEN
    if skewed:
        low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
        return f"{_short(middle)} [{_short(low)} to {_short(high)}]"
    return f"{_short(known.mean())} ({_short(known.std(ddof=1) if known.size > 1 else 0.0)})"


def _short(value: float) -> str:
    """Three figures, never an exponent: "61.2", "0.012", "1 240"."""
    digits = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 6)}f}".replace(",", "\u202f").replace("-", "\u2212")


def _category_lines(series: pd.Series, column: Column, masks: list[np.ndarray], hide: bool) -> list[Line]:
    levels = as_levels(series)
    gaps = levels.isna().to_numpy()
    shown = column.levels[:MOST_LEVELS]
    counts = np.array([[int(((levels == level).to_numpy() & mask).sum()) for mask in masks] for level in shown])
    rest = np.array([int((mask & ~gaps).sum()) for mask in masks]) - (counts.sum(axis=0) if len(shown) else 0)
    if rest.any():
        shown, counts = (*shown, "(others)"), np.vstack([counts, rest])
    secret = _secret(counts) if hide else np.zeros_like(counts, dtype=bool)
    small = counts < SMALL
    known = [int((mask & ~gaps).sum()) for mask in masks]
    texts = [
        tuple(
            (HIDDEN if small[row, place] else HIDDEN_TOO)
            if secret[row, place]
            else _with_share(int(counts[row, place]), known[place])
            for place in range(len(masks))
        )
        for row in range(len(shown))
    ]
    head = Line(column.name, "", say("count (%)"), ("",) * len(masks), _difference_of_shares(counts, masks))
    lines = [Line("", level, say(""), cells) for level, cells in zip(shown, texts, strict=True)]
    return [head, *lines, *_missing_line(gaps, masks, hide)]


def _secret(counts: np.ndarray) -> np.ndarray:
    """Which counts to hide: small ones, and the next where one alone could be worked out from its column or row."""
    secret = (counts > 0) & (counts < SMALL)
    for _ in range(2):
        for lines, hidden in ((counts.T, secret.T), (counts[:, 1:], secret[:, 1:])):
            for line, marks in zip(lines, hidden, strict=True):
                others = np.flatnonzero(~marks & (line > 0))
                if marks.sum() == 1 and others.size:
                    marks[others[line[others].argmin()]] = True
    return secret


def _with_share(count: int, total: int) -> str:
    return f"{_count(count, False)} ({100 * count / total:.1f})" if total else "0"


def _missing_line(gaps: np.ndarray, masks: list[np.ndarray], hide: bool) -> list[Line]:
    counts = [int((gaps & mask).sum()) for mask in masks]
    return [Line("", "", say("missing"), tuple(_count(count, hide) for count in counts))] if any(counts) else []


def _difference_of_means(values: np.ndarray, masks: list[np.ndarray]) -> float:
    if len(masks) != 3:
        return math.nan
    first, second = (values[mask & ~np.isnan(values)] for mask in masks[1:])
    if min(first.size, second.size) < 2:
        return math.nan
    spread = math.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2)
    return float((second.mean() - first.mean()) / spread) if spread else math.nan


def _difference_of_shares(counts: np.ndarray, masks: list[np.ndarray]) -> float:
    """For several levels the multivariate one (Yang and Dalton, SAS Global Forum 2012, 335)."""
    if len(masks) != 3 or counts.shape[0] < 2 or (counts[:, 1:].sum(axis=0) == 0).any():
        return math.nan
    first, second = (counts[1:, place] / counts[:, place].sum() for place in (1, 2))
    gap = second - first
    spread = (_covariance(first) + _covariance(second)) / 2
    size = float(np.sqrt(max(gap @ np.linalg.pinv(spread) @ gap, 0.0)))
    return size if counts.shape[0] > 2 else float(np.copysign(size, gap[0]))


def _covariance(shares: np.ndarray) -> np.ndarray:
    return np.diag(shares) - np.outer(shares, shares)
