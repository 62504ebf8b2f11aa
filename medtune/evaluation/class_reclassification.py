"""Whose most likely class changes when one set of risks of several classes takes the place of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtune.evaluation.class_performance import checked_class_risks
from medtune.evaluation.logistic import clip_risk
from medtune.evaluation.reclassification import RESAMPLES, net_gain
from medtune.evaluation.resampling import Resamples
from medtune.foundation.estimate import Estimate


@dataclass(frozen=True)
class Gain:
    """Some patients, and for how many of them the most likely class became right or wrong.

    Attributes
    ----------
    n : int
        How many there are.
    gained, lost : int
        Patients whose most likely class is right only after the change, and only before it.
    net : Estimate
        Share that is net gained.
    """

    n: int
    gained: int
    lost: int
    net: Estimate


@dataclass(frozen=True, eq=False)
class ClassReclassification:
    """Movements from one most likely class to another.

    Attributes
    ----------
    before, after : ndarray of shape (n, K)
        One risk of each class for each patient: the mean over repeats, taken in logarithms.
    likely_before, likely_after : ndarray of shape (n,), int
        Numbers of the most likely classes.
    own : tuple of Gain, length K
        Of the patients of each class: newly taken for it is gained, no longer taken for it is lost.
    others : tuple of Gain, length K
        Of all other patients: no longer taken for this class is gained, newly taken for it is lost.
    overall : Gain
        Of all patients: the most likely class is their own.
    moved : ndarray of int
        Places of the patients whose most likely class changes, the largest change of the risk of either class first.
    """

    before: np.ndarray
    after: np.ndarray
    likely_before: np.ndarray
    likely_after: np.ndarray
    own: tuple[Gain, ...]
    others: tuple[Gain, ...]
    overall: Gain
    moved: np.ndarray

    @property
    def table(self) -> np.ndarray:
        """Patients by most likely class before (rows) and after (columns), shape (K, K)."""
        k = self.before.shape[1]
        return np.bincount(k * self.likely_before + self.likely_after, minlength=k * k).reshape(k, k)


def reclassify_classes(
    y: np.ndarray, before: np.ndarray, after: np.ndarray, clusters: np.ndarray | None = None, seed: int = 0
) -> ClassReclassification:
    """Count whose most likely class changes, and whether that is a gain.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Class numbers from 0.
    before, after : ndarray of shape (n, K) or (repeats, n, K)
        Risks of the same patients, out of fold; of several repeats the mean is taken, so that each patient has one
        most likely class.
    clusters : ndarray of shape (n,), optional
        Patient ids, where one patient has several rows.
    seed : int
        Of the bootstrap, used with repeating ids.

    Returns
    -------
    ClassReclassification
        Intervals as in `medtune.evaluation.reclassification.reclassify`.
    """
    y, before = checked_class_risks(y, before)
    _, after = checked_class_risks(y, after)
    before, after = one_risk_of_each(before), one_risk_of_each(after)
    one, two = before.argmax(axis=1), after.argmax(axis=1)
    repeated = clusters is not None and len(np.unique(clusters)) < len(y)
    resamples = Resamples.draw(len(y), RESAMPLES, seed, clusters) if repeated else None

    def gain(there: np.ndarray, gained: np.ndarray) -> Gain:
        up, down = int((gained[there] > 0).sum()), int((gained[there] < 0).sum())
        return Gain(int(there.sum()), up, down, net_gain(there, gained, resamples))

    places = np.arange(before.shape[1])
    taken = [(two == k).astype(int) - (one == k).astype(int) for k in places]
    everybody = np.ones(len(y), dtype=bool)
    moved = np.flatnonzero(one != two)
    size = np.abs(after - before)[moved[:, None], np.column_stack([one, two])[moved]].max(axis=1, initial=0.0)
    return ClassReclassification(
        before,
        after,
        one,
        two,
        own=tuple(gain(y == k, taken[k]) for k in places),
        others=tuple(gain(y != k, -taken[k]) for k in places),
        overall=gain(everybody, (two == y).astype(int) - (one == y).astype(int)),
        moved=moved[np.argsort(-size, kind="stable")],
    )


def one_risk_of_each(risks: np.ndarray) -> np.ndarray:
    """One risk of each class for each patient from those of several repeats.

    Parameters
    ----------
    risks : ndarray of shape (n, K) or (repeats, n, K)

    Returns
    -------
    ndarray of shape (n, K)
        The mean of their logarithms, which for two classes is the mean in log-odds; the rows add up to 1.
    """
    risks = np.asarray(risks, dtype=float)
    if risks.ndim == 2:
        return risks
    if len(risks) == 1 or np.all(risks == risks[0]):
        return risks[0]
    mean = np.exp(np.log(clip_risk(risks)).mean(axis=0))
    return mean / mean.sum(axis=1, keepdims=True)
