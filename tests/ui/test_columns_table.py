"""Levels of an ordered category change places as the user says."""

from hypothesis import given
from hypothesis import strategies as st

from medtune.ui.columns_table import placed

LEVELS = ("none", "some", "much", "most")


def test_a_level_takes_its_new_place_and_the_others_make_room():
    assert placed(LEVELS, {3: 1}) == ("most", "none", "some", "much")
    assert placed(LEVELS, {0: 4}) == ("some", "much", "most", "none")
    assert placed(LEVELS, {1: 99}) == ("none", "much", "most", "some")


@given(st.integers(0, 3), st.integers(1, 4))
def test_no_level_is_lost_and_the_one_moved_stands_where_it_was_put(at, place):
    order = placed(LEVELS, {at: place})
    assert sorted(order) == sorted(LEVELS)
    assert order[place - 1] == LEVELS[at]
