"""Ridge regression on the leading principal components of many columns, written as one coefficient a column."""

from __future__ import annotations

import numpy as np

from medtune.evaluation.logistic import fit_logistic
from medtune.models.elastic_path import LinearRisks, log_loss_of

STRENGTHS = np.geomspace(1e3, 1e-4, 15)


class PcaRidge(LinearRisks):
    """Logistic or multinomial ridge on principal components; the strength is chosen by log-loss on inner folds.

    Parameters
    ----------
    components : int
        Components at most; fewer where there are fewer patients.
    folds : int
        Inner folds; the components are found anew in each.
    seed : int
        Of the inner folds.

    Attributes
    ----------
    coef_ : ndarray of shape (1, p) or (K, p)
        For the columns as given.
    intercept_ : ndarray of shape (1,) or (K,)
    strength_ : float
        Prior precision of a component's coefficient, per variance of the first component.

    Notes
    -----
    Components from the n x n matrix of inner products, so the cost grows with the columns only linearly. With all
    components it is ridge regression on the columns themselves (Hastie & Tibshirani 2004 Biostatistics 5:329).
    """

    def __init__(self, components=30, folds=5, seed=0):
        self.components = components
        self.folds = folds
        self.seed = seed

    def fit(self, X, y) -> PcaRidge:
        """Choose the strength, and fit all rows with it.

        Parameters
        ----------
        X : array-like of shape (n, p)
        y : array-like of shape (n,)
        """
        X, outcome = self._received(X, y)
        middle = X.mean(axis=0)
        inner = (X - middle) @ (X - middle).T
        losses = [self._losses(inner, outcome, train, test) for train, test in self._inner_folds(outcome)]
        best = int(np.argmin(np.mean(losses, axis=0))) if losses else len(STRENGTHS) // 2
        self.strength_ = float(STRENGTHS[best])
        scores, weights = self._components(inner)
        slopes, intercept = _ridge(scores, outcome, len(self.classes_), self.strength_)
        self.coef_ = ((X - middle).T @ (weights @ slopes)).T
        self.intercept_ = intercept - self.coef_ @ middle
        return self

    def _components(self, inner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores (n, k), the first with variance 1, and the weights of the rows that make them."""
        values, vectors = np.linalg.eigh(inner)
        count = min(self.components, int((values > 1e-10 * max(values[-1], 1e-300)).sum()))
        values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
        if not count:
            return np.zeros((len(inner), 0)), np.zeros((len(inner), 0))
        unit = np.sqrt(values[0] / len(inner))
        return vectors * np.sqrt(values) / unit, vectors / np.sqrt(values) / unit

    def _losses(self, inner: np.ndarray, outcome: np.ndarray, train: np.ndarray, test: np.ndarray) -> list[float]:
        own = inner[np.ix_(train, train)]
        across = inner[np.ix_(test, train)]
        # Measured from the mean of the training rows: inner products follow without the columns.
        row = own.mean(axis=0)
        new = across - across.mean(axis=1, keepdims=True) - row + row.mean()
        own = own - row - own.mean(axis=1, keepdims=True) + row.mean()
        scores, weights = self._components(own)
        losses, start = [], None
        for strength in STRENGTHS:
            slopes, intercept = _ridge(scores, outcome[train], len(self.classes_), strength, start)
            losses.append(log_loss_of(new @ weights @ slopes + intercept, outcome[test]))
        return losses


def _ridge(scores, outcome, K: int, strength: float, start=None) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of the components, shape (k, 1) or (k, K), and intercepts."""
    if K == 2:
        D = np.column_stack([np.ones(len(outcome)), scores])
        penalty = np.full(D.shape[1], strength)
        penalty[0] = 0.0
        beta = fit_logistic(D, outcome, penalty=penalty).beta
        return beta[1:, None], beta[:1]
    from sklearn.linear_model import LogisticRegression

    if not scores.shape[1]:
        return np.zeros((0, K)), np.log(np.bincount(outcome, minlength=K) / len(outcome))
    fit = LogisticRegression(C=1 / strength, max_iter=5000, tol=1e-4).fit(scores, outcome)
    return fit.coef_.T, fit.intercept_
