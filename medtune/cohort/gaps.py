"""Where the values of one column are missing: by outcome and by site, and whether that goes beyond chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from medtune.evaluation.intervals import wilson
from medtune.foundation.estimate import Estimate

DRAWS, BEYOND = 2000, 0.01  # shuffles, and the share of them below which a difference is no chance
MOST_GROUPS = 12


@dataclass(frozen=True)
class Gap:
    """How often a column has no value in one group.

    Attributes
    ----------
    group : str
    n, missing : int
        Patients of the group, and those without a value.
    share : Estimate
        Of missing values, 0 to 1, with Wilson's interval.
    """

    group: str
    n: int
    missing: int
    share: Estimate


@dataclass(frozen=True)
class Gaps:
    """How often a column has no value in each of several groups.

    Attributes
    ----------
    groups : tuple of Gap
    beyond_chance : bool
        Whether groups differ by more than chance would make them.
    """

    groups: tuple[Gap, ...]
    beyond_chance: bool

    @property
    def ends(self) -> tuple[Gap, Gap]:
        """The groups with the smallest and the largest share."""
        rising = sorted(self.groups, key=lambda gap: gap.share.value)
        return rising[0], rising[-1]


def gap_of(absent: np.ndarray, group: str) -> Gap:
    """How often values are missing among some patients.

    Parameters
    ----------
    absent : ndarray of bool, shape (n,)
    group : str
        What to call them.

    Returns
    -------
    Gap
    """
    n, missing = len(absent), int(absent.sum())
    low, high = wilson(missing, n)
    return Gap(group, n, missing, Estimate(missing / n if n else np.nan, float(low), float(high)))


def gaps_between(absent: np.ndarray, masks: Mapping[str, np.ndarray]) -> Gaps:
    """Compare groups that share no patient; of very many the twelve largest.

    Parameters
    ----------
    absent : ndarray of bool, shape (n,)
        Which patients have no value.
    masks : mapping of str to ndarray of bool, shape (n,)
        The patients of each group.

    Returns
    -------
    Gaps

    Notes
    -----
    Pearson's chi-squared statistic against 2,000 shuffles of the missing values over the patients, so that small
    groups need no approximation (Agresti 2013, Categorical Data Analysis, 3rd ed., section 3.5). Below 1 in 100 the
    difference goes beyond chance.
    """
    largest = sorted(masks, key=lambda name: -int(masks[name].sum()))[:MOST_GROUPS]
    shown = {name: mask for name, mask in masks.items() if name in largest and mask.any()}
    groups = tuple(gap_of(absent[mask], name) for name, mask in shown.items())
    sizes, missing = np.array([gap.n for gap in groups]), np.array([gap.missing for gap in groups])
    total = int(missing.sum())
    if len(groups) < 2 or total in (0, sizes.sum()):
        return Gaps(groups, False)
    shuffled = np.random.default_rng(0).multivariate_hypergeometric(sizes, total, size=DRAWS, method="marginals")
    expected = sizes * total / sizes.sum()
    # The part of the statistic that varies; the other part is the same in every shuffle.
    found, chance = (((counts - expected) ** 2 / expected).sum(axis=-1) for counts in (missing, shuffled))
    return Gaps(groups, bool((1 + (chance >= found - 1e-9).sum()) / (1 + DRAWS) < BEYOND))
