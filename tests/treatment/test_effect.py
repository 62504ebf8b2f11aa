"""The average effect: R's number, a simulated truth, and the trial that is named in the methods."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler

from medtune.evaluation.logistic import expit, fit_logistic
from medtune.treatment.balance import balance, outside_overlap
from medtune.treatment.benefit import policy_curve, risk_quarters
from medtune.treatment.scores import cross_fitted, doubly_robust, mean_estimate

REFERENCE = Path(__file__).parents[1] / "reference"
SIX = ["age", "sex", "sbp", "creatinine", "lactate", "diabetes"]


def simulated(n=4000, seed=0, effect=-0.8, confounded=True):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"])
    chance = expit(0.9 * X["a"].to_numpy()) if confounded else np.full(n, 0.5)
    arm = (rng.random(n) < chance).astype(int)
    eta = -1 + 0.9 * X["a"].to_numpy() + 0.5 * X["b"].to_numpy()
    y = (rng.random(n) < expit(eta + effect * arm)).astype(int)
    truth = float((expit(eta + effect) - expit(eta)).mean())
    return X, y, arm, truth


def scored(X, y, arm, randomised=False, **more):
    return cross_fitted(X, y, arm, int(arm.max()) + 1, StandardScaler(), reference=0, randomised=randomised, **more)


def test_doubly_robust_effect_agrees_with_r():
    expected = json.loads((REFERENCE / "two_hospitals.json").read_text())["treatment_effect"]
    table = pd.read_csv(REFERENCE / "two_hospitals.csv")
    arm, y = table["arm"].to_numpy(), table["died"].to_numpy()
    T = np.column_stack([np.ones(len(y)), table[SIX], table["hospital"] == "local"]).astype(float)
    risk = np.column_stack([expit(T @ fit_logistic(T[arm == a], y[arm == a]).beta) for a in (0, 1)])
    share = arm.mean()
    scores = doubly_robust(y, arm, risk, np.tile([1 - share, share], (len(y), 1)))
    effect = mean_estimate(scores[:, 1] - scores[:, 0])
    assert effect.value == pytest.approx(expected["aipw"], rel=1e-6)
    assert (effect.high - effect.low) / 2 / 1.959964 == pytest.approx(expected["aipw_se"], rel=1e-6)


def test_confounding_is_removed_where_the_predictors_explain_it():
    X, y, arm, truth = simulated()
    plain = y[arm == 1].mean() - y[arm == 0].mean()
    effect = scored(X, y, arm).effect(1, 0)
    assert abs(plain - truth) > 0.08
    assert effect.low < truth < effect.high
    assert abs(effect.value - truth) < 0.03


@pytest.mark.parametrize("seed", range(4))
def test_many_predictors_do_not_drown_the_effect_where_nothing_explains_who_got_what(seed):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(400, 40)))
    arm, y = rng.integers(0, 2, (2, 400))
    estimated, known = (scored(X, y, arm, randomised).effect(1, 0) for randomised in (False, True))
    assert estimated.high - estimated.low < 1.3 * (known.high - known.low)
    assert estimated.value == pytest.approx(known.value, abs=0.03)


def test_interval_holds_the_truth_about_as_often_as_it_says():
    held = 0
    for seed in range(60):
        X, y, arm, truth = simulated(600, seed, confounded=False)
        effect = scored(X, y, arm, randomised=True, seed=seed).effect(1, 0)
        held += effect.low < truth < effect.high
    assert held >= 50  # 57 are expected; fewer than 50 has a chance of about 1 in 1,000


def test_rows_of_one_patient_are_not_counted_as_many():
    X, y, arm, _ = simulated(400)
    alone = scored(X, y, arm, randomised=True).effect(1, 0)
    patients = np.repeat(np.arange(400), 4)
    again = [np.repeat(v, 4, axis=0) for v in (X.to_numpy(), y, arm)]
    scores = scored(pd.DataFrame(again[0]), again[1], again[2], randomised=True, patients=patients)
    four = scores.effect(1, 0, clusters=patients)
    assert (four.high - four.low) == pytest.approx(alone.high - alone.low, rel=0.08)


def test_no_fold_learns_from_those_it_scores():
    """A predictor that is the outcome of the patient alone would else make the scores too good to be true."""
    rng = np.random.default_rng(1)
    y, arm = rng.integers(0, 2, 80), rng.integers(0, 2, 80)
    noise = pd.DataFrame(rng.normal(size=(80, 60)))
    risk = scored(noise, y, arm, randomised=True).risk[np.arange(80), arm]
    assert abs(np.corrcoef(risk, y)[0, 1]) < 0.35


def test_three_options_are_compared_at_once():
    rng = np.random.default_rng(2)
    X = pd.DataFrame(rng.normal(size=(3000, 2)))
    arm = rng.integers(0, 3, 3000)
    y = (rng.random(3000) < np.array([0.4, 0.3, 0.4])[arm]).astype(int)
    scores = scored(X, y, arm)
    assert scores.effect(1, 0).high < 0
    assert not scores.effect(2, 0).excludes(0)
    assert np.allclose(scores.chance.sum(axis=1), 1)


def test_chances_beyond_the_edges_are_counted():
    chance = np.array([[0.5, 0.5], [0.96, 0.04], [0.9, 0.1], [0.03, 0.97]])
    assert outside_overlap(chance) == 0.5


def test_weighting_balances_what_the_chances_explain():
    X, y, arm, _ = simulated()
    found = balance(X.to_numpy(), list(X), arm, scored(X, y, arm).chance, 1, 0)
    assert found[0].before > 0.6
    assert all(abs(b.after) < 0.1 for b in found)


def test_quarters_of_risk_show_where_the_benefit_lies():
    X, y, arm, _ = simulated(12_000, confounded=False)
    scores = scored(X, y, arm, randomised=True)
    quarters = risk_quarters(scores, scores.common[:, 1] - scores.common[:, 0], 1, 0)
    assert [q.n for q in quarters] == [3000] * 4
    assert quarters[0].observed.value > quarters[3].observed.value
    assert all(q.observed.low < q.predicted < q.observed.high for q in quarters)
    assert all(a.high <= b.low for a, b in pairwise(quarters))


def test_treating_by_benefit_is_worth_nothing_at_one_end_and_everything_at_the_other():
    X, y, arm, truth = simulated(6000, confounded=False)
    scores = scored(X, y, arm, randomised=True)
    curve = policy_curve(scores, scores.common[:, 0] - scores.common[:, 1], 1, 0)
    assert curve.treated[0] == 1.0
    assert curve.value[0] == pytest.approx(curve.everybody.value)
    assert curve.everybody.low < truth < curve.everybody.high
    assert curve.treated[-1] < 0.02
    assert abs(curve.value[-1]) < 0.02
