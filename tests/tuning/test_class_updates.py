"""Updates of models with several classes: for two they are the binary ones, for more they are right by themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from sklearn.datasets import load_wine, make_classification
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from medtune.foundation.errors import ModelError
from medtune.models.passport import Aggregates
from medtune.tuning.classes.likelihood import ClassSums, class_log_odds, class_risks, contrast_precision, fit_classes
from medtune.tuning.classes.update import (
    AveragedClassUpdate,
    InterceptsUpdate,
    OriginalClasses,
    RefitClasses,
    ShrunkenClassRevision,
    VectorRecalibration,
)
from medtune.tuning.revision import ShrunkenRevision
from medtune.tuning.update import AveragedUpdate, InterceptUpdate, LogisticRecalibration, Refit, blended
from tests.tuning.conftest import PREDICTORS

EVERY = [OriginalClasses, InterceptsUpdate, VectorRecalibration, ShrunkenClassRevision, RefitClasses,
         AveragedClassUpdate]  # fmt: skip
PAIRS = [(InterceptsUpdate, InterceptUpdate), (VectorRecalibration, LogisticRecalibration), (RefitClasses, Refit),
         (ShrunkenClassRevision, ShrunkenRevision), (AveragedClassUpdate, AveragedUpdate)]  # fmt: skip


@parametrize_with_checks([kind() for kind in EVERY])
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def patients():
    """300 patients of four classes, six predictors, and the log-odds of a model that is somewhat off."""
    X, y = make_classification(300, 6, n_informative=5, n_redundant=0, n_classes=4, class_sep=0.8, random_state=3)
    source, target = np.arange(300) < 150, np.arange(300) >= 150
    model = LogisticRegression(C=0.5).fit(X[source] + 0.3, y[source])
    return X[target], y[target], class_log_odds(model.predict_proba(X[target]))


@pytest.mark.parametrize(("of_classes", "binary"), PAIRS)
def test_of_two_classes_each_method_is_the_binary_one(of_classes, binary, local):
    T, y, eta0 = local[PREDICTORS].to_numpy(float), local.died.to_numpy(), local.eta0.to_numpy()
    ours = of_classes().fit_arrays(eta0[:, None], T, y, PREDICTORS)
    theirs = binary().fit_arrays(eta0, T, y, PREDICTORS)
    np.testing.assert_allclose(ours.log_odds(eta0[:, None], T)[:, 0], theirs.log_odds(eta0, T), atol=1e-6)
    assert ours.parameters_ == pytest.approx(theirs.parameters_, abs=1e-6)
    if hasattr(theirs, "support_"):
        assert ours.support_ == pytest.approx(theirs.support_, abs=1e-6)
        np.testing.assert_allclose(ours.covariance_, theirs.covariance_, rtol=1e-5, atol=1e-10)


def test_of_two_classes_what_the_source_knew_counts_as_in_the_binary_update(local):
    T, y, eta0 = local[PREDICTORS].to_numpy(float), local.died.to_numpy(), local.eta0.to_numpy()
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(50, len(PREDICTORS)))
    source = Aggregates(tuple(PREDICTORS), tuple(T.std(axis=0) * 1.2), tuple(T.mean(axis=0)), Z.T @ Z / 5)
    ours = AveragedClassUpdate(source=source).fit_arrays(eta0[:, None], T, y, PREDICTORS)
    theirs = AveragedUpdate(source=source).fit_arrays(eta0, T, y, PREDICTORS)
    np.testing.assert_allclose(ours.deviation_[:, 0], theirs.deviation_, atol=1e-6)


def test_the_fit_is_scikit_learns_multinomial_regression():
    X, y = load_wine(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    theirs = LogisticRegression(C=0.7, tol=1e-10, max_iter=10_000).fit(X, y)
    # Its ridge acts on one coefficient a class; of the differences from the first that is (I - 11'/K) / C.
    ridge = np.kron(np.eye(2) - 1 / 3, np.diag([0.0, *[1.0] * X.shape[1]])) / 0.7
    D = np.column_stack([np.ones(len(y)), X])
    fit = fit_classes(D, y, 3, ridge[None], np.zeros(28))
    risks = class_risks(D @ fit.beta[0].reshape(2, -1).T)
    np.testing.assert_allclose(risks, theirs.predict_proba(X), atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 5))
def test_gradient_and_curvature_are_the_derivatives(seed, classes):
    rng = np.random.default_rng(seed)
    D, y = np.column_stack([np.ones(40), rng.normal(size=(40, 3))]), rng.integers(0, classes, 40)
    free = rng.random((classes - 1, 4)) < 0.7
    free[:, 0] = True
    sums = ClassSums(D, y, classes, rng.normal(size=(40, classes - 1)), free)
    beta = rng.normal(size=(2, free.sum()))
    for row in range(2):
        numeric = approx_fprime(beta[row], lambda b: sums.loglik(b[None])[0], 1e-6)
        np.testing.assert_allclose(sums.gradient(beta)[row], numeric, atol=1e-3)
        curvature = approx_fprime(beta[row], lambda b: sums.gradient(b[None])[0], 1e-6)
        np.testing.assert_allclose(sums.hessian(beta)[row], -curvature, atol=1e-3)


def test_intercepts_make_the_mean_risk_of_each_class_its_share(patients):
    X, y, eta0 = patients
    rung = InterceptsUpdate().fit_arrays(eta0, X, y)
    np.testing.assert_allclose(class_risks(rung.log_odds(eta0, X)).mean(axis=0), np.bincount(y) / len(y), atol=1e-8)


def test_recalibrating_a_recalibrated_model_changes_nothing(patients):
    X, y, eta0 = patients
    again = VectorRecalibration().fit_arrays(VectorRecalibration().fit_arrays(eta0, X, y).log_odds(eta0, X), X, y)
    np.testing.assert_allclose(again.intercept_, 0, atol=1e-6)
    np.testing.assert_allclose(again.slope_, 1, atol=1e-6)


def test_the_prior_does_not_depend_on_which_class_is_the_reference():
    turn = np.array([[-1.0, 0, 0], [-1, 1, 0], [-1, 0, 1]])  # differences from class 1 instead of class 0
    np.testing.assert_allclose(turn.T @ contrast_precision(4) @ turn, contrast_precision(4), atol=1e-12)


def test_the_averaged_update_stays_near_a_model_that_is_right_and_moves_toward_one_that_is_not(patients):
    X, _, eta0 = patients
    rng = np.random.default_rng(1)
    right = (rng.random((len(X), 1)) > class_risks(eta0).cumsum(axis=1)).sum(axis=1)
    near = AveragedClassUpdate().fit_arrays(eta0, X, right)
    assert near.support_["unchanged"] > 0.5
    wrong = eta0 + np.array([0, 0, 2.0])
    off = AveragedClassUpdate().fit_arrays(wrong, X, right)
    assert off.support_["unchanged"] < 0.01
    gap = class_risks(off.log_odds(wrong, X)).mean(axis=0) - np.bincount(right, minlength=4) / len(right)
    assert np.abs(gap).max() < 0.03


def test_the_posterior_mixture_is_between_its_points(patients):
    X, y, eta0 = patients
    fit = AveragedClassUpdate().fit_arrays(eta0, X, y)
    assert fit.weights_.sum() == pytest.approx(1)
    assert 0 < fit.parameters_ < 3 * (X.shape[1] + 2)
    assert np.linalg.eigvalsh(fit.covariance_).min() > 0


def test_a_strong_ridge_leaves_the_recalibrated_model(patients):
    X, y, eta0 = patients
    strong = ShrunkenClassRevision(strength=1e6).fit_arrays(eta0, X, y, [f"x{k}" for k in range(6)])
    rung = VectorRecalibration().fit_arrays(eta0, X, y)
    np.testing.assert_allclose(strong.log_odds(eta0, X), rung.log_odds(eta0, X), atol=1e-4)


@pytest.mark.parametrize("kind", EVERY)
def test_classes_of_the_base_are_matched_by_label(kind, patients):
    X, y, _ = patients
    names = np.array(["d", "b", "a", "c"])[y]
    base = FrozenEstimator(LogisticRegression().fit(X, names))
    turned = FrozenEstimator(_Turned(LogisticRegression().fit(X, names)))
    ours, other = kind(base=base).fit(X, names), kind(base=turned).fit(X, names)
    assert list(ours.classes_) == list(other.classes_) == ["a", "b", "c", "d"]
    np.testing.assert_allclose(ours.predict_proba(X), other.predict_proba(X), atol=1e-9)
    assert np.mean(ours.predict(X) == names) > 0.5


class _Turned:
    """The same model with its classes in another order."""

    def __init__(self, model):
        self.model, self.classes_ = model, model.classes_[::-1]

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        return self.model.predict_proba(X)[:, ::-1]


def test_a_class_that_the_base_never_had_is_refused_by_name(patients):
    X, y, _ = patients
    base = FrozenEstimator(LogisticRegression().fit(X[y < 3], y[y < 3]))
    with pytest.raises(ModelError, match="does not estimate class '3'; it knows '0', '1' and '2'"):
        AveragedClassUpdate(base=base).fit(X, y)


def test_half_blended_is_the_mean_of_both_log_odds(patients):
    X, y, eta0 = patients
    update = AveragedClassUpdate().fit_arrays(eta0, X, y)
    mean = 0.5 * eta0 + 0.5 * update.log_odds(eta0, X)
    np.testing.assert_allclose(blended(update, 0.5).log_odds(eta0, X), mean)


def test_log_odds_and_risks_are_each_others_inverse(patients):
    _, _, eta0 = patients
    np.testing.assert_allclose(class_log_odds(class_risks(eta0)), eta0, atol=1e-9)
