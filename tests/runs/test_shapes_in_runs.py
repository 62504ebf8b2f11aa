"""Curves, logarithms, ranks and units in whole runs: told by column, kept in files, the same for new patients."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.demo import two_hospitals
from medtune.explanation.contributions import explain
from medtune.explanation.linear_form import linear_form
from medtune.foundation.settings import Family, Preparation, Settings, Validation
from medtune.models.files import dump_model, load_model
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.training import train_source

QUICK = Validation(repeats=1, folds=3, resamples=100)
BENT = Preparation(curves="spline", knots=3, skewed="log", ordered="rank", shapes=(("lactate_mmol_l", "log"),))
UNITS = Preparation(units=(("lactate_mmol_l", "lactate: mmol/L to mg/dL"),))


@pytest.fixture(scope="module")
def hospitals():
    return two_hospitals()


@pytest.fixture(scope="module")
def base(hospitals):
    return train_source(hospitals[0], "Source")


@pytest.fixture(scope="module")
def bent(hospitals, base):
    return fine_tune(hospitals[1], base, Settings(preparation=BENT, validation=QUICK))


def test_contributions_come_by_column_and_add_up(hospitals, bent):
    local = hospitals[1]
    told = explain(bent.models["averaged"], local.frame.iloc[:40])
    assert set(told.columns) == set(local.roles.predictors)
    total = told.baseline + told.contributions.sum(axis=1)
    np.testing.assert_allclose(total, bent.models["averaged"].linear_predictor(local.frame.iloc[:40]), atol=1e-6)
    assert "exact" in str(told.note)


def test_coefficients_name_the_curve_and_its_line_gives_the_models_own_log_odds(hospitals, bent):
    names = [coefficient.name for coefficient in bent.result.coefficients]
    assert "log(lactate_mmol_l)" in names
    assert any(" bend 1 (knots " in name for name in names)
    model = bent.models["averaged"]
    form = linear_form(model)
    local = hospitals[1].frame.iloc[:30]
    ready = model.check(local).frame
    local_features = model.estimator.preparation_.transform(ready)
    source = base_features(model, ready)
    told = np.full(len(local), form.intercept)
    for key, value in zip(form.keys, form.coefficients, strict=True):
        told += value * (local_features[key] if key in local_features else source[key]).to_numpy()
    complete = ready.notna().all(axis=1).to_numpy()  # else each side fills a gap by its own rule
    np.testing.assert_allclose(told[complete], model.linear_predictor(local)[complete], atol=1e-8)


def base_features(model, ready):
    """Features of the starting model, unscaled: numbers and 0/1 columns as they are."""
    steps = model.estimator.base.estimator
    made = steps[0].transform(ready)
    for learnt in steps[0].features_:
        if learnt["kind"] == "number":
            made[learnt["keys"][0]] = made[learnt["keys"][0]] * learnt["spread"] + learnt["centre"]
    return made


def test_new_patients_get_the_same_steps_from_the_saved_file(hospitals, bent):
    frame = hospitals[0].frame.iloc[:50]
    for key in ("averaged", "refit", "revision"):
        if key in bent.models:
            again = load_model(dump_model(bent.models[key]), "bent.skops")
            np.testing.assert_array_equal(again.risk(frame), bent.models[key].risk(frame))
            one_by_one = [again.risk(frame.iloc[[row]])[0] for row in range(5)]
            np.testing.assert_allclose(one_by_one, again.risk(frame)[:5], rtol=1e-12)


def test_another_unit_changes_no_risk_and_no_coefficient_per_unit_of_the_table(hospitals, base):
    plain, other = (
        fine_tune(hospitals[1], base, Settings(preparation=wish, validation=QUICK)) for wish in (Preparation(), UNITS)
    )
    for key in plain.risks.keys() & {"averaged", "revision", "refit", "scratch"}:
        np.testing.assert_allclose(other.risks[key], plain.risks[key], atol=1e-6)
    forms = [linear_form(run.models["averaged"]) for run in (plain, other)]
    assert forms[0].keys == forms[1].keys
    np.testing.assert_allclose(forms[0].coefficients, forms[1].coefficients, atol=1e-6)
    np.testing.assert_allclose(forms[0].errors, forms[1].errors, atol=1e-6)
    sums = [run.models["averaged"].passport.aggregates for run in (plain, other)]
    assert sums[0].features == sums[1].features
    np.testing.assert_allclose(sums[0].sd, sums[1].sd, rtol=1e-9)
    assert "lactate_mmol_l [mg/dL]" in [coefficient.name for coefficient in other.result.coefficients]


@pytest.mark.parametrize("name", ["logistic", "elastic_net", "random_forest", "gradient_boosting"])
def test_a_family_from_scratch_takes_every_shape_and_is_told_by_column(hospitals, name):
    local = hospitals[1]
    run = fine_tune(local, None, Settings(preparation=BENT, family=Family(name, trees=20), validation=QUICK))
    model = run.models["scratch"]
    told = explain(model, local.frame.iloc[:20])
    assert set(told.columns) == set(local.roles.predictors)
    risk = model.risk(local.frame.iloc[:20])
    total = told.baseline + told.contributions.sum(axis=1)
    given = total if told.scale == "probability" else 1 / (1 + np.exp(-total))
    np.testing.assert_allclose(given, risk, atol=1e-5)


def test_one_odd_patient_is_scored_all_the_same(hospitals, bent):
    row = hospitals[1].frame.iloc[[0]].copy()
    numbers = [name for name in row if pd.api.types.is_numeric_dtype(row[name])]
    for value in (np.nan, 0.0, -1.0, 1e12):
        risk = bent.models["averaged"].risk(row.assign(**dict.fromkeys(numbers, value)))
        assert np.isfinite(risk).all()
