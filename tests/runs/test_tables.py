"""The uploaded table outlives the session."""

import pandas as pd
import pytest

from medtune.cohort.reading import Wishes, read_table
from medtune.foundation.errors import TableError
from medtune.runs.tables import keep_table, open_table, renew_table, table_source

CSV = b"id,age,ward\nA1,61,x\nA2,,y\nA3,70,\n"


def test_a_kept_table_comes_back_as_it_was_read(tmp_path):
    table = read_table(CSV, "patients.csv")
    again, name, _ = open_table(tmp_path, keep_table(tmp_path, table, "patients.csv"))
    pd.testing.assert_frame_equal(again.frame, table.frame)
    assert name == "patients.csv"
    assert [str(s) for s in again.report] == [str(s) for s in table.report]


def test_only_the_last_table_is_kept(tmp_path):
    table = read_table(CSV, "patients.csv")
    first = keep_table(tmp_path, table, "first.csv")
    keep_table(tmp_path, table, "second.csv")
    with pytest.raises(TableError, match="upload its file again"):
        open_table(tmp_path, first)


def test_a_damaged_table_says_what_to_do(tmp_path):
    id = keep_table(tmp_path, read_table(CSV, "patients.csv"), "patients.csv")
    (tmp_path / "tables" / id / "table.parquet").write_bytes(b"no longer a table")
    with pytest.raises(TableError, match="upload its file again"):
        open_table(tmp_path, id)


def test_the_file_stays_when_it_is_read_again_in_another_way(tmp_path):
    id = keep_table(tmp_path, read_table(CSV, "patients.csv"), "patients.csv", CSV)
    wishes = Wishes(header=2)
    table = read_table(table_source(tmp_path, id), "patients.csv", wishes)
    renew_table(tmp_path, id, table, "patients.csv", wishes)
    again, _, wished = open_table(tmp_path, id)
    assert list(again.frame) == ["A1", "61", "x"]
    assert again.found.header == 2
    assert wished == wishes
    assert table_source(tmp_path, id) == CSV


def test_without_its_file_a_table_says_what_to_do(tmp_path):
    id = keep_table(tmp_path, read_table(CSV, "patients.csv"), "patients.csv")
    with pytest.raises(TableError, match="upload it again"):
        table_source(tmp_path, id)
