"""The averaged update for several classes: the grid of the binary one, with a prior that favours no class."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from medtune.foundation.settings import Averaging
from medtune.tuning.averaged import EVIDENCE_ROWS, NEGLIGIBLE, local_scale, mixture_covariance, posterior, support_of
from medtune.tuning.classes.likelihood import contrast_precision, fit_classes


@dataclass(frozen=True)
class AveragedClassFit:
    """The averaged update of K - 1 linear predictors: eta_k = intercept_k + slope_k * eta0_k + T deviation_k.

    Attributes
    ----------
    intercept, slope : ndarray of shape (K - 1,)
    deviation : ndarray of shape (q, K - 1)
        Per unit of the columns of T.
    covariance : ndarray of shape ((K - 1) (q + 2), (K - 1) (q + 2))
        Of intercept, slope and deviations, class by class, from the mixture of Laplace approximations.
    weights : ndarray of shape (intercept grid, slope grid, deviation grid)
        Posterior weight of each point; the first is "unchanged".
    effective : float
        Effective number of parameters.
    """

    intercept: np.ndarray
    slope: np.ndarray
    deviation: np.ndarray
    covariance: np.ndarray
    weights: np.ndarray
    effective: float

    @property
    def support(self) -> dict[str, float]:
        """How much the data support each kind of change, as posterior weights between 0 and 1."""
        return support_of(self.weights)


def class_source_spread(information: np.ndarray, known: np.ndarray, classes: int, kappa: float) -> np.ndarray:
    """Prior covariance of the deviations that the source rows leave open.

    Parameters
    ----------
    information : ndarray of shape ((K - 1) s, (K - 1) s)
        Fisher information of the source rows, intercepts profiled out, columns in source SDs, class by class.
    known : ndarray of shape (q,)
        Position among the s source features of each local column, -1 where the source never had it.
    classes : int
        K.
    kappa : float
        Ridge that caps it.

    Returns
    -------
    ndarray of shape ((K - 1) q, (K - 1) q)
        Zero for columns that the source never had.
    """
    others, size = classes - 1, len(information) // (classes - 1)
    spread = np.zeros((others, len(known), others, len(known)))
    at = np.flatnonzero(known >= 0)
    if at.size:
        ridge = kappa * np.kron(contrast_precision(classes), np.eye(size))
        whole = np.linalg.inv(information + ridge).reshape(others, size, others, size)
        there = known[at]
        for one, other in product(range(others), range(others)):
            spread[one, at[:, None], other, at] = whole[one, there[:, None], other, there]
    return spread.reshape(others * len(known), others * len(known))


def averaged_class_update(
    eta0: np.ndarray,
    T: np.ndarray,
    y: np.ndarray,
    *,
    scale: np.ndarray | None = None,
    spread: np.ndarray | None = None,
    averaging: Averaging | None = None,
    seed: int = 0,
) -> AveragedClassFit:
    """Average over Gaussian-prior updates, each centred on "the model is right as it is".

    Parameters
    ----------
    eta0 : ndarray of shape (n, K - 1)
        Log-odds of each class against the first, from the original model.
    T : ndarray of shape (n, q)
        Prepared local predictors, without missing values.
    y : ndarray of shape (n,)
        Classes as numbers from 0.
    scale : ndarray of shape (q,), optional
        SD of each column, at the source where known; the local SD (ddof 0) when None.
    spread : ndarray of shape ((K - 1) q, (K - 1) q), optional
        From `class_source_spread`; zero when None.
    averaging : Averaging, optional
        The grid of prior half widths and the prior weight of "unchanged".
    seed : int
        Chooses the rows that set the weights where there are more than 20,000.

    Returns
    -------
    AveragedClassFit
        For two classes what `medtune.tuning.averaged.averaged_update` gives.

    Notes
    -----
    Intercepts, slopes and deviations of the linear predictors have the binary prior each, correlated by one half
    (`contrast_precision`), so that intercepts and deviations do not depend on which class is the reference.
    """
    averaging = averaging or Averaging()
    eta0, T = np.asarray(eta0, float), np.asarray(T, float)
    (n, others), q = eta0.shape, T.shape[1]
    classes = others + 1
    scale = local_scale(T) if scale is None else scale
    centre, middle = eta0.mean(axis=0), T.mean(axis=0)
    D = np.column_stack([np.ones(n), eta0 - centre, (T - middle) / scale])
    free = np.ones((others, D.shape[1]), dtype=bool)
    free[:, 1:classes] = np.eye(others, dtype=bool)
    mean = np.zeros((others, q + 2))
    mean[:, 0], mean[:, 1] = centre, 1.0
    mean = mean.ravel()
    precision = _precisions(averaging, spread, q, classes)

    def fits_of(rows, precision):
        return fit_classes(D[rows], y[rows], classes, precision, mean, free=free)

    rows = slice(None)
    if n > EVIDENCE_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(n, EVIDENCE_ROWS, replace=False))
    fits = fits_of(rows, precision)
    weights = kept = posterior(fits, precision, mean, averaging.unchanged)
    if n > EVIDENCE_ROWS:
        keep = np.flatnonzero(weights > NEGLIGIBLE)
        precision, kept = precision[keep], weights[keep] / weights[keep].sum()
        weights = np.zeros_like(weights)
        weights[keep] = kept
        fits = fits_of(slice(None), precision)

    beta = kept @ fits.beta
    laplace = np.linalg.inv(fits.hessian + precision)
    covariance = mixture_covariance(fits.beta, laplace, kept, beta)
    effective = float(kept @ np.einsum("gij,gji->g", fits.hessian, laplace))
    back = _back(centre, middle, scale)
    c = (back @ beta).reshape(others, q + 2)
    grid = (len(averaging.intercept_sd), len(averaging.slope_sd), len(averaging.deviation_sd))
    return AveragedClassFit(c[:, 0], c[:, 1], c[:, 2:].T, back @ covariance @ back.T, weights.reshape(grid), effective)


def _back(centre: np.ndarray, middle: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """From coefficients of the centred, scaled design to those of eta0 and T as they are."""
    others, size = len(centre), len(middle) + 2
    back = np.zeros((others, size, others, size))
    for k in range(others):
        block = np.diag(np.concatenate([[1.0, 1.0], 1 / scale]))
        block[0, 1], block[0, 2:] = -centre[k], -middle / scale
        back[k, :, k] = block
    return back.reshape(others * size, others * size)


def _precisions(averaging: Averaging, spread: np.ndarray | None, q: int, classes: int) -> np.ndarray:
    """Prior precision at each point of the grid, intercept slowest, deviation fastest."""
    others, contrast = classes - 1, contrast_precision(classes)
    blocks = [_deviations(t, spread, q, contrast) for t in averaging.deviation_sd]
    points = list(product(averaging.intercept_sd, averaging.slope_sd, range(len(blocks))))
    precision = np.zeros((len(points), others, q + 2, others, q + 2))
    for at, (a, b, t) in enumerate(points):
        precision[at, :, 0, :, 0], precision[at, :, 1, :, 1] = contrast / a**2, contrast / b**2
        precision[at, :, 2:, :, 2:] = blocks[t]
    return precision.reshape(len(points), others * (q + 2), others * (q + 2))


def _deviations(t: float, spread: np.ndarray | None, q: int, contrast: np.ndarray) -> np.ndarray:
    """Precision of the deviations at one prior half width, shape (K - 1, q, K - 1, q)."""
    others = len(contrast)
    if spread is None:
        whole = np.kron(contrast, np.eye(q)) / t**2
    else:
        whole = np.linalg.inv(spread + t**2 * np.kron(np.linalg.inv(contrast), np.eye(q)))
    return whole.reshape(others, q, others, q)
