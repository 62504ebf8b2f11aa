"""Intervals of the distances between calibration curve and risks: the curve is smoothed again in each resample."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from medtune.evaluation.arrays import checked
from medtune.evaluation.calibration import calibration_errors
from medtune.evaluation.resampling import Resamples
from medtune.evaluation.smoothing import FEWEST_DISTINCT, kernel_weights
from medtune.foundation.estimate import Estimate

DISTANCES = ("ici", "e50", "e90", "emax", "eci")
GROUPS = 200
MOST_RESAMPLES = 300
# Shares of the distance that was found, of which the truth may be any; ECI, a squared distance, goes with the square.
SHARES = (0.0, 0.4, 0.8, 1.0, 1.3, 1.8, 3.0)
WHOLE = SHARES.index(1.0)


def calibration_distances(y: np.ndarray, risks: np.ndarray, draws: Resamples | None = None) -> dict[str, Estimate]:
    """ICI, E50, E90, Emax and ECI with bootstrap intervals.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
    draws : Resamples, optional
        No intervals without; the first 300 are used.

    Returns
    -------
    dict of str to Estimate
        By measure; values are those of `calibration_errors`.

    Notes
    -----
    Patients are put into at most 200 groups of neighbouring risks, and the local quadratic curve through the groups
    is fitted anew in each resample. The noise of a curve makes every distance too large, most of all where risks are
    right: percentiles of resampled distances then never reach down to the truth. So the limits are found by inverting
    a test: were the true curve only a share of the way from the diagonal to the fitted one, with the noise that the
    resamples show, the distance found must not lie in the outer 2.5% of what would be found. At a share of 0 the
    risks are right; where that cannot be excluded, the lower limit is 0. The interval is widened to the resampled
    distances moved so that their median is the value, and to the value itself. `python -m benchmarks.coverage` says
    how often it holds the truth.
    """
    y, risks = checked(y, risks)
    errors = calibration_errors(y, risks)
    values = {name: float(getattr(errors, name)) for name in DISTANCES}
    if draws is None or not draws.size or y.min() == y.max():
        return {name: Estimate(value) for name, value in values.items()}
    draws = replace(draws, counts=draws.counts[:MOST_RESAMPLES])
    drawn = np.mean([distance_draws(y, p, draws) for p in risks], axis=0)
    return {name: _interval(name, values[name], drawn[:, place]) for place, name in enumerate(DISTANCES)}


def _interval(name: str, value: float, drawn: np.ndarray) -> Estimate:
    """Limits from resampled distances of shape (shares, resamples)."""
    usable = drawn[:, np.isfinite(drawn).all(axis=0)]
    if not math.isfinite(value) or usable.shape[1] < max(2, drawn.shape[1] / 2):
        return Estimate(value)
    below, middle, above = np.quantile(usable, [0.025, 0.5, 0.975], axis=1)
    power = 2 if name == "eci" else 1
    least, most = (_share_at(value, limit) ** power * value for limit in (above, below))
    low = min(least, max(value - middle[WHOLE] + below[WHOLE], 0.0), value)
    return Estimate(value, low, max(most, value - middle[WHOLE] + above[WHOLE], value))


def _share_at(value: float, limits: np.ndarray) -> float:
    """The share of the distance at which a limit of what would be found equals what was found."""
    rising = np.maximum.accumulate(limits)
    return 0.0 if value <= rising[0] else float(np.interp(value, rising, SHARES))


def distance_draws(y: np.ndarray, p: np.ndarray, draws: Resamples) -> np.ndarray:
    """The five distances in each resample, were the true curve a share of the way from the diagonal to the fitted one.

    Parameters
    ----------
    y : ndarray of shape (n,), int
    p : ndarray of shape (n,)
    draws : Resamples

    Returns
    -------
    ndarray of shape (shares, 5, resamples)
        In the order of `SHARES` and `DISTANCES`; at a share of 1 they are those of the resamples as they are.
    """
    places, group = _groups(p)
    total, events = _drawn_by_group(y, group, places.size, draws)
    everybody = np.bincount(group, minlength=places.size)[None].astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = _curves(everybody, np.bincount(group, y, minlength=places.size)[None], places, everybody[0])
        noise = _curves(total, events, places, everybody[0]) - own
        size = total.sum(axis=1)
        around = (total * (events.sum(axis=1, keepdims=True) / size[:, None] - places) ** 2).sum(axis=1) / size
        around = np.where(around > 1e-12, around, np.nan)
        out = np.empty((len(SHARES), len(DISTANCES), draws.size))
        for distances, share in zip(out, SHARES, strict=True):
            gap = np.where(total > 0, np.abs(share * (own - places) + noise), 0.0)
            ici, square = ((total * x).sum(axis=1) / size for x in (gap, gap**2))
            distances[:] = ici, *_quantiles(gap, total, (0.5, 0.9)), gap.max(axis=1), square / around
    return out


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


def _curves(total, events, places, size) -> np.ndarray:
    """The local quadratic curve at each group in each resample, by Cramer's rule on three moments."""
    if places.size < FEWEST_DISTINCT:
        return events / total
    kernel, gap = kernel_weights(places, size, places)
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
