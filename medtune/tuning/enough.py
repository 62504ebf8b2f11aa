"""Enough patients? What a new model would need, and how surely an update of a given model can be known from these."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from medtune.evaluation.intervals import normal_quantile
from medtune.evaluation.logistic import expit, fit_logistic
from medtune.evaluation.sample_size import SampleSize, development_size, max_cox_snell, update_errors
from medtune.foundation.words import Sentence, say
from medtune.tuning.candidates import EXPECTED_SHARE

PRECISE_SLOPE = 0.1  # half width of an interval of the slope that Riley 2021 Stat Med 40:4230 aims at


@dataclass(frozen=True)
class Enough:
    """How far these patients reach.

    Attributes
    ----------
    n, events : int
        Local patients, and events among them.
    parameters : int
        Coefficients of a model developed anew, the intercept not counted.
    cox_snell : float
        R2 that it is expected to reach.
    assumed : bool
        Whether that is 15% of the largest possible, for want of anything better.
    development : SampleSize
        Patients a new model needs, by criterion.
    intercept, slope : float
        Standard errors, in log-odds, of an intercept update and of the slope of logistic recalibration; NaN without
        an original.
    """

    n: int
    events: int
    parameters: int
    cox_snell: float
    assumed: bool
    development: SampleSize
    intercept: float = math.nan
    slope: float = math.nan

    @property
    def for_update(self) -> Sentence | None:
        """How surely an update is known; None without an original."""
        if not math.isfinite(self.slope):
            return None
        return say(
            "With these {n} patients the intercept is known to ± {intercept:.2f}, the slope to ± {slope:.2f} (95% CI).",
            n=self.n,
            intercept=normal_quantile() * self.intercept,
            slope=normal_quantile() * self.slope,
        )

    @property
    def precise_slope(self) -> int | None:
        """Patients like these that a slope known to ± 0.1 takes; None without an original."""
        if not math.isfinite(self.slope):
            return None
        return math.ceil(self.n * (normal_quantile() * self.slope / PRECISE_SLOPE) ** 2)

    @property
    def for_development(self) -> Sentence:
        """Whether these are enough for a model of their own."""
        template = (
            "A new model with {count} coefficients takes about {needed} patients; there are {n}, so it can be fitted."
            if self.n >= self.development.needed
            else "A new model with {count} coefficients takes about {needed} patients; there are {n}, "
            "so updating the original is the safer way."
            if math.isfinite(self.slope)
            else "A new model with {count} coefficients takes about {needed} patients; there are {n}, "
            "so it may be too sure of itself."
        )
        return say(template, count=self.parameters + 1, needed=self.development.needed, n=self.n)


def enough(y: np.ndarray, parameters: int, eta0: np.ndarray | None = None, cox_snell: float | None = None) -> Enough:
    """Judge whether local patients are enough.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1, both present.
    parameters : int
        Prepared columns, each a coefficient of a new model.
    eta0 : ndarray of shape (n,), optional
        Log-odds of the original; None without one.
    cox_snell : float, optional
        R2 that a new model may be expected to reach; 15% of the largest possible when None.

    Returns
    -------
    Enough

    Notes
    -----
    Development: Riley 2020 BMJ 368:m441. Update: from the sum of p(1 - p)[1, eta; eta, eta^2] over the patients, with
    p the risk after logistic recalibration, so that the errors are those these very patients give.
    """
    y = np.asarray(y)
    rate = float(y.mean())
    assumed = not (cox_snell and cox_snell > 0)
    expected = EXPECTED_SHARE * max_cox_snell(rate) if assumed else float(cox_snell)
    errors = math.nan, math.nan
    if eta0 is not None and np.ptp(eta0) > 0:
        design = np.column_stack([np.ones(len(y)), eta0])
        recalibrated = fit_logistic(design, y, start=np.array([0.0, 1.0]))
        if recalibrated.converged:
            errors = update_errors(np.asarray(eta0, float), expit(design @ recalibrated.beta))
    size = development_size(expected, max(parameters, 1), rate)
    return Enough(len(y), int(y.sum()), parameters, expected, assumed, size, *errors)
