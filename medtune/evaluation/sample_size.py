"""How many patients are enough, before a model is developed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SampleSize:
    """Fewest patients for developing a model, by criterion.

    Attributes
    ----------
    shrinkage, optimism, prevalence : int
        Patients needed for a shrinkage of .9, for an optimism of at most .05 in
        the share of explained variation, and to know the event rate within .05.
    """

    shrinkage: int
    optimism: int
    prevalence: int

    @property
    def needed(self) -> int:
        """The largest of the three."""
        return max(self.shrinkage, self.optimism, self.prevalence)


def max_cox_snell(event_rate: float) -> float:
    """Largest Cox-Snell R2 that a model of a binary outcome can reach at this event rate."""
    f = min(max(event_rate, 1e-9), 1 - 1e-9)
    return 1 - math.exp(2 * (f * math.log(f) + (1 - f) * math.log(1 - f)))


def development_size(cox_snell: float, parameters: int, event_rate: float) -> SampleSize:
    """Patients needed to develop a logistic model with `parameters` coefficients.

    Parameters
    ----------
    cox_snell : float
        Cox-Snell R2 that the model is expected to reach, above 0.
    parameters : int
        Coefficients to estimate, the intercept not counted.
    event_rate : float
        Share of patients with the event, between 0 and 1.

    Returns
    -------
    SampleSize
        The three criteria of Riley 2020 BMJ 368:m441.
    """
    top = max_cox_snell(event_rate)
    expected = min(max(cox_snell, 1e-6), 0.999 * top)

    def size_for(shrinkage: float) -> int:
        return math.ceil(parameters / ((shrinkage - 1) * math.log(1 - expected / shrinkage)))

    small = expected / (expected + 0.05 * top)
    margin = (1.96 / 0.05) ** 2 * event_rate * (1 - event_rate)
    return SampleSize(size_for(0.9), size_for(small), math.ceil(margin))


def update_errors(eta: np.ndarray, risk: np.ndarray) -> tuple[float, float]:
    """Standard errors that an update of a given model will have among patients like these.

    Parameters
    ----------
    eta : ndarray of shape (n,)
        Log-odds of the given model.
    risk : ndarray of shape (n,)
        Risks expected here.

    Returns
    -------
    intercept : float
        Of the intercept when the slope is left alone (calibration-in-the-large).
    slope : float
        Of the slope of logistic recalibration; infinite where all log-odds are equal.

    Notes
    -----
    From the information sum p(1 - p)[1, eta; eta, eta^2], as in Riley 2021 Stat Med 40:4230.
    """
    weights = risk * (1 - risk)
    total = float(weights.sum())
    if not total > 0:
        return math.inf, math.inf
    around = eta - weights @ eta / total
    spread = float(weights @ around**2)
    return total**-0.5, spread**-0.5 if np.ptp(eta) > 0 else math.inf
