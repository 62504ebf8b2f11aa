"""Recalibration intercept and slope, on the patients as they are and in every resample at once."""

from __future__ import annotations

import math

import numpy as np

from medtune.evaluation.logistic import expit, fit_logistic
from medtune.evaluation.resampling import Resamples

MOST_STEPS = 30
LONGEST_STEP = 3.0
FEWEST_ROWS_TO_START_FROM_SOME = 50_000
MOST_NODES = 400
GRID_NODES = 256
# Newton stops when half the gain still expected is below this share of the events; its error is then of that order.
SETTLED, NEAR = 1e-13, 1e-9


def shift(y: np.ndarray, eta: np.ndarray) -> tuple[float, float]:
    """Calibration-in-the-large: a in logit(risk) = a + eta, and its standard error.

    Parameters
    ----------
    y : ndarray of shape (n,), int
    eta : ndarray of shape (n,)
        Log-odds of the risks.

    Returns
    -------
    a, standard_error : float
        NaN when one class is absent: no finite shift would fit.
    """
    if y.min() == y.max():
        return math.nan, math.nan
    beta, hessian = _fit(np.ones((y.size, 1)), y, eta)
    return float(beta[0]), float(hessian[0] ** -0.5)


def line(y: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logistic recalibration: a and b in logit(risk) = a + b * eta, and their standard errors.

    Parameters
    ----------
    y : ndarray of shape (n,), int
    eta : ndarray of shape (n,)

    Returns
    -------
    coefficients, standard_errors : ndarray of shape (2,)
        NaN when one class is absent, all risks are equal, or the risks
        separate the classes: there is then no finite maximum.
    """
    nothing = np.full(2, np.nan)
    if y.min() == y.max() or np.ptp(eta) < 1e-9:
        return nothing, nothing
    middle, half = _centre(eta)
    beta, (h11, h12, h22) = _fit(np.column_stack([np.ones(y.size), (eta - middle) / half]), y, np.zeros(y.size))
    if not _exists(h11, h12, h22, y.size):
        return nothing, nothing
    turn = np.array([[1.0, -middle / half], [0.0, 1 / half]])
    covariance = turn @ np.linalg.inv([[h11, h12], [h12, h22]]) @ turn.T
    return turn @ beta, np.sqrt(np.diag(covariance))


def _fit(X: np.ndarray, y: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maximum likelihood of one or two coefficients, and the distinct entries of the Hessian there."""
    begin = np.zeros(X.shape[1])
    if y.size > FEWEST_ROWS_TO_START_FROM_SOME:
        some = slice(None, None, y.size // 5_000)
        if y[some].min() < y[some].max():
            begin, _ = _fit(X[some], y[some], offset[some])
    beta, hessian = _newton(np.ones((1, y.size)), X, offset, (y @ X)[None], begin[None])
    if np.isfinite(beta).all():
        return beta[0], hessian[0]
    # The careful routine, which halves a step that overshoots.
    fit = fit_logistic(X, y, offset=offset)
    return fit.beta, fit.hessian[np.triu_indices(X.shape[1])]


def _exists(h11, h12, h22, total):
    """Whether a maximum is finite: separated data leave no variance, or all of it at one risk."""
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = h22 / h11 - (h12 / h11) ** 2
        return (h11 > 1e-6 * total) & (spread > 1e-8)


def _centre(eta: np.ndarray) -> tuple[float, float]:
    low, high = float(eta.min()), float(eta.max())
    return (low + high) / 2, max((high - low) / 2, 1e-9)


def recalibration_draws(
    y: np.ndarray,
    eta: np.ndarray,
    draws: Resamples,
    shifted: float,
    fitted: tuple[np.ndarray, np.ndarray],
) -> dict[str, np.ndarray]:
    """Calibration-in-the-large and logistic recalibration in each resample.

    Parameters
    ----------
    y : ndarray of shape (n,), int
    eta : ndarray of shape (n,)
        Log-odds of the risks.
    draws : Resamples
    shifted : float
        What `shift` gave on the patients as they are: where Newton starts.
    fitted : tuple of ndarray
        What `line` gave.

    Returns
    -------
    dict of str to ndarray of shape (resamples,)
        "citl", "intercept" and "slope"; NaN where there is no finite maximum.

    Notes
    -----
    Newton on all resamples together. The likelihood depends on a patient only
    through eta, in which it is analytic, so the weights of n patients are
    first carried over to a few dozen Chebyshev nodes (barycentric
    interpolation, Berrut & Trefethen 2004 SIAM Rev 46:501); that leaves the
    score exact to about 1e-8 and makes the cost of a step independent of n. Above 20,000 patients the nodes are an
    even grid with cubic interpolation, exact to about 1e-7, because carrying
    over then costs more than the steps.
    """
    middle, half = _centre(eta)
    u = (eta - middle) / half
    coefficients, errors = fitted
    steepest = 1.0
    if np.isfinite(coefficients).all():
        steepest = max(1.0, abs(coefficients[1]) + 3 * errors[1])
    nodes, weights, exact = _nodes(u, steepest * half, draws)
    total, events, moment = draws.sums(np.stack([np.ones(y.size), y, y * u], axis=1)).T
    mixed = (events > 0) & (events < total)
    targets = np.stack([events, moment], axis=1)

    ones = np.ones((nodes.size, 1))
    begin = np.where(mixed, shifted, np.nan)[:, None]
    a, _ = _newton(weights, ones, half * nodes + middle, targets[:, :1], begin, NEAR)
    start = np.array([coefficients[0] + coefficients[1] * middle, coefficients[1] * half])
    begin = np.where(mixed[:, None], start, np.nan)
    b, h = _newton(weights, np.column_stack([ones, nodes]), np.zeros(nodes.size), targets, begin, NEAR)
    good = _exists(h[:, 0], h[:, 1], h[:, 2], total)
    if not exact:
        good &= np.abs(b[:, 1]) <= 2 * steepest * half
    b[~good] = np.nan
    return {"citl": a[:, 0], "intercept": b[:, 0] - b[:, 1] * middle / half, "slope": b[:, 1] / half}


def _nodes(u: np.ndarray, steepness: float, draws: Resamples) -> tuple[np.ndarray, np.ndarray, bool]:
    """Nodes in [-1, 1], the weight on each in every resample, and whether these are the patients themselves."""
    if draws.grouped:
        return np.linspace(-1, 1, GRID_NODES), _weights_on_grid(u, draws), False
    # expit(a + steepness * u) has its nearest pole pi / steepness off the real axis, which sets the rate.
    reach = math.pi / steepness
    rate = math.log(reach + math.sqrt(1 + reach**2))
    count = min(int(math.log(1e8) / rate) + 4, MOST_NODES)
    if count >= u.size:
        return u, draws.weights.astype(float), True
    angle = (2 * np.arange(count) + 1) * math.pi / (2 * count)
    nodes, signs = np.cos(angle), np.sin(angle) * (-1.0) ** np.arange(count)
    return nodes, draws.sums(_basis(u, nodes, signs)), False


def _weights_on_grid(u: np.ndarray, draws: Resamples) -> np.ndarray:
    """Weight on each of an even grid of nodes, by cubic interpolation: four nodes a patient, any number of patients."""
    place = (u + 1) * (GRID_NODES - 1) / 2
    left = np.clip(place.astype(np.int64), 1, GRID_NODES - 3)
    f = place - left
    shares = (
        -f * (f - 1) * (f - 2) / 6,
        (f + 1) * (f - 1) * (f - 2) / 2,
        -(f + 1) * f * (f - 2) / 2,
        (f + 1) * f * (f - 1) / 6,
    )
    return draws.spread([left + k for k in (-1, 0, 1, 2)], shares, GRID_NODES)


def _basis(u: np.ndarray, nodes: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Value of each node's Lagrange polynomial at each patient."""
    gap = u[:, None] - nodes
    gap[gap == 0] = 1e-300
    basis = signs / gap
    basis /= basis.sum(axis=1, keepdims=True)
    return basis


def _newton(weights, design, offset, targets, begin, settled=SETTLED):
    """Maximise each row's weighted Bernoulli likelihood; NaN where it does not settle.

    weights (B, g), design (g, k) with k = 1 or 2, targets (B, k) = weighted sums of y * design, begin (B, k):
    one start for all rows, NaN in those to leave out.
    Returns the coefficients (B, k) and the Hessian's distinct entries (B, 1 or 3).
    """
    squares = np.ones((len(design), 1)) if design.shape[1] == 1 else np.column_stack([design, design[:, 1] ** 2])
    beta, hessian = begin.copy(), np.full((len(begin), squares.shape[1]), np.nan)
    left = np.flatnonzero(np.isfinite(beta).all(axis=1))
    for steps in range(MOST_STEPS):
        if not left.size:
            break
        some = weights if left.size == len(weights) else weights[left]
        if steps == 0:
            # All rows start at the same place, so one risk serves all of them and products do the rest.
            p = expit(design @ beta[left[0]] + offset)[:, None]
            fitted, h = some @ (p * design), some @ (p * (1 - p) * squares)
        else:
            p = expit(beta[left] @ design.T + offset)
            weighted = some * p
            fitted, h = weighted @ design, (weighted * (1 - p)) @ squares
        gradient = targets[left] - fitted
        step = _step(gradient, h)
        decrement = np.einsum("bk,bk->b", gradient, step)
        with np.errstate(invalid="ignore"):  # a row without curvature has an endless step; it comes out as NaN
            step *= np.minimum(1, LONGEST_STEP / np.maximum(np.abs(step).sum(axis=1), 1e-300))[:, None]
        beta[left] += step
        hessian[left] = h
        left = left[~(decrement < settled * np.maximum(targets[left, 0], 1))]
    beta[left] = np.nan
    return beta, hessian


def _step(gradient, h):
    with np.errstate(invalid="ignore", divide="ignore"):
        if h.shape[1] == 1:
            return gradient / h
        determinant = h[:, 0] * h[:, 2] - h[:, 1] ** 2
        return (
            np.stack(
                [
                    h[:, 2] * gradient[:, 0] - h[:, 1] * gradient[:, 1],
                    h[:, 0] * gradient[:, 1] - h[:, 1] * gradient[:, 0],
                ],
                axis=1,
            )
            / determinant[:, None]
        )
