"""Confidence limits with a closed form: proportions and likelihood ratios."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np


def normal_quantile(level: float = 0.95) -> float:
    """How many standard errors a two-sided interval of this coverage reaches."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(count: np.ndarray, total: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's score limits of a proportion.

    Parameters
    ----------
    count, total : array-like
        Successes and trials; fractions are allowed, as counts averaged over
        repeats are.
    level : float
        Coverage aimed at.

    Returns
    -------
    low, high : ndarray
        NaN where there is no trial.

    Notes
    -----
    Wilson 1927 JASA 22:209. The same as statsmodels' `proportion_confint`
    (checked in the tests), whose import takes two seconds a page would wait for.
    """
    count, total = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(total, dtype=float))
    z = normal_quantile(level)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, count / total, np.nan)
        middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
        reach = z / (1 + z**2 / total) * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    # At 0 and at all the limit is exact; rounding must not carry it past them.
    low = np.where(count <= 0, np.where(total > 0, 0.0, np.nan), np.clip(middle - reach, 0, 1))
    high = np.where(count >= total, np.where(total > 0, 1.0, np.nan), np.clip(middle + reach, 0, 1))
    return low, high


def clopper_pearson(count: np.ndarray, total: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Exact limits of a proportion, never below the coverage aimed at.

    Parameters
    ----------
    count, total : array-like
        Successes and trials.
    level : float
        Coverage aimed at.

    Returns
    -------
    low, high : ndarray
        NaN where there is no trial.

    Notes
    -----
    Clopper & Pearson 1934 Biometrika 26:404, through the beta quantile.
    """
    from scipy.special import betaincinv

    count, total = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(total, dtype=float))
    tail = (1 - level) / 2
    misses = total - count
    low = np.where(count > 0, betaincinv(np.maximum(count, 1e-9), misses + 1, tail), 0.0)
    high = np.where(misses > 0, betaincinv(count + 1, np.maximum(misses, 1e-9), 1 - tail), 1.0)
    return np.where(total > 0, low, np.nan), np.where(total > 0, high, np.nan)


def ratio_limits(
    hits: np.ndarray, of_hits: np.ndarray, alarms: np.ndarray, of_alarms: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A ratio of two independent proportions with its limits on the log scale.

    Parameters
    ----------
    hits, of_hits : array-like
        Upper proportion: TP of all events for LR+, FN of all events for LR-.
    alarms, of_alarms : array-like
        Lower proportion: FP of all non-events for LR+, TN for LR-.
    level : float
        Coverage aimed at.

    Returns
    -------
    value, low, high : ndarray
        NaN where the ratio, or its limits, cannot be had because a count is zero.

    Notes
    -----
    exp(ln LR -/+ z sqrt(1/hits - 1/of_hits + 1/alarms - 1/of_alarms)); Simel 1991 J Clin Epidemiol 44:763.
    """
    hits, of_hits, alarms, of_alarms = (np.asarray(x, dtype=float) for x in (hits, of_hits, alarms, of_alarms))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (hits / of_hits) / (alarms / of_alarms)
        error = np.sqrt(np.maximum(1 / hits - 1 / of_hits + 1 / alarms - 1 / of_alarms, 0))
        reach = np.exp(normal_quantile(level) * error)
        low, high = value / reach, value * reach
    value = np.where(np.isfinite(value), value, np.nan)
    usable = np.isfinite(value) & (value > 0)
    return value, np.where(usable, low, np.nan), np.where(usable, high, np.nan)
