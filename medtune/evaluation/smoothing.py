"""A smooth curve of the event rate over risk: R's loess, and the same local quadratic on binned risks for many rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtune.evaluation.intervals import wilson
from medtune.foundation.words import Sentence, say

SPAN = 0.75
LOESS_ROWS = 5_000
BINS = 1_000
FEWEST_DISTINCT = 10

LOESS = say("Loess curve (local quadratic, span 0.75) with a 95% band.")
BINNED = say("Local quadratic curve (span 0.75) through 1,000 groups of patients of similar risk, with a 95% band.")
POINTS = say("Share of patients with the event at each distinct risk, with Wilson 95% limits; too few for a curve.")


@dataclass(frozen=True, eq=False)
class Smooth:
    """A fitted curve.

    Attributes
    ----------
    fitted : ndarray of shape (n,)
        The curve at each patient's own risk.
    curve, low, high : ndarray of shape (k,)
        The curve and its 95% band on the grid; not yet kept within 0 and 1.
    method : Sentence
        How it was made.
    """

    fitted: np.ndarray
    curve: np.ndarray
    low: np.ndarray
    high: np.ndarray
    method: Sentence


def smooth(y: np.ndarray, p: np.ndarray, grid: np.ndarray) -> Smooth:
    """The observed event rate as a smooth function of the risk.

    Parameters
    ----------
    y : ndarray of shape (n,), int
    p : ndarray of shape (n,)
        Risks.
    grid : ndarray of shape (k,)
        Risks to draw the curve at; those beyond the range of `p` take its ends.

    Returns
    -------
    Smooth

    Notes
    -----
    Up to 5,000 patients R's `loess(y ~ p, degree = 2, span = .75)` (Cleveland
    1992), as Austin & Steyerberg 2019 Stat Med 38:4051 use; above it the same
    estimator on 1,000 groups of neighbours, which grows as n log n. Loess'
    residual scale gives the band up to 5,000, the binomial variance above it.
    With fewer than 10 distinct risks: the event rate at each of them.
    """
    distinct = np.unique(p)
    if distinct.size < FEWEST_DISTINCT:
        return _by_value(y, p, distinct, grid)
    grid = np.clip(grid, distinct[0], distinct[-1])
    if y.size <= LOESS_ROWS:
        fit = _loess(y, p, grid)
        if fit is not None:
            return fit
    return _binned(y, p, grid)


def _by_value(y, p, distinct, grid):
    place = np.searchsorted(distinct, p)
    total, events = np.bincount(place), np.bincount(place, y)
    rate = events / total
    low, high = wilson(events, total)
    at = [np.interp(grid, distinct, values) for values in (rate, low, high)]
    return Smooth(rate[place], *at, POINTS)


def _loess(y: np.ndarray, p: np.ndarray, grid: np.ndarray) -> Smooth | None:
    """R's loess; None where it cannot be computed, as with many equal risks."""
    from skmisc.loess import loess

    model = loess(p, y.astype(float), degree=2, span=SPAN)
    try:
        model.fit()
        curve = np.asarray(model.predict(grid).values)
    except ValueError:
        return None
    fitted = np.asarray(model.outputs.fitted_values)
    scale = float(model.outputs.residual_scale)
    if not (np.isfinite(fitted).all() and np.isfinite(curve).all() and np.abs(curve).max() < 2 and np.isfinite(scale)):
        return None
    # The length of each row of the smoothing operator, times the residual scale, is loess' own standard error;
    # computed here because loess' takes a second at 5,000 rows.
    operator = local_quadratic(p, np.ones(p.size), grid)
    error = scale * np.sqrt((operator**2).sum(axis=1))
    return Smooth(fitted, curve, curve - 1.96 * error, curve + 1.96 * error, LOESS)


def _binned(y: np.ndarray, p: np.ndarray, grid: np.ndarray) -> Smooth:
    order = np.argsort(p, kind="stable")
    starts = np.unique(np.linspace(0, p.size, min(BINS, p.size) + 1).astype(int)[:-1])
    size = np.diff(np.append(starts, p.size)).astype(float)
    risk = np.add.reduceat(p[order], starts) / size
    rate = np.add.reduceat(y[order], starts) / size
    # The curve is needed at every patient: computed at 200 places, which is finer than it can bend.
    places = np.unique(
        np.concatenate([grid, np.quantile(p, np.linspace(0, 1, 101)), np.linspace(p.min(), p.max(), 101)])
    )
    operator = local_quadratic(risk, size, places)
    curve = operator @ rate
    kept = np.clip(operator @ rate, 0, 1)
    spread = np.interp(risk, places, kept * (1 - kept)) / size
    error = np.sqrt((operator**2) @ spread)
    at = np.searchsorted(places, grid)
    low, high = curve - 1.96 * error, curve + 1.96 * error
    return Smooth(np.interp(p, places, curve), curve[at], low[at], high[at], BINNED)


def local_quadratic(x: np.ndarray, weights: np.ndarray, at: np.ndarray, span: float = SPAN) -> np.ndarray:
    """The smoothing operator of local quadratic regression: curve = operator @ y.

    Parameters
    ----------
    x : ndarray of shape (m,)
    weights : ndarray of shape (m,)
        Patients behind each point.
    at : ndarray of shape (k,)
        Where the curve is wanted.
    span : float
        Share of the weight that takes part, by a tricube of the distance.

    Returns
    -------
    ndarray of shape (k, m)
    """
    near, gap = kernel_weights(x, weights, at, span)
    kernel = weights * near
    powers, term = np.empty((len(at), 5)), kernel
    for power in range(5):
        powers[:, power] = term.sum(axis=1)
        term = term * gap
    normal = powers[:, np.arange(3)[:, None] + np.arange(3)]
    first = np.linalg.pinv(normal, rcond=1e-8, hermitian=True)[:, 0]
    return kernel * (first[:, :1] + gap * (first[:, 1:2] + gap * first[:, 2:]))


def kernel_weights(
    x: np.ndarray, weights: np.ndarray, at: np.ndarray, span: float = SPAN
) -> tuple[np.ndarray, np.ndarray]:
    """Tricube weights of points around places, and their distances in units of the reach.

    Parameters
    ----------
    x, weights, at, span
        As in `local_quadratic`.

    Returns
    -------
    kernel, gap : ndarray of shape (k, m)
    """
    gap = x - at[:, None]
    distance = np.abs(gap)
    reach = _reach(distance, weights, span)
    # Where most risks are equal the neighbourhood has no width; it then takes in the nearest other risks.
    narrow = reach[:, 0] < 1e-9
    if narrow.any():
        others = np.where(distance[narrow] > 1e-9, distance[narrow], np.inf).min(axis=1, keepdims=True)
        reach[narrow] = np.where(np.isfinite(others), 2 * others, 1.0)
    gap /= reach
    distance /= reach
    near = np.clip(1 - distance * distance * distance, 0, None)
    return near * near * near, gap


def _reach(distance: np.ndarray, weights: np.ndarray, span: float) -> np.ndarray:
    """Distance within which the share `span` of the weight lies, shape (k, 1)."""
    if weights.min() == weights.max():
        nearest = max(int(span * weights.size + 1e-5), 1) - 1
        return np.partition(distance, nearest, axis=1)[:, nearest : nearest + 1]
    order = np.argsort(distance, axis=1)
    within = np.cumsum(weights[order], axis=1)
    last = np.argmax(within >= span * weights.sum() - 1e-9, axis=1)[:, None]
    return np.take_along_axis(distance, np.take_along_axis(order, last, axis=1), axis=1)
