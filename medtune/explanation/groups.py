"""What drives the risks in groups of patients, such as those of two sites, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtune.explanation.contributions import Explanation, importance
from medtune.foundation.estimate import Estimate

FEWEST, MOST = 20, 6


@dataclass(frozen=True)
class Group:
    """One group of explained patients.

    Attributes
    ----------
    name : str
    n : int
    importance : dict of str to Estimate
        Mean size of each column's contribution in this group, with a bootstrap interval over its patients.
    mean : dict of str to Estimate
        Mean contribution: above 0 the column raises the risks of this group compared with all patients.
    """

    name: str
    n: int
    importance: dict[str, Estimate]
    mean: dict[str, Estimate]


def by_group(explanation: Explanation, groups: np.ndarray, seed: int = 0) -> tuple[Group, ...]:
    """Importance and mean contribution of each column in each group.

    Parameters
    ----------
    explanation : Explanation
        Of all patients, against themselves: so that groups are read against the same mean.
    groups : ndarray of shape (patients,)
        Name of the group of each explained patient.
    seed : int
        Of the bootstrap.

    Returns
    -------
    tuple of Group
        The largest first, at most six; groups of fewer than 20 patients are left out.
    """
    names, counts = np.unique(groups.astype(str), return_counts=True)
    order = [at for at in np.argsort(-counts, kind="stable") if counts[at] >= FEWEST][:MOST]
    return tuple(_group(explanation, str(names[at]), groups.astype(str) == names[at], seed) for at in order)


def _group(explanation: Explanation, name: str, there: np.ndarray, seed: int) -> Group:
    parts = explanation.contributions[there]
    n = len(parts)
    middle, half = parts.mean(axis=0), 1.959964 * parts.std(axis=0, ddof=1) / np.sqrt(n)
    mean = {
        column: Estimate(float(m), float(m - h), float(m + h))
        for column, m, h in zip(explanation.columns, middle, half, strict=True)
    }
    return Group(name, n, importance(explanation.columns, parts, seed), mean)
