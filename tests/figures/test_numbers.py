"""What leaves a plot as numbers: every point with its limits, small counts withheld."""

import numpy as np
import pytest

from medtune.evaluation.decisions import threshold_table
from medtune.figures.numbers import numbers as numbers_of
from medtune.figures.numbers import of_classes, of_confusion, of_estimates
from medtune.figures.theme import LIGHT
from medtune.foundation.estimate import Estimate
from tests.figures.test_every_figure import RESULTS


def test_a_curve_comes_with_its_limits_in_the_units_of_its_axes(gallery, updated):
    heads, rows = numbers_of(gallery["roc"](LIGHT))
    assert heads[1:] == ["1 − specificity, %", "Sensitivity, %", "Lower 95% limit", "Upper 95% limit"]
    own = [row for row in rows if row[0] == "Averaged update"]
    assert len(own) == 201
    _, x, y, low, high = own[100]
    assert x == pytest.approx(50)
    assert y == pytest.approx(100 * updated.roc.sensitivity[100], abs=1e-5)
    assert (low, high) == pytest.approx((100 * updated.roc.low[100], 100 * updated.roc.high[100]), abs=1e-5)


def test_net_benefit_is_no_share_and_stays_as_it_is(gallery, updated):
    _, rows = numbers_of(gallery["decision_curve"](LIGHT))
    at = next(row for row in rows if row[0] == "Averaged update" and row[1] == pytest.approx(20))
    assert at[2] == pytest.approx(updated.thresholds.measures["net_benefit"][0, 20], abs=1e-5)


@pytest.mark.parametrize("name", ["distribution", "calibration"])
def test_few_patients_in_a_bar_are_not_counted(gallery, updated, name):
    _, rows = numbers_of(gallery[name](LIGHT))
    counts = [row[2] for row in rows if row[0].startswith("Patients")]
    assert len(counts) == 80
    true = np.concatenate([updated.distribution.events, updated.distribution.no_events])
    assert counts.count("<5") == ((true > 0) & (true < 5)).sum() > 0
    assert sorted(c for c in counts if c != "<5") == sorted(true[(true == 0) | (true >= 5)])


@pytest.mark.parametrize("name", [name for name in RESULTS if name not in ("confusion", "number_line", "forest")])
def test_every_plot_with_curves_or_bars_has_numbers(gallery, name):
    heads, rows = numbers_of(gallery[name](LIGHT))
    assert len(rows) > 20
    assert {len(row) for row in rows} == {len(heads)}


def test_a_small_cell_of_the_matrix_cannot_be_had_from_its_row():
    y = np.repeat([1, 0], [20, 60])
    p = np.concatenate([np.repeat([0.8, 0.2], [17, 3]), np.repeat([0.8, 0.2], [10, 50])])
    heads, rows = of_confusion(threshold_table(y, p), 50)
    assert heads == ["What happened", "Flagged", "Not flagged", "All"]
    assert rows == [["Event", "<5", "<5", 20.0], ["No event", 10.0, 50.0, 60.0]]


def test_named_estimates_leave_a_cell_empty_where_there_is_no_limit():
    heads, rows = of_estimates([("a", Estimate(0.5))], "Column")
    assert heads[0] == "Column"
    assert rows == [["a", 0.5, "", ""]]


def test_classes_are_told_pair_by_pair_and_small_counts_are_not():
    heads, rows = of_classes(("a", "b"), np.array([[40.0, 2.0], [0.0, 7.5]]))
    assert heads == ["Truth", "Most likely class", "Patients"]
    assert rows == [["a", "a", 40.0], ["a", "b", "<5"], ["b", "a", 0.0], ["b", "b", 7.5]]
