"""Small changes of a given model, as scikit-learn classifiers: the rungs of the ladder and the averaged update."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted

from medtune.evaluation.logistic import expit, fit_logistic, logit
from medtune.foundation.estimate import Estimate
from medtune.foundation.settings import Averaging
from medtune.models.passport import Aggregates
from medtune.tuning.averaged import averaged_update, local_scale, source_spread
from medtune.tuning.form import is_logistic
from medtune.tuning.many_columns import ABOVE, scores_of
from medtune.tuning.pooling import SourceRows, pooled_refit
from medtune.tuning.receiving import Receiving


def base_log_odds(base, X) -> np.ndarray:
    """Log-odds of the original model.

    Parameters
    ----------
    base : fitted classifier or None
        Anything with ``linear_predictor`` or ``predict_proba``; None is the
        same even odds for everybody.
    X : DataFrame or ndarray of shape (n, columns)
        What the base reads.

    Returns
    -------
    ndarray of shape (n,)
        Log-odds, of risks clipped to [1e-6, 1 - 1e-6].
    """
    if base is None:
        return np.zeros(len(X))
    if hasattr(base, "linear_predictor"):
        return np.asarray(base.linear_predictor(X), dtype=float)
    return logit(base.predict_proba(X)[:, 1])


class Update(Receiving):
    """A change of a given model that keeps its form: eta = intercept + slope * eta0 + T deviation.

    Parameters
    ----------
    base : fitted classifier, optional
        The original model. `clone` forgets what a plain scikit-learn model has
        learnt, so wrap one in `sklearn.frozen.FrozenEstimator`. None gives
        everybody even odds.
    preparation : transformer, optional
        Turns the predictors into numbers without gaps, and is fitted on the
        rows of `fit` alone; None when X is such a matrix already.

    Attributes
    ----------
    intercept_, slope_ : float
        c0 and c1.
    deviation_ : ndarray of shape (q,)
        c2, one for each prepared column; empty where the rung has none.
    parameters_ : float
        Number of local parameters (effective, where shrunken).
    """

    reads_source = False

    def fit(self, X, y, source: SourceRows | None = None):
        """Fit the change to local patients.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n, columns)
            Raw columns, as base and preparation read them.
        y : array-like of shape (n,)
            Outcomes: two classes, the second in sorted order is the event.
        source : SourceRows, optional
            Patients the base was made from, with the columns of X. They are not kept.

        Returns
        -------
        Update
            Itself, fitted.
        """
        X, y = self._receive_both(X, y)
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind not in ("binary",):
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        self.classes_, outcome = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present: y needs events and non-events.")
        T, features = self._prepare(X, outcome)
        if source is not None and self.reads_source:
            source = SourceRows(self._transform(source.X), source.y)
        return self.fit_arrays(base_log_odds(self.base, X), T, outcome, features, source)

    def fit_shared(self, X, y, eta0, prepared, T, features, source: SourceRows | None = None):
        """`fit`, with what several updates of the same rows share computed once.

        Parameters
        ----------
        X, y
            As for `fit`.
        eta0 : ndarray of shape (n,)
            Log-odds of the original model on X.
        prepared : transformer
            The preparation, fitted on X.
        T : ndarray of shape (n, q)
            What it makes of X.
        features : sequence of str
            Stable names of the columns of T.
        source : SourceRows, optional
            With predictors that were prepared likewise.

        Returns
        -------
        Update
            Itself, equal to what `fit` gives.
        """
        X, y = self._receive_both(X, y)
        self.classes_, outcome = np.unique(y, return_inverse=True)
        if not self.reads_predictors:
            return self.fit_arrays(eta0, np.zeros((len(y), 0)), outcome)
        self.preparation_ = prepared
        return self.fit_arrays(eta0, T, outcome, features, source)

    def fit_arrays(self, eta0, T, y, features=(), source: SourceRows | None = None):
        """Fit from log-odds and prepared predictors that are at hand already.

        Parameters
        ----------
        eta0 : ndarray of shape (n,)
            Log-odds of the original model.
        T : ndarray of shape (n, q)
            Prepared predictors.
        y : ndarray of shape (n,)
            Outcomes, 0 or 1.
        features : sequence of str
            Stable names of the columns of T, as the source's aggregates name them.
        source : SourceRows, optional
            With prepared predictors of shape (m, q), for methods that pool them.

        Returns
        -------
        Update
            Itself, fitted.
        """
        if not hasattr(self, "classes_"):
            self.classes_ = np.array([0, 1])
        self.intercept_, self.slope_, self.deviation_ = 0.0, 1.0, np.zeros(0)
        self.parameters_ = 0.0
        pooling = {"source": source} if self.reads_source else {}
        self._solve(np.asarray(eta0, float), np.asarray(T, float), np.asarray(y, float), list(features), **pooling)
        return self

    def log_odds(self, eta0, T) -> np.ndarray:
        """Updated log-odds, shape (n,), from the original's and the prepared predictors."""
        eta = self.intercept_ + self.slope_ * np.asarray(eta0, float)
        return eta + np.asarray(T, float) @ self.deviation_ if self.deviation_.size else eta

    def design(self, X) -> np.ndarray:
        """What intercept, slope and deviations are multiplied with: 1, the original's log-odds, prepared predictors."""
        X = self._receive(X)
        eta0 = base_log_odds(self.base, X)
        return np.column_stack([np.ones(len(eta0)), eta0, self._transform(X)])

    def estimates(self) -> list[Estimate]:
        """Intercept, slope and deviations, with 95% intervals where the method has standard errors."""
        values = np.array([self.intercept_, self.slope_, *self.deviation_])
        if not hasattr(self, "covariance_"):
            return [Estimate(float(value)) for value in values]
        half = 1.959964 * np.sqrt(np.diag(self.covariance_).clip(0))
        return [Estimate(float(v), float(v - h), float(v + h)) for v, h in zip(values, half, strict=True)]

    def decision_function(self, X) -> np.ndarray:
        """Updated log-odds, shape (n,)."""
        check_is_fitted(self, "intercept_")
        X = self._receive(X)
        return self.log_odds(base_log_odds(self.base, X), self._transform(X))

    def predict_proba(self, X) -> np.ndarray:
        """Risks, shape (n, 2): of no event and of the event."""
        risk = expit(self.decision_function(X))
        return np.column_stack([1 - risk, risk])

    def predict(self, X) -> np.ndarray:
        """The more likely class of each row, shape (n,)."""
        likely = self.decision_function(X) > 0
        return self.classes_[likely.astype(int)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        # Without a base, rungs that only move or stretch it have nothing to say.
        tags.classifier_tags.poor_score = self.base is None and not self.reads_predictors
        return tags

    def _solve(self, eta0, T, y, features) -> None:
        raise NotImplementedError


class Original(Update):
    """Rung 0: the given model, unchanged."""

    def _solve(self, eta0, T, y, features) -> None:
        pass


class InterceptUpdate(Update):
    """Rung 1: recalibration-in-the-large; the slope stays 1 (Steyerberg 2004 Stat Med 23:2567)."""

    def _solve(self, eta0, T, y, features) -> None:
        fit = fit_logistic(np.ones((len(y), 1)), y, offset=eta0)
        self.intercept_, self.parameters_ = float(fit.beta[0]), 1.0


class LogisticRecalibration(Update):
    """Rung 2: intercept and slope of the log-odds (Cox 1958 Biometrika 45:562; Steyerberg 2004)."""

    def _solve(self, eta0, T, y, features) -> None:
        fit = fit_logistic(np.column_stack([np.ones(len(y)), eta0]), y, start=np.array([0.0, 1.0]))
        self.intercept_, self.slope_ = (float(b) for b in fit.beta)
        self.parameters_ = 2.0


class Refit(Update):
    """Rung 4: the same predictors, all coefficients by maximum likelihood on the local rows."""

    reads_predictors = True

    def _solve(self, eta0, T, y, features) -> None:
        centre, scale = T.mean(axis=0), local_scale(T)
        fit = fit_logistic(np.column_stack([np.ones(len(y)), (T - centre) / scale]), y)
        self.slope_ = 0.0
        self.deviation_ = fit.beta[1:] / scale
        self.intercept_ = float(fit.beta[0] - centre @ self.deviation_)
        self.parameters_ = float(T.shape[1] + 1)
        self.converged_ = fit.converged


class AveragedUpdate(Update):
    """The default: a Bayesian average over small changes, none of them chosen.

    Parameters
    ----------
    base, preparation
        As for every `Update`.
    source : Aggregates, optional
        SDs and information matrix of the source rows; they say how sure the
        source was of each predictor.
    averaging : Averaging, optional
        Prior half widths and the weight of "unchanged".

    Attributes
    ----------
    support_ : dict of str to float
        Posterior weights of "unchanged" and of a change of intercept, slope, predictors.
    covariance_ : ndarray of shape (q + 2, q + 2)
        Of (intercept_, slope_, deviation_).
    pooled_weight_ : float
        What a source patient counted for in the pooled model of the mean; 0 where there is no such mean.

    Notes
    -----
    Given source rows, and a base that is not logistic, the result is the mean of the averaged update and a pooled
    logistic refit in log-odds: both are linear in the base's log-odds and T, so it is one formula again.

    See Also
    --------
    medtune.tuning.averaged.averaged_update : the method and its sources.
    """

    reads_predictors = True
    reads_source = True

    def __init__(self, base=None, preparation=None, source: Aggregates | None = None, averaging=None):
        super().__init__(base, preparation)
        self.source = source
        self.averaging = averaging

    def _solve(self, eta0, T, y, features, source: SourceRows | None = None) -> None:
        averaging = self.averaging or Averaging()
        if T.shape[1] > ABOVE:
            self._solve_many(eta0, T, y, averaging)
            return
        scale, spread = local_scale(T), None
        if self.source is not None:
            place = {name: at for at, name in enumerate(self.source.features)}
            known = np.array([place.get(name, -1) for name in features], dtype=int)
            there = known >= 0
            sd = np.asarray(self.source.sd, float)[known]
            scale = np.where(there & (sd > 0), sd, scale)
            spread = source_spread(np.asarray(self.source.information, float), known, averaging.kappa)
        fit = averaged_update(eta0, T, y, scale=scale, spread=spread, averaging=averaging)
        self.intercept_, self.slope_, self.deviation_ = fit.intercept, fit.slope, fit.deviation
        self.covariance_, self.weights_, self.support_ = fit.covariance, fit.weights, fit.support
        self.parameters_, self.pooled_weight_ = fit.effective, 0.0
        if source is not None and not is_logistic(self.base):
            self._mean_with(pooled_refit(T, y, source))

    def _solve_many(self, eta0, T, y, averaging) -> None:
        """More columns than can be solved for one by one: the same average, by way of the patients' scores.

        What the source knew is left out of account, and so is the covariance, as large as the square of the columns.
        """
        scale, middle = local_scale(T), T.mean(axis=0)
        scores = scores_of((T - middle) / scale)
        first, *rest = averaging.deviation_sd
        narrower = replace(averaging, deviation_sd=(first * scores.narrower, *(sd * scores.narrower for sd in rest)))
        fit = averaged_update(eta0, scores.values, y, scale=np.ones(scores.values.shape[1]), averaging=narrower)
        self.deviation_ = (scores.weights @ fit.deviation) / scale
        self.intercept_, self.slope_ = float(fit.intercept - middle @ self.deviation_), fit.slope
        self.weights_, self.support_ = fit.weights, fit.support
        self.parameters_, self.pooled_weight_ = fit.effective, 0.0

    def _mean_with(self, pooled) -> None:
        """Half of the averaged update and half of a pooled refit, in log-odds."""
        self.intercept_ = (self.intercept_ + pooled.intercept) / 2
        self.slope_, self.deviation_ = self.slope_ / 2, (self.deviation_ + pooled.deviation) / 2
        # Both rest on the same local patients; the mean of the covariances bounds that of the mean, however they agree.
        theirs = np.insert(np.insert(pooled.covariance, 1, 0, axis=0), 1, 0, axis=1)
        self.covariance_ = (self.covariance_ + theirs) / 2
        self.parameters_ = (self.parameters_ + pooled.effective) / 2
        self.pooled_weight_ = pooled.weight

    def risk_interval(self, X, level: float = 0.95) -> np.ndarray:
        """Credible band of each patient's risk.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n, columns)
            Raw columns, as for `predict_proba`.
        level : float
            Probability that the band holds.

        Returns
        -------
        ndarray of shape (n, 2)
            Low and high risk: the uncertainty of the update; the base counts as known.
        """
        from scipy.stats import norm

        D = self.design(X)
        half = norm.ppf(0.5 + level / 2) * np.sqrt(np.einsum("ij,jk,ik->i", D, self.covariance_, D).clip(0))
        eta = self.log_odds(D[:, 1], D[:, 2:])
        return expit(np.column_stack([eta - half, eta + half]))


def blended(update, weight: float):
    """A fitted update drawn back toward its original.

    Parameters
    ----------
    update : Update or ClassUpdate
        Fitted.
    weight : float
        Share of the update in the mean of both log-odds, between 0 and 1.

    Returns
    -------
    Update or ClassUpdate
        A copy with its coefficients, in the same form.
    """
    mean = copy.copy(update)
    mean.intercept_ = weight * update.intercept_
    mean.slope_ = (1 - weight) + weight * update.slope_
    mean.deviation_ = weight * update.deviation_
    if hasattr(update, "covariance_"):
        mean.covariance_ = weight**2 * update.covariance_
    if hasattr(update, "trees_share_"):
        mean.trees_share_ = weight * update.trees_share_
    return mean


UPDATES = {
    "original": Original,
    "averaged": AveragedUpdate,
    "intercept": InterceptUpdate,
    "recalibration": LogisticRecalibration,
    "refit": Refit,
}
