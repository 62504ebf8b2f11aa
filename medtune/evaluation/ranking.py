"""Which of many columns differ between outcomes, one by one, and how many of those found would be false."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Ranking:
    """Differences of columns between the values of an outcome.

    Attributes
    ----------
    statistic : ndarray of shape (p,)
        Welch's t of two classes, F of more; 0 for a column that does not vary.
    p_value : ndarray of shape (p,)
        1 where a column does not vary.
    q_value : ndarray of shape (p,)
        False discovery rate at which the column would be reported.
    difference : ndarray of shape (p,)
        Mean of the second class minus that of the first; of more classes the largest mean minus the smallest.
    """

    statistic: np.ndarray
    p_value: np.ndarray
    q_value: np.ndarray
    difference: np.ndarray


def rank_columns(X: np.ndarray, y: np.ndarray) -> Ranking:
    """Compare every column between the classes.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Without missing values.
    y : ndarray of int, shape (n,)
        Classes as numbers from 0.

    Returns
    -------
    Ranking

    Notes
    -----
    Two classes: Welch 1947 Biometrika 34:28. More: Welch's F of unequal variances, 1951 Biometrika 38:330.
    False discovery rate: Benjamini & Hochberg 1995 J R Stat Soc B 57:289.
    """
    from scipy import stats

    statistic, numerator, denominator, difference = _welch(np.asarray(X, float), np.asarray(y, int))
    p_value = stats.f.sf(statistic, numerator, denominator)
    p_value = np.where(np.isfinite(p_value), p_value, 1.0)
    if y.max() < 2:
        statistic = np.sign(difference) * np.sqrt(statistic)
    return Ranking(statistic, p_value, false_discovery(p_value), difference)


def strength(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How strongly each column differs between the classes, for ordering alone: the F of `rank_columns`.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Without missing values.
    y : ndarray of int, shape (n,)
        Classes as numbers from 0.

    Returns
    -------
    ndarray of shape (p,)
    """
    return _welch(np.asarray(X, float), np.asarray(y, int))[0]


def _welch(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """Welch's F, its degrees of freedom, and the difference of means."""
    classes = [X[y == place] for place in range(int(y.max()) + 1)]
    classes = [rows for rows in classes if len(rows)]
    k, p = len(classes), X.shape[1]
    nothing = np.zeros(p), float(max(k - 1, 1)), np.ones(p), np.zeros(p)
    if k < 2 or min(len(rows) for rows in classes) < 2:
        return nothing
    sizes = np.array([len(rows) for rows in classes])[:, None]
    means = np.array([rows.mean(axis=0) for rows in classes])
    spread = np.array([rows.var(axis=0, ddof=1) for rows in classes]) / sizes
    varies = np.ptp(X, axis=0) > 1e-12 * np.maximum(1.0, np.abs(X).max(axis=0))
    # A class in which a column is constant would count without limit; it gets a thousandth of the mean variance.
    spread = np.maximum(spread, 1e-3 * spread.mean(axis=0) + np.where(varies, 1e-300, 1.0))
    weights = 1 / spread
    total = weights.sum(axis=0)
    middle = (weights * means).sum(axis=0) / total
    unequal = ((1 - weights / total) ** 2 / (sizes - 1)).sum(axis=0)
    between = (weights * (means - middle) ** 2).sum(axis=0) / (k - 1)
    statistic = between / (1 + 2 * (k - 2) / (k**2 - 1) * unequal)
    freedom = (k**2 - 1) / (3 * np.maximum(unequal, 1e-300))
    difference = means[1] - means[0] if k == 2 else np.ptp(means, axis=0)
    return np.where(varies, statistic, 0.0), float(k - 1), freedom, np.where(varies, difference, 0.0)


def false_discovery(p_value: np.ndarray) -> np.ndarray:
    """The smallest false discovery rate at which each of many tests would be reported.

    Parameters
    ----------
    p_value : ndarray of shape (m,)

    Returns
    -------
    ndarray of shape (m,)
        Benjamini & Hochberg 1995: p m / rank, made to rise with p.
    """
    p_value = np.asarray(p_value, float)
    order = np.argsort(p_value)
    m = p_value.size
    raised = p_value[order] * m / np.arange(1, m + 1)
    q = np.empty(m)
    q[order] = np.minimum.accumulate(raised[::-1])[::-1].clip(max=1.0)
    return q
