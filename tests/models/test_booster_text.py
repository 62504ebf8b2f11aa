"""Text of boosted trees is read when it is sound, and refused when it leads anywhere else."""

import lightgbm
import numpy as np
import pytest

from medtune.foundation.errors import ModelError
from medtune.models.booster_text import checked_text, read_booster


@pytest.fixture(scope="module")
def booster():
    """Trees of LightGBM's own, deeper than ours."""
    rng = np.random.default_rng(0)
    T = rng.normal(size=(300, 4))
    y = (T[:, 0] * T[:, 1] + rng.normal(size=300) > 0).astype(float)
    told = {"objective": "binary", "num_leaves": 7, "verbosity": -1, "num_threads": 1, "seed": 0}
    return lightgbm.train(told, lightgbm.Dataset(T, y), num_boost_round=12), T


@pytest.fixture(scope="module")
def text(booster):
    """As it is kept."""
    return checked_text(booster[0].model_to_string(), 4)


def test_trees_written_anew_predict_and_explain_as_lightgbm_did(booster, text):
    original, T = booster
    again = read_booster(text, 4)
    np.testing.assert_array_equal(again.predict(T, raw_score=True), original.predict(T, raw_score=True))
    np.testing.assert_allclose(
        again.predict(T, pred_contrib=True), original.predict(T, pred_contrib=True), rtol=0, atol=1e-12
    )
    assert checked_text(text) == text


def test_no_limits_of_columns_and_no_settings_are_kept(text):
    assert "[" not in text
    assert "parameters" not in text


def test_a_tree_of_one_leaf_is_a_constant():
    T, y = np.zeros((40, 2)), np.tile([0.0, 1.0], 20)
    y[:10] = 1
    constant = lightgbm.train({"objective": "binary", "verbosity": -1}, lightgbm.Dataset(T, y), num_boost_round=1)
    again = read_booster(checked_text(constant.model_to_string(), 2), 2)
    np.testing.assert_allclose(again.predict(T, raw_score=True), constant.predict(T, raw_score=True))


def changed(text: str, field: str, at: int, value: str) -> str:
    """The text with one number of the first tree replaced."""
    lines = text.splitlines()
    row = next(i for i, line in enumerate(lines) if line.startswith(f"{field}="))
    values = lines[row].split("=")[1].split(" ")
    values[at] = value
    lines[row] = f"{field}={' '.join(values)}"
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("field", "at", "value"),
    [
        ("split_feature", 0, "4"),
        ("split_feature", 0, "-1"),
        ("left_child", 0, "0"),
        ("left_child", 1, "0"),
        ("right_child", 0, "6"),
        ("right_child", 0, "-8"),
        ("right_child", 0, "99999999999999999999999"),
        ("threshold", 0, "nan"),
        ("leaf_value", 2, "inf"),
        ("leaf_value", 0, "0.1 0.2"),
        ("decision_type", 0, "1"),
        ("num_leaves", 0, "8"),
        ("num_leaves", 0, "-1"),
        ("num_cat", 0, "1"),
        ("is_linear", 0, "1"),
        ("max_feature_idx", 0, "1"),
        ("num_class", 0, "3"),
        ("objective", 0, "multiclass"),
        ("threshold", 0, "seven"),
    ],
)
def test_a_tree_that_leads_outside_itself_is_refused(text, field, at, value):
    with pytest.raises(ModelError, match="damaged or was tampered with"):
        checked_text(changed(text, field, at, value))


@pytest.mark.parametrize("strange", ["", "tree", "tree\nversion=v4", "\x80\x04", "[1, 2]", None, 3, b"tree\n"])
def test_what_is_no_text_of_trees_is_refused(strange):
    with pytest.raises(ModelError, match="damaged or was tampered with"):
        checked_text(strange)


def test_trees_over_other_columns_are_refused(text):
    with pytest.raises(ModelError):
        read_booster(text, 5)
