"""For which patients a risk settles the matter: class-conditional conformal sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtune.evaluation.arrays import checked
from medtune.evaluation.intervals import wilson
from medtune.foundation.estimate import Estimate


@dataclass(frozen=True)
class ConformalSets:
    """What can be said of each patient at a chosen error rate.

    Attributes
    ----------
    event, no_event : ndarray of shape (n,), bool
        Whether each outcome remains possible. Both: refer, do not score.
        Neither: the patient is unlike those the sets were calibrated on.
    error : float
        Share of each class that may be missed.
    """

    event: np.ndarray
    no_event: np.ndarray
    error: float

    @property
    def refer(self) -> np.ndarray:
        """Patients for whom the risk does not single out one outcome, shape (n,)."""
        return self.event == self.no_event


def conformal_sets(y: np.ndarray, p: np.ndarray, new: np.ndarray, error: float = 0.1) -> ConformalSets:
    """Sets that hold the true outcome of each class with the chosen probability.

    Parameters
    ----------
    y, p : array-like of shape (n,)
        Outcomes and risks of calibration patients whom the model never saw (out-of-fold risks serve).
    new : array-like of shape (m,)
        Risks of the patients to classify.
    error : float
        Share of patients with the event, and of those without, whose set may miss the truth.

    Returns
    -------
    ConformalSets
        A class without calibration patients always remains possible.

    Notes
    -----
    Mondrian (class-conditional) conformal prediction, Vovk 2005, Algorithmic Learning in a Random World, 4.5:
    an outcome remains possible when (1 + patients of that class at least as odd) / (class size + 1) exceeds `error`.
    """
    y, risks = checked(y, p)
    new = np.asarray(new, dtype=float)
    events, others = np.sort(risks[0, y == 1]), np.sort(risks[0, y == 0])
    lower = np.searchsorted(events, new, side="right")
    higher = others.size - np.searchsorted(others, new, side="left")
    return ConformalSets((1 + lower) / (events.size + 1) > error, (1 + higher) / (others.size + 1) > error, error)


def coverage(y: np.ndarray, sets: ConformalSets) -> dict[str, Estimate]:
    """Share of patients whose set holds the truth, by class, and of those referred, with Wilson intervals."""
    y = np.asarray(y)
    counts = {
        "event": (sets.event[y == 1].sum(), (y == 1).sum()),
        "no_event": (sets.no_event[y == 0].sum(), (y == 0).sum()),
        "referred": (sets.refer.sum(), y.size),
    }
    out = {}
    for name, (count, total) in counts.items():
        low, high = wilson(count, total)
        out[name] = Estimate(float(count / total) if total else float("nan"), float(low), float(high))
    return out
