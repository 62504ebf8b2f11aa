"""What a threshold asks of a ward, and what it would mean for patients among whom the event is rarer."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medtune.evaluation as ev
from medtune.foundation.errors import MedtuneError
from tests.evaluation.test_discrimination import cohorts


def test_alerts_for_each_true_case_are_the_inverse_of_ppv(local):
    y, p, _ = local
    table = ev.threshold_table(y, p)
    asked = ev.workload(table, 30)
    flagged = p >= 0.30
    assert asked.alerts_per_case.value == pytest.approx(flagged.sum() / (flagged & (y == 1)).sum())
    assert asked.alerts_per_case.low == pytest.approx(1 / asked.ppv.high)
    assert asked.flagged.value == pytest.approx(flagged.mean())


def test_nobody_flagged_has_no_alerts_for_a_case():
    table = ev.threshold_table([0, 1, 0], [0.1, 0.2, 0.3])
    assert not ev.workload(table, 90).alerts_per_case.known


@given(cohorts, st.integers(0, 50))
def test_capacity_takes_the_lowest_threshold_of_the_table_that_fits(cohort, alerts):
    y, p = map(np.array, cohort)
    table = ev.threshold_table(y, p)
    row = ev.row_for_capacity(table, alerts, 50)
    share = (p >= table.threshold[:, None]).mean(axis=1)
    fits = np.flatnonzero(share <= alerts / 50 + 1e-12)
    assert row == (fits[0] if fits.size else 100)


def test_capacity_without_patients_is_refused():
    with pytest.raises(MedtuneError, match="patients above 0"):
        ev.row_for_capacity(ev.threshold_table([0, 1], [0.1, 0.9]), 3, 0)


def test_at_the_own_prevalence_predictive_values_are_those_of_the_table(local):
    y, p, _ = local
    table = ev.threshold_table(y, p)
    ppv, npv = ev.predictive_values(table, 30, float(y.mean()))
    assert ppv.value == pytest.approx(table.measures["ppv"][0, 30])
    assert npv.value == pytest.approx(table.measures["npv"][0, 30])
    assert ppv.low < ppv.value < ppv.high
    assert npv.low < npv.value < npv.high


def test_a_rarer_event_lowers_ppv_by_bayes_rule():
    # 90 of 100 with the event flagged, 20 of 100 without: the textbook example at a prevalence of 1%.
    y = np.repeat([1, 0], 100)
    p = np.concatenate([np.repeat([0.8, 0.2], [90, 10]), np.repeat([0.8, 0.2], [20, 80])])
    ppv, npv = ev.predictive_values(ev.threshold_table(y, p), 50, 0.01)
    assert ppv.value == pytest.approx(0.009 / (0.009 + 0.198))
    assert npv.value == pytest.approx(0.792 / (0.792 + 0.001))
    odds, ratio = 1 / 99, 4.5
    reach = math.exp(1.959963984540054 * math.sqrt(1 / 90 - 1 / 100 + 1 / 20 - 1 / 100))
    low, high = ratio / reach, ratio * reach
    assert (ppv.low, ppv.high) == pytest.approx((odds * low / (1 + odds * low), odds * high / (1 + odds * high)))


@pytest.mark.parametrize("prevalence", [0.0, 1.0, -0.1])
def test_an_impossible_prevalence_is_refused(prevalence):
    with pytest.raises(MedtuneError, match="between 0 and 100%"):
        ev.predictive_values(ev.threshold_table([0, 1], [0.1, 0.9]), 50, prevalence)
