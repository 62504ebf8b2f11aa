"""What changed: coefficients, effects and contributions of two models, against their own predictions."""

import numpy as np
import pytest

from medtune.cohort.columns import describe
from medtune.evaluation.logistic import logit
from medtune.explanation.changes import changes, coefficient_changes, reason
from medtune.explanation.linear_form import LinearForm, linear_form
from medtune.foundation.words import say
from medtune.models.clinical import ClinicalModel
from medtune.models.equation import read_equation
from medtune.models.passport import Passport
from medtune.tuning.update import AveragedUpdate, Refit
from tests.explanation.test_contributions import patients, trained, tuned


@pytest.mark.parametrize("method", ["averaged", "intercept", "recalibration", "refit"])
def test_the_line_of_coefficients_predicts_what_the_model_predicts(method):
    model = tuned(trained("logistic"), method)
    frame, _ = patients(80, 5)
    frame = frame.dropna()
    form = linear_form(model)
    told = np.full(len(frame), form.intercept)
    for key, value in zip(form.keys, form.coefficients, strict=True):
        column, _, level = key.partition("=")
        told += value * ((frame[column] == level).to_numpy(float) if level else frame[column].to_numpy(float))
    np.testing.assert_allclose(told, model.linear_predictor(frame), atol=1e-8)


def test_the_ratio_is_after_over_before_with_its_interval_and_the_original_counts_as_known():
    base = trained("logistic")
    rows = {row.name: row for row in coefficient_changes(base, tuned(base, "averaged"))}
    age = rows["age"]
    assert age.ratio.value == pytest.approx(age.after.value / age.before)
    assert sorted((age.ratio.low, age.ratio.high)) == pytest.approx(
        sorted((age.after.low / age.before, age.after.high / age.before))
    )
    assert age.after.low < age.after.value < age.after.high
    assert not rows["intercept"].ratio.known


def test_no_ratio_is_told_where_the_original_has_next_to_no_effect(monkeypatch):
    monkeypatch.setattr("medtune.explanation.changes.linear_form", lambda form: form)
    one = LinearForm(("age", "sex=male"), np.array([0.001, 0.02]), 0.0, None)
    two = LinearForm(("age", "sex=male"), np.array([0.8, 0.8]), 0.0, np.array([0.3, 0.3, 0.3]))
    age, male = coefficient_changes(one, two)[1:]
    assert not age.ratio.known
    assert male.ratio.value == pytest.approx(40)


def test_an_unchanged_coefficient_has_ratio_one_and_an_intercept_update_changes_nothing_else():
    base = trained("logistic")
    rows = coefficient_changes(base, tuned(base, "intercept"))
    assert all(row.ratio.value == pytest.approx(1) for row in rows if row.ratio.known)
    assert rows[0].after.value != pytest.approx(rows[0].before)


@pytest.mark.parametrize("family", ["gradient_boosting", "random_forest"])
def test_models_that_are_not_linear_have_curves_and_no_coefficients(family):
    base = trained(family)
    found = changes(base, tuned(base, "recalibration"), patients(40, 3)[0])
    assert found.coefficients == ()
    assert {effect.column for effect in found.effects} == {"age", "pressure", "lactate", "pain", "sex"}


def test_an_equation_of_plain_terms_has_coefficients_and_one_with_a_logarithm_has_not():
    frame, _ = patients(50, 1)
    plain = read_equation("-4 + 0.05*((age - 50)/10) + 0.4*(sex=male)")
    form = linear_form(plain)
    told = form.intercept + form.of("age")[0] * frame.age + form.of("sex=male")[0] * (frame.sex == "male")
    np.testing.assert_allclose(told, plain.linear_predictor(frame), atol=1e-12)
    assert linear_form(read_equation("-4 + 0.05*age + 0.4*log(lactate)")) is None


def test_an_effect_is_the_mean_risk_with_the_column_set_for_everyone():
    base = trained("logistic")
    model = tuned(base, "averaged")
    frame, _ = patients(30, 8)
    found = changes(base, model, frame)
    effect = next(effect for effect in found.effects if effect.column == "age")
    at = 4
    everyone = frame.assign(age=effect.values[at])
    assert effect.before[at] == pytest.approx(base.risk(everyone).mean(), abs=1e-12)
    assert effect.after[at] == pytest.approx(model.risk(everyone).mean(), abs=1e-12)
    assert np.all(effect.low < effect.after)
    assert np.all(effect.after < effect.high)
    pain = next(effect for effect in found.effects if effect.column == "pain")
    assert pain.levels == ("atypical", "none", "other", "typical")


@pytest.mark.parametrize("family", ["logistic", "gradient_boosting", "random_forest"])
def test_differences_of_contributions_add_up_to_the_change_of_log_odds(family):
    base = trained(family)
    model = tuned(base, "averaged")
    frame, _ = patients(30, 8)
    found = changes(base, model, frame)
    told = found.difference.baseline + found.difference.contributions.sum(axis=1)
    some = frame.iloc[found.difference.rows]
    np.testing.assert_allclose(told, logit(model.risk(some)) - logit(base.risk(some)), atol=1e-6)
    np.testing.assert_allclose(found.before, base.risk(some), atol=1e-12)


def test_how_two_models_were_asked_is_told_of_each_and_of_whom_once(monkeypatch):
    monkeypatch.setattr("medtune.explanation.sampled.EVALUATIONS", 3_000)
    base = trained("random_forest")
    note = str(changes(base, tuned(base, "refit"), patients(60, 8)[0]).note)
    assert note.startswith("Of the original: The contributions are estimated from ")
    assert "Of the tuned model: The contributions are exact" in note
    assert "of 60 patients, drawn at random, are explained" in note
    assert (note.count("explained"), note.count("not a cause")) == (1, 1)
    alike = str(changes(base, tuned(base, "recalibration"), patients(60, 8)[0]).note)
    assert "Of the original" not in alike


def test_the_reason_points_the_way_the_patient_moved():
    base = trained("logistic")
    found = changes(base, tuned(base, "refit"), patients(60, 8)[0]).difference
    for patient in range(60):
        column, change = reason(found, patient)
        total = found.baseline + found.contributions[patient].sum()
        if column:
            assert np.sign(change) == np.sign(total)
            assert abs(change) == np.max(found.contributions[patient] * np.sign(total))
            assert change == found.contributions[patient, found.columns.index(column)]


def test_a_new_predictor_has_no_coefficient_before():
    frame, y = patients(200, 2)
    small = ClinicalModel(
        trained("logistic").estimator, Passport("small", say("Trained."), trained("logistic").columns)
    )
    from medtune.cohort.preparation import make_preparation
    from medtune.foundation.settings import Preparation

    wide = frame.assign(crp=np.random.default_rng(0).normal(size=200))
    columns = describe(wide)
    update = AveragedUpdate(small, make_preparation(columns, Preparation(scale="none"))).fit(wide, y)
    rows = {
        row.name: row for row in coefficient_changes(small, ClinicalModel(update, Passport("t", say("T."), columns)))
    }
    assert np.isnan(rows["crp"].before)
    assert not rows["crp"].ratio.known
    assert rows["crp"].after.bounded
    refit = Refit(small, make_preparation(columns, Preparation(scale="none"))).fit(wide, y)
    assert not linear_form(refit).errors
