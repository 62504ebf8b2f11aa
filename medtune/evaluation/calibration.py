"""Whether risks mean what they say: level, slope, flexible curve and the distances from it, proper scores."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from medtune.evaluation.arrays import checked
from medtune.evaluation.headline import headline, patient_log_loss
from medtune.evaluation.intervals import normal_quantile
from medtune.evaluation.logistic import logit
from medtune.evaluation.recalibration import line, shift
from medtune.evaluation.smoothing import smooth
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence

GRID_POINTS = 100


@dataclass(frozen=True)
class CalibrationCurve:
    """Observed event rate over predicted risk, averaged over repeats.

    Attributes
    ----------
    risk : ndarray of shape (k,)
        From the 1st to the 99th percentile of the risks.
    observed, low, high : ndarray of shape (k,)
        The curve and its pointwise 95% band, within 0 and 1.
    method : Sentence
        How the curve was made.
    """

    risk: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    method: Sentence


@dataclass(frozen=True)
class CalibrationErrors:
    """Distances between the flexible curve and the risks, over the patients.

    Attributes
    ----------
    ici, e50, e90, emax : float
        Mean (integrated calibration index), median, 90th percentile and
        maximum of abs(curve - risk); Austin & Steyerberg 2019.
    eci : float
        Estimated calibration index, scaled: mean[(curve - p)^2] /
        mean[(event rate - p)^2]; Van Hoorde 2015 J Biomed Inform 54:283. NaN
        when every risk equals the event rate.
    """

    ici: float
    e50: float
    e90: float
    emax: float
    eci: float


def calibration_in_the_large(y: np.ndarray, risks: np.ndarray) -> Estimate:
    """How far risks are too low (above 0) or too high (below 0) on the whole, in log-odds, with its Wald interval.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
        With repeats, values and limits are averaged.

    Returns
    -------
    Estimate
        a in logit(risk) = a + logit(p); NaN when one class is absent.
    """
    y, risks = checked(y, risks)
    return _wald(np.array([shift(y, logit(p)) for p in risks]))


def calibration_slope(y: np.ndarray, risks: np.ndarray) -> Estimate:
    """Slope b of logit(risk) = a + b logit(p), 1 is ideal, below 1 too extreme; with its Wald interval.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)

    Returns
    -------
    Estimate
        NaN where there is no finite slope: one class, equal risks, or perfect separation.
    """
    return recalibration(y, risks)[1]


def recalibration(y: np.ndarray, risks: np.ndarray) -> tuple[Estimate, Estimate]:
    """Intercept and slope of logistic recalibration (Cox 1958), with Wald intervals, averaged over repeats."""
    y, risks = checked(y, risks)
    fits = np.array([line(y, logit(p)) for p in risks])
    return _wald(fits[:, :, 0]), _wald(fits[:, :, 1])


def _wald(fits: np.ndarray) -> Estimate:
    """Mean of values and of standard errors, shape (repeats, 2); the repeats share their patients."""
    value, error = (float(x) for x in fits.mean(axis=0))
    reach = normal_quantile() * error
    return Estimate(value, value - reach, value + reach) if math.isfinite(value) else Estimate(math.nan)


def calibration(y: np.ndarray, risks: np.ndarray) -> tuple[CalibrationCurve, CalibrationErrors]:
    """The flexible calibration curve and its distances, from one fit a repeat.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
        Curves are averaged over a common grid, distances over repeats.

    Returns
    -------
    CalibrationCurve, CalibrationErrors
    """
    y, risks = checked(y, risks)
    grid = _grid(risks)
    fits = [smooth(y, p, grid) for p in risks]
    observed, low, high = (
        np.clip(np.mean([getattr(fit, name) for fit in fits], axis=0), 0, 1) for name in ("curve", "low", "high")
    )
    curve = CalibrationCurve(grid, observed, low, high, fits[0].method)
    distances = np.mean([_distances(y, p, fit.fitted) for p, fit in zip(risks, fits, strict=True)], axis=0)
    return curve, CalibrationErrors(*(float(x) for x in distances))


def _grid(risks: np.ndarray) -> np.ndarray:
    distinct = np.unique(risks[0]) if len(risks) == 1 else np.unique(risks)
    if distinct.size <= GRID_POINTS // 10:
        return distinct
    low, high = np.quantile(risks, [0.01, 0.99])
    return np.linspace(low, high, GRID_POINTS) if high > low else distinct


def _distances(y: np.ndarray, p: np.ndarray, curve: np.ndarray) -> tuple[float, ...]:
    gap = np.abs(curve - p)
    around = float(np.mean((y.mean() - p) ** 2))
    eci = float(np.mean(gap**2)) / around if around > 1e-12 else math.nan
    return float(gap.mean()), *np.quantile(gap, [0.5, 0.9]), float(gap.max()), eci


def calibration_curve(y: np.ndarray, risks: np.ndarray) -> CalibrationCurve:
    """The flexible calibration curve; see `calibration`."""
    return calibration(y, risks)[0]


def calibration_errors(y: np.ndarray, risks: np.ndarray) -> CalibrationErrors:
    """ICI, E50, E90, Emax and ECI; see `calibration`."""
    return calibration(y, risks)[1]


def brier(y: np.ndarray, risks: np.ndarray) -> float:
    """Mean squared difference between outcome and risk, mean over repeats."""
    y, risks = checked(y, risks)
    return float(((y - risks) ** 2).mean())


def scaled_brier(y: np.ndarray, risks: np.ndarray) -> float:
    """1 - Brier / (rate (1 - rate)): 0 is no better than the event rate, 1 perfect; NaN with one class."""
    return headline(y, risks).values["scaled_brier"]


def log_loss(y: np.ndarray, risks: np.ndarray) -> float:
    """Mean of -ln of the risk given to what happened, risks kept within 1e-6 and 1 - 1e-6, mean over repeats."""
    y, risks = checked(y, risks)
    return float(patient_log_loss(y, risks).mean())


def observed_expected(y: np.ndarray, risks: np.ndarray) -> float:
    """Observed events over expected, mean over repeats; NaN when no risk is above 0."""
    y, risks = checked(y, risks)
    expected = risks.sum(axis=1)
    return float((y.sum() / expected).mean()) if (expected > 0).all() else math.nan
