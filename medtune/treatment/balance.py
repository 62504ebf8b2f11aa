"""Whether the options were given to comparable patients: overlap of chances and balance of predictors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

EDGE = 0.05
WARN, WITHHOLD = 0.05, 0.20
UNBALANCED = 0.1
UNLIKELY = 0.001


@dataclass(frozen=True)
class Balance:
    """Standardised difference of one prepared column between two options.

    Attributes
    ----------
    name : str
        Of the prepared column.
    before, after : float
        In SDs, as the patients are and weighted by the inverse of their chances.
    """

    name: str
    before: float
    after: float


def outside_overlap(chance: np.ndarray) -> float:
    """Share of patients whose chance of some option is below 5% or above 95%.

    Parameters
    ----------
    chance : ndarray of shape (n, arms)

    Returns
    -------
    float
        Between 0 and 1. More than 5% calls for a warning, more than 20% for no estimate at all.
    """
    return float(((chance < EDGE) | (chance > 1 - EDGE)).any(axis=1).mean())


def balance(
    T: np.ndarray, names: list[str], arm: np.ndarray, chance: np.ndarray, of: int, reference: int
) -> tuple[Balance, ...]:
    """Standardised mean differences between two options, before and after weighting.

    Parameters
    ----------
    T : ndarray of shape (n, q)
        Prepared predictors.
    names : list of str
        Of its columns.
    arm : ndarray of int, shape (n,)
        The option each patient had.
    chance : ndarray of shape (n, arms)
        Estimated chance of each option.
    of, reference : int
        The two options.

    Returns
    -------
    tuple of Balance
        In the order of the columns. The SD is that of both options before weighting (Austin 2009 Stat Med 28:3083).
    """
    first, second = arm == of, arm == reference
    pooled = np.sqrt((T[first].var(axis=0, ddof=1) + T[second].var(axis=0, ddof=1)) / 2)
    pooled = np.where(pooled > 1e-12, pooled, 1.0)
    weight = 1 / chance[np.arange(len(arm)), arm]
    before = (T[first].mean(axis=0) - T[second].mean(axis=0)) / pooled
    after = (
        np.average(T[first], axis=0, weights=weight[first]) - np.average(T[second], axis=0, weights=weight[second])
    ) / pooled
    return tuple(Balance(name, float(b), float(a)) for name, b, a in zip(names, before, after, strict=True))


def beyond_chance(pairs: Sequence[tuple[Sequence[Balance], int, int]]) -> list[str]:
    """Columns in which options differ more than drawing lots would make them.

    Parameters
    ----------
    pairs : sequence of (balance, patients of the one option, patients of the other)

    Returns
    -------
    list of str
        Standardised differences before weighting with p < .001 by the normal distribution, where p is multiplied by
        the number of comparisons (Bonferroni).
    """
    from scipy.stats import norm

    limit = norm.isf(UNLIKELY / 2 / max(sum(len(found) for found, *_ in pairs), 1))
    apart = [
        one.name
        for found, first, second in pairs
        for one in found
        if abs(one.before) > limit * np.sqrt(1 / first + 1 / second)
    ]
    return list(dict.fromkeys(apart))
