"""The averaged update against numbers computed independently, and what must hold of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.evaluation.logistic import expit, fit_logistic
from medtune.foundation.settings import Averaging
from medtune.tuning.averaged import averaged_update, posterior, source_spread
from medtune.tuning.penalised import fit_many
from tests.tuning.conftest import PREDICTORS


def test_coefficients_equal_the_reference_without_source_rows(known, local):
    fit = averaged_update(local.eta0, local[PREDICTORS].to_numpy(), local.died)
    reference = known["averaged_update"]["without_source"]
    got = [fit.intercept, fit.slope, *fit.deviation]
    np.testing.assert_allclose(got, reference["c_per_local_unit"], rtol=1e-5)
    assert fit.support["unchanged"] == pytest.approx(reference["weight_unchanged"], rel=1e-4)


def test_coefficients_equal_the_reference_with_source_covariance(known, source, local):
    sd = source[PREDICTORS].std(ddof=1).to_numpy()
    Z = np.column_stack([np.ones(len(source)), source[PREDICTORS] / sd])
    p0 = expit(source.eta0)
    H = (Z.T * (p0 * (1 - p0))) @ Z
    information = H[1:, 1:] - np.outer(H[1:, 0], H[0, 1:]) / H[0, 0]
    spread = source_spread(information, np.arange(6), 4.0)
    fit = averaged_update(local.eta0, local[PREDICTORS].to_numpy() / sd, local.died, scale=np.ones(6), spread=spread)
    reference = known["averaged_update"]["with_source"]
    np.testing.assert_allclose([fit.intercept, fit.slope, *fit.deviation], reference["c_per_source_sd"], rtol=1e-5)


def test_fitting_many_priors_at_once_equals_fitting_each_alone(local):
    T = local[PREDICTORS].to_numpy()
    D = np.column_stack([np.ones(len(T)), local.eta0, (T - T.mean(0)) / T.std(0)])
    y = local.died.to_numpy()
    mean = np.eye(8)[1]
    precision = np.array([np.eye(8) * 10.0**power for power in range(-2, 4)])
    together = fit_many(D, y, precision, mean)
    for at, P in enumerate(precision):
        alone = fit_logistic(D, y, penalty=P, prior_mean=mean)
        np.testing.assert_allclose(together.beta[at], alone.beta, atol=1e-6)
        assert together.loglik[at] == pytest.approx(alone.loglik)


def test_blocks_of_rows_give_the_same_fits(local, monkeypatch):
    T = local[PREDICTORS].to_numpy()
    whole = averaged_update(local.eta0, T, local.died)
    monkeypatch.setattr("medtune.tuning.penalised.CELLS", 1)
    np.testing.assert_allclose(averaged_update(local.eta0, np.tile(T, (1, 1)), local.died).deviation, whole.deviation)
    many = np.tile(T, (3, 1)), np.tile(local.eta0, 3), np.tile(local.died, 3)
    blocked = averaged_update(many[1], many[0], many[2])
    monkeypatch.undo()
    np.testing.assert_allclose(blocked.deviation, averaged_update(many[1], many[0], many[2]).deviation, rtol=1e-9)


def test_above_the_limit_of_rows_the_fits_that_carry_weight_use_all_rows(monkeypatch):
    rng = np.random.default_rng(3)
    T = rng.normal(size=(3000, 3))
    eta0 = T @ [1.0, -0.5, 0.0]
    y = rng.random(3000) < expit(eta0 - 1 + 0.4 * T[:, 2])
    whole = averaged_update(eta0, T, y)
    monkeypatch.setattr("medtune.tuning.averaged.EVIDENCE_ROWS", 1500)
    sampled = averaged_update(eta0, T, y)
    # The widest prior carries the weight either way, so the rows decide: all of them were used.
    np.testing.assert_allclose(sampled.deviation, whole.deviation, atol=5e-3)
    assert sampled.intercept == pytest.approx(whole.intercept, abs=5e-3)


@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-50, 50))
@settings(max_examples=25, deadline=None)
def test_units_of_a_predictor_do_not_change_the_risks(seed, factor, shift):
    rng = np.random.default_rng(seed)
    T = rng.normal(size=(80, 3))
    eta0 = T[:, 0] + 0.3 * rng.normal(size=80)
    y = rng.random(80) < expit(eta0 - 0.5)
    here = averaged_update(eta0, T, y)
    there = averaged_update(eta0, T * factor + shift, y)
    eta = here.intercept + here.slope * eta0 + T @ here.deviation
    other = there.intercept + there.slope * eta0 + (T * factor + shift) @ there.deviation
    np.testing.assert_allclose(eta, other, atol=1e-5)


def test_with_only_the_first_point_nothing_changes():
    rng = np.random.default_rng(0)
    T = rng.normal(size=(200, 2))
    y = rng.random(200) < 0.3
    still = Averaging(intercept_sd=(0.001,), slope_sd=(0.001,), deviation_sd=(0.001, 0.0011))
    fit = averaged_update(T[:, 0], T, y, averaging=still)
    assert abs(fit.slope - 1) < 1e-3
    assert np.all(np.abs(fit.deviation) < 1e-3)


def test_standard_errors_agree_with_the_laplace_fit_when_one_prior_has_all_the_weight():
    rng = np.random.default_rng(1)
    T = rng.normal(size=(400, 2))
    y = rng.random(400) < expit(T[:, 0])
    wide = Averaging(intercept_sd=(1.0,), slope_sd=(0.25,), deviation_sd=(0.25, 0.25))
    fit = averaged_update(T[:, 0] * 0.8, T, y, averaging=wide, scale=np.ones(2))
    D = np.column_stack([np.ones(400), T[:, 0] * 0.8, T])
    middle = np.column_stack([np.ones(400), D[:, 1] - D[:, 1].mean(), T - T.mean(0)])
    P = np.diag([1.0, 16.0, 16.0, 16.0])
    alone = fit_logistic(middle, y, penalty=P, prior_mean=np.array([D[:, 1].mean(), 1.0, 0, 0]))
    np.testing.assert_allclose(np.diag(fit.covariance)[1:], np.diag(np.linalg.inv(alone.hessian + P))[1:], rtol=1e-5)


def many_fits(n=3000, q=6, shift=0.7, seed=5):
    """A design, outcomes and prior precisions of which some cannot be right: an intercept that may not move."""
    rng = np.random.default_rng(seed)
    D = np.column_stack([np.ones(n), rng.normal(size=(n, q))])
    mean = np.r_[-1.0, np.linspace(0.6, 0.1, q)]
    y = (rng.random(n) < expit(D @ mean + shift)).astype(float)
    spread = [(a, t) for a in (0.001, 0.25, 1.0) for t in (0.001, 0.05, 0.25)]
    return D, y, np.array([np.diag([a**-2.0, *[t**-2.0] * q]) for a, t in spread]), mean


def test_fits_without_hope_are_left_early_and_change_no_average():
    D, y, precision, mean = many_fits()
    whole = fit_many(D, y, precision, mean)
    early = fit_many(D, y, precision, mean, hopeless=60.0)
    weights, hurried = (posterior(fits, precision, mean, 0.5) for fits in (whole, early))
    assert weights[:3].max() < 1e-30  # the intercept has to move
    assert np.abs(whole.beta[:3] - early.beta[:3]).max() > 1e-6  # so those fits were left where they were
    np.testing.assert_allclose(hurried, weights, atol=1e-12)
    np.testing.assert_allclose(hurried @ early.beta, weights @ whole.beta, atol=1e-10)


def test_without_a_clear_winner_every_fit_is_finished():
    D, y, precision, mean = many_fits(n=400, shift=0.05)
    whole, early = fit_many(D, y, precision, mean), fit_many(D, y, precision, mean, hopeless=60.0)
    np.testing.assert_array_equal(early.beta, whole.beta)
    np.testing.assert_array_equal(early.hessian, whole.hessian)


@pytest.mark.parametrize("change", ["start", "few", "both"])
def test_a_start_from_some_rows_and_a_sum_for_few_fits_lead_to_the_same_fits(monkeypatch, change):
    D, y, precision, mean = many_fits()
    whole = fit_many(D, y, precision[:2], mean)
    if change in ("start", "both"):
        monkeypatch.setattr("medtune.tuning.penalised.ROWS_TO_START_FROM", 500)
    if change in ("few", "both"):
        monkeypatch.setattr("medtune.tuning.penalised.CELLS", 1)
    other = fit_many(D, y, precision[:2], mean)
    np.testing.assert_allclose(other.beta, whole.beta, atol=1e-9)
    np.testing.assert_allclose(other.hessian, whole.hessian, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(other.loglik, whole.loglik, rtol=1e-12)
