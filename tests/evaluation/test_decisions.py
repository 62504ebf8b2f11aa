"""Thresholds: counts add up, measures follow from them, and the choice of a threshold follows from its reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, matthews_corrcoef
from statsmodels.stats.proportion import proportion_confint

import medtune.evaluation as ev
from medtune.evaluation.confusion import MEASURES
from medtune.foundation.errors import MedtuneError
from tests.evaluation.test_discrimination import cohorts


@given(cohorts)
def test_threshold_table_adds_up_and_falls(cohort):
    y, p = map(np.array, cohort)
    table = ev.threshold_table(y, p)
    assert table.tp + table.fp + table.fn + table.tn == pytest.approx(np.full(101, y.size))
    assert (np.diff(table.tp) <= 0).all()
    assert (np.diff(table.fp) <= 0).all()
    assert table.tp[0] == y.sum()
    assert table.fp[0] == (1 - y).sum()
    assert np.array_equal(table.measures["flagged"][0], (p >= table.threshold[:, None]).mean(axis=1))
    assert set(table.measures) == set(MEASURES)


@given(cohorts, st.integers(1, 99))
def test_table_agrees_with_counting_at_any_threshold(cohort, percent):
    y, p = map(np.array, cohort)
    table = ev.threshold_table(y, p)
    row = table.row(percent / 100)
    positive = (p >= percent / 100).astype(int)
    assert row == percent
    assert table.measures["f1"][0, row] == pytest.approx(f1_score(y, positive) if y.any() else np.nan, nan_ok=True)
    both = np.unique([y, positive]).size > 1  # scikit-learn warns where there is one value in all, and says 0
    assert table.measures["mcc"][0, row] == pytest.approx(matthews_corrcoef(y, positive) if both else 0.0)


def test_intervals_contain_their_value_and_stay_within_limits(drawn):
    y, risks = drawn(120, repeats=3)
    table = ev.threshold_table(y, risks, ev.Resamples.draw(y.size, 200))
    for name, (value, low, high) in table.measures.items():
        known = np.isfinite(low)
        assert known.any(), name
        assert (low <= value)[known].all(), name
        assert (value <= high)[known].all(), name
        if name not in ("lr_positive", "lr_negative", "net_benefit", "mcc"):
            assert low[known].min() >= 0, name
            assert high[known].max() <= 1, name


def test_repeating_patients_get_bootstrap_intervals_throughout(drawn):
    y, p = drawn(100)
    ids = np.tile(np.arange(100), 4)
    y, p = np.tile(y, 4), np.tile(p, 4)
    plain, tied = (ev.threshold_table(y, p, ev.Resamples.draw(400, 300, clusters=c)) for c in (None, ids))
    width = [np.diff(t.measures["sensitivity"][1:, 30])[0] for t in (plain, tied)]
    assert width[1] > 1.5 * width[0]


def test_nobody_flagged_leaves_no_precision_and_no_benefit():
    table = ev.threshold_table([0, 1, 0], [0.1, 0.2, 0.3])
    assert np.isnan(table.measures["ppv"][0, 50])
    assert table.measures["net_benefit"][0, 50] == 0
    assert table.measures["sensitivity"][0, 50] == 0


@given(st.integers(0, 200), st.integers(1, 200))
def test_wilson_and_clopper_pearson_are_those_of_statsmodels(count, total):
    count = min(count, total)
    for ours, name in ((ev.wilson, "wilson"), (ev.clopper_pearson, "beta")):
        low, high = ours(count, total)
        expected = proportion_confint(count, total, method=name)
        assert (low, high) == pytest.approx(np.nan_to_num(expected, nan=1.0 if count else 0.0), abs=1e-9)


def test_no_trials_no_limits():
    assert np.isnan(ev.wilson(0, 0)).all()
    assert np.isnan(ev.clopper_pearson(0, 0)).all()


def test_decision_curve_of_everybody_flagged_is_treat_all():
    y = np.array([1, 0, 0, 1, 0])
    curve = ev.decision_curve(y, np.full(5, 0.9))
    assert curve.net_benefit[0, :90] == pytest.approx(curve.treat_all[:90])
    assert curve.avoided[0, 1:90] == pytest.approx(np.zeros(89), abs=1e-9)
    assert (curve.treat_none == 0).all()


def test_perfect_risks_avoid_every_needless_intervention():
    y = np.array([1, 0, 0, 1])
    curve = ev.decision_curve(y, y.astype(float))
    assert curve.net_benefit[0, 50] == pytest.approx(0.5)
    assert curve.avoided[0, 50] == pytest.approx(50)


def test_threshold_by_consequence():
    assert ev.threshold_by_consequence(9) == pytest.approx(0.1)
    with pytest.raises(MedtuneError, match="must be above 0"):
        ev.threshold_by_consequence(0)


@given(st.lists(st.integers(0, 20).map(lambda k: k / 20), min_size=1, max_size=50), st.integers(0, 60))
def test_threshold_by_capacity_is_the_lowest_that_fits(risks, alerts):
    p = np.array(risks)
    t = ev.threshold_by_capacity(p, alerts, p.size)
    assert (p >= t).sum() <= alerts
    lower = p[p < t]
    if lower.size:
        assert (p >= lower.max()).sum() > alerts


def test_predictive_values_at_another_prevalence_follow_bayes():
    ppv, npv = ev.at_prevalence(0.9, 0.8, 0.01)
    assert ppv == pytest.approx(0.009 / (0.009 + 0.198))
    assert npv == pytest.approx(0.792 / (0.792 + 0.001))
    assert np.isnan(ev.at_prevalence(1.0, 1.0, 0.0)[0])
