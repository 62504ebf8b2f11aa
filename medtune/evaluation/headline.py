"""The handful of measures every candidate is judged by, with their value in each resample, computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from medtune.evaluation.arrays import checked, checked_threshold
from medtune.evaluation.discrimination import _area, auroc_draws
from medtune.evaluation.logistic import clip_risk
from medtune.evaluation.recalibration import line, recalibration_draws, shift
from medtune.evaluation.resampling import Resamples
from medtune.foundation.estimate import Estimate

MEASURES = (
    "log_loss",
    "auroc",
    "brier",
    "scaled_brier",
    "citl",
    "intercept",
    "slope",
    "slope_distance",
    "oe",
    "net_benefit",
)


NOTHING = 1e-300  # a sum of risks that no patient stands behind


class MeasuresByName:
    """A record with a `headline` of estimates that gives each under its own name, as ``performance.auroc``."""

    headline: dict[str, Estimate]

    def __getattr__(self, measure: str) -> Estimate:
        """A headline measure by its name."""
        measures = self.__dict__.get("headline", {})
        if measure not in measures:
            raise AttributeError(f"'{type(self).__name__}' has no attribute or measure '{measure}'")
        return measures[measure]


@dataclass(frozen=True, eq=False)
class Headline:
    """The headline measures of one candidate.

    Attributes
    ----------
    values : mapping of str to float
        By measure: log_loss, auroc, brier, scaled_brier, citl
        (calibration-in-the-large), intercept and slope (logistic
        recalibration), slope_distance (|slope - 1|), oe (observed events /
        expected), net_benefit at the threshold. NaN where one cannot be had.
    draws : mapping of str to ndarray of shape (resamples,)
        The same in each resample.
    threshold : float
        What net benefit was computed at.
    """

    values: Mapping[str, float]
    draws: Mapping[str, np.ndarray]
    threshold: float

    def estimate(self, measure: str) -> Estimate:
        """The measure with its bootstrap interval.

        No interval where every resample says the same although there were
        patients to resample, as with perfect separation: it would promise too much.
        """
        value, draws = self.values[measure], self.draws.get(measure)
        if draws is None or not np.size(draws):
            return Estimate(value)
        return _unless_frozen(Estimate.from_draws(value, draws))

    def difference(self, original: Headline, measure: str) -> Estimate:
        """The measure less that of another headline on the same resamples, with the interval of the difference."""
        value = self.values[measure] - original.values[measure]
        if measure not in self.draws or measure not in original.draws:
            return Estimate(value)
        return Estimate.from_draws(value, self.draws[measure] - original.draws[measure])


def _unless_frozen(estimate: Estimate) -> Estimate:
    return Estimate(estimate.value) if estimate.bounded and estimate.high - estimate.low <= 1e-15 else estimate


def headline(
    y: np.ndarray, risks: np.ndarray, draws: Resamples | None = None, threshold: float | None = None
) -> Headline:
    """Compute the headline measures and their resamples.

    Parameters
    ----------
    y : array-like of shape (n,)
        Outcomes, 0 or 1.
    risks : array-like of shape (n,) or (repeats, n)
        Each measure is computed for each repeat and then averaged.
    draws : Resamples, optional
        Shared by all candidates, so that their differences are paired; None
        gives values without intervals.
    threshold : float, optional
        For net benefit; the event rate when None.

    Returns
    -------
    Headline
    """
    y, risks = checked(y, risks)
    threshold = checked_threshold(threshold, y)
    each = [_one_repeat(y, p, draws) for p in risks]
    names = [name for name in MEASURES if name != "net_benefit"]
    values = {name: float(np.mean([value[name] for value, _ in each])) for name in names}
    resampled = {}
    if draws is not None and draws.size:
        resampled = {name: np.mean([drawn[name] for _, drawn in each], axis=0) for name in names}
    return at_threshold(Headline(values, resampled, threshold), y, risks, draws, threshold)


def at_threshold(head: Headline, y: np.ndarray, risks: np.ndarray, draws: Resamples | None, threshold: float):
    """The same headline measures with net benefit, which alone depends on it, at a threshold.

    Parameters
    ----------
    head : Headline
        Of these risks on `draws`, at any threshold.
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
    draws : Resamples or None
    threshold : float

    Returns
    -------
    Headline
    """
    y, risks = checked(y, risks)
    benefits = (risks >= threshold) * np.where(y == 1, 1.0, -threshold / (1 - threshold))
    value, drawn = float(benefits.mean()), {}
    if draws is not None and draws.size:
        sums = draws.sums(np.column_stack([np.ones(y.size), benefits.mean(axis=0)]))
        drawn = {"net_benefit": sums[:, 1] / sums[:, 0]}
    return Headline({**head.values, "net_benefit": value}, {**head.draws, **drawn}, threshold)


def patient_log_loss(y: np.ndarray, risks: np.ndarray) -> np.ndarray:
    """Log-loss of each patient, mean over repeats.

    Parameters
    ----------
    y : ndarray of shape (n,), int
    risks : ndarray of shape (repeats, n)

    Returns
    -------
    ndarray of shape (n,)
    """
    given = clip_risk(np.where(y == 1, risks, 1 - risks))
    return -np.log(given).mean(axis=0)


def _one_repeat(y, p, draws):
    kept = clip_risk(p)
    log_p, log_rest = np.log(kept), np.log1p(-kept)
    eta = log_p - log_rest
    columns = np.empty((y.size, 5))
    columns[:, 0] = 1
    columns[:, 1] = y
    columns[:, 2] = np.where(y == 1, -log_p, -log_rest)
    columns[:, 3] = (y - p) ** 2
    columns[:, 4] = p
    values = _of_sums(columns.sum(axis=0))
    values["auroc"] = _area(y, p)
    shifted, fitted = shift(y, eta)[0], line(y, eta)
    values["citl"], (values["intercept"], values["slope"]) = shifted, fitted[0]
    values["slope_distance"] = abs(values["slope"] - 1)
    if draws is None or not draws.size:
        return values, {}
    drawn = _of_sums(draws.sums(columns).T)
    drawn["auroc"] = auroc_draws(y, p, draws)
    drawn |= recalibration_draws(y, eta, draws, shifted, fitted)
    drawn["slope_distance"] = np.abs(drawn["slope"] - 1)
    return values, drawn


def _of_sums(sums: np.ndarray) -> dict:
    """Measures that follow from sums over patients; `sums` is (5,) or (5, resamples)."""
    total, events, loss, squares, expected = sums
    rate = events / total
    brier = squares / total
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = np.where(rate * (1 - rate) > 0, 1 - brier / (rate * (1 - rate)), np.nan)
        # Risks that add up to nothing leave nothing to divide by.
        observed = np.where(expected > NOTHING, events / np.maximum(expected, NOTHING), np.nan)
    return {
        "log_loss": loss / total,
        "brier": brier,
        "scaled_brier": scaled,
        "oe": observed,
    }
