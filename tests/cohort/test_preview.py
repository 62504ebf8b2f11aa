"""What a preparation would do, told before it is done."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.preview import preview
from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.foundation.errors import ColumnsError
from medtune.foundation.records import from_json, to_json
from medtune.foundation.settings import Preparation


@pytest.fixture
def cohort():
    n = 200
    rng = np.random.default_rng(1)
    age = rng.integers(30, 90, n).astype(float)
    age[:12] = np.nan
    ward = np.where(np.arange(n) % 2, "a", "b").astype(object)
    ward[[50, 51]], ward[[52]], ward[60:65] = "c", "d", None
    frame = pd.DataFrame({"age": age, "ward": ward, "empty": np.full(n, np.nan), "died": np.arange(n) % 4 == 0})
    frame["number"] = np.arange(n)  # no two patients are alike but those copied below
    frame = pd.concat([frame, frame.iloc[[20, 30, 40]]], ignore_index=True)
    roles = Roles("died", Event(values=("True",)), ("age", "ward", "empty"))
    return make_cohort(frame, roles)


def said(result):
    return [str(sentence) for sentence in result.sentences]


def test_it_says_in_words_what_will_happen(cohort):
    words = said(preview(cohort, Preparation(), "age"))
    median = cohort.without_duplicates().frame["age"].median()
    assert any(word.startswith("3 rows that are exact copies") for word in words)
    assert f"Missing values of 'age' (12) become the median of the training patients, {median:.4g}." in words
    assert any("'ward' (5) become the commonest level" in word for word in words)
    assert "'empty' has no value at all and is left out." in words
    assert "Rare levels of 'ward' are grouped into one." in words


def test_it_counts_what_is_filled_and_what_comes_out(cohort):
    result = preview(cohort, Preparation(), "age")
    assert (result.filled, result.predictors, result.features) == (12 + 5, 3, 1 + 3)


def test_other_settings_are_told_in_other_words(cohort):
    words = " ".join(
        said(
            preview(
                cohort,
                Preparation(
                    duplicates="keep", numbers="mean", categories="level", indicators=True, scale="none", clip=0.05
                ),
                "age",
            )
        )
    )
    assert "copies of others are kept" in words
    assert "mean of the training patients" in words
    assert "become a level of their own" in words
    assert "tell whether a value was missing" in words
    assert "'age' are drawn in to the 5th and 95th percentile" in words
    assert "standard deviation" not in words


def test_a_number_is_filled_and_scaled_and_a_gap_stays_a_gap_before(cohort):
    column = preview(cohort, Preparation(), "age").column
    assert column.before.count(None) == 12
    assert None not in column.after
    assert np.mean(column.after) == pytest.approx(0, abs=1e-9)
    assert np.std(column.after) == pytest.approx(1, abs=1e-9)


def test_a_category_keeps_its_patients_and_groups_the_rare(cohort):
    column = preview(cohort, Preparation(), "ward").column
    assert column.before.count(None) == 5
    assert len(column.before) == len(column.after) == 200
    assert column.after.count("(rare)") == 3
    assert not {"c", "d", None} & set(column.after)


def test_a_column_without_values_has_no_after(cohort):
    column = preview(cohort, Preparation(), "empty").column
    assert (column.after, column.features) == ((), ())


def test_only_some_patients_of_many_are_looked_at_and_it_survives_json(cohort):
    result = preview(cohort, Preparation(), "ward", limit=50)
    assert (result.n, result.looked_at) == (200, 50)  # three of 203 rows are copies
    again = from_json(type(result), to_json(result))
    assert again.column == result.column
    assert [str(sentence) for sentence in again.sentences] == said(result)


def test_a_column_that_is_no_predictor_is_refused(cohort):
    with pytest.raises(ColumnsError, match="'died' is no predictor"):
        preview(cohort, Preparation(), "died")


def test_copies_left_out_are_not_patients_that_were_not_looked_at(cohort):
    result = preview(cohort, Preparation(), "ward")
    assert result.n == result.looked_at == 200
