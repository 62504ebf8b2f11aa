"""Everything there is to say about one set of risks, and about two sets on the same patients."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from medtune.evaluation.arrays import checked, checked_threshold
from medtune.evaluation.calibration import CalibrationCurve, calibration, calibration_in_the_large, recalibration
from medtune.evaluation.decisions import ThresholdTable, threshold_table
from medtune.evaluation.discrimination import RocCurve, auroc_delong, roc_curve
from medtune.evaluation.headline import MEASURES, Headline, MeasuresByName, headline, patient_log_loss
from medtune.evaluation.resampling import Resamples, cluster_numbers
from medtune.foundation.estimate import Estimate

COMPARED = ("log_loss", "auroc", "brier", "slope_distance", "net_benefit")
BARS = 40


@dataclass(frozen=True)
class RiskDistribution:
    """How risks spread among patients with and without the event.

    Attributes
    ----------
    edges : ndarray of shape (41,)
    events, no_events : ndarray of shape (40,)
        Counts, mean over repeats.
    """

    edges: np.ndarray
    events: np.ndarray
    no_events: np.ndarray


@dataclass(frozen=True)
class Performance(MeasuresByName):
    """One set of risks, evaluated.

    Attributes
    ----------
    n, events : int
        Patients (rows), and those with the event.
    threshold : float
        Where net benefit was taken; the event rate unless chosen.
    headline : dict of str to Estimate
        log_loss, auroc, brier, scaled_brier, citl, intercept, slope,
        slope_distance, oe, net_benefit, ici, e50, e90, emax, eci.
    roc : RocCurve
    calibration : CalibrationCurve
    distribution : RiskDistribution
    thresholds : ThresholdTable
    """

    n: int
    events: int
    threshold: float
    headline: dict[str, Estimate]
    roc: RocCurve
    calibration: CalibrationCurve
    distribution: RiskDistribution
    thresholds: ThresholdTable


@dataclass(frozen=True)
class Comparison:
    """A candidate against the original on the same patients.

    Attributes
    ----------
    t : float
        Mean paired gain in log-loss over its standard error; 0 when both give
        the same risks.
    gain : Estimate
        Gain in log-loss of the candidate, above 0 is better; paired bootstrap.
    differences : dict of str to Estimate
        Candidate minus original: log_loss, auroc, brier, slope_distance, net_benefit; with several classes the keys of
        `ClassPerformance.headline`.
    """

    t: float
    gain: Estimate
    differences: dict[str, Estimate]


def evaluate(
    y: np.ndarray,
    risks: np.ndarray,
    *,
    threshold: float | None = None,
    clusters: np.ndarray | None = None,
    resamples: int = 500,
    seed: int = 0,
    draws: Resamples | None = None,
    head: Headline | None = None,
) -> Performance:
    """Evaluate risks against what happened.

    Parameters
    ----------
    y : array-like of shape (n,)
        Outcomes, 0 or 1.
    risks : array-like of shape (n,) or (repeats, n)
        Risks of one model that never saw these patients, or out-of-fold risks
        of each repeat: measures are computed for each repeat, then averaged.
    threshold : float, optional
        The event rate when None.
    clusters : array-like of shape (n,), optional
        Patient ids, when they repeat: whole patients are then resampled.
    resamples, seed : int
        For the bootstrap, unless `draws` are given.
    draws : Resamples, optional
        Shared with other candidates.
    head : Headline, optional
        The headline measures of these risks on `draws`, computed before.

    Returns
    -------
    Performance

    Notes
    -----
    A single set of risks of independent patients has DeLong's interval for
    AUROC and Wald's for calibration; otherwise intervals come from resampled
    patients. Above 20,000 patients random groups of them are resampled.
    Distances from the calibration curve come without an interval.
    """
    single = np.ndim(risks) == 1
    y, risks = checked(y, risks)
    draws = Resamples.draw(y.size, resamples, seed, clusters) if draws is None else draws
    threshold = checked_threshold(threshold if threshold is not None or head is None else head.threshold, y)
    head = headline(y, risks, draws, threshold) if head is None else head
    curve, errors = calibration(y, risks)
    measures = {name: head.estimate(name) for name in MEASURES}
    if single and not draws.clustered:
        measures["auroc"] = auroc_delong(y, risks[0])
        measures["citl"] = calibration_in_the_large(y, risks)
        measures["intercept"], measures["slope"] = recalibration(y, risks)
    measures |= {name: Estimate(getattr(errors, name)) for name in ("ici", "e50", "e90", "emax", "eci")}
    return Performance(
        n=int(y.size),
        events=int(y.sum()),
        threshold=threshold,
        headline=measures,
        roc=roc_curve(y, risks, draws),
        calibration=curve,
        distribution=risk_distribution(y, risks),
        thresholds=threshold_table(y, risks, draws),
    )


def risk_distribution(y: np.ndarray, risks: np.ndarray) -> RiskDistribution:
    """Counts of patients with and without the event in 40 bars of risk, mean over repeats.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)

    Returns
    -------
    RiskDistribution
    """
    y, risks = checked(y, risks)
    bars = np.minimum((risks * BARS).astype(np.int64), BARS - 1) + BARS * (1 - y)
    counts = np.bincount(bars.ravel(), minlength=2 * BARS).reshape(2, BARS) / len(risks)
    return RiskDistribution(np.linspace(0, 1, BARS + 1), counts[0], counts[1])


def compare(
    y: np.ndarray,
    original_risks: np.ndarray,
    candidate_risks: np.ndarray,
    *,
    threshold: float | None = None,
    clusters: np.ndarray | None = None,
    resamples: int = 500,
    seed: int = 0,
    draws: Resamples | None = None,
    original_head: Headline | None = None,
    candidate_head: Headline | None = None,
) -> Comparison:
    """Compare a candidate with the original, patient by patient.

    Parameters
    ----------
    y : array-like of shape (n,)
    original_risks, candidate_risks : array-like of shape (n,) or (repeats, n)
    threshold : float, optional
        For net benefit; the event rate when None.
    clusters : array-like of shape (n,), optional
        Patient ids, when they repeat; they also make the standard error of t
        cluster-robust.
    resamples, seed : int
        For the bootstrap, unless `draws` are given.
    draws : Resamples, optional
        Must be those of both headlines, so that differences are paired.
    original_head, candidate_head : Headline, optional
        Headline measures on `draws`, computed before.

    Returns
    -------
    Comparison
    """
    y, original_risks = checked(y, original_risks)
    y, candidate_risks = checked(y, candidate_risks)
    if original_head is None or candidate_head is None:
        draws = Resamples.draw(y.size, resamples, seed, clusters) if draws is None else draws
    original = original_head or headline(y, original_risks, draws, threshold)
    candidate = candidate_head or headline(y, candidate_risks, draws, threshold)
    gains = patient_log_loss(y, original_risks) - patient_log_loss(y, candidate_risks)
    units = None if clusters is None else cluster_numbers(clusters, y.size)
    differences = {name: candidate.difference(original, name) for name in COMPARED}
    return Comparison(paired_t(gains, units), differences["log_loss"].scaled(-1), differences)


def paired_t(gains: np.ndarray, units: np.ndarray | None = None) -> float:
    """Mean gain over its standard error.

    Parameters
    ----------
    gains : ndarray of shape (n,)
        Gain of each row.
    units : ndarray of shape (n,), int, optional
        Patient of each row, numbered from 0: the standard error then sums
        over whole patients (cluster-robust, Liang & Zeger 1986, with the
        factor G / (G - 1)).

    Returns
    -------
    float
        0 when nothing differs; infinite when every patient gains the same; NaN with one patient.
    """
    mean = float(np.mean(gains))
    rest = gains - mean
    sums = rest if units is None else np.bincount(units, rest)
    if sums.size < 2:
        return math.nan
    error = math.sqrt(sums.size / (sums.size - 1) * float(sums @ sums)) / gains.size
    scale = float(np.abs(gains).max())
    if scale == 0:
        return 0.0
    return mean / error if error > 1e-14 * scale else math.copysign(math.inf, mean) if mean else 0.0
