"""A large text is read in pieces: the table, the report and the errors are those of reading it at once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.cohort import dialect, parsing, pieces
from medtune.cohort.columns import describe
from medtune.cohort.reading import read_table
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


def test_progress_rises_to_the_end(in_pieces):
    content = pd.DataFrame({"a": range(5 * FEW), "b": "x"}).to_csv(index=False).encode()
    told: list[float] = []
    read_table(content, progress=told.append)
    assert told == sorted(told)
    assert len(told) > 5
    assert 0.9 < told[-1] <= 1


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
