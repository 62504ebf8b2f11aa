"""Predictors become features: what is learnt, that only the fitted rows teach, and what happens to new rows."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler, StandardScaler

from medtune.cohort.columns import Column, describe
from medtune.cohort.demo import two_hospitals
from medtune.cohort.preparation import Preparation, feature_fills, feature_keys, feature_origins, make_preparation
from medtune.foundation import settings as chosen
from medtune.foundation.errors import ColumnsError, SettingsError

OPTIONS = {
    "as proposed": {},
    "mean, raw units": {"numbers": "mean", "scale": "none"},
    "robust, clipped, with indicators": {"scale": "robust", "clip": 0.05, "indicators": True},
    "missing as a level": {"categories": "level", "indicators": True},
    "by model": {"numbers": "iterative", "indicators": True},
}


@cache
def fitted_with(case):
    source = two_hospitals()[0]
    return make_preparation(source.predictor_columns, chosen.Preparation(**OPTIONS[case])).fit(source.predictors)


@pytest.fixture(scope="module")
def hospitals():
    return two_hospitals()


def frame_of(**columns):
    return pd.DataFrame(columns)


@pytest.mark.parametrize(("fill", "scale", "scaler"), [
    ("median", "standard", StandardScaler()),
    ("mean", "standard", StandardScaler()),
    ("median", "robust", RobustScaler()),
])  # fmt: skip
def test_numbers_agree_with_scikit_learn(hospitals, fill, scale, scaler):
    source, local = hospitals
    names = [column.name for column in source.predictor_columns if column.kind == "number"]
    ours = Preparation(numbers=fill, scale=scale).fit(source.frame[names])
    theirs = make_pipeline(SimpleImputer(strategy=fill), scaler).fit(source.frame[names])
    np.testing.assert_allclose(ours.transform(local.frame[names]), theirs.transform(local.frame[names]), atol=1e-12)


def test_scale_none_leaves_raw_units():
    frame = frame_of(x=[1.0, 2.0, np.nan, 60.0])
    out = Preparation(scale="none").fit_transform(frame)
    assert list(out["x"]) == [1.0, 2.0, 2.0, 60.0]


def test_categories_are_spelled_out_and_two_levels_share_one_column():
    frame = frame_of(sex=["m", "f", "m", None], ward=["a", "b", "c", "a"])
    fitted = Preparation().fit(frame)
    assert feature_keys(fitted) == ["sex=m", "ward=a", "ward=b", "ward=c"]
    assert feature_origins(fitted) == ["sex", "ward", "ward", "ward"]
    assert fitted.transform(frame).to_numpy().tolist() == [[1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 1], [1, 1, 0, 0]]


def test_the_first_level_can_be_left_out_of_every_category():
    fitted = Preparation(drop="first").fit(frame_of(ward=["a", "b", "c", "a"]))
    assert feature_keys(fitted) == ["ward=b", "ward=c"]


def test_rare_levels_are_grouped_and_take_in_unseen_ones():
    frame = frame_of(ward=["a"] * 60 + ["b"] * 38 + ["c", "d"])
    fitted = Preparation(rare_below=0.02).fit(frame)
    assert feature_keys(fitted) == ["ward=a", "ward=b", "ward=(rare)"]
    out = fitted.transform(frame_of(ward=["c", "never seen", "b"]))
    assert out.to_numpy().tolist() == [[0, 0, 1], [0, 0, 1], [0, 1, 0]]


def test_an_unseen_level_is_none_of_the_known_ones_where_nothing_is_rare():
    fitted = Preparation().fit(frame_of(ward=["a", "b", "c"] * 5))
    assert fitted.transform(frame_of(ward=["z"])).to_numpy().tolist() == [[0, 0, 0]]


def test_missing_can_be_a_level_of_its_own():
    fitted = Preparation(categories="level").fit(frame_of(ward=["a", "b", None, "a"]))
    assert feature_keys(fitted) == ["ward=a", "ward=b", "ward=(missing)"]
    assert fitted.transform(frame_of(ward=[None])).to_numpy().tolist() == [[0, 0, 1]]


def test_indicators_stand_beside_columns_with_gaps_only():
    frame = frame_of(x=[1.0, np.nan, 3.0], z=[1.0, 2.0, 4.0])
    out = Preparation(indicators=True).fit_transform(frame)
    assert list(out.columns) == ["x", "x is missing", "z"]
    assert list(out["x is missing"]) == [0, 1, 0]


def test_a_column_called_like_an_indicator_keeps_its_own_name_apart():
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0], "x is missing": [0.0, 1.0, 5.0]})
    keys = feature_keys(Preparation(indicators=True).fit(frame))
    assert len(set(keys)) == 3


def test_a_column_without_a_value_in_the_fitted_rows_gives_no_feature():
    columns = (Column("x", "number"), Column("gone", "number"), Column("lost", "category", levels=("a", "b")))
    frame = pd.DataFrame({"x": [1.0, 2.0], "gone": [np.nan] * 2, "lost": pd.Series([None, None], dtype="str")})
    for options in OPTIONS.values():
        fitted = Preparation(columns, **options).fit(frame)
        assert fitted.left_out_ == ["gone", "lost"]
        later = frame.assign(gone=[5.0, 6.0], lost=["a", "b"])
        assert set(feature_origins(fitted)) == {"x"}
        assert len(fitted.transform(later)) == 2


def test_a_constant_column_gives_a_constant_feature():
    out = Preparation().fit_transform(frame_of(x=[0.1] * 7, ward=["a"] * 7))
    assert (out["x"].abs() < 1e-12).all()
    assert (out["ward=a"] == 1).all()


def test_clipping_is_learnt_and_spares_columns_of_few_values():
    frame = frame_of(x=np.arange(101.0), flag=[1.0] + [0.0] * 100)
    fitted = Preparation(clip=0.1, scale="none").fit(frame)
    out = fitted.transform(frame_of(x=[-50.0, 50.0, 1e6], flag=[1.0, 0.0, 1.0]))
    assert list(out["x"]) == [10, 50, 90]
    assert list(out["flag"]) == [1, 0, 1]


def test_a_model_fills_gaps_better_than_the_median():
    rng = np.random.default_rng(0)
    x = rng.normal(100, 20, 400)
    truth = pd.DataFrame({"x": x, "twice": 2 * x + rng.normal(0, 2, 400)})
    holes = truth.copy()
    holes.loc[::5, "twice"] = np.nan
    error = {
        how: np.abs(Preparation(numbers=how, scale="none").fit_transform(holes)["twice"] - truth["twice"])[::5].mean()
        for how in ("median", "iterative")
    }
    assert error["iterative"] < 0.2 * error["median"]


def test_filling_by_a_model_does_not_depend_on_the_unit():
    source = two_hospitals()[0].frame[["age_years", "lactate_mmol_l", "creatinine_umol_l"]]
    other = source * [1, 1000, 0.0113]
    first, second = (Preparation(numbers="iterative").fit_transform(frame) for frame in (source, other))
    np.testing.assert_allclose(first, second, atol=1e-6)


@pytest.mark.parametrize("case", OPTIONS, ids=list(OPTIONS))
class TestWithEveryOption:
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def test_a_row_is_prepared_the_same_whatever_stands_beside_it(self, hospitals, case, data):
        _, local = hospitals
        fitted = fitted_with(case)
        rows = data.draw(st.lists(st.integers(0, local.n - 1), min_size=1, max_size=12))
        whole, part = fitted.transform(local.predictors), fitted.transform(local.predictors.iloc[rows])
        np.testing.assert_allclose(part, whole.iloc[rows], rtol=1e-9, atol=1e-9)
        assert list(part.index) == rows

    def test_nothing_is_learnt_from_rows_that_are_only_transformed(self, hospitals, case):
        source, local = hospitals
        make = lambda: make_preparation(source.predictor_columns, chosen.Preparation(**OPTIONS[case]))  # noqa: E731
        one, two = make().fit(source.predictors), make().fit(source.predictors)
        one.transform(local.predictors)
        pd.testing.assert_frame_equal(one.transform(source.predictors), two.transform(source.predictors))

    def test_fitting_and_transforming_at_once_is_the_same_as_in_turn(self, hospitals, case):
        source, _ = hospitals
        fresh = make_preparation(source.predictor_columns, chosen.Preparation(**OPTIONS[case]))
        at_once, in_turn = fresh.fit_transform(source.predictors), clone(fresh).fit(source.predictors)
        pd.testing.assert_frame_equal(at_once, in_turn.transform(source.predictors))
        assert list(in_turn.get_feature_names_out()) == list(at_once.columns)
        assert at_once.notna().all(axis=None)

    def test_it_survives_a_safe_file(self, hospitals, case):
        source, local = hospitals
        fitted = fitted_with(case)
        data = skops.io.dumps(fitted)
        strange = skops.io.get_untrusted_types(data=data)
        assert all(name.startswith(("medtune.", "sklearn.", "numpy.")) for name in strange)
        again = skops.io.loads(data, trusted=strange)
        pd.testing.assert_frame_equal(again.transform(local.predictors), fitted.transform(local.predictors))
        assert again.columns == source.predictor_columns


def test_levels_learnt_in_one_fold_do_not_know_the_others():
    frame = frame_of(ward=["a", "b", "c"] * 10 + ["only here"])
    columns = describe(frame)
    fitted = make_preparation(columns).fit(frame.iloc[:30])
    assert "ward=only here" not in feature_keys(fitted)


def test_an_absent_column_and_a_wrong_setting_are_said():
    frame = frame_of(x=[1.0, 2.0], z=[1.0, 3.0])
    with pytest.raises(ColumnsError, match="no column 'z'"):
        make_preparation(describe(frame)).fit(frame[["x"]])
    with pytest.raises(SettingsError, match="'drop'"):
        Preparation(drop="last").fit(frame)
    with pytest.raises(SettingsError, match="scale"):
        Preparation(scale="minmax").fit(frame)


def test_given_fills_stand_for_what_the_rows_would_say():
    frame = pd.DataFrame({"age": [50.0, 60.0, np.nan], "ward": ["a", "b", None], "sex": ["m", "f", None]})
    columns = describe(frame, {"ward": "category", "sex": "category"})
    fills = {"age": 71.0, "ward": "b", "sex": "unheard of"}
    prepared = make_preparation(columns, chosen.Preparation(scale="none"), fills=fills).fit(frame)
    row = prepared.transform(frame).iloc[2]
    assert row["age"] == 71.0
    assert row["ward=b"] == 1.0
    # A level that these rows do not have cannot fill: the commonest one does.
    assert row["sex=m"] == 0.0
    assert feature_fills(prepared) == {"age": 71.0, "ward": "b", "sex": "f"}


@pytest.mark.parametrize("case", OPTIONS)
def test_rows_of_a_table_read_once_give_the_features_of_the_same_rows_of_the_table(hospitals, case):
    local = hospitals[1]
    prepare = make_preparation(local.predictor_columns, chosen.Preparation(**OPTIONS[case]))
    cells = prepare.read(local.predictors)
    rng = np.random.default_rng(0)
    some, others = rng.permutation(local.n)[: local.n // 3], rng.permutation(local.n)[:40]
    by_cells, by_table = clone(prepare), clone(prepare)
    np.testing.assert_array_equal(
        by_cells.fit_transform(cells.take(some)), by_table.fit_transform(local.predictors.iloc[some])
    )
    np.testing.assert_array_equal(
        by_cells.transform(cells.take(others)), by_table.transform(local.predictors.iloc[others])
    )
    assert by_cells.keys_ == by_table.keys_
    assert not hasattr(prepare, "n_features_in_")
