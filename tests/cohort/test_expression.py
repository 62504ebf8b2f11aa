"""Genes made ready: each step does what it says, and learns from the rows of `fit` alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import parametrize_with_checks

from medtune.cohort import wide
from medtune.cohort.columns import describe
from medtune.cohort.expression import Expression
from medtune.cohort.genes import looks_unlogged, reads_genes
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.table import make_cohort, open_cohort, save_cohort
from medtune.foundation.errors import SettingsError
from medtune.foundation.settings import Genes


@parametrize_with_checks([Expression(), Expression(log="log2", keep=10, ranked=3)])
def test_expression_keeps_the_promises_of_scikit_learn(estimator, check):
    check(estimator)


def genes(n: int = 40, p: int = 12, seed: int = 0) -> pd.DataFrame:
    """Measurements whose spread grows with their number."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(8 + rng.normal(size=(n, p)) * np.arange(1, p + 1), columns=[f"g{at}" for at in range(p)])


def test_the_genes_that_vary_most_are_kept_without_looking_at_the_outcome():
    made = Expression(keep=10, log="none").fit(genes())
    assert made.genes_ == [f"g{at}" for at in range(2, 12)]


def test_ranked_genes_are_those_that_tell_the_outcomes_apart():
    table, y = genes(), np.arange(40) % 2
    table["g2"] += 20 * y
    table["g3"] -= 20 * y
    assert Expression(keep=10, ranked=2, log="none").fit(table, y).genes_ == ["g2", "g3"]


def test_values_are_scaled_and_a_gap_takes_the_median():
    table = genes()
    made = Expression(log="none").fit(table)
    out = made.transform(table)
    np.testing.assert_allclose(out.mean(), 0, atol=1e-9)
    np.testing.assert_allclose(out.std(ddof=0), 1)
    gap = table.iloc[:1].copy()
    gap["g3"] = np.nan
    expected = (table["g3"].median() - table["g3"].mean()) / table["g3"].std(ddof=0)
    assert made.transform(gap)["g3"].iloc[0] == pytest.approx(expected)


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_logarithms_are_taken_where_none_were(seed):
    rng = np.random.default_rng(seed)
    logged = rng.normal(7, 2, (30, 40))
    assert not looks_unlogged(logged)
    assert looks_unlogged(np.exp2(logged))
    table = pd.DataFrame(np.exp2(logged), columns=[f"g{at}" for at in range(40)])
    made = Expression().fit(table)
    assert made.logged_
    np.testing.assert_allclose(made.centre_, np.log2(1 + table).mean(), rtol=1e-9)


def test_values_below_zero_have_a_logarithm_too():
    table = pd.DataFrame({"a": [-300.0, 5.0, 900.0, 20.0], "b": [0.0, 3000.0, 40.0, -1.0]})
    assert np.isfinite(Expression(log="log2").fit_transform(table).to_numpy()).all()


def batches(n: int = 40) -> pd.DataFrame:
    """Two plates, the second measured 5 higher."""
    table = genes(n)
    plate = np.where(np.arange(n) % 2, "second", "first")
    table += 5.0 * (plate == "second")[:, None]
    return table.assign(plate=plate)


def test_batches_lie_on_one_place_and_a_new_batch_stays_as_measured():
    table = batches()
    made = Expression(describe(table), batch="plate", log="none").fit(table)
    out = made.transform(table)
    first, second = (out[(table["plate"] == name).to_numpy()].mean() for name in ("first", "second"))
    np.testing.assert_allclose(first, second, atol=1e-9)
    new = table.iloc[:3].assign(plate="third")
    raw = new.drop(columns="plate").to_numpy()
    np.testing.assert_allclose(made.transform(new), (raw - made.centre_) / made.spread_)
    assert "plate" not in made.keys_


def test_a_batch_of_few_patients_does_not_say_where_it_lies():
    table = batches()
    table.loc[:3, "plate"] = "tiny"
    assert set(Expression(describe(table), batch="plate").fit(table).offsets_) == {"first", "second"}


def test_columns_that_are_no_genes_are_prepared_as_ever_and_always_kept():
    table = genes().assign(age=40 + np.arange(40.0) ** 1.5, sex=["f", "m"] * 20)
    made = Expression(describe(table), clinical=("age",), keep=10, log="log2").fit(table)
    assert made.keys_[-2:] == ["age", "sex=m"]
    assert made.transform(table)["age"].corr(table["age"]) == pytest.approx(1)


def test_a_restricted_one_reads_only_what_it_needs_and_gives_the_same():
    table = batches().assign(sex=["f", "m"] * 20)
    made = Expression(describe(table), batch="plate", log="none").fit(table)
    features = np.isin(made.keys_, ["g3", "g7"])
    small = made.restricted(features)
    assert [column.name for column in small.columns] == ["g3", "g7", "plate", "sex"]
    few = table[["g3", "g7", "plate", "sex"]]
    pd.testing.assert_frame_equal(small.transform(few), made.transform(table)[["g3", "g7", "sex=m"]])


def test_limits_are_those_of_the_settings():
    with pytest.raises(SettingsError, match="keep"):
        Expression(keep=0).fit(genes())


@pytest.mark.parametrize(("p", "rows", "expected"), [(300, 60, True), (300, 300, False), (150, 60, False)])
def test_numbers_are_genes_where_they_are_many_and_more_than_the_patients(p, rows, expected):
    columns = describe(genes(10, p))
    assert reads_genes(columns, Genes(), rows) is expected
    assert reads_genes(columns, Genes(use="yes"), rows)
    assert not reads_genes(columns, Genes(use="no"), rows)


def mixed(p: int = 340, n: int = 40) -> pd.DataFrame:
    """A wide table with every kind of doubtful column among the plain ones."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame(rng.normal(size=(n, p)).round(3), columns=[f"g{at}" for at in range(p)])
    table["g1"] = rng.integers(0, 4, n)  # a category
    table["g2"] = np.arange(n)  # a row number
    table["g3"] = rng.integers(0, 900, n)
    table.loc[3:9, "g4"] = np.nan
    table["g5"] = np.nan
    table.loc[2, "g6"] = np.inf
    table["g7"] = 4.5
    table["patient_id"] = np.arange(n) + 5000
    table["visit_date"] = 20240101 + np.arange(n) % 28
    table["sex"] = ["f", "m"] * (n // 2)
    table["dead"] = np.arange(n) % 2
    return table


@pytest.mark.filterwarnings("ignore::pandas.errors.PerformanceWarning")
def test_columns_looked_at_together_are_described_as_one_by_one(monkeypatch):
    table = mixed()
    together = describe(table)
    monkeypatch.setattr(wide, "MANY", 10**6)
    monkeypatch.setattr("medtune.cohort.columns.MANY", 10**6)
    assert together == describe(table)
    assert [column.kind for column in together[1:4]] == ["category", "identifier", "number"]


@pytest.mark.filterwarnings("ignore::pandas.errors.PerformanceWarning")
def test_a_wide_cohort_is_the_same_read_together_or_one_by_one(monkeypatch, tmp_path):
    roles = Roles("dead", Event(values=("1",)), ("g0", "g3", "g6", "sex"))
    cleaning = Cleaning(missing={"g3": ("7",)})
    together = make_cohort(mixed(), roles, cleaning)
    again = open_cohort(save_cohort(together, tmp_path / "kept"))
    monkeypatch.setattr(wide, "MANY", 10**6)
    monkeypatch.setattr("medtune.cohort.columns.MANY", 10**6)
    alone = make_cohort(mixed(), roles, cleaning)
    pd.testing.assert_frame_equal(together.frame, alone.frame)
    pd.testing.assert_frame_equal(again.frame, alone.frame)
    assert together.columns == alone.columns
    assert together.fingerprint == alone.fingerprint == again.fingerprint
    assert list(map(str, together.notes)) == list(map(str, alone.notes))


@pytest.mark.filterwarnings("ignore::pandas.errors.PerformanceWarning")
def test_copies_of_rows_in_a_wide_table_are_those_that_pandas_finds():
    table = pd.concat([mixed(), mixed().iloc[[4, 9]]], ignore_index=True)
    table.loc[41, "sex"] = "x"
    np.testing.assert_array_equal(wide.copies(table), table.duplicated())
    assert wide.copies(table).sum() == 1
