"""Blood pressures in one cell become two columns; what only looks like a pair stays."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from medtune.cohort.pairs import apart

PRESSURES = st.tuples(st.integers(95, 260), st.integers(30, 90))


@given(st.lists(PRESSURES, min_size=1, max_size=30))
def test_each_pair_becomes_an_upper_and_a_lower_pressure(pairs):
    frame = pd.DataFrame({"age": 1, "Blood pressure": [f"{upper}/{lower}" for upper, lower in pairs]})
    made, report = apart(frame)
    assert list(made.columns) == ["age", "Blood pressure systolic", "Blood pressure diastolic"]
    assert list(zip(*made.iloc[:, 1:].to_numpy().T.tolist(), strict=True)) == pairs
    assert len(report) == 1


def test_few_other_cells_are_missing_and_counted():
    frame = pd.DataFrame({"bp": [*["130/70"] * 19, "refused", None]})
    made, (said,) = apart(frame)
    assert np.isnan(made["bp systolic"][19:]).all()
    assert "Other cells count as missing: 1." in str(said)


def test_other_columns_stay_as_they_are():
    frame = pd.DataFrame(
        {
            "ratio": ["120/80", "130/85"],
            "bp": ["normal", "120/80"],
            "bp change": ["80/120", "70/110"],
            "nibp": [120.0, 130.0],
        }
    )
    made, report = apart(frame)
    pd.testing.assert_frame_equal(made, frame)
    assert report == []


def test_a_column_that_is_there_already_is_not_written_over():
    frame = pd.DataFrame({"bp": ["120/80"], "bp systolic": [121.0]})
    made, report = apart(frame)
    pd.testing.assert_frame_equal(made, frame)
    assert report == []
