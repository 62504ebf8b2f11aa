"""Columns ranked one by one, against scipy, and the false discovery rate against its definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from medtune.evaluation.ranking import false_discovery, rank_columns, strength


def columns(seed: int, classes: int = 2, n: int = 40, p: int = 30):
    """Columns of which the first five differ between classes, with unequal spreads."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % classes)
    X = rng.normal(size=(n, p)) * (1 + 0.5 * y[:, None])
    X[:, :5] += 1.5 * y[:, None]
    return X, y


@given(st.integers(0, 10**6))
def test_two_classes_give_the_t_of_welch(seed):
    X, y = columns(seed)
    found, known = rank_columns(X, y), stats.ttest_ind(X[y == 1], X[y == 0], equal_var=False)
    np.testing.assert_allclose(found.statistic, known.statistic, rtol=1e-9)
    np.testing.assert_allclose(found.p_value, known.pvalue, rtol=1e-7, atol=1e-300)
    np.testing.assert_allclose(found.difference, X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0))


@given(st.integers(0, 10**6))
def test_three_classes_give_the_f_of_welch(seed):
    from statsmodels.stats.oneway import anova_oneway

    X, y = columns(seed, classes=3, p=4)
    found = rank_columns(X, y)
    for at in range(4):
        known = anova_oneway(X[:, at], y, use_var="unequal")
        np.testing.assert_allclose(found.statistic[at], known.statistic, rtol=1e-8)
        np.testing.assert_allclose(found.p_value[at], known.pvalue, rtol=1e-6)


def test_a_column_that_does_not_vary_is_no_finding():
    X, y = columns(0)
    X[:, 7] = 3.0
    found = rank_columns(X, y)
    assert (found.statistic[7], found.p_value[7], found.difference[7]) == (0, 1, 0)
    assert np.isfinite(found.q_value).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_the_false_discovery_rate_is_that_of_benjamini_and_hochberg(p_values):
    p = np.array(p_values)
    np.testing.assert_allclose(false_discovery(p), stats.false_discovery_control(p), atol=1e-12)


def test_in_noise_hardly_a_column_is_reported():
    rng = np.random.default_rng(1)
    found = rank_columns(rng.normal(size=(60, 5000)), np.arange(60) % 2)
    assert (found.p_value < 0.05).mean() < 0.06
    assert (found.q_value < 0.05).sum() <= 1


def test_the_order_is_that_of_the_statistic():
    X, y = columns(3)
    np.testing.assert_allclose(strength(X, y), rank_columns(X, y).statistic ** 2)
