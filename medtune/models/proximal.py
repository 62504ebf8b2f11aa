"""Penalised logistic and multinomial fits along a path of strengths, looking only at columns that may matter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

TOLERANCE, ROUNDS, SWEEPS = 1e-4, 400, 12


class Problem:
    """Mean log-loss of linear log-odds with an elastic net; see `medtune.models.elastic_path.ElasticNetPath`.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Scaled columns.
    y : ndarray of int, shape (n,)
        Classes as numbers from 0.
    K : int
        How many there are.
    l1_ratio : float
        Share of lasso.
    """

    def __init__(self, X: np.ndarray, y: np.ndarray, K: int, l1_ratio: float) -> None:
        self.X, self.l1_ratio = X, l1_ratio
        self.n, self.p = X.shape
        self.binary = K == 2
        self.Y = (y == 1).astype(float)[:, None] if self.binary else np.eye(K)[y]
        # Curvature of the log-loss is at most 1/4 of two classes, 1/2 of more (Boehning 1992).
        self.curvature = 0.25 if self.binary else 0.5

    @property
    def start(self) -> tuple[np.ndarray, np.ndarray]:
        """No coefficient, and the shares of the classes as intercepts."""
        share = self.Y.mean(axis=0).clip(1e-6, 1 - 1e-6)
        intercept = np.log(share / (1 - share)) if self.binary else np.log(share) - np.log(share).mean()
        return np.zeros((self.p, self.Y.shape[1])), intercept

    def residual(self, eta: np.ndarray) -> np.ndarray:
        """Risk minus outcome, shape (n, 1) or (n, K)."""
        if self.binary:
            return 0.5 * (1 + np.tanh(0.5 * eta)) - self.Y
        odds = np.exp(eta - eta.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True) - self.Y

    def gradient(self, residual: np.ndarray) -> np.ndarray:
        """Of the mean log-loss by coefficient, shape (p, classes)."""
        return self.X.T @ residual / self.n


def strengths_of(problem: Problem, count: int, smallest: float) -> np.ndarray:
    """Strengths on a logarithmic scale, from the one that leaves no column.

    Parameters
    ----------
    problem : Problem
    count : int
    smallest : float
        Last one as a share of the first.

    Returns
    -------
    ndarray of shape (count,)
    """
    intercept = problem.start[1]
    eta = np.broadcast_to(intercept, problem.Y.shape)
    most = np.abs(problem.gradient(problem.residual(eta))).max(initial=0.0) / problem.l1_ratio
    return max(most, 1e-8) * np.geomspace(1.0, smallest, count)


def path(problem: Problem, strengths: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Fits for one strength after the other, each from where the last one ended.

    Parameters
    ----------
    problem : Problem
    strengths : ndarray
        Falling.

    Yields
    ------
    coefficients : ndarray of shape (p, 1) or (p, K)
    intercept : ndarray of shape (1,) or (K,)

    Notes
    -----
    Sequential strong rules with a check of all columns afterwards (Tibshirani 2012 J R Stat Soc B 74:245); inside,
    accelerated proximal gradient (Beck & Teboulle 2009 SIAM J Imaging Sci 2:183) with adaptive restart
    (O'Donoghue & Candes 2015 Found Comput Math 15:715).
    """
    W, b = problem.start
    eta = np.broadcast_to(b, problem.Y.shape)
    gradient = problem.gradient(problem.residual(eta))
    before = float(strengths[0])
    for strength in strengths:
        bound = problem.l1_ratio * (2 * strength - before)
        active = np.any(W != 0, axis=1) | (np.abs(gradient).max(axis=1) >= bound)
        for _ in range(SWEEPS):
            places = np.flatnonzero(active)
            W, b = W.copy(), b.copy()
            W[places], b = _fit(problem, problem.X[:, places], W[places], b, float(strength))
            eta = problem.X[:, places] @ W[places] + b
            gradient = problem.gradient(problem.residual(eta))
            missed = (np.abs(gradient).max(axis=1) > problem.l1_ratio * strength * 1.01 + 1e-9) & ~active
            if not missed.any():
                break
            active |= missed
        before = float(strength)
        yield W, b


def _fit(problem: Problem, X, W, b, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """One strength, some columns; the intercept is not penalised."""
    n = problem.n
    lasso, ridge = problem.l1_ratio * strength, (1 - problem.l1_ratio) * strength
    steepest = problem.curvature * _largest(X) / n + ridge
    step = 1 / steepest
    # The intercepts have their own step, so that they do not wait for the columns.
    own = 1 / problem.curvature
    step_b = own / 2
    step = step / 2 if X.shape[1] else step
    V, c, momentum = W.copy(), b.copy(), 1.0
    for _ in range(ROUNDS):
        residual = problem.residual(X @ V + c)
        moved = V - step * (X.T @ residual / n + ridge * V)
        new = np.sign(moved) * np.maximum(np.abs(moved) - step * lasso, 0.0)
        new_b = c - step_b * residual.mean(axis=0)
        change, change_b = new - W, new_b - b
        if (np.vdot(V - new, change) + np.vdot(c - new_b, change_b)) > 0:
            momentum = 1.0
        following = 0.5 * (1 + np.sqrt(1 + 4 * momentum**2))
        push = (momentum - 1) / following
        V, c = new + push * change, new_b + push * change_b
        W, b, momentum = new, new_b, following
        largest = max(np.abs(change).max(initial=0.0), np.abs(change_b).max())
        if largest < TOLERANCE * max(1.0, np.abs(W).max(initial=0.0)):
            break
    return W, b


def _largest(X: np.ndarray) -> float:
    """Largest eigenvalue of X'X, a little above it."""
    if not X.shape[1]:
        return 1.0
    v = np.ones(X.shape[1]) / np.sqrt(X.shape[1]) + 1e-3 * np.cos(np.arange(X.shape[1]))
    value = 1.0
    for _ in range(30):
        v = X.T @ (X @ v)
        norm = float(np.linalg.norm(v))
        if norm < 1e-12:
            return 1.0
        v /= norm
        if abs(norm - value) < 1e-3 * norm:
            value = norm
            break
        value = norm
    return 1.05 * value
