"""Evaluating and comparing: shared work changes nothing, exchanging models turns the signs, odd input is survived."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medtune.evaluation as ev
from medtune.evaluation.performance import COMPARED
from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import from_json, to_json


def as_text(thing):
    return to_json(thing)


def test_shared_draws_and_headline_give_the_same_result(drawn):
    y, risks = drawn(150, repeats=2)
    other = np.clip(risks * 0.8, 0.01, 0.99)
    draws = ev.Resamples.draw(y.size, 120, seed=4)
    heads = [ev.headline(y, r, draws) for r in (risks, other)]
    alone = ev.evaluate(y, risks, resamples=120, seed=4)
    assert as_text(ev.evaluate(y, risks, draws=draws, head=heads[0])) == as_text(alone)
    shared = ev.compare(y, risks, other, draws=draws, original_head=heads[0], candidate_head=heads[1])
    assert as_text(shared) == as_text(ev.compare(y, risks, other, resamples=120, seed=4))


def test_performance_survives_json(drawn):
    y, p = drawn(80)
    performance = ev.evaluate(y, p, resamples=50)
    again = from_json(ev.Performance, to_json(performance))
    assert to_json(again) == to_json(performance)
    assert again.headline["auroc"].value == performance.headline["auroc"].value
    assert again.thresholds.estimate("ppv", 0.3).value == performance.thresholds.estimate("ppv", 0.3).value


def test_every_headline_number_is_there_with_its_interval(drawn):
    y, risks = drawn(200, repeats=2)
    performance = ev.evaluate(y, risks, resamples=100)
    assert (performance.n, performance.events) == (200, int(y.sum()))
    assert performance.threshold == pytest.approx(y.mean())
    for name, estimate in performance.headline.items():
        assert estimate.known, name
        # |slope - 1| is folded at 0, and distances from the curve have no interval.
        if name not in ("slope_distance", "ici", "e50", "e90", "emax", "eci"):
            assert estimate.low < estimate.value < estimate.high, name


def test_one_set_of_risks_has_delong_and_wald_intervals(drawn):
    y, p = drawn(200)
    headline = ev.evaluate(y, p, resamples=50).headline
    assert headline["auroc"] == ev.auroc_delong(y, p)
    assert headline["slope"] == ev.calibration_slope(y, p)
    assert headline["citl"] == ev.calibration_in_the_large(y, p)


def test_bootstrap_and_delong_agree(drawn):
    y, p = drawn(600)
    bootstrap = ev.evaluate(y, [p], resamples=1000).headline["auroc"]
    delong = ev.auroc_delong(y, p)
    assert (bootstrap.high - bootstrap.low) == pytest.approx(delong.high - delong.low, rel=0.15)


def test_risk_distribution_counts_everybody(drawn):
    y, risks = drawn(90, repeats=3)
    bars = ev.risk_distribution(y, risks)
    assert bars.events.sum() == pytest.approx(y.sum())
    assert bars.no_events.sum() == pytest.approx((1 - y).sum())
    assert bars.edges.size == bars.events.size + 1 == 41


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(4, 60))
def test_comparison_is_antisymmetric(seed, n):
    rng = np.random.default_rng(seed)
    y, a, b = rng.integers(0, 2, n), rng.random(n), rng.random(n)
    there, back = (ev.compare(y, *pair, threshold=0.3, resamples=60) for pair in ((a, b), (b, a)))
    assert there.t == pytest.approx(-back.t)
    for name in COMPARED:
        f, g = there.differences[name], back.differences[name]
        assert [f.value, f.low, f.high] == pytest.approx([-g.value, -g.high, -g.low], nan_ok=True)


def test_a_model_compared_with_itself_gains_nothing(drawn):
    y, p = drawn(60)
    comparison = ev.compare(y, p, p, resamples=50)
    assert comparison.t == 0
    assert (comparison.gain.value, comparison.gain.low, comparison.gain.high) == (0, 0, 0)


def test_t_is_the_paired_t(drawn):
    from scipy.stats import ttest_1samp

    y, p = drawn(100)
    q = np.clip(p * 0.7, 0.01, 1)
    gains = ev.patient_log_loss(y, p[None]) - ev.patient_log_loss(y, q[None])
    assert ev.compare(y, p, q, resamples=20).t == pytest.approx(ttest_1samp(gains, 0).statistic)
    assert ev.compare(y, p, q, resamples=20).gain.value == pytest.approx(gains.mean())


def test_t_of_repeating_patients_is_that_of_the_patients(drawn):
    y, p = drawn(100)
    q = np.clip(p * 0.7, 0.01, 1)
    once = ev.compare(y, p, q, resamples=20).t
    ids = np.tile(np.arange(100), 3)
    tripled = ev.compare(np.tile(y, 3), np.tile(p, 3), np.tile(q, 3), resamples=20, clusters=ids).t
    assert tripled == pytest.approx(once)


def test_better_risks_gain(drawn):
    y, p = drawn(400)
    worse = np.clip(1 - p, 0.01, 0.99)
    comparison = ev.compare(y, worse, p, resamples=100)
    assert comparison.t > 5
    assert comparison.gain.low > 0
    assert comparison.differences["auroc"].low > 0


DEGENERATE = {
    "only events": ([1, 1, 1], [0.2, 0.5, 0.9]),
    "no event": ([0, 0, 0, 0], [0.2, 0.5, 0.9, 0.1]),
    "all risks equal": ([0, 1, 0, 1, 0], [0.4] * 5),
    "one patient": ([1], [0.5]),
    "two patients": ([0, 1], [0.2, 0.6]),
    "risks 0 and 1": ([0, 1, 0, 1], [0.0, 1.0, 0.0, 1.0]),
    "risks 0 and 1, all wrong": ([1, 0, 1, 0], [0.0, 1.0, 0.0, 1.0]),
    "every risk 0": ([0, 1, 0], [0.0, 0.0, 0.0]),
    "ties at the boundary": ([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.5, 0.5, 0.8, 0.9]),
    "twelve risks": ([0, 1] * 6, np.linspace(0.1, 0.9, 12)),
    "mostly one risk": ([0, 1] * 50, [0.3] * 85 + list(np.linspace(0.05, 0.9, 15))),
    "one event among many": ([1] + [0] * 99, np.linspace(0, 1, 100)),
    "booleans": (np.array([True, False, True]), [0.7, 0.2, 0.4]),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_input_gives_values_or_none(case):
    y, p = DEGENERATE[case]
    y = np.asarray(y)
    performance = ev.evaluate(y, p, resamples=40)
    assert performance.headline["log_loss"].known
    assert performance.headline["brier"].known
    one_class = y.min() == y.max()
    assert performance.headline["auroc"].known != one_class
    assert performance.headline["citl"].known != one_class
    observed = performance.calibration.observed
    assert ((observed >= 0) & (observed <= 1)).all()
    assert (performance.calibration.low <= performance.calibration.high).all()
    assert isinstance(to_json(performance), str)
    repeated = ev.evaluate(y, [p, p], resamples=40)
    assert repeated.headline["brier"].value == pytest.approx(performance.headline["brier"].value)
    comparison = ev.compare(y, p, np.full(y.size, 0.5), resamples=40)
    assert np.isfinite(comparison.gain.value)


@pytest.mark.parametrize("case", ["all risks equal", "risks 0 and 1", "ties at the boundary", "two patients"])
def test_no_slope_where_none_exists(case):
    y, p = DEGENERATE[case]
    assert not ev.calibration_slope(y, p).known
    assert not ev.evaluate(y, p, resamples=40).headline["slope"].known


@pytest.mark.parametrize(
    ("y", "p", "match"),
    [
        ([0, 1], [0.1, np.nan], "1 of 2 risks are missing"),
        ([0, 1], [0.1, 20.0], "1 of 2 risks are outside 0 to 1"),
        ([0, 9], [0.1, 0.2], "1 of 2 outcomes are neither 0 nor 1"),
        ([0, np.nan], [0.1, 0.2], "1 of 2 outcomes are neither 0 nor 1"),
        (["no", "yes"], [0.1, 0.2], "they are not numbers"),
        ([0, 1, 1], [0.1, 0.2], "3 outcomes but risks for 2"),
        ([], [], "no patients"),
    ],
)
def test_what_cannot_be_evaluated_is_said_in_a_sentence(y, p, match):
    with pytest.raises(MedtuneError, match=match):
        ev.evaluate(y, p)


@pytest.mark.parametrize("threshold", [0, 1, -0.2, float("nan")])
def test_a_threshold_outside_its_limits_is_refused(threshold):
    with pytest.raises(MedtuneError, match="threshold must lie between 0 and 1"):
        ev.evaluate([0, 1], [0.2, 0.8], threshold=threshold)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(1, 3), st.sampled_from([1, 2, 8]))
def test_any_cohort_can_be_evaluated(seed, n, repeats, digits):
    rng = np.random.default_rng(seed)
    y, risks = rng.integers(0, 2, n), rng.random((repeats, n)).round(digits)
    performance = ev.evaluate(y, risks, resamples=20, seed=seed)
    values = {k: e.value for k, e in performance.headline.items()}
    assert values["log_loss"] >= 0
    assert 0 <= values["brier"] <= 1
    assert np.isnan(values["auroc"]) or 0 <= values["auroc"] <= 1
    assert to_json(performance) == to_json(ev.evaluate(y, risks, resamples=20, seed=seed))


def test_importing_the_room_does_not_import_the_heavy_ones():
    code = (
        "import sys, medtune.evaluation; "
        "print([m for m in ('sklearn', 'scipy.stats', 'statsmodels', 'skmisc', 'pandas') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
