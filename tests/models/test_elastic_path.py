"""Elastic net along a path and ridge on components: right at their optimum, honest in noise."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from medtune.cohort.expression import Expression
from medtune.evaluation.ranking import strength
from medtune.models.elastic_path import ElasticNetPath
from medtune.models.pca_ridge import PcaRidge
from medtune.models.proximal import Problem, path, strengths_of


@parametrize_with_checks([ElasticNetPath(strengths=8), PcaRidge()])
def test_both_keep_the_promises_of_scikit_learn(estimator, check):
    check(estimator)


def wide(n: int = 50, p: int = 120, classes: int = 2, seed: int = 0):
    """Scaled columns, the first four of which carry the classes."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    X = rng.normal(size=(n, p))
    X[:, :4] += 1.2 * (y[:, None] == np.arange(4) % classes)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


@pytest.mark.parametrize("ratio", [0.2, 1.0])
def test_the_path_ends_where_the_saga_solver_does(ratio):
    X, y = wide()
    problem = Problem(X, y, 2, ratio)
    grid = strengths_of(problem, 6, 0.2)
    for lam, (coefficients, intercept) in zip(grid, path(problem, grid), strict=True):
        peer = LogisticRegression(C=1 / (len(y) * lam), l1_ratio=ratio, solver="saga", tol=1e-8, max_iter=50_000)
        peer.fit(X, y)
        np.testing.assert_allclose(coefficients[:, 0], peer.coef_[0], atol=2e-3)
        np.testing.assert_allclose(intercept[0], peer.intercept_[0], atol=2e-2)


def test_several_classes_meet_the_conditions_of_an_optimum():
    X, y = wide(classes=3, n=60)
    problem = Problem(X, y, 3, 0.7)
    grid = strengths_of(problem, 5, 0.3)
    *_, (W, b) = path(problem, grid)
    gradient = problem.gradient(problem.residual(X @ W + b)) + 0.3 * grid[-1] * W
    used = W != 0
    np.testing.assert_allclose(gradient[used], -0.7 * grid[-1] * np.sign(W[used]), atol=2e-3)
    assert (np.abs(gradient[~used]) <= 0.7 * grid[-1] * 1.02).all()


def test_the_largest_strength_leaves_no_column():
    X, y = wide()
    problem = Problem(X, y, 2, 0.5)
    grid = strengths_of(problem, 3, 0.9)
    first, *rest = path(problem, grid)
    assert not first[0].any()
    assert rest[-1][0].any()


def test_all_components_are_ridge_on_the_columns():
    X, y = wide(p=20, n=80)
    model = PcaRidge(components=1000).fit(X, y)
    # The coefficient of a component whose variance is 1 has the prior precision; the first has this one per column.
    unit = np.linalg.eigvalsh(X.T @ X)[-1] / len(y)
    peer = LogisticRegression(C=1 / (model.strength_ * unit), tol=1e-12, max_iter=50_000).fit(X, y)
    np.testing.assert_allclose(model.coef_, peer.coef_, atol=1e-5)
    np.testing.assert_allclose(model.intercept_, peer.intercept_, atol=1e-5)


def test_a_model_restricted_to_its_columns_says_the_same():
    X, y = wide()
    model = ElasticNetPath().fit(X, y)
    assert 0 < model.used_.sum() < X.shape[1]
    small = model.restricted(model.used_)
    np.testing.assert_allclose(small.predict_proba(X[:, model.used_]), model.predict_proba(X))


def test_seven_classes_are_told_apart():
    X, y = wide(n=200, p=40, classes=4)
    for model in (ElasticNetPath(), PcaRidge()):
        risk = cross_val_predict(model, X, y, cv=4, method="predict_proba")
        assert (risk.argmax(axis=1) == y).mean() > 0.5
        np.testing.assert_allclose(risk.sum(axis=1), 1)


FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)


def noise(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """60 patients, 5,000 columns, nothing to find."""
    return np.random.default_rng(seed).normal(size=(60, 5000)), np.arange(60) % 2


def auroc_in_noise(model) -> float:
    """Mean over three draws."""
    areas = []
    for seed in range(3):
        X, y = noise(seed)
        areas.append(roc_auc_score(y, cross_val_predict(model, X, y, cv=FOLDS, method="predict_proba")[:, 1]))
    return float(np.mean(areas))


@pytest.mark.parametrize("model", [ElasticNetPath(strengths=8), PcaRidge()], ids=["elastic net", "components"])
def test_noise_is_noise_when_genes_are_selected_inside_the_folds(model):
    assert 0.3 < auroc_in_noise(make_pipeline(Expression(keep=5000, ranked=50), model)) < 0.65


def test_noise_looks_brilliant_when_genes_are_selected_outside_the_folds():
    X, y = noise()
    chosen = X[:, np.argsort(-strength(X, y))[:50]]
    risk = cross_val_predict(PcaRidge(), chosen, y, cv=FOLDS, method="predict_proba")[:, 1]
    assert roc_auc_score(y, risk) > 0.95
