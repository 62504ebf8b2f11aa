"""Many penalised logistic fits of the same rows at once, one for each prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from medtune.evaluation.logistic import expit, newton_step

TOLERANCE = 1e-9
CELLS = 16_000_000  # 128 MB of products at a time
CHUNK = 2_000  # rows that stay in the processor's cache while the fits take turns
ROWS_TO_START_FROM = 10_000


@dataclass(frozen=True)
class ManyFits:
    """Maximum a posteriori fits of one design under several Gaussian priors.

    Attributes
    ----------
    beta : ndarray of shape (g, k)
        Coefficients under each prior.
    hessian : ndarray of shape (g, k, k)
        D'WD at each `beta`, without the prior.
    loglik : ndarray of shape (g,)
        Log-likelihood at each `beta`, without the prior.
    """

    beta: np.ndarray
    hessian: np.ndarray
    loglik: np.ndarray


class Sums(Protocol):
    """A log-likelihood and its derivatives, for g coefficient vectors at a time."""

    def loglik(self, beta: np.ndarray) -> np.ndarray:
        """Log-likelihood, shape (g,), at each row of `beta`, shape (g, k)."""

    def gradient(self, beta: np.ndarray) -> np.ndarray:
        """Its gradient, shape (g, k)."""

    def hessian(self, beta: np.ndarray) -> np.ndarray:
        """Its negative second derivative, shape (g, k, k)."""


def fit_many(
    D: np.ndarray,
    y: np.ndarray,
    precision: np.ndarray,
    mean: np.ndarray,
    *,
    offset: np.ndarray | None = None,
    hopeless: float | None = None,
    max_iter: int = 50,
) -> ManyFits:
    """Maximise loglik(offset + D b) - (b - m)'P(b - m)/2 for several precisions P at once.

    All fits share the products of the design's columns, so a step of all of
    them is two matrix products; step-halving is judged for each fit alone.

    Parameters
    ----------
    D : ndarray of shape (n, k)
        Design with a column of ones.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    precision : ndarray of shape (g, k, k)
        Prior precisions, each positive definite.
    mean : ndarray of shape (k,)
        Prior mean, shared.
    offset : ndarray of shape (n,), optional
        Part of the log-odds that stays fixed.
    hopeless : float, optional
        As for `maximise`.
    max_iter : int
        Newton steps at most.

    Returns
    -------
    ManyFits
        In the order of `precision`.
    """
    D, y = np.ascontiguousarray(D, dtype=float), np.asarray(y, dtype=float)
    start = _start_from_some(D, y, precision, mean, offset) if len(y) > 2 * ROWS_TO_START_FROM else None
    return maximise(_Sums(D, y, offset), precision, mean, start=start, hopeless=hopeless, max_iter=max_iter)


def _start_from_some(D, y, precision, mean, offset) -> np.ndarray | None:
    """Fits of evenly spread rows under priors that weigh as much less; a start that saves rounds over all rows."""
    some = slice(None, None, len(y) // ROWS_TO_START_FROM)
    part = y[some]
    if part.min() == part.max():
        return None
    offset = None if offset is None else np.asarray(offset, dtype=float)[some]
    return fit_many(D[some], part, precision * (len(part) / len(y)), mean, offset=offset).beta


def maximise(
    sums: Sums,
    precision: np.ndarray,
    mean: np.ndarray,
    *,
    start: np.ndarray | None = None,
    hopeless: float | None = None,
    max_iter: int = 50,
) -> ManyFits:
    """Newton's method with step-halving on a log-likelihood under several Gaussian priors at once.

    Parameters
    ----------
    sums : Sums
        The log-likelihood and its derivatives, for several coefficient vectors at a time.
    precision : ndarray of shape (g, k, k)
        Prior precisions; a single one may be flat in any direction (zero), which then keeps its start value
        where the data do not inform it.
    mean : ndarray of shape (k,)
        Prior mean, and where all begin.
    start : ndarray of shape (g, k), optional
        Where each begins instead.
    hopeless : float, optional
        A fit whose evidence cannot come within so many nats of the best is left where it is: its weight in an
        average would be exp(-hopeless) at most. Its `hessian` and `loglik` are those of where it was left.
    max_iter : int
        Newton steps at most.

    Returns
    -------
    ManyFits
        In the order of `precision`.
    """
    beta = np.tile(mean, (len(precision), 1)).astype(float) if start is None else start.astype(float)
    loglik = sums.loglik(beta)
    value = loglik - _penalty(beta - mean, precision)
    active = np.arange(len(beta))
    race = _Race(precision, hopeless)
    for turn in range(max_iter):
        gradient = sums.gradient(beta[active]) - np.einsum("gij,gj->gi", precision[active], beta[active] - mean)
        # Fits that begin at the same place share the first curvature.
        hessian = sums.hessian(beta[active] if turn or start is not None else beta[:1])
        step = _steps(hessian + precision[active], gradient)
        decrement = np.einsum("gi,gi->g", gradient, step)
        if hopeless is not None:
            hoping = race.still(active, value[active], decrement, hessian)
            active, step, decrement = active[hoping], step[hoping], decrement[hoping]
        moving = decrement > TOLERANCE
        # So near the maximum the full step is safe and squares the error.
        beta[active[~moving]] += step[~moving]
        active, step = active[moving], step[moving]
        if active.size == 0:
            break
        active = _advance(sums, active, step, beta, loglik, value, precision, mean)
    done = np.flatnonzero(~race.left)
    curvature = np.empty(precision.shape) if hopeless is None else race.curvature
    curvature[done], loglik[done] = sums.hessian(beta[done]), sums.loglik(beta[done])
    return ManyFits(beta, curvature, loglik)


class _Race:
    """Which fits can still come near the best one."""

    def __init__(self, precision: np.ndarray, hopeless: float | None) -> None:
        self.left = np.zeros(len(precision), dtype=bool)
        if hopeless is not None:
            self.precision, self.margin = precision, hopeless
            self.open = np.linalg.slogdet(precision)[1]
            self.reached = np.full(len(precision), -np.inf)
            self.curvature = np.empty(precision.shape)

    def still(self, active, value, decrement, hessian) -> np.ndarray:
        """Of the active fits, those to go on with.

        A step gains about half its decrement, and Laplace's term only takes away, so value + 2 decrement is more
        than a fit can reach; what the best has reached counts with that term.
        """
        self.curvature[active] = hessian
        occam = 0.5 * (self.open[active] - np.linalg.slogdet(self.curvature[active] + self.precision[active])[1])
        self.reached[active] = value + occam
        hoping = value + 2 * decrement > self.reached.max() - self.margin
        self.left[active[~hoping]] = True
        return hoping


def _steps(matrices: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """Newton steps; a single matrix may be singular."""
    if len(matrices) == 1:
        return newton_step(matrices[0], gradients[0])[None]
    return np.linalg.solve(matrices, gradients[..., None])[..., 0]


def _advance(sums: Sums, active, step, beta, loglik, value, precision, mean) -> np.ndarray:
    """Take each fit's step, halved until its objective does not fall; gives the fits that could move."""
    size = np.ones(active.size)
    pending = np.arange(active.size)
    while pending.size and size[pending].max() > 1e-8:
        rows = active[pending]
        trial = beta[rows] + size[pending, None] * step[pending]
        trial_loglik = sums.loglik(trial)
        trial_value = trial_loglik - _penalty(trial - mean, precision[rows])
        good = trial_value >= value[rows] - 1e-12 * np.abs(value[rows])
        beta[rows[good]], loglik[rows[good]], value[rows[good]] = trial[good], trial_loglik[good], trial_value[good]
        pending = pending[~good]
        size[pending] /= 2
    return np.delete(active, pending)


def _penalty(gap: np.ndarray, precision: np.ndarray) -> np.ndarray:
    return 0.5 * np.einsum("gi,gij,gj->g", gap, precision, gap)


class _Sums:
    """Sums over the rows of a design, in blocks so that memory stays bounded."""

    def __init__(self, D: np.ndarray, y: np.ndarray, offset: np.ndarray | None) -> None:
        self.columns = np.ascontiguousarray(D.T)
        self.y = y
        self.offset = np.zeros(len(y)) if offset is None else np.asarray(offset, dtype=float)
        k = D.shape[1]
        self.upper = np.triu_indices(k)
        block = max(256, CELLS // len(self.upper[0]))
        self.blocks = [slice(start, start + block) for start in range(0, len(y), block)]
        # The products of columns are kept where they fit into memory, since every curvature needs them.
        self.kept = self._products(self.blocks[0]) if len(self.blocks) == 1 else None

    def _products(self, rows: slice) -> np.ndarray:
        part = self.columns[:, rows]
        products = np.empty((len(self.upper[0]), part.shape[1]))
        at = 0
        for column in range(len(part)):
            width = len(part) - column
            np.multiply(part[column], part[column:], out=products[at : at + width])
            at += width
        return products

    def _eta(self, beta: np.ndarray, rows: slice) -> np.ndarray:
        return beta @ self.columns[:, rows] + self.offset[rows]

    def loglik(self, beta: np.ndarray) -> np.ndarray:
        total = np.zeros(len(beta))
        for rows in self.blocks:
            eta = self._eta(beta, rows)
            # log(1 + exp(eta)) without overflow, in the form that numpy computes fastest
            total += eta @ self.y[rows] - (np.log1p(np.exp(-np.abs(eta))) + np.maximum(eta, 0)).sum(axis=1)
        return total

    def gradient(self, beta: np.ndarray) -> np.ndarray:
        total = np.zeros(beta.shape)
        for rows in self.blocks:
            total += (self.y[rows] - expit(self._eta(beta, rows))) @ self.columns[:, rows].T
        return total

    def hessian(self, beta: np.ndarray) -> np.ndarray:
        g, k = beta.shape
        if self.kept is None and 3 * g < k:
            return self._hessian_of_few(beta)
        packed = np.zeros((g, len(self.upper[0])))
        for rows in self.blocks:
            p = expit(self._eta(beta, rows))
            packed += (p * (1 - p)) @ (self.kept if self.kept is not None else self._products(rows)).T
        hessian = np.empty((g, k, k))
        hessian[:, self.upper[0], self.upper[1]] = packed
        hessian[:, self.upper[1], self.upper[0]] = packed
        return hessian

    def _hessian_of_few(self, beta: np.ndarray) -> np.ndarray:
        """The same, without products of columns, which pay only when many fits share them."""
        g, k = beta.shape
        hessian = np.zeros((g, k, k))
        for start in range(0, len(self.y), CHUNK):
            rows = slice(start, start + CHUNK)
            part = self.columns[:, rows]
            p = expit(self._eta(beta, rows))
            for at, weight in enumerate(p * (1 - p)):
                hessian[at] += (part * weight) @ part.T
        return (hessian + hessian.transpose(0, 2, 1)) / 2
