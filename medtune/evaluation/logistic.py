"""One Newton routine for every penalised logistic fit, with offset, prior mean and step-halving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RISK_FLOOR = 1e-6
TOLERANCE = 1e-10
SINGULAR = 1e-10


def clip_risk(p: np.ndarray) -> np.ndarray:
    """Risks kept within [1e-6, 1 - 1e-6], so that their log-odds are finite."""
    return np.clip(np.asarray(p, dtype=float), RISK_FLOOR, 1 - RISK_FLOOR)


def logit(p: np.ndarray) -> np.ndarray:
    """Log-odds of risks, after `clip_risk`."""
    p = clip_risk(p)
    return np.log(p) - np.log1p(-p)


def expit(eta: np.ndarray) -> np.ndarray:
    """Risks from log-odds, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(eta, dtype=float)))


def log_likelihood(eta: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Bernoulli log-likelihood.

    Parameters
    ----------
    eta : ndarray of shape (n,)
        Log-odds.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    weights : ndarray of shape (n,), optional
        Weight of each row.

    Returns
    -------
    float
        In nats, summed over the rows.
    """
    terms = y * eta - np.logaddexp(0, eta)
    return float(terms.sum() if weights is None else weights @ terms)


@dataclass(frozen=True)
class LogisticFit:
    """A fitted logistic model.

    Attributes
    ----------
    beta : ndarray of shape (k,)
        Coefficients, at the maximum of the penalised likelihood.
    hessian : ndarray of shape (k, k)
        X'WX at `beta`, without the penalty.
    loglik : float
        Log-likelihood at `beta`, without the penalty.
    converged : bool
        False when a maximum does not exist (perfect separation) or was not reached.
    """

    beta: np.ndarray
    hessian: np.ndarray
    loglik: float
    converged: bool

    @property
    def standard_errors(self) -> np.ndarray:
        """Wald standard errors, from the inverse of the Hessian."""
        return np.sqrt(np.clip(np.diag(np.linalg.pinv(self.hessian)), 0, None))


def fit_logistic(
    X: np.ndarray,
    y: np.ndarray,
    *,
    offset: np.ndarray | float = 0.0,
    penalty: np.ndarray | None = None,
    prior_mean: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    start: np.ndarray | None = None,
    max_iter: int = 60,
) -> LogisticFit:
    """Maximise loglik(offset + X b) - (b - m)'P(b - m)/2 by Newton's method.

    Parameters
    ----------
    X : ndarray of shape (n, k)
        Columns of the model; include a column of ones for an intercept.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    offset : ndarray of shape (n,) or float
        Part of the log-odds that stays fixed.
    penalty : ndarray of shape (k,) or (k, k), optional
        Prior precision P: its diagonal, or the whole matrix. None is maximum likelihood.
    prior_mean : ndarray of shape (k,), optional
        m; zero when None.
    weights : ndarray of shape (n,), optional
        Weight of each row.
    start : ndarray of shape (k,), optional
        Where to begin; the prior mean when None.
    max_iter : int
        Newton steps at most.

    Returns
    -------
    LogisticFit
        Directions that the data do not inform at all keep their start value
        (minimum-norm step), so collinear columns do no harm to predictions.

    Notes
    -----
    Each step is halved until the objective does not fall; without that some
    fits of a nearly separated predictor diverge.
    """
    X, y = np.ascontiguousarray(X, dtype=float), np.asarray(y, dtype=float)
    k = X.shape[1]
    precision = np.zeros((k, k)) if penalty is None else np.diag(penalty) if np.ndim(penalty) == 1 else penalty
    mean = np.zeros(k) if prior_mean is None else np.asarray(prior_mean, dtype=float)
    beta = (mean if start is None else np.asarray(start, dtype=float)).copy()

    def objective(b: np.ndarray) -> tuple[float, float, np.ndarray]:
        eta = offset + X @ b
        loglik = log_likelihood(eta, y, weights)
        gap = b - mean
        return loglik - 0.5 * gap @ precision @ gap, loglik, eta

    value, loglik, eta = objective(beta)
    converged = False
    for _ in range(max_iter):
        gradient, hessian = _derivatives(X, y, eta, weights)
        gradient -= precision @ (beta - mean)
        step = newton_step(hessian + precision, gradient)
        decrement = gradient @ step
        if decrement < TOLERANCE:
            # So near the maximum the full step is safe and squares the error.
            beta = beta + step
            _, loglik, eta = objective(beta)
            converged = True
            break
        size = 1.0
        while size > 1e-8:
            candidate = objective(beta + size * step)
            if candidate[0] >= value - 1e-12 * abs(value):
                break
            size /= 2
        else:
            break
        beta = beta + size * step
        value, loglik, eta = candidate
    _, hessian = _derivatives(X, y, eta, weights)
    return LogisticFit(beta, hessian, loglik, converged)


def _derivatives(X, y, eta, weights):
    p = expit(eta)
    residual, variance = y - p, p * (1 - p)
    if weights is not None:
        residual, variance = residual * weights, variance * weights
    return X.T @ residual, (X.T * variance) @ X


def newton_step(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """The solution of matrix @ step = vector; least-norm where singular, in units in which the diagonal is one.

    Parameters
    ----------
    matrix : ndarray of shape (k, k)
        Positive semi-definite.
    vector : ndarray of shape (k,)

    Returns
    -------
    ndarray of shape (k,)
    """
    scale = np.sqrt(np.clip(np.diag(matrix), 1e-300, None))
    scaled = matrix / np.outer(scale, scale)
    try:
        lower = np.linalg.cholesky(scaled)
        if np.min(np.diag(lower)) > 1e-5:
            from scipy.linalg import cho_solve

            return cho_solve((lower, True), vector / scale) / scale
    except np.linalg.LinAlgError:
        pass
    return np.linalg.lstsq(scaled, vector / scale, rcond=SINGULAR)[0] / scale
