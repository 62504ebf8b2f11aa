"""The multinomial likelihood: one linear predictor for each class but the first, with offset and any prior."""

from __future__ import annotations

import numpy as np

from medtune.evaluation.logistic import RISK_FLOOR
from medtune.tuning.penalised import ManyFits, maximise

CELLS = 8_000_000  # 64 MB of weights or products at a time


def class_log_odds(risks: np.ndarray) -> np.ndarray:
    """Log-odds of each class against the first one.

    Parameters
    ----------
    risks : ndarray of shape (..., K)
        Risks of the classes, clipped to [1e-6, 1 - 1e-6] before anything else.

    Returns
    -------
    ndarray of shape (..., K - 1)
        For two classes the log-odds of the second.
    """
    logs = np.log(np.clip(np.asarray(risks, dtype=float), RISK_FLOOR, 1 - RISK_FLOOR))
    return logs[..., 1:] - logs[..., :1]


def class_risks(eta: np.ndarray) -> np.ndarray:
    """Risks of K classes, shape (..., K), from log-odds against the first, shape (..., K - 1); without overflow."""
    eta = np.asarray(eta, dtype=float)
    whole = np.concatenate([np.zeros((*eta.shape[:-1], 1)), eta], axis=-1)
    whole = np.exp(whole - whole.max(axis=-1, keepdims=True))
    return whole / whole.sum(axis=-1, keepdims=True)


def contrast_precision(classes: int) -> np.ndarray:
    """How a prior is shared by the linear predictors, so that no class is special.

    Parameters
    ----------
    classes : int
        K.

    Returns
    -------
    ndarray of shape (K - 1, K - 1)
        2 (I - 11'/K): the precision of differences against one class when each class by itself moves with
        variance one half. It is 1 for two classes, and the same whichever class is the reference.
    """
    return 2 * (np.eye(classes - 1) - 1 / classes)


def fit_classes(
    D: np.ndarray,
    y: np.ndarray,
    classes: int,
    precision: np.ndarray,
    mean: np.ndarray,
    *,
    offset: np.ndarray | None = None,
    free: np.ndarray | None = None,
    max_iter: int = 60,
) -> ManyFits:
    """Maximise the multinomial log-likelihood under one or several Gaussian priors.

    Parameters
    ----------
    D : ndarray of shape (n, m)
        Columns of the linear predictors; include a column of ones for intercepts.
    y : ndarray of shape (n,)
        Classes as numbers from 0; 0 is the reference.
    classes : int
        K.
    precision : ndarray of shape (g, f, f)
        Prior precisions of the f free coefficients, class by class; zeros are maximum likelihood.
    mean : ndarray of shape (f,)
        Prior mean, and where Newton starts.
    offset : ndarray of shape (n, K - 1), optional
        Parts of the linear predictors that stay fixed.
    free : ndarray of shape (K - 1, m), bool, optional
        Which columns enter which linear predictor; all when None.
    max_iter : int
        Newton steps at most.

    Returns
    -------
    ManyFits
        `beta` has the free coefficients of the first linear predictor, then of the second, and so on.
    """
    free = np.ones((classes - 1, D.shape[1]), dtype=bool) if free is None else free
    return maximise(ClassSums(D, y, classes, offset, free), precision, np.asarray(mean, float), max_iter=max_iter)


class ClassSums:
    """Sums over patients of the multinomial log-likelihood and its derivatives, in blocks of rows.

    Parameters
    ----------
    D, y, classes, offset, free
        As for `fit_classes`.
    """

    def __init__(self, D, y, classes: int, offset, free) -> None:
        self.columns = np.ascontiguousarray(np.asarray(D, dtype=float).T)
        self.m, self.n = self.columns.shape
        self.predictors = classes - 1
        self.outcome = (np.asarray(y)[None, :] == np.arange(1, classes)[:, None]).astype(float)
        self.offset = None if offset is None else np.asarray(offset, dtype=float).T
        self.free = np.asarray(free, dtype=bool)
        self.places = np.flatnonzero(self.free)
        self.upper = np.triu_indices(self.m)
        self.pairs = np.triu_indices(self.predictors)

    def loglik(self, beta: np.ndarray) -> np.ndarray:
        """Log-likelihood at each of g coefficient vectors, shape (g,)."""
        total = np.zeros(len(beta))
        for rows in self._blocks(len(beta)):
            eta = self._eta(beta, rows)
            top = np.maximum(eta.max(axis=1), 0)
            total += (eta * self.outcome[:, rows]).sum(axis=(1, 2))
            total -= (top + np.log(np.exp(-top) + np.exp(eta - top[:, None]).sum(axis=1))).sum(axis=1)
        return total

    def gradient(self, beta: np.ndarray) -> np.ndarray:
        """Gradient, shape (g, f)."""
        total = np.zeros((len(beta), self.predictors, self.m))
        for rows in self._blocks(len(beta)):
            total += (self.outcome[:, rows] - self._risks(beta, rows)) @ self.columns[:, rows].T
        return total.reshape(len(beta), -1)[:, self.places]

    def hessian(self, beta: np.ndarray) -> np.ndarray:
        """Negative second derivative, shape (g, f, f)."""
        first, second = self.pairs
        packed = np.zeros((len(beta) * len(first), len(self.upper[0])))
        for rows in self._blocks(len(beta)):
            p = self._risks(beta, rows)
            weights = p[:, first] * ((first == second)[:, None] - p[:, second])
            packed += weights.reshape(len(packed), -1) @ self._products(rows).T
        return self._unpacked(packed.reshape(len(beta), len(first), -1))

    def _unpacked(self, packed: np.ndarray) -> np.ndarray:
        blocks = np.empty((*packed.shape[:2], self.m, self.m))
        blocks[..., self.upper[0], self.upper[1]] = packed
        blocks[..., self.upper[1], self.upper[0]] = packed
        whole = np.empty((len(packed), self.predictors, self.m, self.predictors, self.m))
        for at, (one, other) in enumerate(zip(*self.pairs, strict=True)):
            # Each block is symmetric, since both linear predictors share the columns.
            whole[:, one, :, other] = whole[:, other, :, one] = blocks[:, at]
        size = self.predictors * self.m
        return whole.reshape(len(packed), size, size)[:, self.places[:, None], self.places]

    def _blocks(self, g: int) -> list[slice]:
        step = max(256, CELLS // max(len(self.upper[0]), g * len(self.pairs[0])))
        return [slice(start, start + step) for start in range(0, self.n, step)]

    def _eta(self, beta: np.ndarray, rows: slice) -> np.ndarray:
        whole = np.zeros((len(beta), self.predictors * self.m))
        whole[:, self.places] = beta
        eta = whole.reshape(len(beta), self.predictors, self.m) @ self.columns[:, rows]
        return eta if self.offset is None else eta + self.offset[:, rows]

    def _risks(self, beta: np.ndarray, rows: slice) -> np.ndarray:
        """Risks of all classes but the first, shape (g, K - 1, rows)."""
        eta = self._eta(beta, rows)
        top = np.maximum(eta.max(axis=1, keepdims=True), 0)
        part = np.exp(eta - top)
        return part / (np.exp(-top) + part.sum(axis=1, keepdims=True))

    def _products(self, rows: slice) -> np.ndarray:
        part = self.columns[:, rows]
        return part[self.upper[0]] * part[self.upper[1]]
