"""Elastic net whose strength is chosen on inner folds, quick where columns are many more than patients."""

from __future__ import annotations

import copy

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from medtune.models.proximal import Problem, path, strengths_of


def risks_of(eta: np.ndarray) -> np.ndarray:
    """Risks of every class from log-odds of one column, or of K columns; shape (n, classes)."""
    if eta.shape[1] == 1:
        risk = 0.5 * (1 + np.tanh(0.5 * eta[:, 0]))
        return np.column_stack([1 - risk, risk])
    odds = np.exp(eta - eta.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def log_loss_of(eta: np.ndarray, y: np.ndarray) -> float:
    """Mean log-loss of log-odds; y are classes as numbers from 0."""
    p = risks_of(eta)[np.arange(len(y)), y]
    return float(-np.log(np.clip(p, 1e-15, None)).mean())


class LinearRisks(ClassifierMixin, BaseEstimator):
    """What classifiers of linear log-odds share: risks from `coef_` and `intercept_`."""

    def decision_function(self, X) -> np.ndarray:
        """Log-odds: shape (n,) of two classes, (n, K) of more."""
        check_is_fitted(self, "coef_")
        X = validate_data(self, X, reset=False, dtype=np.float64)
        eta = X @ self.coef_.T + self.intercept_
        return eta[:, 0] if eta.shape[1] == 1 else eta

    def predict_proba(self, X) -> np.ndarray:
        """Risks, shape (n, classes)."""
        eta = self.decision_function(X)
        return risks_of(eta[:, None] if eta.ndim == 1 else eta)

    def predict(self, X) -> np.ndarray:
        """The most likely class of each row, shape (n,)."""
        likely = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[likely]

    @property
    def used_(self) -> np.ndarray:
        """Which columns have a coefficient, shape (p,)."""
        return np.any(self.coef_ != 0, axis=0)

    def restricted(self, columns: np.ndarray):
        """The same model for some columns alone; the others must have no coefficient, or their part is lost.

        Parameters
        ----------
        columns : ndarray of bool, shape (p,)

        Returns
        -------
        classifier
            Fitted.
        """
        columns = np.asarray(columns, bool)
        small = copy.copy(self)
        small.coef_, small.n_features_in_ = self.coef_[:, columns], int(columns.sum())
        if hasattr(self, "feature_names_in_"):
            small.feature_names_in_ = self.feature_names_in_[columns]
        return small

    def _received(self, X, y) -> tuple[np.ndarray, np.ndarray]:
        X = validate_data(self, X, dtype=np.float64)
        y = column_or_1d(y, warn=True)
        if len(y) != len(X):
            raise ValueError(f"X has {len(X)} rows and y has {len(y)}.")
        check_classification_targets(y)
        self.classes_, outcome = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present.")
        return X, outcome

    def _inner_folds(self, outcome: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Inner training and test rows; none where a class is too rare for two folds."""
        folds = min(self.folds, int(np.bincount(outcome).min()))
        if folds < 2:
            return []
        splitter = StratifiedKFold(folds, shuffle=True, random_state=self.seed)
        return list(splitter.split(np.zeros(len(outcome)), outcome))


class ElasticNetPath(LinearRisks):
    """Logistic or multinomial regression with an elastic net, its strength chosen by log-loss on inner folds.

    Parameters
    ----------
    l1_ratio : float
        Share of lasso in the penalty, above 0.
    strengths : int
        So many are tried, from the one that leaves no column down to `smallest` times it.
    smallest : float
        See `strengths`.
    folds : int
        Inner folds; where a class is too rare for two, a tenth of the largest strength is taken.
    rule : {"1se", "min"}
        The largest strength whose log-loss is within one standard error of the smallest, or the smallest log-loss.
    seed : int
        Of the inner folds.

    Attributes
    ----------
    coef_ : ndarray of shape (1, p) or (K, p)
    intercept_ : ndarray of shape (1,) or (K,)
    strength_ : float
        Lambda of glmnet: minimise mean log-loss + lambda (l1_ratio |b| + (1 - l1_ratio) b'b / 2).

    Notes
    -----
    Zou & Hastie 2005 J R Stat Soc B 67:301; Friedman 2010 J Stat Softw 33:1. Columns should be scaled.
    """

    def __init__(self, l1_ratio=0.5, strengths=18, smallest=0.05, folds=5, rule="min", seed=0):
        self.l1_ratio = l1_ratio
        self.strengths = strengths
        self.smallest = smallest
        self.folds = folds
        self.rule = rule
        self.seed = seed

    def fit(self, X, y) -> ElasticNetPath:
        """Choose the strength, and fit all rows with it.

        Parameters
        ----------
        X : array-like of shape (n, p)
        y : array-like of shape (n,)
        """
        X, outcome = self._received(X, y)
        K = len(self.classes_)
        ratio = max(float(self.l1_ratio), 0.01)
        problem = Problem(X, outcome, K, ratio)
        grid = strengths_of(problem, self.strengths, self.smallest)
        losses = [self._losses(X, outcome, grid, train, test, ratio, K) for train, test in self._inner_folds(outcome)]
        best = self._best(np.array(losses), grid) if losses else int(np.searchsorted(-grid, -0.1 * grid[0]))
        *_, (coefficients, intercept) = path(problem, grid[: best + 1])
        self.strength_, self.coef_, self.intercept_ = float(grid[best]), coefficients.T, intercept
        return self

    def _losses(self, X, outcome, grid, train, test, ratio, K) -> np.ndarray:
        """Log-loss on inner test rows for each strength; infinite once it has risen for long."""
        losses = np.full(len(grid), np.inf)
        for at, (coefficients, intercept) in enumerate(path(Problem(X[train], outcome[train], K, ratio), grid)):
            losses[at] = log_loss_of(X[test] @ coefficients + intercept, outcome[test])
            if at >= 4 and (losses[at - 3 : at + 1] > losses[: at - 2].min() * 1.05).all():
                break
        return losses

    def _best(self, losses: np.ndarray, grid: np.ndarray) -> int:
        mean = losses.mean(axis=0)
        best = int(np.argmin(mean))
        if self.rule == "min" or len(losses) < 2:
            return best
        error = losses[:, best].std(ddof=1) / np.sqrt(len(losses))
        return int(np.flatnonzero(mean <= mean[best] + error)[0])
