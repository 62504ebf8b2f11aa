"""Every odd file of the corpus opens rightly, or says in one sentence why not; what is written is read back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from medtune.cohort.columns import propose_roles
from medtune.cohort.reading import Wishes, read_table
from medtune.cohort.table import Roles, make_cohort
from medtune.foundation.errors import RolesError, TableError
from tests.cohort.corpus import cases

CASES = cases()


def test_the_corpus_is_large():
    assert len(CASES) >= 120


@pytest.mark.parametrize("name", CASES)
def test_a_file_opens_or_is_refused_in_one_sentence(name):
    case = CASES[name]
    if case.columns is None:
        with pytest.raises(TableError) as refused:
            read_table(case.content, wishes=case.wishes)
        assert case.said in str(refused.value)
        assert len(str(refused.value)) < 260
        return
    table = read_table(case.content, wishes=case.wishes)
    assert case.said in " ".join(map(str, table.report))
    for column, values in case.columns.items():
        assert_same(table.frame[column], values)
    if table.frame.shape[1] < 1000:
        propose_roles(table.frame)  # whatever opens can be looked at


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("an outcome of one class", "'died' .*"),
        ("an outcome of one word", "'died' .*"),
        ("an outcome that is missing throughout", "0 rows with a known outcome 'died'"),
    ],
)
def test_an_outcome_that_never_varies_is_one_sentence_and_no_cohort(name, said):
    frame = read_table(CASES[name].content).frame
    with pytest.raises(RolesError, match=said):
        make_cohort(frame, Roles("died", predictors=("age",)))


def assert_same(series, values):
    found = [None if pd.isna(cell) else cell for cell in series]
    assert found == values


cell = st.text(alphabet=st.sampled_from("abzÄé是 ,;\"'|\t\n-<>=%"), min_size=1, max_size=8).map(
    lambda text: f"w{text}w"
)
numbers = st.floats(-1e12, 1e12).map(lambda value: float(f"{value:.9g}"))


@st.composite
def frames(draw):
    rows = draw(st.integers(2, 8))
    makers = {"x": numbers, "n": st.integers(-(10**6), 10**6), "w": cell, "flag": st.sampled_from(["yes", "no"])}
    frame = pd.DataFrame({name: draw(st.lists(maker, min_size=rows, max_size=rows)) for name, maker in makers.items()})
    gaps = draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
    assume(not all(gaps))
    return frame.assign(x=frame["x"].mask(np.array(gaps)))


dialects = st.tuples(
    st.sampled_from([",", ";", "\t", "|", "^", "~"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([".", ","]),
    st.sampled_from([0, 2]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(frame=frames(), dialect=dialects)
def test_any_frame_in_any_dialect_is_read_back_equal(frame, dialect):
    delimiter, encoding, line_end, decimal, quoting = dialect
    assume(decimal == "." or delimiter != "," or quoting)
    text = frame.to_csv(sep=delimiter, index=False, lineterminator=line_end, decimal=decimal, quoting=quoting)
    told = encoding if encoding == "gb18030" else ""  # single letters beyond ASCII do not show an encoding
    wishes = Wishes(delimiter=delimiter, decimal=decimal, encoding=told)
    again = read_table(text.encode(encoding), wishes=wishes).frame
    pd.testing.assert_frame_equal(again, frame, check_dtype=False)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_no_content_leads_to_a_traceback(content):
    try:
        table = read_table(content)
    except TableError:
        return
    assert table.frame.shape[1] >= 1


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from('a1,;\n\t|" .-#'), max_size=80))
def test_no_text_leads_to_a_traceback(text):
    try:
        table = read_table(text.encode())
    except TableError:
        return
    assert len(table.frame) >= 1
