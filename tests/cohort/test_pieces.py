"""A large text is read in pieces: the table, the report and the errors are those of reading it at once."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.cohort import dialect, parsing, pieces, statistical, workbooks
from medtune.cohort.columns import describe
from medtune.cohort.reading import read_table
from medtune.cohort.side_by_side import side_by_side
from medtune.foundation.errors import TableError

KINDS = ("whole", "decimal", "word", "truth", "nothing", "zero", "late word", "late gap", "late number", "early gap")
FEW = 1000  # rows of a piece at least


def column(kind: str, n: int, rng: np.random.Generator) -> list:
    last = {
        "late word": (range(n), "word"),
        "late gap": (range(n), ""),
        "late number": (["x"] * n, "7"),
    }
    if kind in last:
        cells, end = last[kind]
        return [*map(str, list(cells)[:-1]), end]
    return {
        "whole": lambda: rng.integers(-5, 9, n).tolist(),
        "decimal": lambda: rng.normal(size=n).round(4).tolist(),
        "word": lambda: rng.choice(["a", "b b", "ä,c"], n).tolist(),
        "truth": lambda: rng.choice(["True", "False"], n).tolist(),
        "nothing": lambda: [""] * n,
        "zero": lambda: [f"{i:06d}" for i in range(n)],
        "early gap": lambda: ["", *rng.integers(0, 9, n - 1).tolist()],
    }[kind]()


@pytest.fixture
def in_pieces(monkeypatch):
    monkeypatch.setattr(parsing, "LARGE", 0)
    monkeypatch.setattr(pieces, "PIECE", 1)
    monkeypatch.setattr(dialect, "CHUNK", 4096)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(KINDS), min_size=2, max_size=5), st.integers(2 * FEW, 3 * FEW + 7), st.integers(0, 9))
def test_pieces_make_the_table_that_the_whole_makes(kinds, n, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"c{at} {kind}": column(kind, n, rng) for at, kind in enumerate(kinds)})
    content = frame.to_csv(index=False, sep=";").encode()
    whole = read_table(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "LARGE", 0)
        patch.setattr(pieces, "PIECE", 1)
        patch.setattr(dialect, "CHUNK", 4096)
        parts = read_table(content)
    pd.testing.assert_frame_equal(parts.frame, whole.frame)
    assert list(map(str, parts.report)) == list(map(str, whole.report))


ODD = ("7", " 7", "", "x", " x ", '5" tall', '"a;b"', '"two\nlines"', '" spaced"', '"said ""so"""', "007")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(ODD)), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(1, 60), st.sampled_from(["", "1;2", "1"])), max_size=3),
)
def test_odd_cells_and_rows_are_read_alike_wherever_the_pieces_meet(cells, lines):
    rows = [[str(at), str(at / 4), "w"] for at in range(61)]
    for at, cell in cells:
        rows[at][at % 3] = cell
    text = ["a;b;c", *(";".join(row) for row in rows)]
    for at, line in lines:
        text.insert(at, line)
    content = "\n".join(text).encode()
    whole = table_or_sentence(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "LARGE", 0)
        patch.setattr(pieces, "PIECE", 1)
        patch.setattr(pieces, "FEWEST", 7)
        patch.setattr(dialect, "CHUNK", 64)
        parts = table_or_sentence(content)
    assert parts[1:] == whole[1:]
    if whole[0] is not None:
        pd.testing.assert_frame_equal(parts[0], whole[0])


def table_or_sentence(content: bytes) -> tuple:
    try:
        table = read_table(content)
    except TableError as trouble:
        return None, str(trouble)
    return table.frame, [str(said) for said in table.report]


@pytest.mark.parametrize("width", [2, 255, 256, 257, 600])
def test_rows_of_many_cells_are_counted_exactly(width, monkeypatch):
    monkeypatch.setattr(dialect, "CHUNK", 1000)
    text = (",".join("1" * width) + "\n").encode() * 50
    widths, ends = dialect.row_widths(text, ",")
    assert widths.tolist() == [width] * 50
    assert ends.tolist() == list(range(2 * width, 100 * width + 1, 2 * width))


def test_parts_worked_on_side_by_side_come_in_their_order_and_raise_what_went_wrong():
    assert list(side_by_side(lambda part: part * part, range(50))) == [part * part for part in range(50)]
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda part: 1 // (part - 20), range(50)))


def test_progress_rises_to_the_end(in_pieces):
    content = pd.DataFrame({"a": range(5 * FEW), "b": "x"}).to_csv(index=False).encode()
    told: list[float] = []
    read_table(content, progress=told.append)
    assert told == sorted(told)
    assert len(told) > 5
    assert 0.9 < told[-1] <= 1


def packed(form: str) -> bytes:
    n = 600
    frame = pd.DataFrame(
        {
            "age": np.arange(n) / 2.0,
            "late": np.where(np.arange(n) < 500, np.nan, 1.0),
            "ward": [None] * 300 + ["north"] * 300,
            "day": [pd.NaT] * 200 + [pd.Timestamp("2024-05-06")] * 400,
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        {
            "Parquet": lambda: frame.to_parquet(path, row_group_size=100),
            "Excel": lambda: frame.to_excel(path, engine="openpyxl", index=False),
            "SPSS": lambda: pyreadstat.write_sav(frame, str(path)),
            "Stata": lambda: pyreadstat.write_dta(frame, str(path)),
            "SAS": lambda: pyreadstat.write_xport(frame, str(path)),
        }[form]()
        return path.read_bytes()


@pytest.mark.parametrize("form", ["Parquet", "Excel", "SPSS", "Stata", "SAS"])
def test_other_kinds_of_files_tell_how_far_they_are_and_are_the_same_table_in_parts(form, monkeypatch):
    content = packed(form)
    whole = read_table(content)
    monkeypatch.setattr(statistical, "FEWEST", 10)
    monkeypatch.setattr(workbooks, "STEP", 50)
    told: list[float] = []
    parts = read_table(content, progress=told.append)
    pd.testing.assert_frame_equal(parts.frame, whole.frame)
    assert list(map(str, parts.report)) == list(map(str, whole.report))
    assert told == sorted(told)
    assert all(0 <= share <= 1 for share in told)
    if form != "SAS":  # a transport file of SAS does not say how many rows it has
        assert len(told) > 5


def test_an_open_quotation_mark_is_one_sentence_in_pieces_too(in_pieces):
    rows = ["a,b", *(f"{i},x" for i in range(3 * FEW)), '5,"open', *(f"{i},y" for i in range(50))]
    with pytest.raises(TableError, match="quotation mark"):
        read_table("\n".join(rows).encode())


def test_a_long_column_of_decimals_keeps_its_range_and_its_gaps():
    rng = np.random.default_rng(0)
    values = rng.normal(60, 12, 120_000)
    values[::10] = np.nan
    (long,) = describe(pd.DataFrame({"x": values}))
    assert (long.kind, long.low, long.high) == ("number", np.nanmin(values), np.nanmax(values))
    assert long.missing == pytest.approx(0.1)
    assert long.distinct > 1000
    (codes,) = describe(pd.DataFrame({"x": rng.integers(0, 4, 120_000).astype(float)}))
    assert codes.kind == "category"
