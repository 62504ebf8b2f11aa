"""The averaged update: Bayesian model averaging over small changes of a given model."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from medtune.foundation.settings import Averaging
from medtune.tuning.penalised import ManyFits, fit_many

EVIDENCE_ROWS = 20_000
NEGLIGIBLE = 1e-4
# Above so many rows, points of the grid that fall so many nats behind are not fitted to the end.
MANY_ROWS, HOPELESS = 2_000, 60.0


@dataclass(frozen=True)
class AveragedFit:
    """The averaged update of a linear predictor: eta = intercept + slope * eta0 + T deviation.

    Attributes
    ----------
    intercept, slope : float
        c0 and c1.
    deviation : ndarray of shape (q,)
        c2, per unit of the columns of T.
    covariance : ndarray of shape (q + 2, q + 2)
        Of (c0, c1, c2), from the mixture of Laplace approximations: within and
        between the points of the grid.
    weights : ndarray of shape (intercept grid, slope grid, deviation grid)
        Posterior weight of each point; the first is "unchanged".
    effective : float
        Effective number of parameters: trace(H (H + P)^-1), averaged over the grid.
    """

    intercept: float
    slope: float
    deviation: np.ndarray
    covariance: np.ndarray
    weights: np.ndarray
    effective: float

    @property
    def support(self) -> dict[str, float]:
        """How much the data support each kind of change, as posterior weights between 0 and 1.

        ``unchanged`` is the first point of the grid; ``intercept``, ``slope``
        and ``predictors`` are the weights of all points where that part may move.
        """
        return support_of(self.weights)


def support_of(weights: np.ndarray) -> dict[str, float]:
    """Weight of "unchanged", and of all points of the grid where intercept, slope or predictors may move."""
    return {
        "unchanged": float(weights[0, 0, 0]),
        "intercept": float(weights[1:].sum()),
        "slope": float(weights[:, 1:].sum()),
        "predictors": float(weights[:, :, 1:].sum()),
    }


def source_spread(information: np.ndarray, known: np.ndarray, kappa: float) -> np.ndarray:
    """Prior covariance V of the deviations that the source rows leave open.

    Parameters
    ----------
    information : ndarray of shape (s, s)
        Hs: Z'diag(p0(1 - p0))Z of the source rows, the intercept profiled out,
        columns in source SDs.
    known : ndarray of shape (q,)
        Position in `information` of each local column, -1 where the source
        never had it.
    kappa : float
        Ridge that caps V; without it a nearly separated predictor at the
        source caused single large harms.

    Returns
    -------
    ndarray of shape (q, q)
        (Hs + kappa I)^-1 in the rows and columns that are known, zero elsewhere.
    """
    spread = np.zeros((len(known), len(known)))
    at = np.flatnonzero(known >= 0)
    if at.size:
        whole = np.linalg.inv(information + kappa * np.eye(len(information)))
        spread[np.ix_(at, at)] = whole[np.ix_(known[at], known[at])]
    return spread


def averaged_update(
    eta0: np.ndarray,
    T: np.ndarray,
    y: np.ndarray,
    *,
    scale: np.ndarray | None = None,
    spread: np.ndarray | None = None,
    averaging: Averaging | None = None,
    seed: int = 0,
) -> AveragedFit:
    """Average over Gaussian-prior updates, each centred on "the model is right as it is".

    Parameters
    ----------
    eta0 : ndarray of shape (n,)
        Log-odds of the original model on the local rows.
    T : ndarray of shape (n, q)
        Prepared local predictors, without missing values.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    scale : ndarray of shape (q,), optional
        SD of each column, at the source where known; the local SD (ddof 0) when None.
    spread : ndarray of shape (q, q), optional
        V of the deviations per source SD, from `source_spread`; zero when None.
    averaging : Averaging, optional
        The grid of prior half widths and the prior weight of "unchanged".
    seed : int
        Chooses the rows that set the weights where there are more than 20,000.

    Returns
    -------
    AveragedFit
        One formula in the units of `eta0` and `T`.

    Notes
    -----
    Evidence by Laplace's approximation (MacKay 1992), averaging as in Hoeting
    1999 Stat Sci 14:382, recalibration as in Steyerberg 2004 Stat Med 23:2567,
    shrinkage toward the source as in Li 2018 ICML. Above 20,000 rows a random
    20,000 set the weights, and the fits that carry weight use all rows.
    """
    averaging = averaging or Averaging()
    eta0, y, T = np.asarray(eta0, float), np.asarray(y, float), np.asarray(T, float)
    scale = local_scale(T) if scale is None else scale
    centre, middle = float(eta0.mean()), T.mean(axis=0)
    D = np.column_stack([np.ones(len(y)), eta0 - centre, (T - middle) / scale])
    mean = np.zeros(D.shape[1])
    mean[:2] = centre, 1.0
    precision = _precisions(averaging, spread, T.shape[1])

    rows = slice(None)
    if len(y) > EVIDENCE_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(y), EVIDENCE_ROWS, replace=False))
    hopeless = HOPELESS if len(y) > MANY_ROWS else None
    fits = fit_many(D[rows], y[rows], precision, mean, hopeless=hopeless)
    weights = posterior(fits, precision, mean, averaging.unchanged)
    if len(y) > EVIDENCE_ROWS:
        keep = np.flatnonzero(weights > NEGLIGIBLE)
        precision, kept = precision[keep], weights[keep] / weights[keep].sum()
        weights = np.zeros_like(weights)
        weights[keep] = kept
        fits = fit_many(D, y, precision, mean)
    else:
        kept = weights

    beta = kept @ fits.beta
    laplace = np.linalg.inv(fits.hessian + precision)
    covariance = mixture_covariance(fits.beta, laplace, kept, beta)
    effective = float(kept @ np.einsum("gij,gji->g", fits.hessian, laplace))
    # Back from the centred, scaled design to eta0 and T as they are.
    back = np.diag(np.concatenate([[1.0, 1.0], 1 / scale]))
    back[0, 1], back[0, 2:] = -centre, -middle / scale
    c = back @ beta
    grid = (len(averaging.intercept_sd), len(averaging.slope_sd), len(averaging.deviation_sd))
    return AveragedFit(float(c[0]), float(c[1]), c[2:], back @ covariance @ back.T, weights.reshape(grid), effective)


def local_scale(T: np.ndarray) -> np.ndarray:
    """SD (ddof 0) of each column; 1 where a column is constant."""
    sd = np.asarray(T, float).std(axis=0)
    return np.where(sd > 1e-12, sd, 1.0)


def half_widths(averaging: Averaging) -> tuple[tuple[float, ...], ...]:
    """SDs of intercept, slope and deviations on the grid: `width` times those chosen, the points "unchanged" as is."""
    grids = averaging.intercept_sd, averaging.slope_sd, averaging.deviation_sd
    return tuple((grid[0], *(sd * averaging.width for sd in grid[1:])) for grid in grids)


def _precisions(averaging: Averaging, spread: np.ndarray | None, q: int) -> np.ndarray:
    """Prior precision at each point of the grid, intercept slowest, deviation fastest."""
    values, vectors = np.linalg.eigh(np.zeros((q, q)) if spread is None else spread)
    values = np.clip(values, 0, None)
    intercepts, slopes, deviations = half_widths(averaging)
    blocks = [(vectors / (values + t**2)) @ vectors.T for t in deviations]
    points = list(product(intercepts, slopes, range(len(blocks))))
    precision = np.zeros((len(points), q + 2, q + 2))
    for at, (a, b, t) in enumerate(points):
        precision[at, 0, 0], precision[at, 1, 1] = a**-2, b**-2
        precision[at, 2:, 2:] = blocks[t]
    return precision


def posterior(fits: ManyFits, precision: np.ndarray, mean: np.ndarray, unchanged: float) -> np.ndarray:
    """Posterior weight of each prior, the first one being "unchanged".

    Parameters
    ----------
    fits : ManyFits
        Under each of g priors.
    precision : ndarray of shape (g, k, k)
    mean : ndarray of shape (k,)
        Of the priors.
    unchanged : float
        Prior weight of the first; the others share the rest.

    Returns
    -------
    ndarray of shape (g,)
        From the evidence by Laplace's approximation (MacKay 1992).
    """
    gap = fits.beta - mean
    evidence = (
        fits.loglik
        - 0.5 * np.einsum("gi,gij,gj->g", gap, precision, gap)
        + 0.5 * np.linalg.slogdet(precision)[1]
        - 0.5 * np.linalg.slogdet(fits.hessian + precision)[1]
    )
    prior = np.full(len(evidence), (1 - unchanged) / (len(evidence) - 1))
    prior[0] = unchanged
    score = evidence + np.log(prior)
    weights = np.exp(score - score.max())
    return weights / weights.sum()


def mixture_covariance(beta: np.ndarray, laplace: np.ndarray, weights: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Covariance within and between the points of a mixture.

    Parameters
    ----------
    beta : ndarray of shape (g, k)
        Centre of each point.
    laplace : ndarray of shape (g, k, k)
        Covariance of each point.
    weights : ndarray of shape (g,)
    mean : ndarray of shape (k,)
        Of the mixture.

    Returns
    -------
    ndarray of shape (k, k)
    """
    within = np.einsum("g,gij->ij", weights, laplace)
    gap = beta - mean
    return within + (gap * weights[:, None]).T @ gap
