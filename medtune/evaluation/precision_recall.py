"""Precision over recall, with its band: what flags are worth where events are rare."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from medtune.evaluation.arrays import checked
from medtune.evaluation.discrimination import GRID, counts_above, cut_offs
from medtune.evaluation.intervals import normal_quantile
from medtune.evaluation.logistic import expit, logit
from medtune.evaluation.resampling import Resamples
from medtune.foundation.estimate import Estimate


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """Precision (PPV) over recall (sensitivity), averaged over repeats.

    Attributes
    ----------
    recall, precision : ndarray of shape (201,)
        The curve; NaN without events.
    average_precision : float
        Step-wise area, as scikit-learn's `average_precision_score`.
    prevalence : float
        What a model that knows nothing reaches.
    low, high : ndarray of shape (201,)
        95% band at each recall, by bootstrap; empty without one.
    average : Estimate or None
        The area with its bootstrap interval.
    """

    recall: np.ndarray
    precision: np.ndarray
    average_precision: float
    prevalence: float
    low: np.ndarray = field(default_factory=lambda: np.empty(0))
    high: np.ndarray = field(default_factory=lambda: np.empty(0))
    average: Estimate | None = None


def precision_recall_curve(y: np.ndarray, risks: np.ndarray, draws: Resamples | None = None) -> PrecisionRecallCurve:
    """Precision over recall on 201 recalls, with the average precision.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
    draws : Resamples, optional
        For the band and the interval of the area: the curve of each resample, from at most 200 cut-offs.

    Returns
    -------
    PrecisionRecallCurve
        At each recall the precision of the highest cut-off that reaches it, as scikit-learn's step curve.
    """
    y, risks = checked(y, risks)
    if not y.any():
        nothing = np.full(GRID.size, np.nan)
        return PrecisionRecallCurve(GRID, nothing, math.nan, 0.0)
    each = [_exact(y, p) for p in risks]
    precision, area = np.mean([curve for curve, _ in each], axis=0), float(np.mean([area for _, area in each]))
    curve = PrecisionRecallCurve(GRID, precision, area, float(y.mean()), average=Estimate(area))
    if draws is None or not draws.size:
        return curve
    drawn = [_drawn(y, p, draws) for p in risks]
    curves, areas = (np.mean([pair[k] for pair in drawn], axis=0) for k in (0, 1))
    usable = np.isfinite(areas)
    if usable.sum() < max(2, draws.size / 2):
        return curve
    low, high = np.quantile(curves[usable], [0.025, 0.975], axis=0)
    # Few cut-offs carry the resampled curves, so the band can miss the exact curve by a little; it is widened to it.
    return replace(
        curve,
        low=np.minimum(low, precision),
        high=np.maximum(high, precision),
        average=_on_log_odds(area, areas[usable]),
    )


def _on_log_odds(area: float, drawn: np.ndarray) -> Estimate:
    """The area with limits on the log-odds scale, from the spread of resampled areas.

    A resample holds some patients twice, so its area is too large and percentiles lie too high; the spread is not
    touched by that (Boyd 2013, ECML PKDD, LNCS 8190:451, on limits on the log-odds scale).
    """
    if not 0 < area < 1:
        return Estimate(area)
    reach = normal_quantile() * float(np.std(logit(drawn), ddof=1))
    low, high = expit(logit(area) + np.array([-reach, reach]))
    return Estimate(area, float(low), float(high)) if reach > 0 else Estimate(area)


def _exact(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, float]:
    order = np.argsort(-p)
    last = np.flatnonzero(np.append(np.diff(p[order]) != 0, True))
    true = np.cumsum(y[order])[last]
    precision, recall = true / (last + 1), true / true[-1]
    reached = np.searchsorted(recall, GRID - 1e-12, side="left")
    area = float(np.sum(np.diff(recall, prepend=0) * precision))
    return precision[np.minimum(reached, precision.size - 1)], area


def _drawn(y: np.ndarray, p: np.ndarray, draws: Resamples) -> tuple[np.ndarray, np.ndarray]:
    """Curves (resamples, 201) and areas (resamples,); NaN where a resample has no event."""
    true, false = (counts[:, ::-1] for counts in counts_above(y, p, cut_offs(p), draws))
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = true / true[:, -1:]
        precision = np.where(true + false > 0, true / (true + false), 0.0)
    areas = np.sum(np.diff(recall, prepend=0, axis=1) * precision, axis=1)
    out = np.full((len(true), GRID.size), np.nan)
    usable = np.flatnonzero(np.isfinite(recall[:, -1]))
    # All resamples in one search: the recalls of resample b are moved to [2b, 2b + 1].
    move = 2.0 * np.arange(usable.size)[:, None]
    reached = np.searchsorted((recall[usable] + move).ravel(), (GRID - 1e-12 + move).ravel(), side="left")
    out[usable] = precision[usable].ravel()[reached].reshape(-1, GRID.size)
    return out, areas
