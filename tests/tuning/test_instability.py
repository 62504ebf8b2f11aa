"""Instability of risks over refitted models."""

import numpy as np
import pytest

from medtune.evaluation.logistic import expit, fit_logistic
from medtune.tuning.instability import drawn_rows, instability, resampled, resamples_for


@pytest.fixture(scope="module")
def linear():
    """A logistic recalibration of 900 patients, whose standard errors theory knows."""
    rng = np.random.default_rng(8)
    eta0 = rng.normal(-0.5, 1.2, 900)
    y = (rng.uniform(size=900) < expit(0.4 + 0.8 * eta0)).astype(int)
    return np.column_stack([np.ones(900), eta0]), y


def found_for(design, y, resamples, seed=0):
    """Instability of a logistic model with this design."""
    plan = resampled(y, resamples, seed=seed)
    risks = np.array([expit(design @ fit_logistic(design[s.train], y[s.train]).beta) for s in plan.splits])
    return instability(y, risks, method="recalibration", threshold=0.4, seed=seed)


@pytest.fixture(scope="module")
def found(linear):
    return found_for(*linear, 400)


def test_the_spread_of_a_linear_model_is_its_standard_error(linear, found):
    design, y = linear
    fit = fit_logistic(design, y)
    eta = np.sort(design @ fit.beta)
    rows = design[np.argsort(design @ fit.beta, kind="stable")]
    error = np.sqrt(np.einsum("ij,jk,ik->i", rows, np.linalg.inv(fit.hessian), rows))
    width = np.log(found.high / (1 - found.high)) - np.log(found.low / (1 - found.low))
    assert found.risk == pytest.approx(expit(eta), abs=1e-9)
    assert width / (2 * 1.96 * error) == pytest.approx(np.ones(900), abs=0.2)
    # The mean absolute deviation of a normal estimate is its standard error times sqrt(2 / pi).
    slope = expit(eta) * (1 - expit(eta))
    assert found.error.value == pytest.approx(np.mean(slope * error) * np.sqrt(2 / np.pi), rel=0.1)
    assert found.error.low < found.error.value < found.error.high


def test_a_risk_of_any_patient_moves_as_far_as_those_of_patients_like_it(linear, found):
    design, y = linear
    fit = fit_logistic(design, y)
    place = (np.log(0.3 / 0.7) - fit.beta[0]) / fit.beta[1]
    error = np.sqrt(np.array([1, place]) @ np.linalg.inv(fit.hessian) @ np.array([1, place]))
    band = found.around(0.3)
    low, high = (np.log(limit / (1 - limit)) for limit in (band.low, band.high))
    assert band.low < band.value == 0.3 < band.high
    assert (high - low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.2)


def test_patients_at_the_threshold_flip_in_half_of_the_models_and_far_ones_never(found):
    nearest = np.argmin(np.abs(found.risk - 0.4))
    assert found.flipped[nearest] == pytest.approx(0.5, abs=0.15)
    assert found.flipped[[0, -1]].tolist() == [0, 0]
    assert found.often == pytest.approx(np.mean(found.flipped > 0.1))


def test_the_calibration_band_holds_the_diagonal_of_a_right_model(found):
    band = found.calibration
    inside = (band.low <= band.risk + 0.03) & (band.risk - 0.03 <= band.high)
    assert inside[np.isfinite(band.low)].mean() > 0.9
    assert np.all((band.low <= band.high)[np.isfinite(band.low)])


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(linear):
    run = [found_for(*linear, 5, seed) for seed in (1, 1, 2)]
    assert np.array_equal(run[0].low, run[1].low)
    assert run[0].error == run[1].error
    assert run[0].error != run[2].error


def test_a_model_that_learns_nothing_from_patients_does_not_move():
    y = np.repeat([0, 1], 30)
    risk = np.linspace(0.1, 0.9, 60)
    found = instability(y, np.tile(risk, (11, 1)), method="original", threshold=0.5)
    assert found.error.value == pytest.approx(0, abs=1e-7)
    assert found.often == 0
    assert "moves a patient's risk by 0.0" in str(found.sentence)


def test_all_rows_of_a_patient_are_drawn_together_and_both_outcomes_are_there():
    y = np.repeat([0, 1], [190, 10])
    units = np.arange(200) // 4
    for seed in range(20):
        rows = drawn_rows(y, units, np.random.default_rng(seed))
        counts = np.bincount(rows, minlength=200).reshape(50, 4)
        assert (counts == counts[:, :1]).all()
        assert y[rows].sum() >= 2


def test_many_patients_are_shown_by_a_thousand_of_them():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 3000)
    risk = rng.uniform(0.2, 0.8, 3000)
    found = instability(y, risk + rng.normal(0, 0.01, (5, 3000)), method="averaged", threshold=0.5)
    assert found.risk.shape == found.low.shape == found.flipped.shape == (1000,)
    assert np.all(np.diff(found.risk) >= 0)
    assert found.n == 3000


def test_long_fits_are_repeated_less_often():
    assert [resamples_for(cells) for cells in (3_000, 100_000, 600_000)] == [200, 100, 50]
