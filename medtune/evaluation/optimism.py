"""Internal validation: how much better a model looks on the patients it was fitted to, and what it is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from medtune.evaluation.arrays import checked
from medtune.evaluation.headline import headline
from medtune.evaluation.logistic import clip_risk
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate

MEASURES = ("log_loss", "auroc", "brier", "slope")


@dataclass(frozen=True)
class Optimism:
    """One measure of a model, corrected for having been fitted to the same patients.

    Attributes
    ----------
    apparent : float
        On the patients the model was fitted to.
    optimism : float
        By how much resampled models look better (AUROC, slope: higher; log-loss, Brier: lower) on the patients they
        were fitted to than on all patients.
    corrected : Estimate
        `apparent` less `optimism`, with its interval.
    plus : float
        The .632+ estimate; NaN for the slope, which has none.
    """

    apparent: float
    optimism: float
    corrected: Estimate
    plus: float = math.nan


def optimism_corrected(y: np.ndarray, risks: np.ndarray, counts: np.ndarray) -> dict[str, Optimism]:
    """Harrell's optimism bootstrap and .632+, from models refitted to resamples of the patients.

    Parameters
    ----------
    y : array-like of shape (n,)
        Outcomes, 0 or 1.
    risks : array-like of shape (1 + resamples, n)
        Of the model fitted to all patients, then of each model refitted, by the same whole procedure, to a resample;
        each for all patients.
    counts : array-like of shape (resamples, n), int
        How often each patient (row) was drawn into each resample.

    Returns
    -------
    dict of str to Optimism
        log_loss, auroc, brier and slope.

    Raises
    ------
    MedtuneError
        When there is not one row of counts for each refitted model.

    Notes
    -----
    Harrell 1996 Stat Med 15:361: the optimism is the mean over resamples of a refitted model's measure among the
    patients it was fitted to less its measure among all. Interval: percentiles of the measures on the resamples, moved
    by the optimism (Noma 2021 Stat Med 40:5691). .632+: Efron & Tibshirani 1997 JASA 92:548; for AUROC with 0.5 as
    what no information gives (Iba 2021 BMC Med Res Methodol 21:9).
    """
    y, risks = checked(y, risks)
    counts = np.asarray(counts)
    own, refits = risks[0], risks[1:]
    if counts.shape != refits.shape or not len(refits):
        raise MedtuneError(
            "There are {refits} refitted models but counts for {counts} resamples; give one row of counts for each.",
            refits=len(refits),
            counts=len(counts),
        )
    apparent = headline(y, own[None]).values
    fitted, everybody = (_measures(y, refits, which) for which in (counts, np.ones_like(counts)))
    out = {}
    for name in MEASURES:
        known = np.isfinite(fitted[name]) & np.isfinite(everybody[name])
        if not known.any() or not math.isfinite(apparent[name]):
            out[name] = Optimism(float(apparent[name]), math.nan, Estimate(math.nan))
            continue
        optimism = float(np.mean(fitted[name][known] - everybody[name][known]))
        drawn = np.where(known, fitted[name], np.nan) - optimism
        out[name] = Optimism(
            apparent=float(apparent[name]),
            optimism=optimism,
            corrected=Estimate.from_draws(float(apparent[name] - optimism), drawn),
            plus=_plus(name, y, own, refits, counts),
        )
    return out


def _measures(y: np.ndarray, refits: np.ndarray, counts: np.ndarray) -> dict[str, np.ndarray]:
    """Each measure of each refitted model among patients counted as often as they were drawn."""
    rows = [np.repeat(np.arange(y.size), count) for count in counts]
    each = [headline(y[drawn], p[None, drawn]).values for p, drawn in zip(refits, rows, strict=True)]
    return {name: np.array([values[name] for values in each]) for name in MEASURES}


def _plus(name: str, y: np.ndarray, own: np.ndarray, refits: np.ndarray, counts: np.ndarray) -> float:
    """The .632+ estimate of a measure, all as errors of which less is better."""
    if name == "slope":
        return math.nan
    if name == "auroc":
        outside = np.array([_area_outside(y, p, count) for p, count in zip(refits, counts, strict=True)])
        outside = outside[np.isfinite(outside)]
        area = headline(y, own[None]).values["auroc"]
        if not outside.size or not math.isfinite(area):
            return math.nan
        return 1 - _weighted(1 - area, 1 - float(outside.mean()), 0.5)
    left_out = counts == 0
    times = left_out.sum(axis=0)
    if not times.any():
        return math.nan
    # Each patient is judged by the models that never saw it; one drawn into every resample is judged by none.
    errors = np.where(left_out, _error(name, y, refits), 0).sum(axis=0)[times > 0] / times[times > 0]
    rate = y.mean()
    nothing = [_error(name, np.full(y.size, outcome), own[None]).mean() for outcome in (0, 1)]
    return _weighted(_error(name, y, own[None]).mean(), errors.mean(), (1 - rate) * nothing[0] + rate * nothing[1])


def _error(name: str, y: np.ndarray, risks: np.ndarray) -> np.ndarray:
    if name == "brier":
        return (y - risks) ** 2
    return -np.log(clip_risk(np.where(y == 1, risks, 1 - risks)))


def _area_outside(y: np.ndarray, p: np.ndarray, count: np.ndarray) -> float:
    outside = count == 0
    return headline(y[outside], p[None, outside]).values["auroc"] if outside.any() else math.nan


def _weighted(apparent: float, outside: float, nothing: float) -> float:
    """Apparent error and error outside the resamples, the latter weighing more the more the model overfits."""
    outside = min(outside, nothing)
    gap = nothing - apparent
    overfitting = (outside - apparent) / gap if outside > apparent and gap > 0 else 0.0
    weight = 0.632 / (1 - 0.368 * overfitting)
    return float((1 - weight) * apparent + weight * outside)
