"""Harrell's optimism bootstrap and .632+ over models that are refitted to resamples."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

import medtune.evaluation as ev
from medtune.evaluation.logistic import expit, fit_logistic
from medtune.foundation.errors import MedtuneError


def refitted(X, y, resamples=60, seed=0):
    """Risks of a logistic model and of its refits, and how often each patient was drawn."""
    rng = np.random.default_rng(seed)
    counts = np.stack([np.bincount(rng.integers(0, y.size, y.size), minlength=y.size) for _ in range(resamples)])
    weights = [np.ones(y.size), *counts]
    ridge = np.full(X.shape[1], 0.1)
    return np.array([expit(X @ fit_logistic(X, y, weights=w, penalty=ridge).beta) for w in weights]), counts


def of_noise(seed):
    """Twelve columns that have nothing to do with the outcome of 150 patients."""
    rng = np.random.default_rng(seed)
    return np.column_stack([np.ones(150), rng.normal(size=(150, 12))]), rng.integers(0, 2, 150)


@pytest.fixture(scope="module")
def noise():
    return of_noise(3)


def test_a_model_of_noise_looks_good_on_its_patients_and_is_corrected_to_near_chance():
    found = [ev.optimism_corrected(y, *refitted(X, y, 40)) for X, y in map(of_noise, range(8))]
    apparent, corrected, plus = (
        np.mean([value(one["auroc"]) for one in found])
        for value in (lambda one: one.apparent, lambda one: one.corrected.value, lambda one: one.plus)
    )
    assert apparent > 0.63
    assert corrected == pytest.approx(0.5, abs=0.05)
    assert plus == pytest.approx(0.5, abs=0.05)
    for one in found:
        assert one["slope"].corrected.value < one["slope"].apparent
        assert one["log_loss"].corrected.value > one["log_loss"].apparent
        assert one["brier"].plus > one["brier"].apparent


def test_each_part_is_what_a_plain_loop_with_scikit_learn_gives(noise):
    X, y = noise
    risks, counts = refitted(X, y)
    found = ev.optimism_corrected(y, risks, counts)
    for name, measure in (("auroc", roc_auc_score), ("log_loss", log_loss), ("brier", brier_score_loss)):
        gaps = [measure(y, p, sample_weight=w) - measure(y, p) for p, w in zip(risks[1:], counts, strict=True)]
        own = [measure(y, p, sample_weight=w) for p, w in zip(risks[1:], counts, strict=True)]
        one = found[name]
        assert one.apparent == pytest.approx(measure(y, risks[0]))
        assert one.optimism == pytest.approx(np.mean(gaps))
        assert one.corrected.value == pytest.approx(one.apparent - np.mean(gaps))
        limits = np.quantile(own, [0.025, 0.975]) - np.mean(gaps)
        assert [one.corrected.low, one.corrected.high] == pytest.approx(limits)


def test_point_632_plus_is_its_formula(noise):
    X, y = noise
    risks, counts = refitted(X, y)
    loss = (y - risks[1:]) ** 2
    outside = np.mean([loss[counts[:, i] == 0, i].mean() for i in range(y.size)])
    apparent = np.mean((y - risks[0]) ** 2)
    nothing = np.mean([(a - b) ** 2 for a in y for b in risks[0]])
    overfitting = (outside - apparent) / (nothing - apparent)
    weight = 0.632 / (1 - 0.368 * min(overfitting, 1))
    expected = (1 - weight) * apparent + weight * min(outside, nothing)
    assert ev.optimism_corrected(y, risks, counts)["brier"].plus == pytest.approx(expected)


def test_a_model_that_does_not_learn_has_no_optimism_on_average():
    rng = np.random.default_rng(1)
    p = expit(rng.normal(0, 1.5, 400))
    y = (rng.random(400) < p).astype(int)
    counts = np.stack([np.bincount(rng.integers(0, 400, 400), minlength=400) for _ in range(200)])
    found = ev.optimism_corrected(y, np.tile(p, (201, 1)), counts)
    for one in found.values():
        assert one.optimism == pytest.approx(0, abs=0.02)
        assert one.corrected.low < one.apparent < one.corrected.high
        assert math.isnan(one.plus) or one.plus == pytest.approx(one.apparent, abs=0.02)


@given(st.integers(2, 25), st.integers(1, 6), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_few_patients_one_class_and_equal_risks_give_a_value_or_nothing(n, resamples, seed):
    rng = np.random.default_rng(seed)
    y, risks = rng.integers(0, 2, n), rng.choice([0.0, 0.2, 1.0], (1 + resamples, n))
    counts = np.stack([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(resamples)])
    for name, one in ev.optimism_corrected(y, risks, counts).items():
        if math.isfinite(one.apparent) and name != "slope":
            assert not one.corrected.bounded or one.corrected.low <= one.corrected.high
        assert math.isnan(one.plus) or one.plus >= 0


def test_counts_that_do_not_fit_are_one_sentence():
    with pytest.raises(MedtuneError, match="3 refitted models but counts for 2 resamples"):
        ev.optimism_corrected([0, 1], np.full((4, 2), 0.5), np.ones((2, 2), dtype=int))
