"""The families to train from scratch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from medtune.cohort.columns import Column, describe
from medtune.evaluation.logistic import expit, fit_logistic
from medtune.foundation.settings import Family, Preparation
from medtune.models.families import MAKERS, WIDE, make_family
from tests.models.conftest import FAMILIES, patients


def test_every_family_that_can_be_chosen_can_be_made():
    assert set(MAKERS) == set(Family.choices("name")) == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_learns_from_raw_columns_and_is_repeatable(family):
    frame, outcome = patients(200)
    model = make_family(describe(frame), Preparation(), Family(name=family, trees=20), seed=3)
    first = model.fit(frame, outcome).predict_proba(frame)[:, 1]
    again = clone(model).fit(frame, outcome).predict_proba(frame)[:, 1]
    np.testing.assert_array_equal(first, again)
    assert first[outcome == 1].mean() > first[outcome == 0].mean() + 0.05


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("family", FAMILIES)
def test_fitting_warns_of_nothing(family):
    frame, outcome = patients(200)
    make_family(describe(frame), Preparation(), Family(name=family, trees=20)).fit(frame, outcome)


@pytest.mark.parametrize("strength", [0.01, 1.0, 30.0])
def test_logistic_regression_is_the_penalised_likelihood(strength):
    frame, outcome = patients(200)
    frame = frame[["age", "lactate"]]
    model = make_family(describe(frame), Preparation(), Family(strength=strength)).fit(frame, outcome)
    X = np.column_stack([np.ones(len(frame)), (frame - frame.mean()) / frame.std(ddof=0)])
    fit = fit_logistic(X, outcome, penalty=np.array([0, strength, strength]))
    np.testing.assert_allclose(model.predict_proba(frame)[:, 1], expit(X @ fit.beta), atol=1e-6)


def test_more_strength_shrinks_and_the_elastic_net_drops_columns():
    frame, outcome = patients(200)
    kept = []
    for strength in (0.1, 10, 300):
        family = Family(name="elastic_net", strength=strength, l1_ratio=0.9)
        kept.append(np.count_nonzero(make_family(describe(frame), None, family).fit(frame, outcome)[-1].coef_))
    assert kept[0] > kept[1] >= kept[2] == 0


def test_settings_reach_the_forest_and_the_boosting():
    columns = (Column("age", "number"),)
    forest = make_family(columns, None, Family("random_forest", trees=33, depth=4, leaf=7), seed=5)[-1]
    assert (forest.n_estimators, forest.max_depth, forest.min_samples_leaf, forest.random_state) == (33, 4, 7, 5)
    boosting = make_family(columns, None, Family("gradient_boosting", trees=33, depth=4, leaf=7, learning_rate=0.2))[-1]
    assert (boosting.max_iter, boosting.max_depth, boosting.min_samples_leaf) == (33, 4, 7)
    assert boosting.learning_rate == 0.2
    assert boosting.early_stopping is False


def test_a_very_wide_table_is_fitted_without_a_features_by_features_matrix():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, WIDE + 50)), columns=[f"gene {i}" for i in range(WIDE + 50)])
    outcome = (frame["gene 0"] > 0).astype(int).to_numpy()
    model = make_family(describe(frame), Preparation(), Family(strength=10)).fit(frame, outcome)
    assert model[-1].solver == "lbfgs"
    assert np.mean((model.predict_proba(frame)[:, 1] > 0.5) == outcome) > 0.9
