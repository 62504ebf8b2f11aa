"""Instability: how far each patient's risk moves when the model is fitted to other patients like these."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from medtune.evaluation.optimism import Optimism, optimism_corrected
from medtune.evaluation.resampling import cluster_numbers
from medtune.evaluation.smoothing import smooth
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.tuning.validation import Plan, Split

RESAMPLES = 200
SHOWN = 1_000
CURVE_ROWS, CURVE_POINTS = 2_000, 60
OFTEN = 0.1
NEAR = 25  # patients of about the same risk who tell how far such a risk moves
TRIES = 50


@dataclass(frozen=True)
class CalibrationBand:
    """Calibration of the refitted models on the patients as they are.

    Attributes
    ----------
    risk, observed, low, high : ndarray of shape (k,)
        The curve of the model itself, and the 2.5 and 97.5 percentiles of the refitted models' curves.
    """

    risk: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Instability:
    """Spread of risks over models refitted to resampled patients.

    Attributes
    ----------
    method : str
        Key of the method whose whole fitting was repeated.
    resamples : int
        Models refitted.
    n : int
        Patients (rows) resampled.
    threshold : float
        Risk from which a patient counts as flagged.
    risk, low, high : ndarray of shape (m,)
        Risk of shown patients under the model itself, ascending, and the 2.5 and 97.5 percentiles of the refitted ones.
    flipped : ndarray of shape (m,)
        Share of refitted models that put the patient on the other side of the threshold.
    error : Estimate
        Mean absolute difference of a patient's risk between refitted models and the model itself; the limits are
        those between which 95% of the refitted models lie.
    often : float
        Share of all patients whom more than a tenth of the models put on the other side.
    calibration : CalibrationBand
    note : Sentence or None
        What was drawn to keep the work bounded.
    optimism : dict of str to Optimism
        log_loss, auroc, brier and slope of the model, corrected for having been fitted to the same patients; empty in
        results of earlier versions.
    """

    method: str
    resamples: int
    n: int
    threshold: float
    risk: np.ndarray
    low: np.ndarray
    high: np.ndarray
    flipped: np.ndarray
    error: Estimate
    often: float
    calibration: CalibrationBand
    note: Sentence | None = None
    optimism: dict[str, Optimism] = field(default_factory=dict)

    @property
    def sentence(self) -> Sentence:
        """How far risks move."""
        return say(
            "Fitted again to {count} resamples of these patients, the model moves a patient's risk by {points:.1f} "
            "percentage points on average.",
            count=self.resamples,
            points=self.error.scaled(100),
        )

    @property
    def crossing(self) -> Sentence:
        """How often patients change sides."""
        return say(
            "{share:.0%} of patients change sides of the threshold ({threshold:.0%}) in more than one of ten refits.",
            share=self.often,
            threshold=self.threshold,
        )

    def around(self, risk: float) -> Estimate:
        """How far a risk moves in the refits.

        Parameters
        ----------
        risk : float
            Of any patient, under the model itself.

        Returns
        -------
        Estimate
            The risk with the medians of the limits of the `NEAR` shown patients whose risk is nearest.
        """
        nearest = np.argsort(np.abs(self.risk - risk), kind="stable")[:NEAR]
        return Estimate(risk, float(np.median(self.low[nearest])), float(np.median(self.high[nearest])))


def resamples_for(cells: int) -> int:
    """How many refits, from rows times prepared columns: 200, and fewer where each takes long."""
    return RESAMPLES if cells <= 60_000 else 100 if cells <= 300_000 else 50


def drawn_rows(y: np.ndarray, units: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """Rows of one resample of patients, with at least two of each outcome.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    units : ndarray of shape (n,), int, optional
        Patient of each row, numbered from 0; all rows of one are drawn together.
    rng : Generator

    Returns
    -------
    ndarray of about n row numbers, ascending
    """
    size = len(y) if units is None else int(units.max()) + 1
    for _ in range(TRIES):
        counts = np.bincount(rng.integers(0, size, size), minlength=size)
        rows = np.repeat(np.arange(len(y)), counts if units is None else counts[units])
        events = int(y[rows].sum())
        if min(events, len(rows) - events) >= 2:
            return rows
    return np.arange(len(y))


def resampled(y: np.ndarray, resamples: int, clusters: np.ndarray | None = None, seed: int = 0) -> Plan:
    """The whole fitting to the patients as they are, then to each resample of them; everybody is scored each time.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    resamples : int
        Models to refit.
    clusters : ndarray of shape (n,), optional
        Patient ids; rows of one are drawn together.
    seed : int
        The same seed gives the same resamples.

    Returns
    -------
    Plan
        With 1 + `resamples` repeats.
    """
    everyone = np.arange(len(y))
    units = None if clusters is None else cluster_numbers(clusters, len(y))
    drawn = [drawn_rows(y, units, np.random.default_rng([seed, at])) for at in range(resamples)]
    splits = tuple(Split(at, rows, everyone) for at, rows in enumerate([everyone, *drawn]))
    return Plan(splits, everyone, len(splits), say("{count} resamples of the patients", count=resamples))


def instability(
    y: np.ndarray,
    risks: np.ndarray,
    *,
    method: str,
    threshold: float,
    seed: int = 0,
    note: Sentence | None = None,
    counts: np.ndarray | None = None,
) -> Instability:
    """See how far every patient's risk moves when the whole model is fitted to resampled patients.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    risks : ndarray of shape (1 + resamples, n)
        Of the model itself, then of each refitted model, for all patients; from the plan of `resampled`.
    method : str
        Key of the method.
    threshold : float
        Risk from which a patient counts as flagged.
    seed : int
        Chooses whom figures show where there are many.
    note : Sentence, optional
        Kept with the result.
    counts : ndarray of shape (resamples, n), int, optional
        How often each patient was drawn into each resample, from `times_drawn`; without them no optimism is told.

    Returns
    -------
    Instability

    Notes
    -----
    Riley & Collins 2023 Biom J 65:2200302: prediction, classification and calibration instability, with the mean
    absolute prediction error over patients and resamples.
    """
    n = len(y)
    risk, every = risks[0], risks[1:]
    moved = np.abs(every - risk).mean(axis=1)
    flipped = np.mean((every >= threshold) != (risk >= threshold), axis=0)
    rng = np.random.default_rng([seed, len(every)])
    order = np.argsort(risk, kind="stable")
    shown = order if n <= SHOWN else order[np.sort(rng.choice(n, SHOWN, replace=False))]
    low, high = np.quantile(every[:, shown], [0.025, 0.975], axis=0)
    some = np.arange(n) if n <= CURVE_ROWS else np.sort(rng.choice(n, CURVE_ROWS, replace=False))
    return Instability(
        method=method,
        resamples=len(every),
        n=n,
        threshold=threshold,
        risk=risk[shown],
        low=low,
        high=high,
        flipped=flipped[shown],
        error=Estimate.from_draws(float(moved.mean()), moved),
        often=float(np.mean(flipped > OFTEN)),
        calibration=_calibration(y[some], risk[some], every[:, some]),
        note=note,
        optimism={} if counts is None else optimism_corrected(y, risks, counts),
    )


def times_drawn(plan: Plan, n: int) -> np.ndarray:
    """How often each patient was drawn into each resample.

    Parameters
    ----------
    plan : Plan
        From `resampled`.
    n : int
        Patients (rows) it was made for.

    Returns
    -------
    ndarray of shape (resamples, n), int
    """
    return np.stack([np.bincount(split.train, minlength=n) for split in plan.splits[1:]])


def _calibration(y: np.ndarray, risk: np.ndarray, every: np.ndarray) -> CalibrationBand:
    """Flexible curves of all models on a common grid; a curve counts only within the risks its model gives."""
    low, high = np.quantile(risk, [0.01, 0.99])
    grid = np.linspace(low, high, CURVE_POINTS) if high > low else np.unique(risk)
    curves = np.full((len(every), grid.size), np.nan)
    for curve, p in zip(curves, every, strict=True):
        inside = (grid >= p.min()) & (grid <= p.max())
        if inside.any():
            curve[inside] = np.clip(smooth(y, p, grid).curve, 0, 1)[inside]
    known = np.isfinite(curves).mean(axis=0) >= 0.5
    limits = np.full((2, grid.size), np.nan)
    if known.any():
        limits[:, known] = np.nanquantile(curves[:, known], [0.025, 0.975], axis=0)
    return CalibrationBand(grid, np.clip(smooth(y, risk, grid).curve, 0, 1), *limits)
