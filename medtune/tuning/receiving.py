"""How an estimator that changes a given model takes its table: text and gaps are for base and preparation to read."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import _check_feature_names, _check_n_features, column_or_1d, validate_data


class Receiving(ClassifierMixin, BaseEstimator):
    """A classifier with a fitted base and an unfitted preparation.

    Parameters
    ----------
    base : fitted classifier, optional
        The original model.
    preparation : transformer, optional
        Turns the predictors into numbers without gaps, and is fitted on the
        rows of `fit` alone; None when X is such a matrix already.
    """

    reads_predictors = False

    def __init__(self, base=None, preparation=None):
        self.base = base
        self.preparation = preparation

    def _keeps_frame(self, X) -> bool:
        """Text columns and gaps are for the base and the preparation to read."""
        return isinstance(X, pd.DataFrame) and (self.base is not None or self.preparation is not None)

    def _receive_both(self, X, y):
        if not self._keeps_frame(X):
            return validate_data(self, X, y, dtype=float)
        _check_feature_names(self, X, reset=True)
        _check_n_features(self, X, reset=True)
        return X, column_or_1d(y)

    def _receive(self, X):
        if not self._keeps_frame(X):
            return validate_data(self, X, reset=False, dtype=float)
        if hasattr(self, "n_features_in_"):  # not when it was fitted from log-odds at hand
            _check_feature_names(self, X, reset=False)
            _check_n_features(self, X, reset=False)
        return X

    def _prepare(self, X, y):
        if not self.reads_predictors:
            return np.zeros((len(X), 0)), ()
        if self.preparation is None:
            X = validate_data(self, X, dtype=float) if isinstance(X, pd.DataFrame) else X
            return X, getattr(self, "feature_names_in_", [f"x{at}" for at in range(X.shape[1])])
        from sklearn.base import clone

        from medtune.cohort.preparation import feature_keys

        self.preparation_ = clone(self.preparation)
        T = self.preparation_.fit_transform(X, y)
        return np.asarray(T, float), feature_keys(self.preparation_)

    def _transform(self, X):
        if not self.reads_predictors:
            return np.zeros((len(X), 0))
        if self.preparation is None:
            return validate_data(self, X, reset=False, dtype=float) if isinstance(X, pd.DataFrame) else X
        return np.asarray(self.preparation_.transform(X), float)
