"""Shrunken revision: every predictor may act a little differently here, drawn toward the recalibrated original."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from medtune.evaluation.logistic import fit_logistic
from medtune.models.passport import Aggregates
from medtune.tuning.averaged import local_scale
from medtune.tuning.many_columns import ABOVE, scores_of
from medtune.tuning.penalised import fit_many
from medtune.tuning.update import Update

STRENGTHS = (10.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)


class ShrunkenRevision(Update):
    """Rung 3: eta_rec + d0 + z'delta with a ridge on delta; rung 3b where predictors are new to the model.

    Parameters
    ----------
    base, preparation
        As for every `Update`.
    source : Aggregates, optional
        SDs of the predictors at the source; the local ones elsewhere.
    strength : float, optional
        lambda of (1/n) sum(-loglik) + (lambda/2) ||delta||^2. None takes the one of `STRENGTHS` with the most
        evidence on the rows of `fit`, so that no scored patient has a say in it.
    without : tuple of str
        Columns that take no part: those the original never had, when it is not to be extended.

    Attributes
    ----------
    strength_ : float
        The lambda that was used.

    Notes
    -----
    Van Calster 2017 Diagn Progn Res 1:2; the ridge toward the source is L2-SP of Li 2018 ICML. Evidence by
    Laplace's approximation (MacKay 1992).
    """

    reads_predictors = True

    def __init__(self, base=None, preparation=None, source: Aggregates | None = None, strength=None, without=()):
        super().__init__(base, preparation)
        self.source = source
        self.strength = strength
        self.without = without

    def _solve(self, eta0, T, y, features) -> None:
        recalibration = fit_logistic(np.column_stack([np.ones(len(y)), eta0]), y, start=np.array([0.0, 1.0]))
        a, b = recalibration.beta
        taken = taking_part(features, self.without)
        scale = source_scale(T, features, self.source)
        z = (T[:, taken] - T[:, taken].mean(axis=0)) / scale[taken]
        strengths = STRENGTHS if self.strength is None else (float(self.strength),)
        if z.shape[1] > ABOVE:
            scores = scores_of(z)
            strengths = [strength / scores.narrower**2 for strength in strengths]
            delta, self.strength_, effective = _revise(a + b * eta0, scores.values, y, strengths)
            delta = np.concatenate([delta[:1], scores.weights @ delta[1:]])
        else:
            delta, self.strength_, effective = _revise(a + b * eta0, z, y, strengths)
        self.slope_, self.deviation_ = float(b), np.zeros(T.shape[1])
        self.deviation_[taken] = delta[1:] / scale[taken]
        self.intercept_ = float(a + delta[0] - T.mean(axis=0) @ self.deviation_)
        self.parameters_ = 1.0 + effective


def _revise(eta, z, y, strengths: Sequence[float]) -> tuple[np.ndarray, float, float]:
    """Coefficients (intercept first), strength and effective parameters of the best supported fit."""
    n, q = z.shape
    D = np.column_stack([np.ones(n), z])
    # A flat prior on the intercept, in effect: it has to move freely.
    precision = np.array([np.diag([1e-8, *[n * strength] * q]) for strength in strengths])
    fits = fit_many(D, y, precision, np.zeros(q + 1), offset=eta)
    evidence = (
        fits.loglik
        - 0.5 * np.einsum("gi,gij,gj->g", fits.beta, precision, fits.beta)
        + 0.5 * q * np.log(n * np.asarray(strengths))
        - 0.5 * np.linalg.slogdet(fits.hessian + precision)[1]
    )
    best = int(np.argmax(evidence))
    effective = np.trace(np.linalg.solve(fits.hessian[best] + precision[best], fits.hessian[best]))
    return fits.beta[best], float(strengths[best]), float(effective)


def source_scale(T: np.ndarray, features: Sequence[str], source: Aggregates | None) -> np.ndarray:
    """SD of each prepared column: the source's where it is known, else the local one."""
    scale = local_scale(T)
    if source is None:
        return scale
    known = {name: sd for name, sd in zip(source.features, source.sd, strict=True) if sd > 0}
    return np.array([known.get(name, here) for name, here in zip(features, scale, strict=True)])


def taking_part(features: Sequence[str], without: Iterable[str]) -> np.ndarray:
    """Which prepared columns do not come from the columns that are left out.

    Parameters
    ----------
    features : sequence of str, length q
        Stable names such as "age", "ward=surgery", "age is missing".
    without : iterable of str
        Columns of the table.

    Returns
    -------
    ndarray of bool, shape (q,)
    """
    left_out = tuple(without)
    return np.array(
        [not any(f in (c, f"{c} is missing") or f.startswith(f"{c}=") for c in left_out) for f in features], dtype=bool
    )
