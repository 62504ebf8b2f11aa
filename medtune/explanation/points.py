"""A logistic model as a points score: a sheet of whole numbers that a person adds up, with its own risk table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.evaluation.headline import headline
from medtune.evaluation.logistic import expit, fit_logistic
from medtune.evaluation.performance import compare
from medtune.evaluation.resampling import Resamples
from medtune.explanation.additive import Additive, additive, has_gaps, levels_of
from medtune.explanation.nomogram import round_values
from medtune.foundation.estimate import Estimate

BANDS, STEPS = 5, 120  # bands of a number at most, and sizes of a point that are tried
LEAST = 0.02  # share of the patients on either side of a cut
MEASURES = ("auroc", "log_loss", "slope", "citl")


@dataclass(frozen=True)
class Line:
    """One line of the sheet.

    Attributes
    ----------
    low, high : float or None
        Of a number: from low up to, but not including, high; None where the band is open.
    level : str or None
        Of a category.
    missing : bool
        Whether the line is for a missing value.
    names : tuple of str
        The values that a band holds, where a number has few.
    points : int
    """

    points: int
    low: float | None = None
    high: float | None = None
    level: str | None = None
    missing: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """The lines of one column; a value that no line names counts as the line `other`."""

    column: str
    numeric: bool
    lines: tuple[Line, ...]
    other: int = 0

    @property
    def most(self) -> int:
        """Most points of the column."""
        return max(line.points for line in self.lines)


@dataclass(frozen=True)
class PointsScore:
    """A scoring sheet.

    Attributes
    ----------
    items : tuple of Item
        Columns that give points, the most first.
    dropped : tuple of str
        Columns of the model that never reach one point.
    risks : tuple of float
        Risk for a total of 0, 1, 2, ... points.
    per_point : float
        Log-odds of one point.
    """

    items: tuple[Item, ...]
    dropped: tuple[str, ...]
    risks: tuple[float, ...]
    per_point: float

    @property
    def most(self) -> int:
        """Most points that can come together."""
        return len(self.risks) - 1

    def points(self, frame: pd.DataFrame) -> np.ndarray:
        """Total of each patient.

        Parameters
        ----------
        frame : DataFrame of n rows
            With the columns of the sheet.

        Returns
        -------
        ndarray of int, shape (n,)
        """
        return sum((_points(item, frame[item.column]) for item in self.items), np.zeros(len(frame), dtype=int))

    def risk(self, frame: pd.DataFrame) -> np.ndarray:
        """Risk of each patient by the sheet, shape (n,)."""
        return np.array(self.risks)[self.points(frame)]


@dataclass(frozen=True)
class PointsCheck:
    """What whole numbers cost, on patients that neither the model nor the sheet had seen.

    Attributes
    ----------
    n, events : int
    model, sheet : dict of str to Estimate
        auroc, log_loss, slope (calibration slope), citl (calibration in the large), with 95% intervals.
    loss : dict of str to Estimate
        The sheet less the model on the same patients, with paired 95% intervals.
    """

    n: int
    events: int
    model: dict[str, Estimate]
    sheet: dict[str, Estimate]
    loss: dict[str, Estimate]


def points_score(model: Any, frame: pd.DataFrame, most: int = 20) -> PointsScore:
    """Write a logistic model as a points score.

    Parameters
    ----------
    model : ClinicalModel or fitted classifier
        Its log-odds are a sum over columns.
    frame : DataFrame of n rows
        Patients: they say where numbers are cut into bands, and how points translate into risks. Their outcomes are
        not looked at.
    most : int
        Points that can come together, about.

    Returns
    -------
    PointsScore

    Raises
    ------
    ModelError
        When log-odds are not a sum over columns.

    Notes
    -----
    As Sullivan 2004 Stat Med 23:1631, except that a band counts what its patients' terms are on average, that the size
    of a point is the one that leaves least of the model's log-odds unexplained, and that risks are those of the model
    regressed on the points, so that rounding does not shift them.
    """
    form = additive(model, frame)
    drafts = [_Draft.of(form, column) for column in form.columns]
    eta = form.log_odds
    place = np.column_stack([draft.place for draft in drafts])
    reach = sum(float(np.ptp(draft.terms)) for draft in drafts)
    least, best = np.inf, None
    for step in reach / np.linspace(max(2, most / 2), most, STEPS):
        points = [np.rint((draft.terms - draft.terms.min()) / step).astype(int) for draft in drafts]
        if sum(one.max() for one in points) > most:
            continue
        total = sum(one[place[:, at]] for at, one in enumerate(points))
        left = _left_over(eta, total)
        if left < least:
            least, best = left, (points, total)
    points, total = best if best else _signs(drafts, place)
    return _sheet(drafts, points, total, expit(eta))


def check_points(
    y: np.ndarray, model: np.ndarray, sheet: np.ndarray, clusters: np.ndarray | None = None, seed: int = 0
) -> PointsCheck:
    """Set the risks of sheets against those of the models they were made from.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    model, sheet : ndarray of shape (n,)
        Risks of patients that took no part in making either.
    clusters : ndarray of shape (n,), optional
        Patient ids, where they repeat.
    seed : int
        Of the bootstrap.

    Returns
    -------
    PointsCheck
    """
    draws = Resamples.draw(len(y), 500, seed, clusters)
    one, two = headline(y, model, draws), headline(y, sheet, draws)
    differences = {name: two.difference(one, name) for name in MEASURES}
    differences |= {"log_loss": compare(y, model, sheet, original_head=one, candidate_head=two).differences["log_loss"]}
    heads = [{name: head.estimate(name) for name in MEASURES} for head in (one, two)]
    return PointsCheck(len(y), int(np.sum(y)), *heads, differences)


@dataclass(frozen=True, eq=False)
class _Draft:
    """One column before rounding: its lines, their terms, and the line of each patient."""

    column: Column
    lines: tuple[Line, ...]
    terms: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, form: Additive, column: Column) -> _Draft:
        cells = form.frame[column.name]
        own = form.parts[:, form.names.index(column.name)]
        lines = _bands(cells, column) if column.kind == "number" else _levels(cells, column)
        lines += (Line(0, missing=True),) if has_gaps(cells) else ()
        place = _place(lines, cells, column.kind == "number")
        terms = np.array([own[place == at].mean() if (place == at).any() else np.nan for at in range(len(lines))])
        # Whoever fits no line is counted with the line whose term is nearest.
        known = np.flatnonzero(np.isfinite(terms))
        lines, terms = tuple(lines[at] for at in known), terms[known]
        place = np.where(place >= 0, np.searchsorted(known, place), -1)
        nearest = np.abs(own[:, None] - terms).argmin(axis=1)
        return cls(column, lines, terms, np.where(place < 0, nearest, place))


def _bands(cells: pd.Series, column: Column) -> tuple[Line, ...]:
    """Bands of about equally many patients, cut at round numbers."""
    known = cells.dropna().to_numpy(dtype=float)
    distinct = np.unique(known)
    names = [()] * BANDS
    if distinct.size <= BANDS:
        cuts = ((distinct[1:] + distinct[:-1]) / 2).tolist()
        names = [(f"{value:g}",) for value in distinct]
    else:
        low, high = np.quantile(known, [0.02, 0.98])
        steps = np.array(round_values(low, high, 12, column.integer))
        wanted = np.quantile(known, np.arange(1, BANDS) / BANDS)
        cuts = sorted({float(steps[np.abs(steps - value).argmin()]) for value in wanted})
        cuts = [cut for cut in cuts if LEAST <= float((known < cut).mean()) <= 1 - LEAST]
    ends = [None, *cuts, None]
    return tuple(Line(0, low, high, names=name) for (low, high), name in zip(pairwise(ends), names, strict=False))


def _levels(cells: pd.Series, column: Column) -> tuple[Line, ...]:
    return tuple(Line(0, level=level) for level in levels_of(cells, column))


def _place(lines: Sequence[Line], cells: pd.Series, numeric: bool) -> np.ndarray:
    """The line of each patient; -1 for a value that no line names."""
    from medtune.cohort.values import as_levels, as_numbers

    values = as_numbers(cells)[0] if numeric else as_levels(cells).to_numpy(dtype=object, na_value=None)
    empty = np.isnan(values) if numeric else np.array([value is None for value in values], dtype=bool)
    place = np.full(len(values), -1)
    for at, line in enumerate(lines):
        if line.missing:
            place[empty] = at
        elif numeric:
            low, high = (-np.inf if line.low is None else line.low), (np.inf if line.high is None else line.high)
            place[(values >= low) & (values < high)] = at
        else:
            place[values == line.level] = at
    return place


def _points(item: Item, cells: pd.Series) -> np.ndarray:
    place = _place(item.lines, cells, item.numeric)
    return np.array([*(line.points for line in item.lines), item.other], dtype=int)[place]


def _left_over(eta: np.ndarray, total: np.ndarray) -> float:
    """Variance of the log-odds that a line in the points leaves unexplained."""
    apart = total - total.mean()
    square = float(apart @ apart)
    return float(np.mean(eta**2) - np.mean(eta) ** 2 - (apart @ eta) ** 2 / square / len(eta)) if square else np.inf


def _signs(drafts: Sequence[_Draft], place: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """One point for every line above the middle, where fewer points are wanted than rounding can give."""
    points = [(draft.terms > (draft.terms.min() + draft.terms.max()) / 2).astype(int) for draft in drafts]
    return points, sum(one[place[:, at]] for at, one in enumerate(points))


def _sheet(drafts: Sequence[_Draft], points: list[np.ndarray], total: np.ndarray, risk: np.ndarray) -> PointsScore:
    items, dropped = [], []
    for draft, given in zip(drafts, points, strict=True):
        if not given.any():
            dropped.append(draft.column.name)
            continue
        counts = np.bincount(draft.place, minlength=len(given))
        other = int(given[counts.argmax()])
        numeric = draft.column.kind == "number"
        items.append(Item(draft.column.name, numeric, _merged(draft.lines, given.tolist()), other))
    items.sort(key=lambda item: -item.most)
    fit = fit_logistic(np.column_stack([np.ones(len(total)), total]), risk)
    most = sum(item.most for item in items)
    risks = expit(fit.beta[0] + fit.beta[1] * np.arange(most + 1))
    return PointsScore(tuple(items), tuple(dropped), tuple(float(one) for one in risks), float(fit.beta[1]))


def _merged(lines: Sequence[Line], points: Sequence[int]) -> tuple[Line, ...]:
    """Lines with their points; neighbouring bands of equal points become one."""
    found: list[Line] = []
    for line, given in zip(lines, points, strict=True):
        band = line.level is None and not line.missing
        last = found[-1] if found else None
        if band and last is not None and last.level is None and not last.missing and last.points == given:
            found[-1] = Line(given, last.low, line.high, names=(*last.names, *line.names))
        else:
            found.append(replace(line, points=given))
    return tuple(found)
