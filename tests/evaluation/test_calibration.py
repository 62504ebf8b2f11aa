"""The flexible curve: loess and its near-linear stand-in agree, and the truth lies within the band."""

import numpy as np
import pytest

import medtune.evaluation as ev
from medtune.evaluation import smoothing
from medtune.evaluation.logistic import expit, logit


def test_near_linear_curve_agrees_with_loess(drawn, monkeypatch):
    y, p = drawn(4000)
    loess = ev.calibration(y, p)
    monkeypatch.setattr(smoothing, "LOESS_ROWS", 100)
    binned = ev.calibration(y, p)
    assert "1,000 groups" in str(binned[0].method)
    assert "Loess" in str(loess[0].method)
    assert binned[0].observed == pytest.approx(loess[0].observed, abs=0.01)
    assert binned[1].ici == pytest.approx(loess[1].ici, abs=0.004)
    assert binned[1].emax == pytest.approx(loess[1].emax, abs=0.02)


def test_standard_error_is_that_of_loess(drawn):
    from skmisc.loess import loess

    y, p = drawn(400)
    grid = np.quantile(p, np.linspace(0.05, 0.95, 30))
    model = loess(p, y.astype(float), degree=2, span=0.75)
    model.fit()
    fit = smoothing.smooth(y, p, grid)
    assert (fit.high - fit.low) / (2 * 1.96) == pytest.approx(model.predict(grid, stderror=True).stderr, rel=0.1)


def test_operator_reproduces_a_parabola():
    x = np.linspace(0, 1, 50)
    at = np.linspace(0.05, 0.95, 7)
    operator = smoothing.local_quadratic(x, np.ones(50), at)
    assert operator @ (2 - x + 3 * x**2) == pytest.approx(2 - at + 3 * at**2)


@pytest.mark.parametrize("n", [2000, 20_000])
def test_curve_of_right_risks_lies_on_the_diagonal(n):
    rng = np.random.default_rng(8)
    p = expit(rng.normal(-1, 1, n))
    y = (rng.random(n) < p).astype(int)
    curve = ev.calibration_curve(y, p)
    within = (curve.low <= curve.risk) & (curve.risk <= curve.high)
    assert within.mean() > 0.8
    assert ev.calibration_errors(y, p).ici < 0.03


def test_curve_shows_risks_that_are_too_high():
    rng = np.random.default_rng(9)
    p = rng.uniform(0.1, 0.9, 3000)
    y = (rng.random(p.size) < p / 2).astype(int)
    curve = ev.calibration_curve(y, p)
    assert (curve.high < curve.risk).mean() > 0.9
    assert ev.calibration_errors(y, p).ici == pytest.approx(0.25, abs=0.03)
    assert ev.calibration_in_the_large(y, p).high < 0


def test_few_distinct_risks_are_shown_as_points():
    y = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    p = np.array([0.2] * 4 + [0.7] * 4)
    curve = ev.calibration_curve(y, p)
    assert curve.risk.tolist() == [0.2, 0.7]
    assert curve.observed.tolist() == [0.25, 0.75]
    assert "distinct risk" in str(curve.method)
    assert ev.calibration_errors(y, p).ici == pytest.approx(0.05)


def test_curves_of_repeats_are_averaged(drawn):
    y, risks = drawn(300, repeats=3)
    together = ev.calibration(y, risks)[1]
    each = [ev.calibration(y, p)[1] for p in risks]
    assert together.ici == pytest.approx(np.mean([e.ici for e in each]), abs=1e-9)


def test_recalibrated_risks_have_level_0_and_slope_1(drawn):
    y, p = drawn(500)
    intercept, slope = ev.recalibration(y, p)
    q = expit(intercept.value + slope.value * logit(p))
    assert ev.calibration_in_the_large(y, q).value == pytest.approx(0, abs=1e-8)
    assert ev.calibration_slope(y, q).value == pytest.approx(1, abs=1e-8)
    assert ev.observed_expected(y, q) == pytest.approx(1)


def test_slope_of_many_rows_equals_the_careful_fit():
    from medtune.evaluation.logistic import fit_logistic

    rng = np.random.default_rng(3)
    eta = rng.normal(-2, 1.5, 120_000)
    y = (rng.random(eta.size) < expit(0.4 + 0.7 * eta)).astype(int)
    fit = fit_logistic(np.column_stack([np.ones(eta.size), eta]), y)
    slope = ev.calibration_slope(y, expit(eta))
    assert slope.value == pytest.approx(fit.beta[1], rel=1e-7)
    assert slope.high - slope.value == pytest.approx(1.959964 * fit.standard_errors[1], rel=1e-5)


def test_events_that_are_rarer_than_the_start_of_newton_are_fitted():
    y = np.zeros(100_000, dtype=int)
    y[[7, 70, 700, 7000]] = 1
    p = np.linspace(0.0001, 0.2, y.size)
    assert np.isfinite(ev.calibration_in_the_large(y, p).value)
    assert np.isfinite(ev.calibration_slope(y, p).value)
