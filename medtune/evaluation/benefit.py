"""How much more useful one model is than another on the same patients, over thresholds, with paired intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtune.evaluation.arrays import checked
from medtune.evaluation.confusion import confusion_counts, rates
from medtune.evaluation.decisions import THRESHOLDS
from medtune.evaluation.discrimination import counts_above
from medtune.evaluation.resampling import Resamples


@dataclass(frozen=True)
class BenefitGain:
    """Net benefit of one model less that of another.

    Attributes
    ----------
    threshold : ndarray of shape (k,)
    gain : ndarray of shape (3, k)
        Value, low, high; above 0 the first model is more useful.
    """

    threshold: np.ndarray
    gain: np.ndarray


def benefit_gain(
    y: np.ndarray,
    risks: np.ndarray,
    other: np.ndarray,
    draws: Resamples | None = None,
    *,
    thresholds: np.ndarray = THRESHOLDS,
) -> BenefitGain:
    """Net benefit of one set of risks less that of another on the same patients.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks, other : array-like of shape (n,) or (repeats, n)
        Measured for each repeat and then averaged.
    draws : Resamples, optional
        For the intervals; the same resamples serve both, so that the difference is paired.
    thresholds : ndarray of shape (k,)
        Ascending.

    Returns
    -------
    BenefitGain
        Limits are NaN without `draws`.

    Notes
    -----
    Vickers & Elkin 2006 Med Decis Making 26:565; the interval is the bootstrap percentile of the paired difference.
    """
    y, risks = checked(y, risks)
    y, other = checked(y, other)
    thresholds = np.asarray(thresholds, dtype=float)
    values = [_benefit(*confusion_counts(y, each, thresholds), y, thresholds).mean(axis=0) for each in (risks, other)]
    value = values[0] - values[1]
    nothing = np.full(value.shape, np.nan)
    if draws is None or not draws.size:
        return BenefitGain(thresholds, np.stack([value, nothing, nothing]))
    drawn = _drawn(y, risks, thresholds, draws) - _drawn(y, other, thresholds, draws)
    known = np.isfinite(drawn).all(axis=0)
    low, high = nothing.copy(), nothing.copy()
    low[known], high[known] = np.quantile(drawn[:, known], [0.025, 0.975], axis=0)
    return BenefitGain(thresholds, np.stack([value, np.minimum(low, value), np.maximum(high, value)]))


def _benefit(tp, fp, y, thresholds):
    events = y.sum()
    return rates(tp, fp, events, y.size - events, thresholds, ["net_benefit"])["net_benefit"]


def _drawn(y: np.ndarray, risks: np.ndarray, thresholds: np.ndarray, draws: Resamples) -> np.ndarray:
    totals = draws.sums(np.stack([y, 1 - y], axis=1))
    sums = 0.0
    for p in risks:
        tp, fp = counts_above(y, p, thresholds, draws)
        sums = sums + rates(tp, fp, totals[:, :1], totals[:, 1:], thresholds, ["net_benefit"])["net_benefit"]
    return sums / len(risks)
