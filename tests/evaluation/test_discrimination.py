"""AUROC, curves and their agreement with scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

import medtune.evaluation as ev

cohorts = st.integers(2, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 1), min_size=n, max_size=n),
        st.lists(st.integers(0, 1000).map(lambda k: k / 1000), min_size=n, max_size=n),
    )
)


@given(cohorts)
def test_auroc_depends_on_ranks_alone(cohort):
    y, p = map(np.array, cohort)
    # Cubing thousandths keeps their order and their ties.
    assert ev.auroc(y, p**3) == pytest.approx(ev.auroc(y, p), nan_ok=True)


@given(cohorts)
def test_turning_risks_round_turns_auroc_round(cohort):
    y, p = map(np.array, cohort)
    assert ev.auroc(y, 1 - p) == pytest.approx(1 - ev.auroc(y, p), nan_ok=True)


@given(cohorts)
def test_auroc_is_that_of_scikit_learn(cohort):
    y, p = map(np.array, cohort)
    if y.min() == y.max():
        assert np.isnan(ev.auroc(y, p))
    else:
        assert ev.auroc(y, p) == pytest.approx(roc_auc_score(y, p))
        assert ev.auroc_delong(y, p).value == pytest.approx(roc_auc_score(y, p))
        assert ev.precision_recall_curve(y, p).average_precision == pytest.approx(average_precision_score(y, p))


def test_auroc_of_repeats_is_the_mean_of_theirs(drawn):
    y, risks = drawn(80, repeats=3)
    assert ev.auroc(y, risks) == pytest.approx(np.mean([roc_auc_score(y, p) for p in risks]))


def test_roc_curve_rises_from_the_origin_within_its_band(drawn):
    y, risks = drawn(150, repeats=2)
    roc = ev.roc_curve(y, risks, ev.Resamples.draw(y.size, 100))
    assert roc.sensitivity[0] == 0
    assert roc.sensitivity[-1] == 1
    assert (np.diff(roc.sensitivity) >= -1e-12).all()
    assert (roc.low <= roc.sensitivity).all()
    assert (roc.sensitivity <= roc.high).all()
    assert 0.02 < (roc.high - roc.low)[20:120].mean() < 0.5


def test_area_under_the_drawn_curve_is_the_auroc(drawn):
    y, p = drawn(4000)
    roc = ev.roc_curve(y, p)
    assert np.trapezoid(roc.sensitivity, roc.false_positive_rate) == pytest.approx(ev.auroc(y, p), abs=0.002)


def test_precision_at_full_recall_of_useless_risks_is_the_prevalence():
    curve = ev.precision_recall_curve([1, 0, 0, 0], [0.3] * 4)
    assert (curve.precision == 0.25).all()
    assert curve.average_precision == curve.prevalence == 0.25


def test_perfect_separation_has_no_delong_interval():
    estimate = ev.auroc_delong([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    assert estimate.value == 1
    assert not estimate.bounded


def test_two_models_of_equal_ranks_cannot_be_told_apart(drawn):
    y, p = drawn(50)
    z, chance = ev.compare_auroc(y, p, p**2)
    assert z == 0
    assert np.isnan(chance)


def test_concordance_expected_from_right_risks_is_the_auroc_they_reach():
    rng = np.random.default_rng(1)
    p = rng.beta(2, 4, 60_000)
    y = rng.random(p.size) < p
    assert ev.model_based_concordance(p) == pytest.approx(ev.auroc(y, p), abs=0.01)


def test_concordance_equals_the_sum_over_pairs():
    p = np.array([0.1, 0.1, 0.4, 0.7, 0.7, 0.95])
    pairs = np.outer(p, 1 - p) * (1 - np.eye(p.size))
    ahead = (p[:, None] > p) + 0.5 * (p[:, None] == p)
    assert ev.model_based_concordance(p) == pytest.approx((pairs * ahead).sum() / pairs.sum())
