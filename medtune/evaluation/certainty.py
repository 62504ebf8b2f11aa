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


def needed_to_exclude(error: float = 0.1) -> int:
    """Fewest calibration patients of an outcome with which it can be ruled out at all; with fewer it always remains.

    Parameters
    ----------
    error : float
        As in `conformal_sets`.

    Returns
    -------
    int
        Smallest n for which 1 / (n + 1) does not exceed `error`: the rule of `conformal_sets` for a patient odder than
        all n (Vovk 2005, 4.5).
    """
    needed = 0
    while 1 / (needed + 1) > error:
        needed += 1
    return needed


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


@dataclass(frozen=True)
class ReferBand:
    """The risks at which a model should refer rather than decide, and how often its sets hold the truth.

    Attributes
    ----------
    error : float
        Share of patients with the event, and of those without, whose set may miss the truth.
    lower, upper : float
        From `lower` on the event remains possible; up to `upper` its absence does. Between them both do: refer. With
        `lower` above `upper` neither does in between, and such patients are referred too.
    event, no_event, referred : Estimate
        Share of patients of each outcome whose set holds the truth, and of all who are referred.
    """

    error: float
    lower: float
    upper: float
    event: Estimate
    no_event: Estimate
    referred: Estimate


def cut_off_risks(y: np.ndarray, p: np.ndarray, error: float) -> tuple[float, float]:
    """The risks between which a patient is referred.

    Parameters
    ----------
    y, p : array-like of shape (n,)
        Outcomes and risks of calibration patients whom the model never saw.
    error : float
        As in `conformal_sets`.

    Returns
    -------
    lower, upper : float
        The lowest risk with which the event remains possible, the highest with which its absence does; 0 and 1 where
        a class has too few patients to rule anything out.
    """
    y, risks = checked(y, p)
    events, others = np.sort(risks[0, y == 1]), np.sort(risks[0, y == 0])
    # (1 + patients at least as odd) / (size + 1) > error first holds for this many of them.
    fewest = [_fewest(values.size, error) for values in (events, others)]
    lower = 0.0 if fewest[0] == 0 else float(events[fewest[0] - 1])
    upper = 1.0 if fewest[1] == 0 else float(others[others.size - fewest[1]])
    return lower, upper


def class_cut_offs(y: np.ndarray, risks: np.ndarray, error: float = 0.1) -> np.ndarray:
    """The risk of each class from which on it remains possible.

    Parameters
    ----------
    y : array-like of shape (n,)
        Class numbers from 0 of calibration patients whom the model never saw.
    risks : array-like of shape (n, K) or (repeats, n, K)
        Their risks.
    error : float
        As in `conformal_classes`.

    Returns
    -------
    ndarray of shape (K,)
        The mean over repeats; 0 for a class with too few patients to rule it out.
    """
    y, risks = np.asarray(y), np.asarray(risks, dtype=float)
    repeats, limits = risks if risks.ndim == 3 else risks[None], []
    for k in range(repeats.shape[2]):
        own = np.sort(repeats[:, y == k, k], axis=1)
        fewest = _fewest(own.shape[1], error)
        limits.append(0.0 if fewest == 0 else float(own[:, fewest - 1].mean()))
    return np.array(limits)


def _fewest(size: int, error: float) -> int:
    counts = np.arange(size + 1)
    return int(np.argmax((1 + counts) / (size + 1) > error))


def refer_band(y: np.ndarray, risks: np.ndarray, error: float = 0.1) -> ReferBand:
    """The band of risks to refer, each patient judged by the sets of all others.

    Parameters
    ----------
    y : array-like of shape (n,)
        Outcomes, 0 or 1.
    risks : array-like of shape (n,) or (repeats, n)
        Out-of-fold risks; limits and shares are averaged over repeats.
    error : float
        As in `conformal_sets`.

    Returns
    -------
    ReferBand

    Notes
    -----
    Cross-conformal (Vovk 2015 Ann Math Artif Intell 74:9), class-conditional: patient i is held against the out-of-fold
    risks of all others of a class.
    """
    y, risks = checked(y, risks)
    cuts = np.mean([cut_off_risks(y, p, error) for p in risks], axis=0)
    each = [each_against_others(y, p, error) for p in risks]
    shares = {}
    for name in ("event", "no_event", "referred"):
        counts = [_counts(y, sets)[name] for sets in each]
        count, total = (float(x) for x in np.mean(counts, axis=0))
        low, high = wilson(count, total)
        shares[name] = Estimate(count / total if total else float("nan"), float(low), float(high))
    return ReferBand(error, float(cuts[0]), float(cuts[1]), **shares)


def each_against_others(y: np.ndarray, p: np.ndarray, error: float) -> ConformalSets:
    """The set of each patient, calibrated on all other patients.

    Parameters
    ----------
    y, p : ndarray of shape (n,)
    error : float

    Returns
    -------
    ConformalSets
    """
    events, others = np.sort(p[y == 1]), np.sort(p[y == 0])
    # A patient counts itself among those at least as odd; held against the others it is one fewer, of one fewer.
    lower = np.searchsorted(events, p, side="right") - (y == 1)
    higher = others.size - np.searchsorted(others, p, side="left") - (y == 0)
    event = (1 + lower) / (events.size - (y == 1) + 1) > error
    no_event = (1 + higher) / (others.size - (y == 0) + 1) > error
    return ConformalSets(event, no_event, error)


def coverage(y: np.ndarray, sets: ConformalSets) -> dict[str, Estimate]:
    """Share of patients whose set holds the truth, by class, and of those referred, with Wilson intervals.

    Parameters
    ----------
    y : array-like of shape (n,)
        Outcomes, 0 or 1.
    sets : ConformalSets
        Of the same patients.

    Returns
    -------
    dict of str to Estimate
        event, no_event, referred; NaN where there is no such patient.
    """
    out = {}
    for name, (count, total) in _counts(np.asarray(y), sets).items():
        low, high = wilson(count, total)
        out[name] = Estimate(float(count / total) if total else float("nan"), float(low), float(high))
    return out


def _counts(y: np.ndarray, sets: ConformalSets) -> dict[str, tuple[int, int]]:
    return {
        "event": (int(sets.event[y == 1].sum()), int((y == 1).sum())),
        "no_event": (int(sets.no_event[y == 0].sum()), int((y == 0).sum())),
        "referred": (int(sets.refer.sum()), y.size),
    }


def conformal_classes(y: np.ndarray, risks: np.ndarray, new: np.ndarray, error: float = 0.1) -> np.ndarray:
    """Which of several classes remain possible for new patients.

    Parameters
    ----------
    y : array-like of shape (n,)
        Class numbers from 0 of calibration patients whom the model never saw (out-of-fold risks serve).
    risks : array-like of shape (n, K)
        Their risks.
    new : array-like of shape (m, K)
        Risks of the patients to classify.
    error : float
        Share of the patients of each class whose set may miss it.

    Returns
    -------
    ndarray of shape (m, K), bool
        As `conformal_sets`, class by class; a class without calibration patients always remains possible.
    """
    y, risks, new = np.asarray(y), np.asarray(risks, dtype=float), np.asarray(new, dtype=float)
    possible = np.ones(new.shape, dtype=bool)
    for k in range(new.shape[1]):
        own = np.sort(risks[y == k, k])
        lower = np.searchsorted(own, new[:, k], side="right")
        possible[:, k] = (1 + lower) / (own.size + 1) > error
    return possible
