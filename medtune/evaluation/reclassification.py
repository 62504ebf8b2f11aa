"""Who changes side at a threshold when one set of risks takes the place of another, split by outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtune.evaluation.logistic import expit, logit
from medtune.evaluation.resampling import Resamples
from medtune.foundation.estimate import Estimate

Z = 1.959964
RESAMPLES = 500


@dataclass(frozen=True)
class Side:
    """Patients of one outcome.

    Attributes
    ----------
    n : int
        How many there are.
    up, down : int
        Patients that are flagged only after the change, and only before it.
    net : Estimate
        Share that is net gained: up less down of those with the event, down less up of those without it.
    """

    n: int
    up: int
    down: int
    net: Estimate


@dataclass(frozen=True, eq=False)
class Reclassification:
    """Movements across a threshold.

    Attributes
    ----------
    threshold : float
        From this risk on a patient is flagged.
    events, no_events : Side
        Those with the event and those without it.
    before, after : ndarray of shape (n,)
        One risk for each patient: the mean over repeats, taken in log-odds.
    up, down : ndarray of int
        Places of the patients that move, the largest change of log-odds first.
    """

    threshold: float
    events: Side
    no_events: Side
    before: np.ndarray
    after: np.ndarray
    up: np.ndarray
    down: np.ndarray


def reclassify(
    y: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    threshold: float,
    clusters: np.ndarray | None = None,
    seed: int = 0,
) -> Reclassification:
    """Count who changes side.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    before, after : ndarray of shape (n,) or (repeats, n)
        Risks of the same patients, out of fold; of several repeats the mean is taken, so that each patient
        stands on one side.
    threshold : float
        A risk equal to it counts as flagged.
    clusters : ndarray of shape (n,), optional
        Patient ids, where one patient has several rows.
    seed : int
        Of the bootstrap, used with repeating ids.

    Returns
    -------
    Reclassification
        Intervals of the net shares: Agresti & Min 2005 (Stat Med 24:729) for paired shares, which holds when
        nobody moves too; with repeating ids a percentile bootstrap over whole patients.
    """
    y = np.asarray(y).astype(int)
    before, after = one_risk(before), one_risk(after)
    moved = (after >= threshold).astype(int) - (before >= threshold).astype(int)
    size = np.abs(logit(after) - logit(before))
    order = np.argsort(-size, kind="stable")
    repeated = clusters is not None and len(np.unique(clusters)) < len(y)
    resamples = Resamples.draw(len(y), RESAMPLES, seed, clusters) if repeated else None
    sides = [_side(np.flatnonzero(y == value), sign * moved, sign, resamples, y == value) for value, sign in SIGNS]
    return Reclassification(
        float(threshold), sides[0], sides[1], before, after, order[moved[order] > 0], order[moved[order] < 0]
    )


SIGNS = ((1, 1), (0, -1))  # outcome, and which movement is a gain


def one_risk(risks: np.ndarray) -> np.ndarray:
    """One risk for each patient from those of several repeats: the mean, taken in log-odds.

    Parameters
    ----------
    risks : ndarray of shape (n,) or (repeats, n)

    Returns
    -------
    ndarray of shape (n,)
    """
    risks = np.atleast_2d(np.asarray(risks, dtype=float))
    if len(risks) == 1 or np.all(risks == risks[0]):
        return risks[0]
    return expit(logit(risks).mean(axis=0))


def _side(rows: np.ndarray, gained: np.ndarray, sign: int, resamples: Resamples | None, there: np.ndarray) -> Side:
    """One outcome: `gained` is +1 for a patient moved to the right side and -1 for one moved to the wrong side."""
    n, better, worse = len(rows), int((gained[rows] > 0).sum()), int((gained[rows] < 0).sum())
    up, down = (better, worse) if sign > 0 else (worse, better)
    return Side(n, up, down, net_gain(there, gained, resamples))


def net_gain(there: np.ndarray, gained: np.ndarray, resamples: Resamples | None = None) -> Estimate:
    """Share of some patients that is net gained, with its 95% interval.

    Parameters
    ----------
    there : ndarray of shape (n,), bool
        Whose share it is.
    gained : ndarray of shape (n,), int
        +1 for a patient moved to the right side, -1 for one moved to the wrong side, else 0.
    resamples : Resamples, optional
        For a percentile interval, where patients repeat; else Agresti & Min 2005 (Stat Med 24:729).

    Returns
    -------
    Estimate
        NaN where there is nobody.
    """
    n, better, worse = int(there.sum()), int((gained[there] > 0).sum()), int((gained[there] < 0).sum())
    if n == 0:
        return Estimate(np.nan)
    net = (better - worse) / n
    if resamples is not None:
        sums = resamples.sums(np.column_stack([there.astype(float), np.where(there, gained, 0).astype(float)]))
        with np.errstate(invalid="ignore", divide="ignore"):
            return Estimate.from_draws(net, sums[:, 1] / sums[:, 0])
    # Half a patient more in each of the four cells.
    m, b, c = n + 2, better + 0.5, worse + 0.5
    half = Z * np.sqrt(b + c - (b - c) ** 2 / m) / m
    middle = (b - c) / m
    return Estimate(net, max(-1.0, middle - half), min(1.0, middle + half))
