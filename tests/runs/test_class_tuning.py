"""Fine-tuning with several classes, from a cohort to a verdict and a model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import medtune
from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort, save_cohort
from medtune.evaluation.multiclass import hand_till, multiclass_log_loss
from medtune.foundation.errors import MedtuneError, SettingsError
from medtune.foundation.records import from_json, to_json
from medtune.foundation.settings import Aids, Family, Settings, Starting, Validation
from medtune.models.files import dump_model, load_model, save_model
from medtune.models.same_classes import class_difference
from medtune.runs.class_record import ClassResult
from medtune.runs.class_tuning import LocalClasses
from medtune.runs.folder import Job
from medtune.runs.progress import Progress
from medtune.runs.record import START, model_passport, read_result
from medtune.runs.stages import fine_tune_job
from medtune.tuning.candidates import CAUTIOUS

STAGES = ("none", "mild", "severe")
QUICK = Settings(validation=Validation(folds=3, repeats=2, resamples=100))


def table(n: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"age": rng.normal(60, 10, n), "sex": rng.choice(["m", "f"], n), "lactate": rng.gamma(2, 1, n)}
    )
    score = frame.lactate + 0.05 * (frame.age - 60) + (frame.sex == "m") + rng.logistic(0, 0.7, n) + shift
    frame.loc[rng.random(n) < 0.05, "lactate"] = np.nan
    return frame.assign(stage=np.array(STAGES)[np.digitize(score, [2.2, 4.0])], ward=rng.choice(list("abc"), n))


def cohort(n: int, seed: int, shift: float = 0.0, classes=STAGES, **roles):
    given = Roles("stage", predictors=("age", "sex", "lactate"), classes=classes, **roles)
    return make_cohort(table(n, seed, shift), given, name=f"hospital {seed}")


@pytest.fixture(scope="module")
def source():
    return medtune.fine_tune(cohort(400, 1), settings=QUICK)


@pytest.fixture(scope="module")
def tuned(source):
    return medtune.fine_tune(cohort(200, 2, shift=-1.2), source.model, QUICK)


def test_from_scratch_a_model_is_compared_with_the_shares_of_the_classes(source):
    assert [c.key for c in source.result.candidates] == ["prevalence", "scratch"]
    assert source.verdict.state == "better"
    assert "share of each class" in str(source.verdict.sentence)
    assert source.model.classes == STAGES
    assert source.model.passport.counts == cohort(400, 1).counts
    assert source.evaluation.hand_till.value > 0.7


def test_a_model_that_is_off_here_is_tuned(tuned):
    keys = [c.key for c in tuned.result.candidates]
    assert keys == ["original", "averaged", "intercept", "recalibration", "revision", "refit", "scratch"]
    assert tuned.verdict.state == "better"
    assert tuned.verdict.method == tuned.verdict.chosen == "averaged"
    assert tuned.result.support["intercept"] > 0.9
    assert any("percentage points too" in str(sentence) for sentence in tuned.verdict.details)


def test_the_comparison_is_of_risks_out_of_fold(tuned):
    y = cohort(200, 2, shift=-1.2).outcome[tuned.rows]
    risks = tuned.risks["averaged"]
    assert risks.shape == (2, len(y), 3)
    head = tuned.result.candidate("averaged").performance.headline
    assert head["log_loss"].value == pytest.approx(np.mean([multiclass_log_loss(y, p) for p in risks]))
    assert head["hand_till"].value == pytest.approx(np.mean([hand_till(y, p) for p in risks]))


def test_each_method_leaves_a_model_that_is_saved_and_scores_the_same(tuned):
    patients = table(30, 9)
    for model in (tuned.models[key] for key in ("averaged", "intercept", "scratch")):
        again = load_model(dump_model(model))
        np.testing.assert_array_equal(again.predict_proba(patients), model.predict_proba(patients))
        assert again.predict_proba(patients).sum(axis=1) == pytest.approx(1)


def test_a_tuned_model_knows_its_source_and_can_be_tuned_again(tuned):
    sums = tuned.model.passport.aggregates
    assert sums.information.shape == (2 * len(sums.features), 2 * len(sums.features))
    again = medtune.fine_tune(cohort(150, 3), tuned.model, QUICK)
    assert again.result.candidate("averaged").performance.n == 150


def test_a_result_comes_back_as_it_was(tuned):
    again = from_json(ClassResult, to_json(tuned.result))
    assert again.verdict.sentence == tuned.verdict.sentence
    assert again.counts == tuned.result.counts
    assert again.tuned.comparison.gain == tuned.result.tuned.comparison.gain


def test_the_same_settings_give_the_same_numbers(source, tuned):
    again = medtune.fine_tune(cohort(200, 2, shift=-1.2), source.model, QUICK)
    assert again.verdict.gain == tuned.verdict.gain
    np.testing.assert_array_equal(again.risks["averaged"], tuned.risks["averaged"])


def test_classes_in_another_order_are_the_same_classes(source, tuned):
    turned = medtune.fine_tune(cohort(200, 2, shift=-1.2, classes=STAGES[::-1]), source.model, QUICK)
    assert turned.result.classes == STAGES
    assert turned.verdict.gain.value == pytest.approx(tuned.verdict.gain.value, abs=1e-9)


def test_a_blend_lies_between_both_models(source):
    run = medtune.fine_tune(cohort(200, 2, shift=-1.2), source.model, replace(QUICK, policy="blend"))
    assert run.verdict.chosen == "blended"
    patients = table(20, 8)
    original, tuned, mean = (
        np.log(run.models[key].predict_proba(patients)) for key in ("original", "averaged", "blended")
    )
    weight = run.verdict.blend
    odds = [p[:, 1:] - p[:, :1] for p in (original, tuned, mean)]
    np.testing.assert_allclose(odds[2], (1 - weight) * odds[0] + weight * odds[1], atol=1e-6)


def test_with_too_few_of_a_class_nothing_is_changed(source):
    frame = table(120, 5)
    few = frame[(frame.stage != "severe") | (frame.groupby("stage").cumcount() < 4)]
    small = make_cohort(few, Roles("stage", predictors=("age", "sex", "lactate"), classes=STAGES))
    run = medtune.fine_tune(small, source.model, QUICK)
    assert run.verdict.state == "too few"
    assert "4 are of class ‘severe’" in str(run.verdict.sentence)
    assert run.model is source.model
    assert medtune.fine_tune(small, None, QUICK).verdict.chosen == "prevalence"


def test_guards_go_by_the_rarest_class(source):
    run = medtune.fine_tune(cohort(70, 6), source.model, QUICK)
    assert "of class ‘severe’" in str(run.result.candidate("revision").why_not)


@pytest.mark.parametrize("family", ["random_forest", "gradient_boosting", "elastic_net"])
def test_any_family_starts_and_is_tuned(family):
    chosen = replace(QUICK, family=Family(family, trees=20), validation=Validation(folds=2, repeats=1, resamples=100))
    base = medtune.fine_tune(cohort(200, 1), settings=chosen).models["scratch"]
    run = medtune.fine_tune(cohort(120, 2), base, chosen)
    assert run.result.candidate("averaged").performance.log_loss.value < 1.2


def test_aids_that_know_no_classes_are_left_out_and_a_search_takes_part():
    asked = replace(
        QUICK,
        aids=Aids("smote", hard_examples=True, search=2),
        validation=Validation(folds=2, repeats=1, resamples=100),
    )
    result = medtune.fine_tune(cohort(150, 1), settings=asked).result
    assert "not for several classes" in str(result.candidate("augmented").why_not)
    assert "not for several classes" in str(result.candidate("hard_examples").why_not)
    assert result.candidate("searched").performance.n == 150
    assert any("settled on strength of shrinkage" in str(note) for note in result.notes)


def test_whole_patients_and_sites_are_kept_apart(source):
    by_site = replace(QUICK, validation=Validation("by_site", resamples=100))
    run = medtune.fine_tune(cohort(150, 2, site="ward"), source.model, by_site)
    assert "leaving out each of 3 sites" in str(run.result.design)


def test_a_site_that_holds_a_class_alone_cannot_be_left_out(source):
    frame = table(150, 2)
    frame["ward"] = np.where(frame.stage == "severe", "icu", frame.ward)
    alone = make_cohort(frame, Roles("stage", predictors=("age", "sex"), site="ward", classes=STAGES))
    with pytest.raises(SettingsError, match="would lack a class"):
        medtune.fine_tune(alone, source.model, replace(QUICK, validation=Validation("by_site", resamples=100)))


def test_what_does_not_fit_together_is_said(source):
    binary = make_cohort(table(100, 3), Roles("stage", Event(values=("severe",)), ("age", "sex", "lactate")))
    with pytest.raises(MedtuneError, match="choose all classes instead"):
        medtune.fine_tune(binary, source.model, QUICK)
    event = medtune.fine_tune(binary, settings=QUICK).models["scratch"]
    with pytest.raises(MedtuneError, match="choose an event instead"):
        medtune.fine_tune(cohort(100, 3), event, QUICK)
    with pytest.raises(MedtuneError, match="one risk, but the outcome has several classes"):
        medtune.fine_tune(cohort(100, 3), "lactate", QUICK)
    with pytest.raises(MedtuneError, match="for an event alone"):
        medtune.fine_tune(cohort(100, 3), source.model, QUICK, source=cohort(100, 4))
    with pytest.raises(MedtuneError, match="offered for an event alone"):
        medtune.validate(cohort(100, 3), source.model)
    with pytest.raises(MedtuneError, match="from these very patients"):
        medtune.fine_tune(cohort(400, 1), source.model, QUICK)


def test_classes_that_differ_are_named(source):
    passport = source.model.passport
    assert class_difference(passport, STAGES[::-1]) is None
    assert "does not estimate class 'dead'" in str(class_difference(passport, (*STAGES, "dead")))
    assert "also estimates class 'severe'" in str(class_difference(passport, STAGES[:2]))


def test_the_job_leaves_a_result_models_and_risks(tmp_path, source):

    local = cohort(120, 2)
    save_cohort(local, tmp_path / "cohorts" / "c1")
    folder = tmp_path / "runs" / "r1"
    (folder / "models").mkdir(parents=True)
    settings = replace(QUICK, starting=Starting("model", "m1", "stages"))
    (folder / "job.json").write_text(to_json(Job("r1", "fine_tune", "r", "2026-01-01T00:00:00+00:00", "c1")))
    (folder / "settings.json").write_text(settings.to_json())
    save_model(source.model, folder / START)
    summary = fine_tune_job(folder, Progress())
    assert (summary.n, summary.events, summary.verdict) == (120, None, read_result(folder).verdict.state)
    assert isinstance(read_result(folder), ClassResult)
    assert model_passport(folder, "averaged").classes == STAGES
    assert np.load(folder / "risks.npz")["averaged"].shape == (2, 120, 3)


@pytest.mark.parametrize("place", [0, 2])
def test_one_class_is_explained_against_all_others(tuned, place):
    frame = tuned.cohort.frame
    told = medtune.explain_class(tuned.model, frame, STAGES[place], limit=40)
    risk = tuned.model.predict_proba(frame.iloc[told.rows])[:, place]
    np.testing.assert_allclose(told.risk, risk)
    np.testing.assert_allclose(told.baseline + told.contributions.sum(axis=1), np.log(risk / (1 - risk)), atol=1e-6)
    assert set(told.columns) == {"age", "sex", "lactate"}
    assert "standard error" in str(told.note)
    at = told.columns.index("lactate")
    values = told.values[:, at]  # noqa: PD011
    known = np.isfinite(values)
    direction = np.corrcoef(values[known], told.contributions[known, at])[0, 1]
    assert direction * (1 if place == 2 else -1) > 0.5


def test_a_gain_that_is_not_certain_goes_toward_the_cautious_update(source):
    local = cohort(150, 4)
    run = medtune.fine_tune(local, source.model, QUICK)
    assert (run.verdict.state, run.verdict.chosen, run.verdict.toward) == ("probably better", "blended", CAUTIOUS)
    assert run.verdict.blend == pytest.approx(norm.cdf(run.verdict.t))
    assert CAUTIOUS not in run.models
    update = LocalClasses(local, source.model, run.settings).unfitted(CAUTIOUS).fit(local.frame, local.outcome)
    between, original = run.models["blended"].estimator, np.array([1.0, 1.0])
    np.testing.assert_allclose(between.intercept_, run.verdict.blend * update.intercept_, atol=1e-9)
    part = run.verdict.blend * update.slope_ + (1 - run.verdict.blend) * original
    np.testing.assert_allclose(between.slope_, part, atol=1e-9)
    assert run.result.candidate("blended").performance.n == 150
