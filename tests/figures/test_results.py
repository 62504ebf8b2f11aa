"""Figures of results: what is drawn is what the records say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.evaluation.decisions import ThresholdTable, decision_curve_of
from medtune.figures.calibration import calibration
from medtune.figures.candidates import forest
from medtune.figures.decisions import confusion
from medtune.figures.theme import DARK, LIGHT, model_style
from medtune.figures.verdict import MEASURES, number_line, tone
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say
from medtune.tuning.candidates import Candidate


def words(figure) -> str:
    return " | ".join(note.text for note in figure.layout.annotations)


def trace(figure, name: str):
    return next(trace for trace in figure.data if trace.name == name)


def line_of(trace) -> tuple:
    return trace.line.color, trace.line.dash, trace.line.width


def test_roc_and_calibration_are_squares_from_0_to_1_with_the_same_ticks(gallery):
    figures = [gallery[name](LIGHT) for name in ("roc", "calibration")]
    for figure in figures:
        assert figure.layout.xaxis.range == figure.layout.yaxis.range == (0, 1)
        assert figure.layout.xaxis.ticktext == figure.layout.yaxis.ticktext == ("0", "20", "40", "60", "80", "100")
        assert figure.layout.yaxis.scaleanchor == "x"
        assert figure.data[0].line.dash == "dot"
        assert list(figure.data[0].x) == list(figure.data[0].y) == [0, 1]
    first, second = (figure.layout for figure in figures)
    assert first.yaxis.domain == second.yaxis.domain
    assert first.margin.b == second.margin.b


@pytest.mark.parametrize("name", ["roc", "calibration", "decision_curve"])
def test_models_keep_their_colour_and_dash_and_the_chosen_one_is_on_top(gallery, name):
    for theme in (LIGHT, DARK):
        figure = gallery[name](theme)
        for key, title, chosen in (("original", "Original", False), ("averaged", "Averaged update", True)):
            style = model_style(key, chosen, theme)
            assert line_of(trace(figure, title)) == (style.color, style.dash, style.width)
        drawn = [t.name for t in figure.data]
        assert drawn.index("Averaged update") > drawn.index("Original")


def test_roc_writes_each_auroc_with_two_decimals_and_its_interval(gallery, original, updated):
    text = words(gallery["roc"](LIGHT))
    for made in (original, updated):
        auroc = made.headline["auroc"]
        assert f"{auroc.value:.2f} ({auroc.low:.2f} to {auroc.high:.2f})" in text


def test_roc_marks_stand_at_the_threshold_of_the_table(gallery, updated):
    mark = gallery["roc"](LIGHT).data[-1]
    assert mark.y[0] == pytest.approx(updated.thresholds.measures["sensitivity"][0, 33])
    assert 1 - mark.x[0] == pytest.approx(updated.thresholds.measures["specificity"][0, 33])


def test_calibration_names_slope_and_intercept_and_the_smoother(gallery, updated):
    figure = gallery["calibration"](LIGHT)
    slope, intercept = updated.headline["slope"], updated.headline["citl"]
    minus = "\N{MINUS SIGN}"
    assert f"slope {slope.value:.2f} ({slope.low:.2f} to {slope.high:.2f})" in words(figure)
    assert f"intercept {intercept.value:.2f}".replace("-", minus) in words(figure)
    assert "Loess" in figure.layout.xaxis.title.text


def test_calibration_shows_the_risks_of_the_chosen_model_beneath(gallery, updated):
    figure = gallery["calibration"](LIGHT)
    events, others = trace(figure, "with the event"), trace(figure, "without the event")
    np.testing.assert_allclose(events.y, updated.distribution.events)
    np.testing.assert_allclose(others.y, -np.asarray(updated.distribution.no_events))
    assert (events.marker.color, others.marker.color) == (LIGHT.event, LIGHT.no_event)
    assert figure.layout.yaxis2.domain[1] < figure.layout.yaxis.domain[0]
    assert figure.layout.xaxis.anchor == "y2"


def test_a_model_with_one_risk_for_all_is_a_point_on_the_calibration_plot(patients):
    from medtune.evaluation.performance import evaluate

    y = patients[0]
    made = evaluate(y, np.full(len(y), y.mean()), resamples=20)
    drawn = trace(calibration([("prevalence", "P", made, False)], LIGHT), "P")
    assert drawn.mode == "markers"
    assert drawn.y[0] == pytest.approx(y.mean(), abs=1e-6)


def test_distribution_mirrors_shares_that_add_up_to_one_per_group(gallery, updated):
    figure = gallery["distribution"](LIGHT)
    events, others = figure.data
    assert sum(events.y) == pytest.approx(1)
    assert sum(others.y) == pytest.approx(-1)
    assert min(events.y) >= 0 >= max(others.y)
    assert f"n = {updated.events}" in words(figure)
    assert f"n = {updated.n - updated.events}" in words(figure)
    assert all("−" not in tick and "-" not in tick for tick in figure.layout.yaxis.ticktext)


def a_table(tp: float, fp: float, fn: float, tn: float) -> ThresholdTable:
    return ThresholdTable(np.array([0.3]), *(np.array([count]) for count in (tp, fp, fn, tn)), measures={})


def test_confusion_has_truth_as_rows_with_percentages_of_the_row():
    figure = confusion(a_table(80, 58, 26, 130), 0, LIGHT)
    notes = [note.text for note in figure.layout.annotations]
    assert [n for n in notes if n.startswith("<b>") and n[3].isdigit()] == [
        "<b>80</b>",
        "<b>26</b>",
        "<b>58</b>",
        "<b>130</b>",
    ]
    assert [n for n in notes if n.endswith("%")] == ["75.5%", "24.5%", "30.9%", "69.1%"]
    assert "<b>Event</b>, n = 106" in notes
    assert "Rows: what happened" in notes[-1]
    high = {n.text: n.y for n in figure.layout.annotations}
    assert high["<b>80</b>"] == high["<b>26</b>"] > high["<b>58</b>"] == high["<b>130</b>"]


@settings(max_examples=20, deadline=None)
@given(repeats=st.integers(1, 20), hits=st.integers(0, 400), events=st.integers(20, 30))
def test_mean_counts_are_rounded_so_that_a_row_keeps_its_sum(repeats, hits, events):
    tp = min(hits / repeats, events)
    notes = [n.text for n in confusion(a_table(tp, 1.5, events - tp, 8.5), 0, LIGHT).layout.annotations]
    cells = [int(n[3:-4]) for n in notes if n.startswith("<b>") and n[3].isdigit()]
    assert sum(cells[:2]) == events
    assert sum(cells[2:]) == 10
    assert min(cells) >= 0


def test_percentages_are_those_of_the_mean_counts_as_in_the_table_beside():
    notes = [n.text for n in confusion(a_table(57.6, 26, 22.4, 130), 0, LIGHT).layout.annotations]
    assert [n for n in notes if n.endswith("%")][:2] == ["72.0%", "28.0%"]
    assert [n for n in notes if n.startswith("<b>") and n[3].isdigit()][:2] == ["<b>58</b>", "<b>22</b>"]


def test_treat_all_and_none_are_those_of_the_evaluation(gallery, updated):
    figure, expected = gallery["decision_curve"](LIGHT), decision_curve_of(updated.thresholds)
    everyone = trace(figure, "Treat all")
    np.testing.assert_allclose(everyone.y, expected.treat_all[expected.threshold < 1], atol=1e-12)
    assert set(trace(figure, "Treat none").y) == {0}
    assert everyone.line.color == trace(figure, "Treat none").line.color == LIGHT.reference
    np.testing.assert_allclose(trace(figure, "Averaged update").y, updated.thresholds.measures["net_benefit"][0])


def test_threshold_curves_mark_the_one_threshold(gallery, updated):
    figure = gallery["threshold_curves"](LIGHT)
    for name, key in (("Sensitivity", "sensitivity"), ("Specificity", "specificity")):
        drawn = trace(figure, name)
        np.testing.assert_allclose(drawn.y, updated.thresholds.measures[key][0])
        assert np.flatnonzero(drawn.marker.size).tolist() == [33]
    assert len({trace(figure, n).line.dash for n in ("Sensitivity", "Specificity", "Positive predictive value")}) == 3
    line = figure.layout.shapes[0]
    assert line.x0 == line.x1 == pytest.approx(0.33)
    assert "threshold 33.0%" in words(figure)


limits = st.floats(-1, 1, allow_nan=False)


@given(ends=st.tuples(limits, limits, limits), theme=st.sampled_from([LIGHT, DARK]))
def test_a_difference_is_green_only_when_its_interval_excludes_zero_on_the_better_side(ends, theme):
    low, value, high = sorted(ends)
    look = tone(Estimate(value, low, high), theme)
    assert (look.color == theme.accent) == (low > 0)
    assert (look.color == theme.event) == (high < 0)
    assert look.symbol == ("diamond" if low > 0 else "triangle-left" if high < 0 else "circle-open")
    assert tone(Estimate(value), theme).color == theme.muted


def test_number_line_puts_better_on_the_right_for_every_measure():
    better = {"log_loss": -0.02, "auroc": 0.02, "slope_distance": -0.1, "net_benefit": 0.01, "brier": -0.01}
    better |= {"hand_till": 0.03, "macro_recall": 0.02}
    figure = number_line({k: Estimate(v, 0.5 * v, 1.5 * v).scaled(1) for k, v in better.items()}, LIGHT)
    points = [t for t in figure.data if t.mode == "markers"]
    assert len(points) == len(MEASURES)
    assert all(point.x[0] > 0 and point.marker.color == LIGHT.accent for point in points)
    rows = [point.y[0] for point in points]
    assert rows == sorted(rows, reverse=True)
    zero = figure.layout.shapes[0]
    assert zero.x0 == zero.x1 == 0
    assert "better →" in words(figure)
    assert "−0.020" in words(figure)
    assert "+0.020" in words(figure)


def test_number_line_stretches_each_row_to_its_own_range():
    figure = number_line({"log_loss": Estimate(-0.2, -0.3, -0.1), "auroc": Estimate(0.001, -0.002, 0.004)}, LIGHT)
    reach = [max(abs(x) for x in t.x) for t in figure.data if t.mode == "lines"]
    assert reach == [1, 1]


def test_number_line_prints_a_difference_that_cannot_be_had_as_a_dash():
    figure = number_line({"log_loss": Estimate(-0.2, -0.3, -0.1), "slope_distance": Estimate(float("nan"))}, LIGHT)
    assert "<b>–</b>" in words(figure)
    assert len([t for t in figure.data if t.mode == "markers"]) == 1


def a_candidate(key: str, gain: Estimate | None, comparison, offered: bool = True) -> Candidate:
    made = None if gain is None else type(comparison)(t=1.0, gain=gain, differences={})
    return Candidate(key, offered, why_not=None if offered else say("Too few."), comparison=made)


@pytest.mark.parametrize(("low", "color"), [(0.004, LIGHT.accent), (-0.004, LIGHT.muted)])
def test_forest_keeps_teal_for_a_chosen_candidate_that_is_clearly_better(comparison, low, color):
    made = [a_candidate("original", None, comparison), a_candidate("averaged", Estimate(0.02, low, 0.04), comparison)]
    figure = forest(made, LIGHT, chosen="averaged")
    point = trace(figure, "averaged")
    assert point.marker.color == color
    assert point.marker.symbol.endswith("-open") == (low < 0)
    assert "<b>Averaged update</b>" in words(figure)


def test_forest_keeps_the_order_given_and_says_who_is_not_offered(comparison):
    made = [
        a_candidate("original", None, comparison),
        a_candidate("averaged", Estimate(0.02, 0.01, 0.03), comparison),
        a_candidate("intercept", Estimate(0.01, -0.01, 0.03), comparison),
        a_candidate("refit", None, comparison, offered=False),
    ]
    figure = forest(made, LIGHT)
    assert [t.name for t in figure.data if t.mode == "markers"] == ["averaged", "intercept"]
    heads = [n.text for n in figure.layout.annotations if n.xanchor == "left"]
    assert heads == ["Original", "Averaged update", "Intercept update", "Refit"]
    assert "reference" in words(figure)
    assert "not offered" in words(figure)
    assert trace(figure, "intercept").marker.color == LIGHT.recalibrated


def test_forest_does_not_let_prevalence_squeeze_the_updates(comparison):
    near = a_candidate("averaged", Estimate(0.02, 0.01, 0.03), comparison)
    far = a_candidate("scratch", Estimate(-2.0, -2.5, -1.5), comparison)
    figure = forest([near, far], LIGHT)
    assert figure.layout.xaxis.range[0] > -0.1
    arrow = [t for t in figure.data if t.mode == "lines+markers"][1]
    assert arrow.marker.symbol[0] == "triangle-left"
    assert arrow.marker.size[0] > 0
    assert "−2.000 (−2.500 to −1.500)" in words(figure)
