"""Shapes of numbers, ranks and units: what they compute, and that old choices and old files stay what they were."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from medtune.cohort.columns import describe
from medtune.cohort.preparation import Preparation, feature_fills, feature_keys, make_preparation
from medtune.cohort.preview import preview
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.shapes import bends, learn_knots, skewness
from medtune.cohort.table import make_cohort, open_cohort, save_cohort
from medtune.foundation import settings as chosen
from medtune.foundation.errors import SettingsError
from medtune.foundation.records import from_json, to_json
from medtune.foundation.settings import Settings
from medtune.tuning.planning import prepared_columns

rng = np.random.default_rng(3)
N = 300
TABLE = pd.DataFrame(
    {
        "age": rng.normal(60, 12, N).round(1),
        "crp": np.exp(rng.normal(2, 1.2, N)).round(2),
        "stage": rng.choice(["I", "II", "III", "IV"], N, p=[0.4, 0.3, 0.2, 0.1]),
        "flag": rng.integers(0, 2, N).astype(float),
    }
)


def prepared(frame=TABLE, **options):
    return make_preparation(describe(frame), chosen.Preparation(scale="none", **options)).fit(frame)


@pytest.mark.parametrize("count", [3, 4, 5])
def test_a_curve_can_be_any_natural_cubic_spline_with_its_knots(count):
    knots = np.array(learn_knots(TABLE["age"].to_numpy(), count))
    x = np.linspace(knots[0], knots[-1], 200)
    ours = np.column_stack([np.ones(len(x)), x, bends(x, knots)])
    assert np.linalg.matrix_rank(ours) == count
    for _ in range(5):
        natural = CubicSpline(knots, rng.normal(0, 1, count), bc_type="natural")(x)
        fitted = ours @ np.linalg.lstsq(ours, natural, rcond=None)[0]
        np.testing.assert_allclose(fitted, natural, atol=1e-8)


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=5, unique=True).map(sorted))
def test_a_curve_is_straight_outside_its_knots(knots):
    knots = np.array(knots)
    if np.diff(knots).min() < 1e-3:
        return
    left, right = knots[0] - np.array([3.0, 2.0, 1.0]), knots[-1] + np.array([1.0, 2.0, 3.0])
    assert np.all(bends(left, knots) == 0)
    scale = np.abs(bends(right, knots)).max() + 1
    np.testing.assert_allclose(np.diff(bends(right, knots), 2, axis=0) / scale, 0, atol=1e-6)


def test_a_curve_can_follow_what_a_line_cannot():
    x = TABLE["age"].to_numpy()
    bowl = ((x - 60) / 12) ** 2
    made = prepared(TABLE[["age"]], curves="spline", knots=5).transform(TABLE[["age"]])
    design = np.column_stack([np.ones(N), made])
    left = bowl - design @ np.linalg.lstsq(design, bowl, rcond=None)[0]
    assert left.var() < 0.05 * bowl.var()


def test_names_say_what_a_feature_is():
    fitted = prepared(curves="spline", skewed="log", ordered="rank", knots=3)
    knots = np.quantile(TABLE["age"], [0.1, 0.5, 0.9])
    places = ", ".join(f"{knot:.4g}" for knot in knots)
    keys = feature_keys(fitted)
    assert keys[:2] == ["age", f"age bend 1 (knots {places})"]
    assert keys[2] == "log(crp)"
    assert keys[4:] == ["stage (rank)", "flag"]
    assert fitted.origins_ == ["age", "age", "crp", "crp", "stage", "flag"]
    assert len(keys) == prepared_columns(describe(TABLE), chosen.Preparation(curves="spline", ordered="rank", knots=3))


def test_the_logarithm_is_taken_of_skewed_numbers_only():
    made = prepared(skewed="log").transform(TABLE)
    np.testing.assert_allclose(made["log(crp)"], np.log(TABLE["crp"]))
    np.testing.assert_array_equal(made["age"], TABLE["age"])
    assert skewness(TABLE["crp"].to_numpy()) > 1 > abs(skewness(TABLE["age"].to_numpy()))


def test_zeros_take_half_of_the_smallest_value_and_new_values_below_the_smallest_count_as_that():
    frame = pd.DataFrame({"crp": [0.0, 0.4, *np.exp(np.linspace(0, 6, 60))]})
    fitted = prepared(frame, shapes=(("crp", "log"),))
    assert feature_keys(fitted) == ["log(crp + 0.2)"]
    out = fitted.transform(pd.DataFrame({"crp": [-5.0, 0.0, 1.0]}))
    np.testing.assert_allclose(out.iloc[:, 0], np.log([0.2, 0.2, 1.2]))


def test_a_choice_for_one_column_overrules_the_general_one():
    fitted = prepared(curves="spline", skewed="log", shapes=(("age", "straight"), ("crp", "spline")))
    keys = feature_keys(fitted)
    assert [key for key in keys if key.startswith("age")] == ["age"]
    assert keys[1] == "crp"
    assert keys[2].startswith("crp bend 1 (knots")


def test_a_logarithm_that_cannot_be_had_is_not_taken():
    frame = pd.DataFrame({"excess": rng.normal(0, 3, 50)})
    assert feature_keys(prepared(frame, shapes=(("excess", "log"),))) == ["excess"]


def test_quantiles_that_fall_together_leave_fewer_knots_or_none():
    tied = np.r_[np.zeros(200), np.arange(1.0, 51.0)]
    assert len(learn_knots(tied, 5)) < 5
    assert learn_knots(np.tile([1.0, 2.0, 3.0], 30), 4) == []


def test_a_rank_is_the_place_of_the_level_and_gaps_take_the_middle_level():
    frame = pd.DataFrame({"stage": ["I", "II", "III", "IV", "II", "II", None] * 5})
    fitted = prepared(frame, ordered="rank")
    out = fitted.transform(pd.DataFrame({"stage": ["IV", "I", None, "unheard of"]}))
    assert out["stage (rank)"].tolist() == [3, 0, 1, 1]
    assert feature_fills(fitted) == {"stage": "II"}
    given = make_preparation(describe(frame), chosen.Preparation(ordered="rank"), fills={"stage": "IV"}).fit(frame)
    assert feature_fills(given) == {"stage": "IV"}


def test_the_order_of_levels_is_the_users_and_survives_the_store(tmp_path):
    frame = TABLE.assign(died=[0, 1] * (N // 2), pain=rng.choice(["some", "none", "much"], N))
    roles = Roles("died", Event(values=("1",)), ("pain", "stage"))
    cleaning = Cleaning(kinds={"pain": "ordinal"}, order={"pain": ("none", "some", "much")})
    cohort = make_cohort(frame, roles, cleaning)
    assert cohort.columns["pain"].levels == ("none", "some", "much")
    assert cohort.take(np.arange(100)).columns["pain"].levels == ("none", "some", "much")
    again = open_cohort(save_cohort(cohort, tmp_path))
    assert again.columns["pain"].levels == ("none", "some", "much")
    fitted = make_preparation(again.predictor_columns, chosen.Preparation(ordered="rank", scale="none"))
    made = fitted.fit_transform(again.predictors)
    assert made["pain (rank)"].tolist() == again.frame["pain"].map({"none": 0.0, "some": 1.0, "much": 2.0}).tolist()


def test_a_unit_is_converted_before_anything_is_learnt_and_fills_are_told_in_the_units_of_the_table():
    frame = pd.DataFrame({"glucose": [90.0, 100.0, 110.0, np.nan, 400.0]})
    wish = chosen.Preparation(scale="none", units=(("glucose", "glucose: mg/dL to mmol/L"),))
    fitted = make_preparation(describe(frame, {"glucose": "number"}), wish).fit(frame)
    out = fitted.transform(frame)
    assert list(out) == ["glucose [mmol/L]"]
    np.testing.assert_allclose(out.iloc[:, 0], np.array([90, 100, 110, 105, 400]) / 18.0156, rtol=1e-12)
    assert feature_fills(fitted)["glucose"] == pytest.approx(105)
    with pytest.raises(SettingsError, match="no conversion"):
        Preparation(units=(("glucose", "pints"),)).fit(frame)


def test_settings_of_before_open_with_the_hash_they_had():
    old = json.loads(Settings().to_json())
    for name in ("ordered", "curves", "knots", "skewed", "shapes", "units"):
        del old["preparation"][name]
    opened = from_json(Settings, json.dumps(old))
    assert opened == Settings()
    assert opened.fingerprint == "f5fc4f527845b717"  # as it was before there were shapes


def test_shapes_go_through_json_and_change_the_hash():
    bent = Settings(preparation=chosen.Preparation(curves="spline", shapes=(("crp", "log"),)))
    assert from_json(Settings, to_json(bent)) == bent
    assert bent.fingerprint != Settings().fingerprint
    with pytest.raises(SettingsError, match="shape of 'crp'"):
        chosen.Preparation(shapes=(("crp", "wavy"),))


def test_the_preview_tells_shapes_and_shows_the_terms_of_a_curve():
    cohort = make_cohort(TABLE.assign(died=[0, 1] * (N // 2)), Roles("died", Event(values=("1",)), tuple(TABLE)))
    wish = chosen.Preparation(curves="spline", skewed="log", ordered="rank", shapes=(("flag", "spline"),))
    seen = preview(cohort, wish, "age")
    told = " ".join(map(str, seen.sentences))
    assert "The logarithm is taken of 'crp'." in told
    assert "may follow a curve with 4 knots." in told
    assert "'stage' enters as one number" in told
    assert "'flag' has too few different values for a curve" in told
    curve = seen.column.curve
    assert len(curve.terms) == 3
    assert len(curve.knots) == 4
    np.testing.assert_allclose(curve.knots, np.quantile(TABLE["age"], [0.05, 0.35, 0.65, 0.95]))
    assert from_json(type(seen), to_json(seen)).column.curve == curve
    ranked = preview(cohort, wish, "stage").column
    assert ranked.levels == ("I", "II", "III", "IV")
    assert len(set(ranked.after)) == 4
