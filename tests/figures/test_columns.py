"""Figures of single columns: before and after a preparation, and by outcome."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtune.figures.bins import FEW_VALUES, bin_edges
from medtune.figures.columns import by_outcome
from medtune.figures.preparation import before_after
from medtune.figures.theme import LIGHT


def words(figure) -> str:
    return " | ".join(note.text for note in figure.layout.annotations)


def test_before_and_after_say_how_much_is_missing():
    before = [1.0, None, 3.0, float("nan")] * 25
    figure = before_after(before, [2.0 if v is None or v != v else v for v in before], LIGHT, unit="mmol/l")
    assert "<b>Before, in mmol/l</b>: 50.0% missing (50 of 100)" in words(figure)
    assert "<b>After</b>: nothing missing, n = 100" in words(figure)
    assert [sum(t.y) for t in figure.data] == [50, 100]


def test_levels_stand_in_the_same_place_before_and_after():
    before = ["a"] * 5 + ["b"] * 9 + [None] * 2 + ["rare"]
    after = ["a"] * 5 + ["b"] * 11 + ["other"]
    figure = before_after(before, after, LIGHT)
    assert figure.layout.xaxis.ticktext == figure.layout.xaxis2.ticktext == ("b", "a", "other", "rare")
    assert list(figure.data[0].y) == [9, 5, 0, 1]
    assert list(figure.data[1].y) == [11, 5, 1, 0]


def test_many_levels_are_gathered_without_losing_patients():
    values = [f"level {i}" for i in range(20) for _ in range(20 - i)]
    figure = before_after(values, values, LIGHT)
    assert len(figure.data[0].y) == 9
    assert sum(figure.data[0].y) == len(values)
    assert figure.layout.xaxis.ticktext[-1] == "other 12"


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False, width=32), max_size=200))
def test_bins_hold_every_value_once(values):
    known = np.array(values, dtype=float)
    edges = bin_edges(known)
    assert (np.diff(edges) > 0).all()
    assert np.histogram(known, bins=edges)[0].sum() == known.size


def test_few_distinct_values_get_a_bar_each():
    edges = bin_edges(np.array([0.0, 1, 1, 2, 5]))
    assert len(edges) - 1 == 4
    assert len(bin_edges(np.arange(FEW_VALUES + 1.0))) - 1 <= FEW_VALUES


def test_a_column_by_outcome_mirrors_shares_of_each_group():
    values = [1.0, 2.0, 2.0, 3.0, None, 2.0]
    figure = by_outcome(values, [1, 1, 0, 0, 0, 0], LIGHT, name="stage")
    events, others = figure.data
    assert list(events.y) == [0.5, 0.5, 0]
    np.testing.assert_allclose(others.y, [0, -2 / 3, -1 / 3])
    assert (events.marker.color, others.marker.color) == (LIGHT.event, LIGHT.no_event)
    assert "<b>With the event</b>, n = 2" in words(figure)
    assert "<b>Without the event</b>, n = 4, 25.0% missing" in words(figure)


def test_a_category_by_outcome_keeps_the_order_of_its_levels():
    figure = by_outcome(["low", "high", "high", None], [1, 0, 1, 0], LIGHT, levels=("low", "high"))
    assert figure.layout.xaxis.ticktext == ("low", "high")
    assert list(figure.data[0].y) == [0.5, 0.5]
    assert list(figure.data[1].y) == [0, -1]


@pytest.mark.parametrize("values", [[None, None], [3.0, 3.0]])
def test_columns_without_variation_are_drawn_all_the_same(values):
    assert by_outcome(values, [0, 1], LIGHT).data
    assert before_after(values, values, LIGHT).data


def test_the_groups_of_a_column_carry_the_names_they_are_given():
    figure = by_outcome([1.0, 2.0], [1, 0], LIGHT, groups=("<b>Zwerchfell</b>", "All others"))
    assert "&lt;b&gt;Zwerchfell" in words(figure)
    assert "All others" in words(figure)
