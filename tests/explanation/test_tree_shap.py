"""Trees taken apart leaf by leaf: the same values as shap's own routine, additive, and interactions that sum up."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shap
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

from medtune.explanation import tree_shap
from medtune.explanation.contributions import explain
from medtune.explanation.forest import forest_of, forest_of_text
from medtune.explanation.interplay import interplay
from medtune.models.booster_text import checked_text, read_booster, tree_fields
from tests.explanation.test_contributions import COLUMNS, patients, trained, tuned

WIDTH = 5
MODELS = {
    "histogram": lambda seed: HistGradientBoostingClassifier(max_iter=12, min_samples_leaf=8, random_state=seed),
    "boosting": lambda seed: GradientBoostingClassifier(n_estimators=10, max_depth=3, random_state=seed),
    "forest": lambda seed: RandomForestClassifier(6, min_samples_leaf=4, random_state=seed),
    "extra": lambda seed: ExtraTreesClassifier(5, max_depth=5, random_state=seed),
    "tree": lambda seed: DecisionTreeClassifier(max_depth=6, random_state=seed),
}


def rows(n: int, seed: int, gaps: bool = False) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.round(rng.normal(size=(n, WIDTH)), 1)
    y = (rng.random(n) < 1 / (1 + np.exp(-2 * X[:, 0] * X[:, 1] - X[:, 2]))).astype(int)
    if gaps:
        X[rng.random(X.shape) < 0.1] = np.nan
    return X, y


@cache
def fitted(name: str, seed: int):
    gaps = name in ("histogram", "forest", "extra")
    return MODELS[name](seed).fit(*rows(250, seed, gaps)), gaps


def said(model, X: np.ndarray) -> np.ndarray:
    return model.decision_function(X) if hasattr(model, "decision_function") else model.predict_proba(X)[:, 1]


@pytest.mark.parametrize("name", MODELS)
@given(seed=st.integers(0, 10**6), few=st.integers(1, 40))
@settings(max_examples=8)
def test_values_are_those_of_shap_and_add_up_to_the_prediction(name, seed, few):
    model, gaps = fitted(name, seed % 3)
    X, _ = rows(few, seed, gaps)
    forest = forest_of(model)
    np.testing.assert_allclose(forest.predict(X), said(model, X), atol=1e-12)
    values = tree_shap.contributions(forest, X, np.eye(WIDTH))
    assert not values[:, -1].any()
    np.testing.assert_allclose(forest.middle + values.sum(axis=1), said(model, X), atol=1e-10)
    explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    theirs = np.asarray(explainer.shap_values(X, check_additivity=False))
    theirs = theirs[..., 1] if theirs.ndim == 3 else theirs
    np.testing.assert_allclose(values[:, :-1], theirs, atol=1e-10)


@pytest.mark.parametrize("name", ["boosting", "forest", "tree"])
def test_interactions_are_those_of_shap(name):
    model = MODELS[name](0).fit(*rows(250, 0))  # without gaps: shap refuses them here
    X, _ = rows(12, 5)
    theirs = np.asarray(shap.TreeExplainer(model).shap_interaction_values(X))
    theirs = theirs[..., 1] if theirs.ndim == 4 else theirs
    ours = tree_shap.interactions(forest_of(model), X, np.eye(WIDTH))
    off = ~np.eye(WIDTH, dtype=bool)
    np.testing.assert_allclose(ours[:, off], theirs[:, off], atol=1e-10)
    assert not ours[:, ~off].any()


def test_patterns_of_deep_leaves_give_the_same_values(monkeypatch):
    model, X = fitted("forest", 1)[0], rows(30, 3, True)[0]
    before = tree_shap.contributions(forest_of(model), X, np.eye(WIDTH))
    monkeypatch.setattr(tree_shap, "FEW", 0)
    monkeypatch.setattr(tree_shap, "TABLE", 1)
    monkeypatch.setattr(tree_shap, "CELLS", 50)
    np.testing.assert_allclose(tree_shap.contributions(forest_of(model), X, np.eye(WIDTH)), before, atol=1e-12)


def test_features_of_one_column_are_added_up_and_do_not_interact():
    model, (X, _) = fitted("boosting", 0)[0], rows(20, 1)
    alone = tree_shap.contributions(forest_of(model), X, np.eye(WIDTH))[:, :WIDTH]
    pairs = tree_shap.interactions(forest_of(model), X, np.eye(WIDTH))
    member = np.zeros((WIDTH, 3))
    member[[0, 1], 0], member[2, 1], member[3, 2] = 1, 1, 1  # the last feature belongs to no column
    both = tree_shap.contributions(forest_of(model), X, member)
    np.testing.assert_allclose(both[:, 0], alone[:, :2].sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(both[:, 3], alone[:, 4], atol=1e-12)
    together = tree_shap.interactions(forest_of(model), X, member)
    np.testing.assert_allclose(together[:, 0, 1], pairs[:, 0, 2] + pairs[:, 1, 2], atol=1e-12)
    assert not together[:, [0, 1, 2], [0, 1, 2]].any()


def test_the_trees_of_lightgbm_are_read_from_their_text():
    import lightgbm

    X, y = rows(300, 2)
    told = {"objective": "binary", "num_leaves": 6, "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 10}
    text = checked_text(lightgbm.train(told, lightgbm.Dataset(X, y), 8).model_to_string(), WIDTH)
    forest, booster = forest_of_text(tree_fields(text)), read_booster(text, WIDTH)
    some = rows(40, 9)[0]
    np.testing.assert_allclose(forest.predict(some), booster.predict(some, raw_score=True), atol=1e-12)
    theirs = booster.predict(some, pred_contrib=True)
    values = tree_shap.contributions(forest, some, np.eye(WIDTH))[:, :-1]
    np.testing.assert_allclose(values, theirs[:, :-1], atol=1e-9)
    np.testing.assert_allclose(forest.middle, theirs[0, -1], atol=1e-9)


# -- columns that act together ---------------------------------------------------------------------------------------


def test_the_two_columns_whose_product_makes_the_outcome_act_together_most():
    frame, _ = patients(300, 1)
    rng = np.random.default_rng(2)
    y = (rng.random(300) < np.where((frame.age > 60) ^ (frame.lactate > 1), 0.9, 0.1)).astype(int)
    from medtune.cohort.columns import describe
    from medtune.foundation.settings import Family
    from medtune.models.families import make_family

    model = make_family(describe(frame), family=Family(name="gradient_boosting", trees=20)).fit(frame, y)
    told = explain(model, frame)
    found = interplay(model, frame, told)
    first = found.pairs[0]
    assert {first.first, first.second} == {"age", "lactate"}
    assert (found.partner["age"], found.partner["lactate"]) == ("lactate", "age")
    assert 0 < first.strength.low < first.strength.value < first.strength.high
    assert first.strength.value == pytest.approx(np.abs(first.joint).mean())
    assert first.strength.value > 2 * found.pairs[1].strength.value
    assert len(first.joint) == len(found.places) == 300


def test_a_sum_of_columns_has_no_interactions_and_says_so():
    frame, _ = patients(60, 1)
    model = tuned(trained("logistic"), "averaged")
    frame["score"] = 0.5
    found = interplay(model, frame, explain(model, frame))
    assert found.pairs == ()
    assert "every column acts by itself" in str(found.note)


def test_of_a_model_that_can_only_be_asked_nothing_is_claimed():
    frame, _ = patients(40, 1)
    model = tuned(trained("random_forest"), "averaged")
    frame["score"] = 0.5
    found = interplay(model, frame, explain(model, frame))
    assert found.pairs == ()
    assert "not known" in str(found.note)


def test_an_update_stretches_the_interactions_of_its_base():
    frame, _ = patients(80, 1)
    base = trained("gradient_boosting")
    update = tuned(base, "recalibration")
    frame["score"] = 0.5
    one, two = (interplay(model, frame, explain(model, frame)) for model in (base, update))
    by_pair = {(pair.first, pair.second): pair for pair in two.pairs}
    slope = abs(update.estimator.slope_)
    assert one.pairs
    for pair in one.pairs:
        key = (pair.first, pair.second) if (pair.first, pair.second) in by_pair else (pair.second, pair.first)
        assert by_pair[key].strength.value == pytest.approx(slope * pair.strength.value)
    assert set(one.partner) <= set(COLUMNS)
