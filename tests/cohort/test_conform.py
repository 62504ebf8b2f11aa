"""A new table is brought to the columns of a model, and every difference is said."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.cohort.columns import Column, describe
from medtune.cohort.conform import TOGETHER, conform
from medtune.foundation.errors import ColumnsError

AGE = Column("age", "number", low=20, high=90, codes=("-9",))
SEX = Column("sex", "category", levels=("female", "male"))
PAIN = Column("chest pain", "category", levels=("1", "2", "4"))
EXPECTED = (AGE, SEX, PAIN)


def table(**columns):
    given = {"age": [30, 95, -9], "sex": ["male", "female", None], "chest pain": [1.0, 4.0, np.nan]}
    return pd.DataFrame(given | columns)


def said(result):
    return " ".join(map(str, result.notes))


def test_columns_come_in_the_expected_order_and_kind():
    result = conform(table(more=1)[["sex", "more", "chest pain", "age"]], EXPECTED)
    assert list(result.frame.columns) == ["age", "sex", "chest pain"]
    assert result.frame["age"].dtype == np.float64
    assert list(result.frame["chest pain"].iloc[:2]) == ["1", "4"]


def test_a_missing_code_of_the_model_is_missing_in_the_new_table():
    result = conform(table(), EXPECTED)
    assert np.isnan(result.frame["age"].iloc[2])
    assert result.outside == {"age": 1}
    assert "outside 20 to 90" in said(result)


def test_one_absent_column_is_taken_as_missing_and_named():
    result = conform(table().drop(columns="sex"), EXPECTED)
    assert result.missing == ("sex",)
    assert result.frame["sex"].isna().all()
    assert "no column 'sex'" in said(result)


def test_most_columns_absent_is_refused_with_the_difference():
    with pytest.raises(ColumnsError, match=r"lacks 2 of the 3 columns .*'sex' and 'chest pain'.*has 'weight' instead"):
        conform(pd.DataFrame({"age": [1], "weight": [2]}), EXPECTED)


def test_a_column_that_differs_in_case_and_signs_is_found_and_said():
    result = conform(table().rename(columns={"chest pain": "Chest_Pain"}), EXPECTED)
    assert not result.missing
    assert "'Chest_Pain' was taken for 'chest pain'" in said(result)


def test_new_levels_are_named_and_kept():
    result = conform(table(sex=["male", "other", "other"]), EXPECTED)
    assert result.unknown_levels == {"sex": ("other",)}
    assert "'other' (2 rows)" in said(result)
    assert list(result.frame["sex"]) == ["male", "other", "other"]


def test_a_level_in_another_spelling_is_taken_for_the_known_one():
    result = conform(table(sex=["Male", " FEMALE", "male"]), EXPECTED)
    assert list(result.frame["sex"]) == ["male", "female", "male"]
    assert not result.unknown_levels


def test_words_in_a_number_are_missing_and_counted_but_not_repeated():
    result = conform(table(age=["44", "secret", "51,5"]), EXPECTED)
    assert list(result.frame["age"].fillna(-1)) == [44, -1, 51.5]
    assert "1 cell of 'age' is not a number" in said(result)
    assert "secret" not in said(result)


def test_true_and_false_fit_a_category_of_0_and_1():
    result = conform(pd.DataFrame({"x": [True, False]}), (Column("x", "category", levels=("0", "1")),))
    assert list(result.frame["x"]) == ["1", "0"]


def test_the_index_is_kept():
    frame = table().set_axis([7, 5, 9])
    assert list(conform(frame, EXPECTED).frame.index) == [7, 5, 9]


cells = st.one_of(
    st.none(), st.integers(-10, 120), st.floats(-1e6, 1e6), st.sampled_from(["male", " Male", "?", "4.0"])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8))
def test_conforming_again_changes_nothing(rows):
    frame = pd.DataFrame(rows, columns=["age", "sex", "chest pain"])
    for columns in (EXPECTED, describe(frame)):
        once = conform(frame, columns)
        twice = conform(once.frame, columns)
        pd.testing.assert_frame_equal(twice.frame, once.frame)
        assert twice.unknown_levels == once.unknown_levels


numbers = st.one_of(st.floats(-50, 50), st.sampled_from([np.nan, np.inf, -np.inf]))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=TOGETHER, max_size=TOGETHER + 3))
def test_numbers_read_together_are_as_each_by_itself(columns):
    expected = [Column(f"g{at}", "number", low=-20, high=30) for at in range(len(columns))]
    expected += [Column("coded", "number", low=0, high=5, codes=("-9",)), Column("open", "number")]
    frame = pd.DataFrame(dict(zip([one.name for one in expected], columns, strict=False)), index=[7, 3, 9])
    frame = frame.assign(coded=[-9.0, 2.0, 8.0], open=[1.0, np.nan, 1e9])
    together, alone = conform(frame, expected), [conform(frame, [one]) for one in expected]
    pd.testing.assert_frame_equal(together.frame, pd.concat([one.frame for one in alone], axis=1))
    assert together.outside == {name: count for one in alone for name, count in one.outside.items()}
    assert together.refused.keys() == {name for one in alone for name in one.refused}
    assert list(map(str, together.notes)) == [str(note) for one in alone for note in one.notes]
