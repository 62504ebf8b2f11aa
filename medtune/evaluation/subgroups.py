"""Whom the risks serve: the same measures in each group of patients, blank where there are too few."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from medtune.evaluation.arrays import checked, checked_threshold
from medtune.evaluation.decisions import at_threshold
from medtune.evaluation.headline import headline
from medtune.evaluation.resampling import Resamples
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate

FEWEST = 10
MEASURES = ("auroc", "oe", "slope", "sensitivity")


@dataclass(frozen=True)
class Subgroup:
    """One group of patients.

    Attributes
    ----------
    name : str
        The level of the grouping column.
    n, events : int
    enough : bool
        Whether there are at least 10 events and 10 non-events; without them
        every estimate is blank.
    measures : dict of str to Estimate
        auroc, oe (observed / expected), slope, sensitivity at the threshold.
    """

    name: str
    n: int
    events: int
    enough: bool
    measures: dict[str, Estimate]


def subgroups(
    y: np.ndarray,
    risks: np.ndarray,
    groups: np.ndarray,
    *,
    threshold: float | None = None,
    clusters: np.ndarray | None = None,
    resamples: int = 500,
    seed: int = 0,
    fewest: int = FEWEST,
) -> tuple[Subgroup, ...]:
    """Evaluate each group of patients for itself.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
    groups : array-like of shape (n,)
        Level of each patient; those without one (None, NaN) are in no group.
    threshold : float, optional
        The same for all groups; the event rate of all patients when None.
    clusters : array-like of shape (n,), optional
        Patient ids, when they repeat.
    resamples, seed : int
        For the intervals.
    fewest : int
        Fewest events, and fewest non-events, for a group to be evaluated.

    Returns
    -------
    tuple of Subgroup
        In the order of the levels.

    Raises
    ------
    MedtuneError
        When there is not one level for each patient.
    """
    import pandas as pd

    y, risks = checked(y, risks)
    threshold = checked_threshold(threshold, y)
    groups = np.asarray(groups)
    if groups.shape != y.shape:
        raise MedtuneError(
            "There are {groups} group labels for {n} patients; give one for each.", groups=groups.size, n=y.size
        )
    numbers, levels = pd.factorize(groups, sort=True)
    out = []
    for k, level in enumerate(levels):
        rows = numbers == k
        ids = None if clusters is None else np.asarray(clusters)[rows]
        out.append(_subgroup(str(level), y[rows], risks[:, rows], threshold, ids, resamples, seed, fewest))
    return tuple(out)


def _subgroup(name, y, risks, threshold, ids, resamples, seed, fewest):
    events = int(y.sum())
    if min(events, y.size - events) < fewest:
        return Subgroup(name, y.size, events, False, dict.fromkeys(MEASURES, Estimate(math.nan)))
    draws = Resamples.draw(y.size, resamples, seed, ids)
    head = headline(y, risks, draws, threshold)
    measures = {measure: head.estimate(measure) for measure in MEASURES[:3]}
    measures["sensitivity"] = at_threshold(y, risks, threshold, draws=draws).measures["sensitivity"]
    return Subgroup(name, y.size, events, True, measures)
