"""A search finds better settings without looking at scored patients, and ends when it should."""

import copy
import pickle
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from medtune.cohort.columns import describe
from medtune.evaluation.discrimination import auroc
from medtune.foundation.settings import Family, Validation
from medtune.models.families import make_family
from medtune.tuning.boosted import BoostedRevision
from medtune.tuning.boosted_search import SearchedRevision
from medtune.tuning.search import TRIED, Searched, search
from medtune.tuning.search_record import Budget
from medtune.tuning.validation import out_of_fold, plan_validation

SCALED = Pipeline([("prepare", StandardScaler()), ("model", LogisticRegression())])


@parametrize_with_checks([Searched(SCALED, budget=Budget(2)), SearchedRevision(trees=10, budget=Budget(2))])
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)


def wide(n, q=30, seed=0):
    """Two columns that matter among many that do not."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, q)), columns=[f"x{at}" for at in range(q)])
    y = (rng.random(n) < 1 / (1 + np.exp(-(X.x0 - X.x1).to_numpy()))).astype(int)
    return X, y


@pytest.mark.parametrize("name", list(TRIED))
def test_every_family_knows_what_is_tried(name):
    X, y = wide(80, q=4)
    family = make_family(describe(X), family=Family(name, trees=10))
    found = Searched(family, name, Budget(4)).fit(X, y)
    assert set(found.told_.best) == set(TRIED[name])
    assert (found.told_.tried, found.told_.ended) == (4, "all")
    assert found.best_estimator_.predict_proba(X).shape == (80, 2)


def test_search_shrinks_a_wide_table_of_few_patients():
    X, y = wide(90)
    new, truth = wide(4000, seed=1)
    columns = describe(X)
    plain = make_family(columns).fit(X, y)
    found = Searched(make_family(columns), "logistic", Budget(25)).fit(X, y)
    assert log_loss(truth, found.predict_proba(new)[:, 1]) < log_loss(truth, plain.predict_proba(new)[:, 1]) - 0.05
    assert found.told_.loss < found.told_.usual


def test_three_classes_are_searched_as_well():
    X, _ = wide(120, q=3)
    y = np.digitize(X.x0 + np.random.default_rng(0).normal(size=120), [-0.5, 0.5])
    found = Searched(make_family(describe(X)), "logistic", Budget(3)).fit(X, y)
    np.testing.assert_allclose(found.predict_proba(X).sum(axis=1), 1)
    assert set(found.predict(X)) <= {0, 1, 2}


def test_noise_columns_give_a_chance_auroc_when_the_search_is_nested():
    rng = np.random.default_rng(5)
    X = pd.DataFrame(rng.normal(size=(60, 50)), columns=[f"g{at}" for at in range(50)])
    y = np.tile([0, 1], 30)
    plan = plan_validation(y, Validation(repeats=1))
    family = Searched(make_family(describe(X)), "logistic", Budget(4))
    risks = out_of_fold(X, y, None, plan, updates={}, preparation=None, families={"searched": family})
    assert abs(auroc(y, risks["searched"]) - 0.5) < 0.15


def parabola(settings):
    return (np.log10(settings["x"]) - 1) ** 2


def test_more_trials_come_closer_and_the_usual_settings_are_the_first():
    tried = {"x": ("log", 1e-3, 1e3)}
    losses = [search(parabola, tried, {"x": 1.0}, Budget(most)).loss for most in (1, 10, 40)]
    assert losses[0] == 1.0
    assert losses[0] > losses[1] > losses[2]
    assert losses[2] < 0.05


def test_with_time_enough_the_same_seed_tries_the_same():
    tried = {"x": ("log", 1e-3, 1e3), "y": ("one of", None, "a", 2)}
    runs = [search(parabola, tried, {"x": 1.0, "y": None}, Budget(12, 1000.0), seed=3) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].ended == "all"


def test_without_time_the_usual_settings_stand_and_it_says_so():
    told = search(parabola, {"x": ("log", 1e-3, 1e3)}, {"x": 1.0}, Budget(50, 0.0))
    assert (told.tried, told.most, told.ended, told.best) == (1, 50, "time", {"x": 1.0})


@dataclass(frozen=True)
class Until:
    """Says stop after some trials."""

    most: int

    def __call__(self, told):
        return told.tried < self.most


def test_a_search_that_is_stopped_keeps_the_best_so_far():
    X, y = wide(60, q=4)
    budget = Budget(50, None, Until(6))
    found = copy.deepcopy(Searched(make_family(describe(X)), "logistic", budget)).fit(X, y)
    assert (found.told_.tried, found.told_.ended) == (6, "stopped")
    assert found.told_.loss <= found.told_.usual
    assert found.told_.best["C"] == found.best_estimator_[-1].C
    assert pickle.loads(pickle.dumps(budget)) == budget


def test_every_trial_is_told_with_the_best_so_far():
    heard = []
    budget = Budget(8, None, lambda told: heard.append(told) or True)
    last = search(parabola, {"x": ("log", 1e-3, 1e3)}, {"x": 1.0}, budget, key="searched")
    assert [told.tried for told in heard] == [*range(1, 9), 8]
    assert all(after.loss <= before.loss for before, after in pairwise(heard))
    assert heard[-1] == last
    assert last.loss == parabola(last.best)


def test_a_loss_that_is_no_number_is_passed_over():
    told = search(lambda s: np.nan if s["x"] > 1 else s["x"], {"x": ("even", 0.0, 2.0)}, {"x": 1.0}, Budget(12))
    assert told.loss <= 1
    assert told.tried == 12


def test_the_searched_revision_becomes_a_plain_boosted_one():
    rng = np.random.default_rng(0)
    T = rng.normal(size=(400, 3))
    y = (rng.random(400) < 1 / (1 + np.exp(-2.5 * ((T[:, 0] > 0) & (T[:, 1] > 0)) + 1))).astype(int)
    found = SearchedRevision(budget=Budget(5)).fit(T, y)
    kept = found.best_estimator_
    assert type(kept) is BoostedRevision
    assert {name: kept.get_params()[name] for name in found.told_.best} == found.told_.best
    np.testing.assert_array_equal(kept.decision_function(T), found.decision_function(T))
    assert found.trees_ > 0
    assert found.told_.loss <= found.told_.usual
    again = BoostedRevision(trees=60, **found.told_.best).fit(T, y)
    assert again.booster_text_ == kept.booster_text_
