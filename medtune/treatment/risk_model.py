"""Risk from the predictors and the option: one effect for everybody, or effects that differ where a test allows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from medtune.evaluation.logistic import LogisticFit, expit, fit_logistic
from medtune.foundation.estimate import Estimate

NORMAL = 1.959964
# A prior SD of one log-odds per SD of a predictor: it keeps small arms from separating and hardly touches large ones.
RIDGE = 1.0
FREE = 1e-8
EVENTS_PER_COEFFICIENT = 10
# Precisions tried for the differences in effect, per SD of a predictor; the data choose by their evidence.
STRENGTHS = (4.0, 16.0, 64.0, 256.0)


@dataclass(frozen=True, eq=False)
class RiskModel:
    """eta = intercept + T slopes + effect of the option + T products of the option.

    Attributes
    ----------
    beta : ndarray of shape (k,)
        Intercept, slopes per unit of the prepared columns, effects of the options but the reference, and where effects
        differ the products of each of these options.
    covariance : ndarray of shape (k, k)
        Of `beta`.
    columns, arms, reference : int
        Prepared columns, options, and which option the others are compared with.
    differing : bool
        Whether there are products.
    """

    beta: np.ndarray
    covariance: np.ndarray
    columns: int
    arms: int
    reference: int
    differing: bool

    def design(self, T: np.ndarray, arm: int) -> np.ndarray:
        """Rows of the design of patients under one option, shape (n, k)."""
        return design(T, np.full(len(T), arm), self.arms, self.reference, self.differing)

    def risk(self, T: np.ndarray, arm: int) -> np.ndarray:
        """Risk of patients under one option, shape (n,)."""
        return expit(self.design(T, arm) @ self.beta)

    def risk_limits(self, T: np.ndarray, arm: int) -> np.ndarray:
        """95% limits of the risk of patients under one option, shape (n, 2)."""
        rows = self.design(T, arm)
        eta, half = rows @ self.beta, NORMAL * _spread(rows, self.covariance)
        return expit(np.column_stack([eta - half, eta + half]))

    def difference(self, T: np.ndarray, arm: int, against: int) -> np.ndarray:
        """Risk under one option less that under another, with its 95% limits by the delta method.

        Parameters
        ----------
        T : ndarray of shape (n, q)
            Prepared predictors.
        arm, against : int
            The two options.

        Returns
        -------
        ndarray of shape (n, 3)
            Value, low and high; below 0 the first option does better. The uncertainty is that of this model's
            coefficients: that the model has the right form is taken for granted.
        """
        first, second = self.design(T, arm), self.design(T, against)
        p1, p0 = expit(first @ self.beta), expit(second @ self.beta)
        gradient = (p1 * (1 - p1))[:, None] * first - (p0 * (1 - p0))[:, None] * second
        half = NORMAL * _spread(gradient, self.covariance)
        return np.column_stack([p1 - p0, p1 - p0 - half, p1 - p0 + half])

    def odds_ratio(self, arm: int) -> Estimate:
        """Odds ratio of an option against the reference, given the predictors; where effects do not differ."""
        at = 1 + self.columns + others(self.arms, self.reference).index(arm)
        effect, half = float(self.beta[at]), NORMAL * float(np.sqrt(max(0.0, self.covariance[at, at])))
        return Estimate(*(float(np.exp(x)) for x in (effect, effect - half, effect + half)))


def others(arms: int, reference: int) -> list[int]:
    """The options but the reference."""
    return [a for a in range(arms) if a != reference]


def design(T: np.ndarray, arm: np.ndarray, arms: int, reference: int, differing: bool) -> np.ndarray:
    """Ones, predictors, indicators of the options and, where effects differ, their products with the predictors.

    Parameters
    ----------
    T : ndarray of shape (n, q)
    arm : ndarray of int, shape (n,)
    arms, reference : int
    differing : bool

    Returns
    -------
    ndarray of shape (n, 1 + q + (arms - 1)) or (n, 1 + q + (arms - 1)(1 + q))
    """
    had = (np.asarray(arm)[:, None] == np.array(others(arms, reference))).astype(float)
    products = [T * had[:, [at]] for at in range(had.shape[1])] if differing else []
    return np.column_stack([np.ones(len(T)), T, had, *products])


def fit_risk_model(
    T: np.ndarray, y: np.ndarray, arm: np.ndarray, arms: int, reference: int, differing: bool = False
) -> RiskModel:
    """Fit the risk from predictors and option.

    Parameters
    ----------
    T : ndarray of shape (n, q)
        Prepared predictors.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    arm : ndarray of int, shape (n,)
        The option each patient had.
    arms, reference : int
        How many options there are, and which the others are compared with.
    differing : bool
        Whether the effect may differ between patients; only after `interaction_test` has allowed it.

    Returns
    -------
    RiskModel
        With a light ridge on the predictors, none on the effects, and one on the products as strong as the evidence
        asks for.

    Notes
    -----
    Risk modelling and effect modelling of the PATH statement (Kent 2020 Ann Intern Med 172:35).
    """
    middle, sd = T.mean(axis=0), T.std(axis=0)
    sd = np.where(sd > 1e-12, sd, 1.0)
    D = design((T - middle) / sd, arm, arms, reference, differing)
    q, free = T.shape[1], arms - 1
    plain = np.r_[FREE, np.full(q, RIDGE), np.full(free, FREE)]
    penalties = [np.r_[plain, np.full(free * q, s)] for s in STRENGTHS] if differing else [plain]
    fits = [fit_logistic(D, y, penalty=penalty) for penalty in penalties]
    at = int(np.argmax([_evidence(fit, penalty) for fit, penalty in zip(fits, penalties, strict=True)]))
    fit, penalty = fits[at], penalties[at]
    covariance = np.linalg.inv(fit.hessian + np.diag(penalty))
    back = _to_units(middle, sd, free, differing)
    return RiskModel(back @ fit.beta, back @ covariance @ back.T, q, arms, reference, differing)


def interaction_test(T: np.ndarray, y: np.ndarray, arm: np.ndarray, arms: int, reference: int) -> float:
    """Whether the effect differs between patients: one test of all products of predictors and options.

    Parameters
    ----------
    T, y, arm, arms, reference
        As for `fit_risk_model`.

    Returns
    -------
    float
        p value of the likelihood-ratio test, which was settled before the data were looked at; NaN with fewer than
        ten events (or patients without one) for each coefficient, where such a test finds too much.
    """
    sd = T.std(axis=0)
    Z = (T - T.mean(axis=0))[:, sd > 1e-12] / sd[sd > 1e-12]
    plain, full = (design(Z, arm, arms, reference, differing) for differing in (False, True))
    free = int(np.linalg.matrix_rank(full) - np.linalg.matrix_rank(plain))
    if free == 0 or min(y.sum(), len(y) - y.sum()) < EVENTS_PER_COEFFICIENT * full.shape[1]:
        return float("nan")
    small, large = fit_logistic(plain, y), fit_logistic(full, y)
    if not (small.converged and large.converged):
        return float("nan")
    return float(chi2.sf(max(0.0, 2 * (large.loglik - small.loglik)), free))


def _evidence(fit: LogisticFit, penalty: np.ndarray) -> float:
    """Laplace's approximation (MacKay 1992), up to a constant that all fits of one design share."""
    return (
        fit.loglik
        - 0.5 * float(penalty @ fit.beta**2)
        + 0.5 * float(np.log(penalty).sum())
        - 0.5 * float(np.linalg.slogdet(fit.hessian + np.diag(penalty))[1])
    )


def _to_units(middle: np.ndarray, sd: np.ndarray, free: int, differing: bool) -> np.ndarray:
    """The matrix that takes coefficients of standardised predictors to those of predictors in their own units."""
    q = len(sd)
    back = np.diag(np.r_[1.0, 1 / sd, np.ones(free), np.tile(1 / sd, free if differing else 0)])
    back[0, 1 : 1 + q] = -middle / sd
    if differing:
        for at in range(free):
            start = 1 + q + free + at * q
            back[1 + q + at, start : start + q] = -middle / sd
    return back


def _spread(rows: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("ij,jk,ik->i", rows, covariance, rows, optimize=True).clip(0))
