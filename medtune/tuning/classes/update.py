"""Small changes of a given model of several classes, as scikit-learn classifiers."""

from __future__ import annotations

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from medtune.foundation.errors import ModelError
from medtune.foundation.settings import Averaging
from medtune.foundation.words import listed
from medtune.models.passport import Aggregates
from medtune.tuning.averaged import local_scale
from medtune.tuning.classes.averaged import averaged_class_update, class_source_spread
from medtune.tuning.classes.likelihood import class_log_odds, class_risks, contrast_precision, fit_classes
from medtune.tuning.receiving import Receiving
from medtune.tuning.revision import STRENGTHS, source_scale, taking_part


def base_class_log_odds(base, X, classes) -> np.ndarray:
    """Log-odds of each class against the first, from the original model.

    Parameters
    ----------
    base : fitted classifier or None
        Anything with `predict_proba` and `classes_`; None is the same risk for every class.
    X : DataFrame or ndarray of shape (n, columns)
        What the base reads.
    classes : ndarray of shape (K,)
        The classes in the order wanted; the base's are found by their labels.

    Returns
    -------
    ndarray of shape (n, K - 1)

    Raises
    ------
    ModelError
        When the base does not know a class.
    """
    if base is None:
        return np.zeros((len(X), len(classes) - 1))
    known = {label: place for place, label in enumerate(np.asarray(base.classes_).tolist())}
    strange = [label for label in np.asarray(classes).tolist() if label not in known]
    if strange:
        raise ModelError(
            "The starting model does not estimate class {strange}; it knows {known}.",
            strange=listed([str(label) for label in strange]),
            known=listed([str(label) for label in known]),
        )
    risks = np.asarray(base.predict_proba(X), dtype=float)
    return class_log_odds(risks[:, [known[label] for label in np.asarray(classes).tolist()]])


class ClassUpdate(Receiving):
    """A change of a given model that keeps its form: eta_k = intercept_k + slope_k * eta0_k + T deviation_k.

    eta_k is the log-odds of class k against the first class; for two classes this is
    `medtune.tuning.update.Update`.

    Parameters
    ----------
    base : fitted classifier, optional
        The original model of the same classes, matched by label. `clone` forgets what a plain scikit-learn model
        has learnt, so wrap one in `sklearn.frozen.FrozenEstimator`. None gives every class the same risk.
    preparation : transformer, optional
        Turns the predictors into numbers without gaps, and is fitted on the rows of `fit` alone; None when X is
        such a matrix already.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        In sorted order; the first is the reference.
    intercept_, slope_ : ndarray of shape (K - 1,)
    deviation_ : ndarray of shape (q, K - 1)
        One row for each prepared column; no row where the rung has none.
    parameters_ : float
        Number of local parameters (effective, where shrunken).

    Notes
    -----
    Van Calster 2017 Diagn Progn Res 1:2 (updating), Van Hoorde 2014 Stat Med 33:2585 (the recalibration of
    multinomial risks by their linear predictors).
    """

    def fit(self, X, y):
        """Fit the change to local patients.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n, columns)
            Raw columns, as base and preparation read them.
        y : array-like of shape (n,)
            Classes, labelled as the base labels them.

        Returns
        -------
        ClassUpdate
            Itself, fitted.
        """
        X, y = self._receive_both(X, y)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present: y needs two classes or more.")
        if self.base is not None:
            # A class that the base knows and nobody has here keeps its place.
            self.classes_ = np.union1d(self.classes_, np.asarray(self.base.classes_))
        codes = np.searchsorted(self.classes_, y)
        T, features = self._prepare(X, codes)
        return self.fit_arrays(base_class_log_odds(self.base, X, self.classes_), T, codes, features)

    def fit_arrays(self, eta0, T, y, features=()):
        """Fit from log-odds and prepared predictors that are at hand already.

        Parameters
        ----------
        eta0 : ndarray of shape (n, K - 1)
            Log-odds of each class against the first, from the original model.
        T : ndarray of shape (n, q)
            Prepared predictors.
        y : ndarray of shape (n,)
            Classes as numbers from 0.
        features : sequence of str
            Stable names of the columns of T, as the source's aggregates name them.

        Returns
        -------
        ClassUpdate
            Itself, fitted.
        """
        eta0, T = np.asarray(eta0, float), np.asarray(T, float)
        others = eta0.shape[1]
        if not hasattr(self, "classes_"):
            self.classes_ = np.arange(others + 1)
        self.intercept_, self.slope_ = np.zeros(others), np.ones(others)
        self.deviation_, self.parameters_ = np.zeros((0, others)), 0.0
        self._solve(eta0, T, np.asarray(y, dtype=np.int64), list(features))
        return self

    def log_odds(self, eta0, T) -> np.ndarray:
        """Updated log-odds against the first class, shape (n, K - 1), from the original's and the predictors."""
        eta = self.intercept_ + self.slope_ * np.asarray(eta0, float)
        return eta + np.asarray(T, float) @ self.deviation_ if len(self.deviation_) else eta

    def design(self, X) -> np.ndarray:
        """What intercept, slope and deviations of each linear predictor are multiplied by, shape (n, K - 1, q + 2)."""
        check_is_fitted(self, "intercept_")
        X = self._receive(X)
        eta0, T = base_class_log_odds(self.base, X, self.classes_), np.asarray(self._transform(X), float)
        D = np.empty((*eta0.shape, 2 + T.shape[1]))
        D[:, :, 0], D[:, :, 1], D[:, :, 2:] = 1.0, eta0, T[:, None]
        return D

    def decision_function(self, X) -> np.ndarray:
        """Logarithms of the risks, shape (n, K); for two classes the log-odds of the second, shape (n,)."""
        eta = self._log_odds_of(X)
        if eta.shape[1] == 1:
            return eta[:, 0]
        top = np.maximum(eta.max(axis=1, keepdims=True), 0)
        total = top + np.log(np.exp(-top) + np.exp(eta - top).sum(axis=1, keepdims=True))
        return np.column_stack([np.zeros(len(eta)), eta]) - total

    def predict_proba(self, X) -> np.ndarray:
        """Risks of the classes, shape (n, K)."""
        return class_risks(self._log_odds_of(X))

    def predict(self, X) -> np.ndarray:
        """The most likely class of each row, shape (n,)."""
        score = self.decision_function(X)
        return self.classes_[(score > 0).astype(int) if score.ndim == 1 else score.argmax(axis=1)]

    def _log_odds_of(self, X) -> np.ndarray:
        check_is_fitted(self, "intercept_")
        X = self._receive(X)
        # Classes that rounding errors alone set apart are equally likely, whichever way they are compared.
        return np.round(self.log_odds(base_class_log_odds(self.base, X, self.classes_), self._transform(X)), 12)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Without a base, rungs that only move or stretch it have nothing to say.
        tags.classifier_tags.poor_score = self.base is None and not self.reads_predictors
        return tags

    def _solve(self, eta0, T, y, features) -> None:
        raise NotImplementedError


class OriginalClasses(ClassUpdate):
    """Rung 0: the given model, unchanged."""

    def _solve(self, eta0, T, y, features) -> None:
        pass


class InterceptsUpdate(ClassUpdate):
    """Rung 1: K - 1 intercepts; the slopes stay 1."""

    def _solve(self, eta0, T, y, features) -> None:
        others = eta0.shape[1]
        ones, flat = np.ones((len(y), 1)), np.zeros((1, others, others))
        self.intercept_ = fit_classes(ones, y, others + 1, flat, np.zeros(others), offset=eta0).beta[0]
        self.parameters_ = float(others)


class VectorRecalibration(ClassUpdate):
    """Rung 2: an intercept and a slope for each linear predictor."""

    def _solve(self, eta0, T, y, features) -> None:
        self.intercept_, self.slope_ = _recalibrate(eta0, y)
        self.parameters_ = 2.0 * eta0.shape[1]


class RefitClasses(ClassUpdate):
    """Rung 4: the same predictors, all coefficients by maximum likelihood on the local rows."""

    reads_predictors = True

    def _solve(self, eta0, T, y, features) -> None:
        others, centre, scale = eta0.shape[1], T.mean(axis=0), local_scale(T)
        D = np.column_stack([np.ones(len(y)), (T - centre) / scale])
        size = others * D.shape[1]
        beta = fit_classes(D, y, others + 1, np.zeros((1, size, size)), np.zeros(size)).beta[0].reshape(others, -1)
        self.slope_ = np.zeros(others)
        self.deviation_ = (beta[:, 1:] / scale).T
        self.intercept_ = beta[:, 0] - centre @ self.deviation_
        self.parameters_ = float(size)


class ShrunkenClassRevision(ClassUpdate):
    """Rung 3: each predictor may act a little differently on each class, drawn toward the recalibrated original.

    Parameters
    ----------
    base, preparation
        As for every `ClassUpdate`.
    source : Aggregates, optional
        SDs of the predictors at the source; the local ones elsewhere.
    strength : float, optional
        lambda of the ridge. None takes the one with the most evidence on the rows of `fit`.
    without : tuple of str
        Columns that take no part: those the original never had, when it is not to be extended.

    See Also
    --------
    medtune.tuning.revision.ShrunkenRevision : the same for two classes, with its sources.
    """

    reads_predictors = True

    def __init__(self, base=None, preparation=None, source: Aggregates | None = None, strength=None, without=()):
        super().__init__(base, preparation)
        self.source = source
        self.strength = strength
        self.without = without

    def _solve(self, eta0, T, y, features) -> None:
        intercept, self.slope_ = _recalibrate(eta0, y)
        taken = taking_part(features, self.without)
        scale, middle = source_scale(T, features, self.source)[taken], T[:, taken].mean(axis=0)
        strengths = STRENGTHS if self.strength is None else (float(self.strength),)
        z = (T[:, taken] - middle) / scale
        beta, self.strength_, effective = _revise(intercept + self.slope_ * eta0, z, y, strengths)
        self.deviation_ = np.zeros((T.shape[1], eta0.shape[1]))
        self.deviation_[taken] = (beta[:, 1:] / scale).T
        self.intercept_ = intercept + beta[:, 0] - middle @ self.deviation_[taken]
        self.parameters_ = eta0.shape[1] + effective


class AveragedClassUpdate(ClassUpdate):
    """The default: a Bayesian average over small changes, none of them chosen.

    Parameters
    ----------
    base, preparation
        As for every `ClassUpdate`.
    source : Aggregates, optional
        SDs and information of the source rows, for the same classes.
    averaging : Averaging, optional
        Prior half widths and the weight of "unchanged".

    Attributes
    ----------
    support_ : dict of str to float
        Posterior weights of "unchanged" and of a change of intercept, slope, predictors.
    covariance_ : ndarray
        Of (intercept, slope, deviations), class by class.
    """

    reads_predictors = True

    def __init__(self, base=None, preparation=None, source: Aggregates | None = None, averaging=None):
        super().__init__(base, preparation)
        self.source = source
        self.averaging = averaging

    def _solve(self, eta0, T, y, features) -> None:
        averaging = self.averaging or Averaging()
        scale, spread = source_scale(T, features, self.source), None
        if self.source is not None:
            place = {name: at for at, name in enumerate(self.source.features)}
            known = np.array([place.get(name, -1) for name in features], dtype=int)
            information, classes = np.asarray(self.source.information, float), eta0.shape[1] + 1
            if len(information) == (classes - 1) * len(place):
                spread = class_source_spread(information, known, classes, averaging.kappa)
        fit = averaged_class_update(eta0, T, y, scale=scale, spread=spread, averaging=averaging)
        self.intercept_, self.slope_, self.deviation_ = fit.intercept, fit.slope, fit.deviation
        self.covariance_, self.weights_, self.support_ = fit.covariance, fit.weights, fit.support
        self.parameters_ = fit.effective


def _recalibrate(eta0: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Intercepts and slopes of vector recalibration by maximum likelihood."""
    others = eta0.shape[1]
    D = np.column_stack([np.ones(len(y)), eta0])
    free = np.column_stack([np.ones(others, dtype=bool), np.eye(others, dtype=bool)])
    flat, start = np.zeros((1, 2 * others, 2 * others)), np.tile([0.0, 1.0], others)
    beta = fit_classes(D, y, others + 1, flat, start, free=free).beta[0].reshape(others, 2)
    return beta[:, 0], beta[:, 1]


def _revise(eta: np.ndarray, z: np.ndarray, y: np.ndarray, strengths) -> tuple[np.ndarray, float, float]:
    """Coefficients (intercepts first), strength and effective parameters of the best supported fit."""
    (n, others), q = eta.shape, z.shape[1]
    contrast = contrast_precision(others + 1)
    # A flat prior on the intercepts, in effect: they have to move freely.
    ridges = [np.kron(contrast, np.diag([1e-8, *[n * strength] * q])) for strength in strengths]
    precision = np.array(ridges)
    fits = fit_classes(np.column_stack([np.ones(n), z]), y, others + 1, precision, np.zeros(others * (q + 1)),
                       offset=eta)  # fmt: skip
    evidence = (
        fits.loglik
        - 0.5 * np.einsum("gi,gij,gj->g", fits.beta, precision, fits.beta)
        + 0.5 * others * q * np.log(n * np.asarray(strengths))
        - 0.5 * np.linalg.slogdet(fits.hessian + precision)[1]
    )
    best = int(np.argmax(evidence))
    effective = np.trace(np.linalg.solve(fits.hessian[best] + precision[best], fits.hessian[best]))
    return fits.beta[best].reshape(others, q + 1), float(strengths[best]), float(effective)


CLASS_UPDATES = {
    "original": OriginalClasses,
    "averaged": AveragedClassUpdate,
    "intercept": InterceptsUpdate,
    "recalibration": VectorRecalibration,
    "revision": ShrunkenClassRevision,
    "refit": RefitClasses,
}
