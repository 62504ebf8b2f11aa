"""Figures of an explanation: columns ranked, values in words, sums that add up."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.explanation.nomogram import Mark, Nomogram, Scale
from medtune.figures.explanation import beeswarm, dependence, importance, waterfall
from medtune.figures.nomogram import nomogram
from medtune.figures.swarm import POINTS_DRAWN, swarm
from medtune.figures.theme import DARK, LIGHT
from medtune.foundation.estimate import Estimate
from tests.figures.conftest import an_explanation


def notes(figure, side: str) -> list[str]:
    """Words at one side of the rows, from top to bottom."""
    found = [note for note in figure.layout.annotations if note.xanchor == side and note.yref == "y"]
    return [note.text for note in sorted(found, key=lambda note: note.y)]


def test_importance_is_sorted_with_whiskers(explanation):
    figure = importance(explanation, LIGHT)
    bars = figure.data[0]
    assert list(bars.x) == sorted(bars.x, reverse=True)
    assert notes(figure, "left")[0] == "age"
    first = explanation.importance["age"]
    np.testing.assert_allclose(bars.error_x.array[0], first.high - first.value)
    np.testing.assert_allclose(bars.error_x.arrayminus[0], first.value - first.low)
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first row on top


@pytest.mark.parametrize(("columns", "bars"), [(15, 15), (16, 15), (40, 15)])
def test_importance_draws_at_most_15_bars_the_others_last(columns, bars):
    made = an_explanation(columns, 20)
    figure = importance(made, LIGHT)
    assert len(figure.data[0].x) == bars
    sizes = sorted((e.value for e in made.importance.values()), reverse=True)
    if columns > 15:
        assert notes(figure, "left")[-1] == f"<i>other {columns - 14} columns</i>"
        assert figure.data[0].x[-1] == pytest.approx(sum(sizes[14:]))
        assert figure.data[0].error_x.array[-1] == 0
        assert figure.data[0].marker.color[-1] == LIGHT.reference


def test_very_many_other_columns_do_not_squeeze_the_bars():
    made = an_explanation(60, 20)
    alike = {name: Estimate(0.2, 0.1, 0.3) for name in made.columns}
    figure = importance(replace(made, importance=alike), LIGHT)
    assert figure.data[0].x[-1] == 0
    assert notes(figure, "right")[-1] == "9.20, no bar"
    assert 0.3 <= figure.layout.xaxis.range[1] < 0.5


@given(st.lists(st.floats(-5, 5, allow_nan=False, width=32), min_size=1, max_size=300))
def test_a_swarm_stays_in_its_row_and_points_in_one_stack_stand_apart(values):
    x = np.array(values)
    y = swarm(x, bins=20)
    assert np.abs(y).max() <= 0.28 + 1e-9
    low, high = x.min(), x.max()
    part = np.zeros(len(x)) if high <= low else np.floor((x - low) / (high - low) * (20 - 1e-9))
    for stack in np.unique(part):
        assert len(np.unique(y[part == stack])) == np.count_nonzero(part == stack)


def test_swarm_of_nobody_is_empty():
    assert swarm(np.array([])).size == 0


def test_beeswarm_colours_numbers_by_one_hue_and_levels_by_colour_and_marker(explanation):
    figure = beeswarm(explanation, LIGHT)
    traces = {t.name: t for t in figure.data}
    assert next(iter(traces)) == "age"
    age = traces["age"]
    assert age.marker.coloraxis == "coloraxis"
    values = explanation.values[:, 0]
    assert np.argmax(age.marker.color) == np.argmax(values)
    assert [tone for _, tone in figure.layout.coloraxis.colorscale] == [LIGHT.low, LIGHT.high]
    sex, levels = traces["sex"], explanation.values[:, 1].astype(int)
    assert list(sex.marker.color) == [LIGHT.levels[i] for i in levels]
    assert len(set(sex.marker.symbol)) == 2
    np.testing.assert_allclose(sex.x, explanation.contributions[:, 1], rtol=1e-5)


def test_beeswarm_shows_missing_values_as_open_quiet_circles(explanation):
    cholesterol = {t.name: t for t in beeswarm(explanation, DARK).data}["cholesterol"]
    missing = np.isnan(explanation.values[:, 3])
    assert {cholesterol.marker.symbol[i] for i in np.flatnonzero(missing)} == {"circle-open"}
    assert {cholesterol.marker.color[i] for i in np.flatnonzero(missing)} == {DARK.muted}
    assert {cholesterol.text[i] for i in np.flatnonzero(missing)} == {"missing"}
    assert "circle-open" not in {cholesterol.marker.symbol[i] for i in np.flatnonzero(~missing)}


def test_beeswarm_draws_no_more_points_than_a_browser_bears_and_says_so():
    made = an_explanation(30, 1000)
    figure = beeswarm(made, LIGHT)
    assert sum(len(t.x) for t in figure.data) <= POINTS_DRAWN
    text = " ".join(note.text for note in figure.layout.annotations)
    assert "321 of 1\u202f000 patients drawn" in text
    assert "16 columns of less weight" in text
    drawn = figure.data[0].customdata[:, 0].astype(int)
    assert {int(np.argmin(made.risk)), int(np.argmax(made.risk))} <= set(drawn.tolist())
    np.testing.assert_array_equal(figure.data[0].customdata[:, 1], made.rows[drawn])


def test_dependence_draws_each_value_against_its_contribution(explanation):
    figure = dependence(explanation, "age", LIGHT, units={"age": "y"})
    np.testing.assert_allclose(figure.data[0].x, explanation.values[:, 0])
    np.testing.assert_allclose(figure.data[0].y, explanation.contributions[:, 0])
    assert figure.layout.xaxis.title.text == "age, y"


def test_dependence_gives_missing_values_a_place_right_of_all_others(explanation):
    figure = dependence(explanation, "cholesterol", LIGHT)
    missing = np.isnan(explanation.values[:, 3])
    x = np.asarray(figure.data[0].x)
    assert x[missing].min() == x[missing].max() > x[~missing].max()
    assert figure.layout.xaxis.ticktext[-1] == "missing"
    assert figure.layout.xaxis.tickvals[-1] == x[missing][0]


def test_dependence_of_a_category_is_a_strip_for_each_level_with_its_n(explanation):
    figure = dependence(explanation, "chest_pain", LIGHT)
    levels = explanation.values[:, 2]
    assert np.abs(np.asarray(figure.data[0].x) - levels).max() < 0.5
    first = int((levels == 0).sum())
    assert figure.layout.xaxis.ticktext[0].endswith(f"n = {first}")
    assert len(figure.layout.xaxis.ticktext) == 4


def test_waterfall_leads_from_the_start_to_this_patients_risk(explanation):
    figure = waterfall(explanation, 4, LIGHT, units={"age": "y"})
    bars = figure.data[0]
    assert bars.base[0] == pytest.approx(explanation.baseline)
    np.testing.assert_allclose(bars.base[1:], (np.array(bars.base, dtype=float) + bars.x)[:-1])
    end = bars.base[-1] + bars.x[-1]
    assert 1 / (1 + np.exp(-end)) == pytest.approx(explanation.risk[4])
    sizes = np.abs(bars.x)
    assert list(sizes) == sorted(sizes, reverse=True)
    right = notes(figure, "right")
    assert "risk 30.0%" in right[0]
    assert f"risk {100 * explanation.risk[4]:.1f}%" in right[-1]
    assert f"age = {explanation.values[4, 0]:.0f} y" in notes(figure, "left")


def test_waterfall_tells_raising_from_lowering_by_sign_arrow_and_colour(explanation):
    figure = waterfall(explanation, 4, DARK)
    bars = figure.data[0]
    for size, color, text in zip(bars.x, bars.marker.color, notes(figure, "right")[1:-1], strict=True):
        assert color == (DARK.event if size > 0 else DARK.no_event)
        assert text.endswith("▲" if size > 0 else "▼")
        assert text.startswith("+" if size > 0 else "−") or text.startswith("0.00")


def test_waterfall_gathers_what_does_not_fit_and_still_adds_up():
    made = an_explanation(40, 6)
    figure = waterfall(made, 2, LIGHT)
    assert len(figure.data[0].x) == 15
    assert notes(figure, "left")[-2] == "<i>other 26 columns</i>"
    assert sum(figure.data[0].x) == pytest.approx(made.contributions[2].sum())


def test_waterfall_of_probabilities_counts_points_of_risk():
    made = an_explanation(5, 6, "probability")
    figure = waterfall(made, 1, LIGHT)
    assert figure.data[0].base[0] == pytest.approx(30.0)
    assert figure.data[0].base[-1] + figure.data[0].x[-1] == pytest.approx(100 * made.risk[1])
    assert notes(figure, "right")[0] == "30.0%"
    assert "log-odds" not in " ".join(note.text for note in figure.layout.annotations)


@given(
    st.lists(st.floats(0, 100), min_size=2, max_size=12, unique=True),
    st.lists(st.floats(0.002, 0.998), min_size=2, max_size=17, unique=True),
)
@settings(max_examples=25)
def test_names_on_a_nomogram_do_not_touch_each_other_on_a_telephone(places, risks):
    marks = tuple(Mark(f"{10 * place:.0f}", place) for place in sorted(places))
    foot = tuple((risk, 20 + 200 * risk) for risk in sorted(risks))
    figure = nomogram(Nomogram((Scale("pressure", marks, True),), 240.0, foot, 0.04), LIGHT)
    wide = 330 / 1.04  # pixels from the first point to the last in a window of 390
    for row in range(4):
        for side in ("top", "bottom"):
            named = [one for one in figure.layout.annotations if one.y == row and one.yanchor == side]
            named = sorted((one for one in named if one.xanchor == "center"), key=lambda one: one.x)
            for one, other in pairwise(named):
                assert wide * (other.x - one.x) >= 6 * (len(one.text) + len(other.text)) / 2
