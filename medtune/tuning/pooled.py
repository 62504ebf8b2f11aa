"""Pooled refit: source and local patients in one model, where the source's rows are at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from medtune.tuning.pooling import RIDGE, WEIGHTS, SourceRows, pooled_refit
from medtune.tuning.update import Update


class PooledRefit(Update):
    """Rung 6: every coefficient from source and local patients, with an indicator of the place.

    Parameters
    ----------
    base, preparation
        As for every `Update`; the base's risks are not used.
    weights : sequence of float
        What a source patient may count for: the largest that the local patients of `fit` do not strongly reject.
    ridge : float
        Prior precision of each coefficient per SD at the source.

    Attributes
    ----------
    weight_ : float
        What a source patient counted for; 0 where `fit` was given none.
    covariance_ : ndarray of shape (q + 2, q + 2)
        Of (intercept_, slope_, deviation_); the slope of the original is 0 for certain.

    Notes
    -----
    The source patients are an argument of `fit` and are not kept: no file of the model can hold them.

    See Also
    --------
    medtune.tuning.pooling.pooled_refit : the method and its sources.
    """

    reads_predictors = True
    reads_source = True

    def __init__(self, base=None, preparation=None, weights: Sequence[float] = WEIGHTS, ridge: float = RIDGE):
        super().__init__(base, preparation)
        self.weights = weights
        self.ridge = ridge

    def _solve(self, eta0, T, y, features, source: SourceRows | None = None) -> None:
        fit = pooled_refit(T, y, source, self.weights, self.ridge)
        self.intercept_, self.slope_, self.deviation_ = fit.intercept, 0.0, fit.deviation
        self.covariance_ = np.insert(np.insert(fit.covariance, 1, 0, axis=0), 1, 0, axis=1)
        self.weight_, self.parameters_ = fit.weight, fit.effective
