"""Cross-fitted scores of each option: what every patient says of the event rate had everybody had that option."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medtune.evaluation.logistic import expit, fit_logistic
from medtune.foundation.estimate import Estimate
from medtune.treatment.risk_model import NORMAL, RIDGE, fit_risk_model

if TYPE_CHECKING:
    import pandas as pd

# Chances of having had an option are kept away from 0, so that no patient speaks for hundreds.
CHANCE_FLOOR = 0.01
# With fewer patients for each predictor, the ridge of the chances is chosen on inner folds.
MANY, STRENGTHS, INNER_FOLDS = 50, (RIDGE, 10 * RIDGE, 100 * RIDGE, 1000 * RIDGE), 5


@dataclass(frozen=True, eq=False)
class Scores:
    """What the rest of the room works with; patients in rows, options in columns.

    Attributes
    ----------
    risk : ndarray of shape (n, arms)
        Estimated risk under each option, by models that did not see the patient.
    chance : ndarray of shape (n, arms)
        Estimated chance of having had each option, likewise.
    scores : ndarray of shape (n, arms)
        Doubly robust scores; their mean is the event rate had everybody had that option.
    common : ndarray of shape (n, arms)
        Risk under each option by the model with one effect of each, see `medtune.treatment.risk_model`; it did not see
        the patient either.
    """

    risk: np.ndarray
    chance: np.ndarray
    scores: np.ndarray
    common: np.ndarray

    def effect(self, arm: int, reference: int, rows: np.ndarray | slice = slice(None), clusters=None) -> Estimate:
        """Difference in event rate between two options, with its 95% interval.

        Parameters
        ----------
        arm, reference : int
            Columns of the options.
        rows : ndarray or slice
            Patients it is for.
        clusters : ndarray of shape (n,), optional
            Patient ids, where rows of one patient belong together.

        Returns
        -------
        Estimate
            Of the absolute difference: arm less reference.
        """
        difference = (self.scores[:, arm] - self.scores[:, reference])[rows]
        return mean_estimate(difference, None if clusters is None else clusters[rows])


def mean_estimate(values: np.ndarray, clusters: np.ndarray | None = None) -> Estimate:
    """A mean with its normal 95% interval, robust to several rows of one patient.

    Parameters
    ----------
    values : ndarray of shape (n,)
    clusters : ndarray of shape (n,), optional

    Returns
    -------
    Estimate
        Without limits where fewer than two patients speak.
    """
    n = len(values)
    if n < 2:
        return Estimate(float(values.mean()) if n else np.nan)
    mean = float(values.mean())
    if clusters is None:
        error = float(values.std(ddof=1)) / np.sqrt(n)
    else:
        _, place = np.unique(clusters, return_inverse=True)
        sums = np.bincount(place, weights=values - mean)
        groups = len(sums)
        if groups < 2:
            return Estimate(mean)
        error = float(np.sqrt(groups / (groups - 1) * (sums**2).sum())) / n
    return Estimate(mean, mean - NORMAL * float(error), mean + NORMAL * float(error))


def doubly_robust(y: np.ndarray, arm: np.ndarray, risk: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Augmented inverse-probability scores: m_a + 1[A = a] (y - m_a) / e_a.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    arm : ndarray of int, shape (n,)
        The option each patient had, as a column of the next two.
    risk, chance : ndarray of shape (n, arms)
        Estimated risk under, and chance of, each option.

    Returns
    -------
    ndarray of shape (n, arms)

    Notes
    -----
    Robins, Rotnitzky & Zhao 1994 JASA 89:846; right when either of the two models is.
    """
    had = arm[:, None] == np.arange(risk.shape[1])
    return risk + had * (np.asarray(y, float)[:, None] - risk) / chance


def cross_fitted(
    predictors: pd.DataFrame,
    y: np.ndarray,
    arm: np.ndarray,
    arms: int,
    preparation: object,
    *,
    reference: int,
    randomised: bool,
    folds: int = 5,
    seed: int = 0,
    patients: np.ndarray | None = None,
) -> Scores:
    """Scores by models that did not see the patient they speak of.

    Parameters
    ----------
    predictors : DataFrame of shape (n, columns)
        Raw predictors, from before the treatment.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    arm : ndarray of int, shape (n,)
        The option each patient had, from 0.
    arms : int
        How many options there are.
    preparation : transformer
        Unfitted; fitted anew on each fold's training rows.
    reference : int
        The option the others are compared with.
    randomised : bool
        Whether the chance of an option is its share of the patients, or has to be estimated from the predictors.
    folds : int
        Fewer where an option has fewer patients.
    seed : int
        Shuffles.
    patients : ndarray of shape (n,), optional
        Patient ids; all rows of one patient stay in one fold.

    Returns
    -------
    Scores

    Notes
    -----
    Chernozhukov 2018 Econometrics J 21:C1 (cross-fitting).
    """
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    repeated = patients is not None and len(np.unique(patients)) < len(y)
    strata = 2 * arm + y
    kind = StratifiedGroupKFold if repeated else StratifiedKFold
    split = kind(min(folds, int(np.bincount(arm, minlength=arms).min())), shuffle=True, random_state=seed)
    risk, chance, common = (np.empty((len(y), arms)) for _ in range(3))
    for train, test in split.split(np.zeros(len(y)), strata, patients if repeated else None):
        prepare = clone(preparation)
        T = np.asarray(prepare.fit_transform(predictors.iloc[train], y[train]), float)
        new = np.asarray(prepare.transform(predictors.iloc[test]), float)
        T, new = _standardised(T, new)
        model = fit_risk_model(T, y[train], arm[train], arms, reference)
        for a in range(arms):
            common[test, a] = model.risk(new, a)
            had = arm[train] == a
            risk[test, a] = ridge_risk(T[had], y[train][had], new)
        chance[test] = _chances(T, arm[train], arms, new, randomised)
    return Scores(risk, chance, doubly_robust(y, arm, risk, chance), common)


def ridge_risk(T: np.ndarray, y: np.ndarray, new: np.ndarray, ridge: float = RIDGE) -> np.ndarray:
    """Risks of new patients by a penalised logistic model, unless told otherwise a lightly penalised one.

    Parameters
    ----------
    T : ndarray of shape (n, q)
        Standardised predictors.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    new : ndarray of shape (m, q)
    ridge : float
        Penalty on half the squared coefficients.

    Returns
    -------
    ndarray of shape (m,)
    """
    penalty = np.r_[1e-8, np.full(T.shape[1], ridge)]
    if y.min() == y.max():  # a risk of exactly 0 or 1 would be too sure of itself
        return np.full(len(new), (y.sum() + 0.5) / (len(y) + 1))
    beta = fit_logistic(np.column_stack([np.ones(len(y)), T]), y, penalty=penalty).beta
    return expit(beta[0] + new @ beta[1:])


def _chances(T: np.ndarray, arm: np.ndarray, arms: int, new: np.ndarray, randomised: bool) -> np.ndarray:
    if randomised:
        share = np.bincount(arm, minlength=arms) / len(arm)
        return np.tile(share, (len(new), 1))
    few = len(T) < MANY * T.shape[1]
    each = np.empty((len(new), arms))
    for a in range(arms):
        had = (arm == a).astype(float)
        each[:, a] = ridge_risk(T, had, new, _chosen_ridge(T, had) if few else RIDGE)
    if arms == 2:
        each = np.column_stack([1 - each[:, 1], each[:, 1]])
    each = np.clip(each, CHANCE_FLOOR, 1 - CHANCE_FLOOR)
    return each / each.sum(axis=1, keepdims=True)


def _chosen_ridge(T: np.ndarray, had: np.ndarray) -> float:
    """The ridge with the least log-loss on inner folds: few patients tell less of many predictors."""
    from sklearn.model_selection import StratifiedKFold

    folds = int(min(INNER_FOLDS, had.sum(), len(had) - had.sum()))
    if folds < 2:
        return STRENGTHS[-1]
    losses = np.zeros(len(STRENGTHS))
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=0).split(T, had):
        for place, ridge in enumerate(STRENGTHS):
            chance = np.clip(ridge_risk(T[train], had[train], T[test], ridge), CHANCE_FLOOR, 1 - CHANCE_FLOOR)
            losses[place] -= np.log(np.where(had[test] == 1, chance, 1 - chance)).sum()
    return STRENGTHS[int(np.argmin(losses))]


def _standardised(T: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    middle, sd = T.mean(axis=0), T.std(axis=0)
    sd = np.where(sd > 1e-12, sd, 1.0)
    return (T - middle) / sd, (new - middle) / sd
