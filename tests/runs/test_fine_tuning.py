"""Fine-tuning from a cohort to a verdict, as Python calls it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import medtune
from medtune.cohort.demo import two_hospitals
from medtune.cohort.findings import GIVES_AWAY
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.table import make_cohort
from medtune.evaluation.logistic import expit
from medtune.foundation.errors import MedtuneError
from medtune.foundation.settings import Settings, Validation
from medtune.models.files import dump_model, load_model
from medtune.models.starting import ScoreColumn
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.local import Local
from medtune.runs.training import train_source
from medtune.tuning.candidates import CAUTIOUS
from medtune.tuning.validation import plan_validation

QUICK = Settings(validation=Validation(repeats=1, resamples=200))


@pytest.fixture(scope="module")
def hospitals():
    return two_hospitals()


@pytest.fixture(scope="module")
def source(hospitals):
    return train_source(hospitals[0], "Source")


@pytest.fixture(scope="module")
def run(hospitals, source):
    return fine_tune(hospitals[1], source, QUICK)


def shared(columns, events, n=120, seed=0):
    """A small cohort with this many events, two numbers and one category."""
    rng = np.random.default_rng(seed)
    y = np.zeros(n, int)
    y[:events] = 1
    table = pd.DataFrame(
        {
            "age": rng.normal(60, 10, n) + 8 * y,
            "lactate": rng.normal(2, 0.5, n),
            "sex": rng.choice(["male", "female"], n),
            "risk": np.clip(rng.normal(0.2, 0.08, n) + 0.1 * y, 0.01, 0.9),
            "died": y,
        }
    )
    return make_cohort(table, Roles("died", Event(values=("1",)), columns, score="risk"), Cleaning(), "small")


PREDICTORS = ("age", "lactate", "sex")


def test_the_demo_is_better_after_tuning_because_its_truth_says_so(run):
    assert run.verdict.state == "better"
    assert run.verdict.chosen == "averaged"
    assert run.verdict.gain.low > 0
    original, tuned = run.result.reference.performance, run.result.tuned.performance
    assert abs(tuned.headline["oe"].value - 1) < abs(original.headline["oe"].value - 1)


def test_the_same_settings_and_patients_give_the_same_numbers(hospitals, source, run):
    again = fine_tune(hospitals[1], source, QUICK)
    for key, risks in run.risks.items():
        np.testing.assert_array_equal(risks, again.risks[key])
    assert again.verdict.gain == run.verdict.gain


def test_out_of_fold_risks_of_the_original_are_its_own(hospitals, source, run):
    patients = hospitals[1].without_duplicates()
    np.testing.assert_allclose(run.risks["original"][0], source.risk(patients.frame)[run.rows], atol=1e-6)


def test_a_model_scores_the_raw_table_it_was_tuned_on(hospitals, run):
    raw = hospitals[1].frame
    proba = run.model.predict_proba(raw[list(hospitals[1].roles.predictors)])
    assert proba.shape == (len(raw), 2)
    assert np.all((proba > 0) & (proba < 1))
    np.testing.assert_allclose(run.model.risk(raw.assign(noise=1)), proba[:, 1])


def test_every_model_of_a_run_survives_its_file(hospitals, run):
    raw = hospitals[1].frame
    for key, model in run.models.items():
        loaded = load_model(dump_model(model), f"{key}.skops")
        np.testing.assert_array_equal(loaded.risk(raw), model.risk(raw), err_msg=key)
        assert loaded.passport.name == model.passport.name


@pytest.mark.parametrize("key", ["averaged", "intercept", "recalibration", "revision"])
def test_a_final_model_is_the_method_fitted_to_all_patients_by_itself(hospitals, source, run, key):
    local = Local(hospitals[1], source, run.settings)
    alone = local.unfitted(key).fit(local.read, local.y)
    of_run = run.models[key].estimator
    assert (of_run.intercept_, of_run.slope_) == (alone.intercept_, alone.slope_)
    np.testing.assert_array_equal(of_run.deviation_, alone.deviation_)
    np.testing.assert_array_equal(of_run.feature_names_in_, alone.feature_names_in_)
    np.testing.assert_array_equal(of_run.predict_proba(local.read), alone.predict_proba(local.read))


def test_explanation_adds_up_to_the_chosen_models_log_odds(hospitals, run):
    explained = run.explanation
    patients = hospitals[1].without_duplicates().frame.iloc[explained.rows]
    total = explained.baseline + explained.contributions.sum(axis=1)
    np.testing.assert_allclose(total, run.model.linear_predictor(patients), atol=1e-6)


def test_tuned_passport_says_where_it_is_from_and_carries_no_patient(run):
    passport = run.models["averaged"].passport
    assert (passport.n, passport.events) == (run.result.n, run.result.events)
    assert "Source" in str(passport.made_from)
    assert passport.aggregates.information.shape[0] == len(passport.aggregates.features)
    assert passport.performance["auroc"].bounded


def test_a_source_model_says_on_request_how_good_it_is_on_unseen_patients(hospitals, source):
    measured = train_source(hospitals[0], "Source", measured=True)
    apparent = medtune.evaluate(hospitals[0].outcome, source.risk(hospitals[0].frame), resamples=100)
    honest = measured.passport.performance["auroc"]
    assert honest.low < honest.value < honest.high
    assert 0.6 < honest.value < apparent.auroc.value
    assert source.passport.performance == {}


def test_a_model_is_not_compared_on_the_patients_it_was_made_from(hospitals, source):
    with pytest.raises(MedtuneError, match="made from these very patients"):
        fine_tune(hospitals[0], source, QUICK)


def test_five_events_change_nothing():
    small = shared(PREDICTORS, events=5)
    run = fine_tune(small, "risk", QUICK)
    assert run.verdict.state == "too few"
    assert run.verdict.chosen == "original"
    assert set(run.models) == {"original"}
    np.testing.assert_allclose(run.model.risk(small.frame), small.score)


def test_eight_events_offer_the_averaged_update_and_no_rung():
    run = fine_tune(shared(PREDICTORS, events=8), "risk", QUICK)
    offered = {candidate.key for candidate in run.result.candidates if candidate.offered}
    assert offered == {"original", "averaged", "scratch"}


def test_refit_is_not_offered_below_ten_events_per_coefficient():
    run = fine_tune(shared(PREDICTORS, events=39), "risk", QUICK)
    refit = run.result.candidate("refit")
    assert not refit.offered
    assert "40 events" in str(refit.why_not)


def test_a_method_that_a_guard_forbids_gives_way_to_the_averaged_update_and_says_so():
    run = fine_tune(
        shared(PREDICTORS, events=20), "risk", medtune.Settings(method="refit", validation=QUICK.validation)
    )
    assert run.verdict.method == "averaged"
    assert any("Refit" in str(note) for note in run.result.notes)


def test_patients_without_a_risk_score_are_left_out_and_counted():
    cohort = shared(PREDICTORS, events=40)
    frame = cohort.frame.copy()
    frame.loc[:6, "risk"] = np.nan
    gaps = make_cohort(frame, cohort.roles, cohort.cleaning, "gaps")
    run = fine_tune(gaps, "risk", QUICK)
    assert run.result.n == 113
    assert any("7 patients without a risk" in str(note) for note in run.result.notes)


@pytest.mark.parametrize("family", ["logistic", "elastic_net", "random_forest", "gradient_boosting"])
def test_each_family_trains_from_scratch_and_is_compared_with_the_event_rate(family):
    settings = Settings(family=medtune.foundation.settings.Family(family, trees=20), validation=QUICK.validation)
    run = fine_tune(shared(PREDICTORS, events=40), None, settings)
    assert run.verdict.from_scratch
    assert [c.key for c in run.result.candidates] == ["prevalence", "scratch"]
    assert run.result.candidate("prevalence").performance.headline["auroc"].value == 0.5
    assert run.models["scratch"].passport.n == 120


def test_the_event_rate_alone_ranks_nobody_though_it_differs_a_little_between_folds():
    run = fine_tune(shared(PREDICTORS, events=41), None, QUICK)
    alike = run.result.candidate("prevalence").performance.headline
    assert alike["auroc"].value == 0.5
    assert not alike["slope"].known
    assert run.result.candidate("scratch").comparison.differences["auroc"].value == pytest.approx(
        run.result.candidate("scratch").performance.headline["auroc"].value - 0.5
    )


@pytest.mark.parametrize("start", ["risk", None])
def test_a_predictor_that_gives_the_outcome_away_is_named_by_the_result_that_used_it(start):
    cohort = shared(PREDICTORS, events=40)
    frame = cohort.frame.assign(weight=np.where(cohort.outcome == 1, 2.0, 3.0) + np.linspace(0, 0.9, cohort.n))
    given = make_cohort(frame, replace(cohort.roles, predictors=(*PREDICTORS, "weight")), Cleaning(), "given away")
    told = [note for note in fine_tune(given, start, QUICK).result.notes if note.template == GIVES_AWAY]
    assert [note.fields["name"] for note in told] == ["weight"]
    assert "who has the event (AUROC 1.00)" in str(told[0])
    assert not any(note.template == GIVES_AWAY for note in fine_tune(cohort, start, QUICK).result.notes)


def test_blend_policy_mixes_both_models_by_how_sure_the_gain_is():
    cohort = shared(PREDICTORS, events=40)
    run = fine_tune(cohort, "risk", Settings(policy="blend", validation=QUICK.validation))
    w = run.verdict.blend
    assert 0 < w < 1
    assert run.verdict.chosen == "blended"
    tuned, original = (run.models[key].linear_predictor(cohort.frame) for key in ("averaged", "original"))
    np.testing.assert_allclose(run.model.linear_predictor(cohort.frame), w * tuned + (1 - w) * original, atol=1e-9)


@pytest.fixture(scope="module")
def unsettled():
    """Patients whose risks are right, so that there is nothing to gain, and the run that cannot settle it."""
    rng = np.random.default_rng(0)
    age = rng.normal(60, 10, 150)
    risk = 1 / (1 + np.exp(-(age - 62) / 12))
    table = pd.DataFrame({"age": age, "risk": risk, "died": (rng.random(150) < risk).astype(int)})
    cohort = make_cohort(table, Roles("died", Event(values=("1",)), ("age",), score="risk"), Cleaning(), "right")
    return cohort, fine_tune(cohort, "risk", QUICK)


def test_a_gain_smaller_than_its_error_is_believed_in_part(unsettled):
    cohort, run = unsettled
    assert run.verdict.state == "probably better"
    assert 0 < run.verdict.t < 1
    assert (run.verdict.chosen, run.verdict.blend) == ("blended", pytest.approx(norm.cdf(run.verdict.t)))
    assert "cautious" not in run.models
    cautious = Local(cohort, ScoreColumn("risk"), run.settings).unfitted(CAUTIOUS)
    cautious.fit(cohort.frame, cohort.outcome)
    original = run.models["original"].linear_predictor(cohort.frame)
    part = run.model.linear_predictor(cohort.frame) - original
    whole = cautious.decision_function(cohort.frame) - original
    np.testing.assert_allclose(part, run.verdict.blend * whole, atol=1e-9)
    tuned = run.models["averaged"].linear_predictor(cohort.frame) - original
    assert np.abs(part).mean() < run.verdict.blend * np.abs(tuned).mean()  # nearer to the original than without caution


def test_what_is_told_of_the_model_between_was_found_on_patients_it_was_not_fitted_to(unsettled):
    cohort, run = unsettled
    local = Local(cohort, ScoreColumn("risk"), run.settings)
    plan = plan_validation(local.y, QUICK.validation)
    eta = np.empty(cohort.n)
    for split in plan.splits:
        fitted = local.unfitted(CAUTIOUS).fit(cohort.frame.iloc[split.train], local.y[split.train])
        eta[split.test] = fitted.decision_function(cohort.frame.iloc[split.test])
    between = run.verdict.blend * eta + (1 - run.verdict.blend) * local.eta0
    np.testing.assert_allclose(run.risks["blended"][0], expit(between)[plan.rows], atol=1e-9)


def test_one_patient_in_several_rows_stays_on_one_side_of_every_split():
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 60, 150).astype(str)
    y = rng.integers(0, 2, 150)
    for design in ("cross_validation", "hold_out"):
        for split in plan_validation(y, Validation(design=design), patients=ids).splits:
            assert not set(ids[split.train]) & set(ids[split.test])


def test_leaving_out_sites_scores_each_patient_by_a_model_of_the_other_sites():
    sites = np.repeat(["a", "b", "c"], 40)
    y = np.tile([0, 1], 60)
    plan = plan_validation(y, Validation(design="by_site"), sites=sites)
    assert [set(sites[split.test]) for split in plan.splits] == [{"a"}, {"b"}, {"c"}]
    assert all(not set(sites[s.train]) & set(sites[s.test]) for s in plan.splits)
    with pytest.raises(MedtuneError, match="All patients are from one site"):
        plan_validation(y, Validation(design="by_site"), sites=np.repeat("a", 120))


def test_nothing_of_the_scored_patients_reaches_the_preparation(monkeypatch):
    """Out-of-fold risks of a patient do not change when other scored patients' values do."""
    cohort = shared(PREDICTORS, events=40)
    settings = QUICK
    test = plan_validation(cohort.outcome, settings.validation).splits[0].test
    frame = cohort.frame.copy()
    frame.loc[test[1:], "age"] = 1e6
    changed = make_cohort(frame, cohort.roles, cohort.cleaning, "changed")
    before, after = fine_tune(cohort, "risk", settings), fine_tune(changed, "risk", settings)
    for key in ("averaged", "intercept", "recalibration", "scratch"):
        assert before.risks[key][0, test[0]] == after.risks[key][0, test[0]], key


def test_predictors_that_the_model_never_had_make_an_extension_and_are_left_out_of_the_revision(hospitals):
    source, local = hospitals
    roles = Roles(source.roles.outcome, source.roles.event, source.roles.predictors[:6])
    fewer = make_cohort(source.frame, roles, source.cleaning, "fewer")
    run = fine_tune(local, train_source(fewer, "Narrow"), QUICK)
    assert run.result.candidate("extension").offered
    new = set(local.roles.predictors) - set(source.roles.predictors[:6])
    revision, extension = run.models["revision"].estimator, run.models["extension"].estimator
    assert set(revision.without) == new
    assert np.count_nonzero(extension.deviation_) > np.count_nonzero(revision.deviation_)


@pytest.mark.parametrize("family", ["logistic", "gradient_boosting"])
def test_aids_to_training_are_candidates_beside_and_survive_their_files(hospitals, source, family):
    foundation = medtune.foundation.settings
    settings = Settings(
        family=foundation.Family(family, trees=20),
        aids=foundation.Aids(augmentation="smote", hard_examples=True, search=2),
        validation=Validation(repeats=1, folds=2, resamples=100),
    )
    run = fine_tune(hospitals[1], source, settings)
    raw = hospitals[1].frame
    for key in ("augmented", "hard_examples"):
        performance = run.result.candidate(key).performance
        assert performance.headline["oe"].value == pytest.approx(1, abs=0.3)
    for key in ("augmented", "hard_examples", "searched"):
        again = load_model(dump_model(run.models[key]), f"{key}.skops")
        np.testing.assert_array_equal(again.risk(raw), run.models[key].risk(raw))
    assert run.verdict.method == "averaged"
    explained = medtune.explain(run.models["augmented"], raw)
    total = explained.baseline + explained.contributions.sum(axis=1)
    np.testing.assert_allclose(total, run.models["augmented"].linear_predictor(raw.iloc[explained.rows]), atol=1e-6)
