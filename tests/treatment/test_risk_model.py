"""Risk under each option, its uncertainty, and the one test of a differing effect."""

import numpy as np
import pytest

from medtune.evaluation.logistic import expit, fit_logistic
from medtune.treatment.risk_model import fit_risk_model, interaction_test


def trial(n=3000, seed=0, product=0.0):
    rng = np.random.default_rng(seed)
    T = rng.normal([60, 1], [10, 0.5], size=(n, 2))
    arm = rng.integers(0, 2, n)
    z = (T[:, 0] - 60) / 10
    eta = -1 + 0.7 * z + arm * (-0.5 + product * z)
    return T, (rng.random(n) < expit(eta)).astype(int), arm


def test_coefficients_are_in_the_units_of_the_predictors():
    T, y, arm = trial(20_000)
    model = fit_risk_model(T, y, arm, 2, 0)
    plain = fit_logistic(np.column_stack([np.ones(len(y)), (T - [60, 1]) / [10, 0.5], arm]), y)
    eta = np.column_stack([np.ones(3), (T[:3] - [60, 1]) / [10, 0.5], np.ones(3)]) @ plain.beta
    assert model.risk(T[:3], 1) == pytest.approx(expit(eta), abs=1e-3)
    assert model.odds_ratio(1).value == pytest.approx(np.exp(plain.beta[3]), rel=1e-3)
    assert model.odds_ratio(1).low < np.exp(-0.5) < model.odds_ratio(1).high


@pytest.mark.parametrize("differing", [False, True])
def test_difference_has_the_spread_that_its_coefficients_have(differing):
    T, y, arm = trial(800, product=0.6 if differing else 0.0)
    model = fit_risk_model(T, y, arm, 2, 0, differing)
    rng = np.random.default_rng(3)
    draws = rng.multivariate_normal(model.beta, model.covariance, 4000)
    rows1, rows0 = model.design(T[:5], 1), model.design(T[:5], 0)
    spread = (expit(rows1 @ draws.T) - expit(rows0 @ draws.T)).std(axis=1)
    value, low, high = model.difference(T[:5], 1, 0).T
    assert (high - low) / 2 / 1.959964 == pytest.approx(spread, rel=0.08)
    assert value == pytest.approx(model.risk(T[:5], 1) - model.risk(T[:5], 0))


def test_patients_need_no_difference_from_themselves():
    T, y, arm = trial(300)
    assert not fit_risk_model(T, y, arm, 2, 0).difference(T, 0, 0).any()


def test_a_differing_effect_is_found_and_an_equal_one_is_not_claimed():
    assert interaction_test(*trial(4000, product=0.8), 2, 0) < 0.001
    claimed = sum(interaction_test(*trial(600, seed), 2, 0) < 0.05 for seed in range(100))
    assert claimed <= 12  # 5 are expected; more than 12 has a chance of about 1 in 500


def test_too_few_events_for_the_test_give_no_p_value():
    T, y, arm = trial(150)
    assert min(y.sum(), len(y) - y.sum()) < 60
    assert np.isnan(interaction_test(T, y, arm, 2, 0))
