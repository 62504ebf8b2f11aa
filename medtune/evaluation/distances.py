"""Intervals of the distances between calibration curve and risks: the curve is smoothed again in each resample."""

from __future__ import annotations

import math

import numpy as np

from medtune.evaluation.arrays import checked
from medtune.evaluation.calibration import calibration_errors
from medtune.evaluation.resampling import Resamples
from medtune.evaluation.smoothing import FEWEST_DISTINCT, kernel_weights
from medtune.foundation.estimate import Estimate

DISTANCES = ("ici", "e50", "e90", "emax", "eci")
GROUPS = 200


def calibration_distances(y: np.ndarray, risks: np.ndarray, draws: Resamples | None = None) -> dict[str, Estimate]:
    """ICI, E50, E90, Emax and ECI with bootstrap intervals.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
    draws : Resamples, optional
        No intervals without.

    Returns
    -------
    dict of str to Estimate
        By measure; values are those of `calibration_errors`.

    Notes
    -----
    Patients are put into at most 200 groups of neighbouring risks, and the local quadratic curve through the groups
    is fitted anew in each resample. Resampling adds noise to the curve, so resampled distances are too large by about
    as much as the distances themselves are; they are therefore moved, so that their median is the value, and cut at 0.
    """
    y, risks = checked(y, risks)
    errors = calibration_errors(y, risks)
    values = {name: float(getattr(errors, name)) for name in DISTANCES}
    if draws is None or not draws.size or y.min() == y.max():
        return {name: Estimate(value) for name, value in values.items()}
    drawn = np.mean([distance_draws(y, p, draws) for p in risks], axis=0)
    return {name: _centred(values[name], row) for name, row in zip(DISTANCES, drawn, strict=True)}


def _centred(value: float, drawn: np.ndarray) -> Estimate:
    usable = drawn[np.isfinite(drawn)]
    if not math.isfinite(value) or usable.size < max(2, drawn.size / 2):
        return Estimate(value)
    return Estimate.from_draws(value, np.maximum(usable - np.median(usable) + value, 0.0))


def distance_draws(y: np.ndarray, p: np.ndarray, draws: Resamples) -> np.ndarray:
    """The five distances in each resample.

    Parameters
    ----------
    y : ndarray of shape (n,), int
    p : ndarray of shape (n,)
    draws : Resamples

    Returns
    -------
    ndarray of shape (5, resamples)
        In the order of `DISTANCES`.
    """
    places, group = _groups(p)
    total, events = _drawn_by_group(y, group, places.size, draws)
    rate = events.sum(axis=1) / total.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        curve = events / total if places.size < FEWEST_DISTINCT else _curves(total, events, places, p, group)
        gap = np.where(total > 0, np.abs(curve - places), 0.0)
        n = total.sum(axis=1)
        ici, square = ((total * x).sum(axis=1) / n for x in (gap, gap**2))
        around = (total * (rate[:, None] - places) ** 2).sum(axis=1) / n
        eci = np.where(around > 1e-12, square / around, np.nan)
    return np.stack([ici, *_quantiles(gap, total, (0.5, 0.9)), gap.max(axis=1), eci])


def _groups(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean risk of each group, and the group of each patient; equal risks are never parted."""
    distinct, place, size = np.unique(p, return_inverse=True, return_counts=True)
    if distinct.size <= GROUPS:
        return distinct, place
    group = (np.cumsum(size) - size) * GROUPS // p.size
    group = np.unique(group, return_inverse=True)[1]
    return np.bincount(group, distinct * size) / np.bincount(group, size), group[place]


def _drawn_by_group(y, group, size, draws: Resamples) -> tuple[np.ndarray, np.ndarray]:
    """Patients and events of each group in each resample, shape (resamples, groups)."""
    if draws.grouped:
        cells = draws.spread([group + size * y], [None], 2 * size)
    else:
        order = np.argsort(group + size * y, kind="stable")
        sorted_cells = (group + size * y)[order]
        starts = np.flatnonzero(np.diff(sorted_cells, prepend=-1))
        cells = np.zeros((draws.size, 2 * size))
        for place, rows in draws.blocks():
            cells[place, sorted_cells[starts]] = np.add.reduceat(rows.take(order, axis=1), starts, axis=1, dtype=float)
    return cells[:, :size] + cells[:, size:], cells[:, size:]


def _curves(total, events, places, p, group) -> np.ndarray:
    """The local quadratic curve at each group in each resample, by Cramer's rule on three moments."""
    kernel, gap = kernel_weights(places, np.bincount(group, minlength=places.size).astype(float), places)
    moments = [total @ (kernel * gap**k).T for k in range(5)]
    sums = [events @ (kernel * gap**k).T for k in range(3)]
    s0, s1, s2, s3, s4 = moments
    minors = s2 * s4 - s3**2, s1 * s4 - s2 * s3, s1 * s3 - s2**2
    whole = s0 * minors[0] - s1 * minors[1] + s2 * minors[2]
    fitted = (sums[0] * minors[0] - sums[1] * minors[1] + sums[2] * minors[2]) / whole
    # Where a resample leaves too few distinct risks near a place, the local mean stands in.
    return np.where(np.abs(whole) > 1e-10 * s0**3, fitted, sums[0] / s0)


def _quantiles(gap: np.ndarray, weight: np.ndarray, shares: tuple[float, ...]) -> list[np.ndarray]:
    order = np.argsort(gap, axis=1)
    running = np.take_along_axis(weight, order, axis=1).cumsum(axis=1)
    ascending = np.take_along_axis(gap, order, axis=1)
    places = [np.argmax(running >= share * running[:, -1:], axis=1) for share in shares]
    return [np.take_along_axis(ascending, place[:, None], axis=1)[:, 0] for place in places]
