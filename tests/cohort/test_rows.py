"""Which rows of a table are used: the first or the last of each patient, and what is said of the others."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.rows import one_of_each
from medtune.cohort.table import make_cohort, open_cohort, save_cohort
from medtune.foundation.errors import RolesError

N = 30
FRAME = pd.DataFrame(
    {
        "pid": [f"P{i // 3}" for i in range(N - 2)] + [None, None],
        "day": [["2024-03-01", "2024-01-01", "2024-02-01"][i % 3] for i in range(N)],
        "age": np.arange(N) + 30.5,
        "died": [0, 1] * (N // 2),
    }
)
ROLES = Roles("died", Event(values=("1",)), ("age",), patient="pid")


def kept(*rule):
    return make_cohort(FRAME, ROLES, Cleaning(one_row=rule))


def test_the_first_row_of_each_patient_is_kept_and_the_others_are_counted():
    cohort = kept("pid", "first", "")
    assert cohort.rows.tolist() == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29]
    assert "18 later rows of patients with a row before were left out." in map(str, cohort.notes)


def test_the_order_is_that_of_the_dates_where_there_are_some():
    assert kept("pid", "first", "day").rows.tolist()[:3] == [1, 4, 7]
    assert kept("pid", "last", "day").rows.tolist()[:3] == [0, 3, 6]
    assert kept("pid", "last", "").rows.tolist()[:3] == [2, 5, 8]


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from([None, "2024-01-02", "2024-01-09"]))),
    st.sampled_from(["first", "last"]),
)
def test_one_row_of_each_patient_is_left_with_the_date_that_was_asked_for(rows, which):
    ids = pd.Series([patient for patient, _ in rows], dtype="str")
    days = pd.Series([day for _, day in rows], dtype="str")
    left = one_of_each(ids, which, days)
    assert left[ids.isna().to_numpy()].all()
    for patient in ids.dropna().unique():
        own = (ids == patient).to_numpy()
        assert (left & own).sum() == 1
        wanted = days[own].min() if which == "first" else days[own].max()
        found = days[left & own].iloc[0]
        assert (pd.isna(found) and pd.isna(wanted)) or found == wanted


def test_a_kept_cohort_is_known_again_and_another_choice_is_another_cohort(tmp_path):
    cohort = kept("pid", "last", "day")
    again = open_cohort(save_cohort(cohort, tmp_path))
    assert (again.fingerprint, again.cleaning) == (cohort.fingerprint, cohort.cleaning)
    assert kept("pid", "first", "day").fingerprint != cohort.fingerprint


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(RolesError, match="no column 'nobody'"):
        kept("nobody", "first", "")
