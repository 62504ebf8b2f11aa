"""Very many columns at once: read, described and looked through as each would be by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.cohort import learnt, wide
from medtune.cohort.columns import describe, propose_roles
from medtune.cohort.findings import find
from medtune.cohort.preparation import make_preparation
from medtune.cohort.reading import read_table
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.table import clean, make_cohort
from medtune.cohort.units import CONVERSIONS
from medtune.cohort.wide import MANY, copies
from medtune.foundation import settings as chosen

ROWS = 20
CELLS = st.one_of(
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: f"{x:.3f}"),
    st.integers(-9, 99).map(str),
    st.sampled_from(["", "NA", "-9", "inf", "007", "<0.5", "word", "0", "1.0"]),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6))
def test_a_wide_table_is_read_and_described_like_its_columns_alone(patterns):
    rng = np.random.default_rng(0)
    odd = {f"odd {at}": [some[row % len(some)] for row in range(ROWS)] for at, some in enumerate(patterns)}
    plain = pd.DataFrame(rng.normal(7, 2, (ROWS, MANY)).round(3), columns=[f"GENE{at}" for at in range(MANY)])
    wide = read_table(pd.concat([plain, pd.DataFrame(odd)], axis=1).to_csv(index=False).encode()).frame
    narrow = read_table(pd.DataFrame({"GENE0": plain["GENE0"], **odd}).to_csv(index=False).encode()).frame
    assert list(wide.columns) == [*plain.columns, *odd]
    pd.testing.assert_frame_equal(wide[list(narrow.columns)], narrow)
    pd.testing.assert_frame_equal(wide[list(plain.columns)], plain)
    told = {column.name: column for column in describe(wide)}
    assert [told[name] for name in narrow.columns] == list(describe(narrow))


def test_numbers_written_as_text_among_very_many_are_looked_at_too():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(7, 2, (40, MANY + 5)).round(3), columns=[f"GENE{at}" for at in range(MANY + 5)])
    table["GENE7"] = ["<0.5" if at % 9 == 0 else f"{at / 7:.2f}" for at in range(40)]
    table["status"] = ["relapse", "none"] * 20
    read = read_table(table.to_csv(index=False).encode()).frame
    assert not pd.api.types.is_numeric_dtype(read["GENE7"].dtype)
    assert {finding.severity for finding in find(read, propose_roles(read))} <= {"note", "warn"}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["f", "m", None])), min_size=2, max_size=12))
def test_copied_patients_are_found_among_very_many_columns_as_among_few(patients):
    rng = np.random.default_rng(2)
    values = rng.normal(7, 2, (4, MANY))
    values[3, 5] = np.nan
    table = pd.DataFrame(values[[place for place, _ in patients]]).assign(sex=[sex for _, sex in patients])
    assert copies(table).tolist() == table.duplicated().tolist()


@pytest.mark.parametrize("gaps", [False, True])
def test_a_sample_that_was_measured_twice_is_found_and_left_out_as_a_near_copy(gaps):
    rng = np.random.default_rng(0)
    values = rng.normal(7, 1, (40, 400))
    values[31] = values[4] + rng.normal(0, 0.01, 400)
    if gaps:
        values[4, 7] = np.nan
    table = pd.DataFrame(values, columns=[f"GENE{at}" for at in range(400)]).assign(relapse=np.arange(40) % 2)
    genes = tuple(table.columns[:-1])
    cohort = make_cohort(table, Roles("relapse", Event(values=("1",)), genes), name="genes")
    (found,) = (finding for finding in find(cohort) if finding.key == "genes_alike")
    assert found.remedy.action == "drop_near_copies"
    left = cohort.without_duplicates("near")
    assert (cohort.n - left.n, 31 in left.rows, 4 in left.rows) == (1, False, True)
    assert cohort.without_duplicates("drop").n == 40


def test_what_cleaning_leaves_alone_is_known_as_if_it_were_looked_at_again():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(7, 2, (ROWS, MANY)).round(2), columns=[f"GENE{at}" for at in range(MANY)])
    frame = frame.assign(odd=np.where(np.arange(ROWS) == 3, np.inf, 5.0 + np.arange(ROWS)), text="a")
    frame.iloc[2:6, 7] = np.nan
    coded = {"GENE5": (f"{frame.GENE5[0]:g}",)}
    tidy, columns, _, _ = clean(frame, Cleaning(missing=coded))
    again = {column.name: column for column in describe(tidy, {name: c.type for name, c in columns.items()})}
    assert columns["GENE5"].missing == pytest.approx(1 / ROWS)
    assert columns["GENE5"].codes
    again["GENE5"] = replace(again["GENE5"], codes=columns["GENE5"].codes)
    assert columns == again
    assert list(columns) == list(frame.columns)


@pytest.mark.parametrize("how", [{}, {"numbers": "mean"}, {"clip": 0.1, "scale": "robust"}, {"indicators": True}])
def test_a_preparation_of_columns_read_together_is_that_of_each_by_itself(how, monkeypatch):
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.lognormal(1, 1, (ROWS, MANY)), columns=[f"GENE{at}" for at in range(MANY)])
    table.iloc[[1, 4], 5], table.iloc[2, 6] = np.nan, np.inf
    table = table.assign(sex=["f", "m"] * (ROWS // 2), ward=np.arange(ROWS) % 3)
    prepare = make_preparation(describe(table, {"ward": "category"}), chosen.Preparation(**how))
    prepare.set_params(units=(("GENE8", next(iter(CONVERSIONS))),))
    together = prepare.fit(table)
    features, facts = together.transform(table), together.features_
    for room in (wide, learnt):
        monkeypatch.setattr(room, "MANY", 10**6)
    alone = prepare.fit(table)
    assert facts == alone.features_
    pd.testing.assert_frame_equal(features, alone.transform(table))
