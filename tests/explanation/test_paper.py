"""Nomogram and points score say what the model says, and what rounding costs is measured on other patients."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.evaluation.logistic import expit, logit
from medtune.explanation.main_effects import main_effects
from medtune.explanation.nomogram import nomogram, round_values
from medtune.explanation.points import check_points, points_score
from medtune.foundation.errors import ModelError
from medtune.foundation.records import from_plain, to_json
from medtune.models.starting import ScoreColumn
from tests.explanation.test_contributions import patients, trained, tuned


def model_and_patients(method: str = "averaged", base: str = "logistic", n: int = 200):
    frame, _ = patients(n, 5)
    frame["score"] = expit(np.random.default_rng(5).normal(size=n))
    start = ScoreColumn("score") if base == "score" else trained(base, indicators=True)
    return tuned(start, method), frame


@pytest.mark.parametrize("method", ["averaged", "refit", "intercept"])
@pytest.mark.parametrize("base", ["logistic", "score"])
def test_points_of_the_nomogram_added_up_give_the_risk_of_the_model(base, method):
    model, frame = model_and_patients(method, base)
    shown = nomogram(model, frame)
    assert shown.scales[0].high - shown.scales[0].low == pytest.approx(100, abs=0.5) or base == "score"
    assert all(scale.low >= -1e-9 for scale in shown.scales)
    some = pd.DataFrame(index=range(4))
    rng, total = np.random.default_rng(0), np.zeros(4)
    for name in frame.columns:
        some[name] = frame[name].dropna().iloc[[0] * 4].to_numpy()
    for scale in shown.scales:
        known = [mark for mark in scale.marks if mark.name]
        picked = [known[at] for at in rng.integers(0, len(known), 4)]
        values = [float(mark.name) if scale.numeric else mark.name for mark in picked]
        some[scale.column] = pd.Series(values, dtype=float if scale.numeric else "str")
        total += [mark.points for mark in picked]
    risk, points = np.array(shown.risks).T
    start = float(np.mean(logit(risk) - points * shown.per_point))
    np.testing.assert_allclose(
        expit(start + total * shown.per_point), model.risk(some), atol=2e-3 if base == "score" else 1e-6
    )


@pytest.mark.parametrize("shape", [{"curves": "spline"}, {"skewed": "log"}])
def test_curves_of_one_column_stay_one_scale_and_one_item(shape):
    frame, _ = patients(200, 5)
    model = trained("logistic", **shape)
    scales = nomogram(model, frame).scales
    assert sorted(scale.column for scale in scales) == sorted({scale.column for scale in scales})
    sheet = points_score(model, frame, 40)
    assert np.corrcoef(logit(sheet.risk(frame)), logit(model.risk(frame)))[0, 1] > 0.93


def test_a_missing_value_has_a_mark_of_its_own_where_patients_lack_it():
    model, frame = model_and_patients()
    by_column = {scale.column: scale for scale in nomogram(model, frame).scales}
    assert [mark.name for mark in by_column["pressure"].marks].count("") == 1
    assert [mark.name for mark in by_column["age"].marks].count("") == 0


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6), most=st.integers(2, 12))
@settings(max_examples=60)
def test_round_values_are_few_even_and_within_the_limits(low, width, most):
    values = round_values(low, low + width, most, whole=False)
    assert 2 <= len(values) <= most + 1
    slack = 1e-4 * (abs(low) + width)
    assert low - slack <= values[0] < values[-1] <= low + width + slack


@pytest.mark.parametrize("most", [6, 20, 40])
def test_the_sheet_stays_within_its_points_and_follows_the_model(most):
    model, frame = model_and_patients()
    sheet = points_score(model, frame, most)
    total = sheet.points(frame)
    assert 0 <= total.min() <= total.max() <= sheet.most <= most
    assert np.all(np.diff(sheet.risks) > 0)
    assert all(min(line.points for line in item.lines) == 0 for item in sheet.items)
    assert {*sheet.dropped, *(item.column for item in sheet.items)} <= set(frame.columns)
    assert sheet.risk(frame).mean() == pytest.approx(model.risk(frame).mean(), abs=1e-4)
    agreement = np.corrcoef(logit(sheet.risk(frame)), logit(model.risk(frame)))[0, 1]
    assert agreement > (0.75 if most == 6 else 0.93)


def test_more_points_follow_the_model_at_least_as_well():
    model, frame = model_and_patients()
    apart = [np.abs(points_score(model, frame, most).risk(frame) - model.risk(frame)).mean() for most in (6, 20, 40)]
    assert apart[0] > apart[1] > 0.9 * apart[2]


def test_outcomes_play_no_part_and_new_patients_are_counted():
    model, frame = model_and_patients()
    sheet = points_score(model, frame)
    new = frame.head(3).assign(pain=["unheard of", "typical", None], lactate=[np.nan, 1e9, -5.0])
    assert len(sheet.points(new)) == 3
    assert points_score(model, frame.assign(died=1)).items == sheet.items


def test_a_sheet_and_a_nomogram_survive_being_written():
    import json

    model, frame = model_and_patients()
    for thing in (points_score(model, frame), nomogram(model, frame)):
        assert from_plain(type(thing), json.loads(to_json(thing))) == thing


@pytest.mark.parametrize("family", ["gradient_boosting", "random_forest"])
def test_a_model_that_is_no_sum_is_refused_with_the_way_out(family):
    frame, _ = patients(60, 1)
    for make in (nomogram, points_score):
        with pytest.raises(ModelError, match="not a sum over the columns"):
            make(trained(family), frame)


def test_the_cost_of_points_is_paired_and_bounded():
    model, frame = model_and_patients(n=300)
    y = (np.random.default_rng(1).random(300) < model.risk(frame)).astype(int)
    found = check_points(y, model.risk(frame), points_score(model, frame, 6).risk(frame))
    assert (found.n, found.events) == (300, int(y.sum()))
    for key in ("auroc", "log_loss", "slope", "citl"):
        assert found.loss[key].value == pytest.approx(found.sheet[key].value - found.model[key].value)
        assert found.loss[key].low <= found.loss[key].value <= found.loss[key].high
    same = check_points(y, model.risk(frame), model.risk(frame))
    assert same.loss["log_loss"].value == 0
    assert found.loss["log_loss"].value > 0


# -- main effects ----------------------------------------------------------------------------------------------------


def test_main_effects_of_a_sum_tell_all_of_it_and_are_its_terms():
    model, frame = model_and_patients()
    found = main_effects(model, frame.fillna({"pressure": 130.0, "pain": "none"}))
    assert found.scale == "log-odds"
    assert found.share.value > 0.97
    age = next(effect for effect in found.effects if effect.column == "age")
    slopes = np.diff(age.effect) / np.diff(age.values)
    np.testing.assert_allclose(slopes, slopes[0], rtol=1e-6)
    np.testing.assert_allclose(age.least, age.most, atol=1e-9)


def test_main_effects_of_trees_leave_something_to_interactions():
    frame, _ = patients(200, 5)
    found = main_effects(trained("gradient_boosting"), frame)
    assert 0.3 < found.share.low <= found.share.value <= found.share.high < 1
    for effect in found.effects:
        assert (effect.low <= effect.effect + 1e-9).all()
        assert (effect.effect <= effect.high + 1e-9).all()
        assert effect.effect.mean() == pytest.approx(0, abs=1e-9)
    assert max(float((effect.most - effect.least).max()) for effect in found.effects) > 0.05
