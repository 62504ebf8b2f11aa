"""A table with very many columns of numbers comes back from its file as it was, as any other does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from medtune.cohort.frame_file import read_frame, write_frame
from medtune.cohort.wide import MANY


def wide(rows: int, kinds: list[str], seed: int = 0) -> pd.DataFrame:
    """Columns of these kinds, each many times, in a mixed order."""
    rng = np.random.default_rng(seed)
    columns = {}
    for kind in kinds:
        for at in range(MANY + 2 if kind in ("float64", "int64") else 3):
            values = rng.normal(0, 1e3, rows)
            if kind == "float64":
                values[rng.random(rows) < 0.1] = np.nan
            text = [None if value < -1e3 else f"{value:.0f}" for value in values]
            column = pd.Series(text if kind == "str" else values.astype(kind), dtype=kind)
            columns[f"{kind} {at}"] = column
    names = list(rng.permutation(list(columns)))
    return pd.DataFrame({name: columns[name] for name in names})


@settings(max_examples=12, deadline=None)
@given(
    st.integers(1, 9),
    st.lists(st.sampled_from(["float64", "int64", "str", "float32", "bool"]), min_size=1, unique=True),
    st.integers(0, 99),
)
def test_every_column_comes_back_in_its_place_and_kind(tmp_path_factory, rows, kinds, seed):
    frame, path = wide(rows, kinds, seed), tmp_path_factory.mktemp("frame") / "table.parquet"
    write_frame(frame, path)
    pd.testing.assert_frame_equal(read_frame(path), frame)


def test_many_numbers_are_one_column_of_the_file_and_others_can_be_read_alone(tmp_path):
    frame = wide(5, ["float64", "str"])
    write_frame(frame, tmp_path / "table.parquet")
    assert len(parquet.read_schema(tmp_path / "table.parquet").names) < 10
    alone = pd.read_parquet(tmp_path / "table.parquet", columns=["str 1"])
    pd.testing.assert_series_equal(alone["str 1"], frame["str 1"])


def test_the_rows_keep_their_numbers(tmp_path):
    frame = wide(4, ["float64"]).set_axis([3, 1, 8, 2], axis=0)
    write_frame(frame, tmp_path / "table.parquet")
    assert read_frame(tmp_path / "table.parquet").index.tolist() == [3, 1, 8, 2]


def test_numbers_that_were_read_can_be_changed(tmp_path):
    frame = wide(4, ["float64"])
    write_frame(frame, tmp_path / "table.parquet")
    again = read_frame(tmp_path / "table.parquet")
    again.iloc[0, 0] = 2.0
    assert again.iloc[0, 0] == 2.0


@pytest.mark.parametrize("columns", [3, MANY + 1])
def test_a_file_that_pandas_wrote_is_read_too(tmp_path, columns):
    frame = wide(6, ["float64"]).iloc[:, :columns]
    frame.to_parquet(tmp_path / "table.parquet", engine="pyarrow")
    pd.testing.assert_frame_equal(read_frame(tmp_path / "table.parquet"), frame)


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_half_a_file_is_refused(tmp_path, kept):
    path = tmp_path / "table.parquet"
    write_frame(wide(6, ["float64"]), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises((OSError, ValueError)):
        read_frame(path)
