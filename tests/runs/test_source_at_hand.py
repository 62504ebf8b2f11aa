"""Runs with the patients the model was made from at hand: what is gained from them, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from medtune.cohort.demo import two_hospitals
from medtune.cohort.roles import Roles
from medtune.cohort.table import make_cohort
from medtune.cohort.units import CONVERSIONS
from medtune.foundation.errors import MedtuneError
from medtune.foundation.settings import Family, Feed, Settings, Validation
from medtune.foundation.words import say
from medtune.models.clinical import ClinicalModel
from medtune.models.files import dump_model, load_model
from medtune.models.mapped import in_local_terms, mapped
from medtune.models.passport import Passport
from medtune.runs.at_hand import bring
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.stage_cache import StageCache
from medtune.runs.training import train_source

QUICK = Settings(validation=Validation(repeats=1, folds=3, resamples=100))


@pytest.fixture(scope="module")
def hospitals():
    return two_hospitals()


@pytest.fixture(scope="module")
def model(hospitals):
    return train_source(hospitals[0], "Source")


@pytest.fixture(scope="module")
def run(hospitals, model):
    source, local = hospitals
    return fine_tune(local, model, QUICK, source=source)


def bare(model):
    """The same model as one that was imported: no sums of its patients."""
    return ClinicalModel(model.estimator, model.passport.with_(aggregates=None, cohort=""))


def test_the_pooled_refit_is_compared_and_its_model_survives_its_file(hospitals, run):
    pooled = run.result.candidate("pooled")
    assert pooled.offered
    assert pooled.comparison.gain.low > 0
    keys = [candidate.key for candidate in run.result.candidates]
    assert keys.index("pooled") == keys.index("refit") + 1
    frame = hospitals[1].frame
    again = load_model(dump_model(run.models["pooled"]), "pooled.skops")
    np.testing.assert_array_equal(again.risk(frame), run.models["pooled"].risk(frame))
    assert "too; each counts as" in " ".join(map(str, again.passport.notes))


def test_no_row_of_the_source_is_in_any_file_of_the_run(hospitals, run):
    source = hospitals[0]
    numbers = [name for name in source.roles.predictors if source.columns[name].kind == "number"]
    lengthy = max(numbers, key=lambda name: source.frame[name].nunique())
    cells = source.frame[lengthy].dropna()
    own = [value for value in cells if value not in set(hospitals[1].frame[lengthy])]
    for key, model in run.models.items():
        held = dump_model(model)
        found = sum(np.float64(value).tobytes() in held or str(value).encode() in held for value in own)
        assert found < 5, key  # the limits of a range, and chance


def test_a_model_with_sums_gives_the_same_averaged_update_with_and_without_source_rows(hospitals, model, run):
    alone = fine_tune(hospitals[1], model, QUICK)
    np.testing.assert_array_equal(alone.risks["averaged"], run.risks["averaged"])
    assert "pooled" not in [candidate.key for candidate in alone.result.candidates]
    assert alone.result.retention is None


def test_a_model_without_sums_gets_from_source_rows_the_prior_it_would_have_carried(hospitals, model, run):
    source, local = hospitals
    given = fine_tune(local, bare(model), QUICK, source=source)
    np.testing.assert_allclose(given.risks["averaged"], run.risks["averaged"], atol=2e-3)
    without = fine_tune(local, bare(model), QUICK)
    assert np.abs(without.risks["averaged"] - run.risks["averaged"]).max() > 0.01


def test_a_boosted_model_is_averaged_with_a_pooled_refit_explained_and_saved(hospitals):
    source, local = hospitals
    boosted = train_source(source, "Boosted", Family("gradient_boosting", trees=20))
    run = fine_tune(local, boosted, QUICK, source=source)
    averaged = run.models["averaged"].estimator
    assert averaged.pooled_weight_ in (0.1, 0.3, 1.0)
    assert averaged.slope_ < 0.75  # half of a slope near one
    again = load_model(dump_model(run.models["averaged"]), "a.skops")
    np.testing.assert_array_equal(again.risk(local.frame), run.models["averaged"].risk(local.frame))
    explained = run.explanation
    patients = local.without_duplicates().frame.iloc[explained.rows]
    total = explained.baseline + explained.contributions.sum(axis=1)
    np.testing.assert_allclose(total, run.model.linear_predictor(patients), atol=1e-6)
    assert run.result.coefficients[1].name == "slope"
    assert all(one.estimate.bounded for one in run.result.coefficients)


def test_the_pooled_refit_can_be_judged_and_gives_way_where_there_are_no_source_rows(hospitals, model, run):
    source, local = hospitals
    chosen = Settings(method="pooled", validation=QUICK.validation)
    judged = fine_tune(local, model, chosen, source=source)
    assert judged.verdict.method == "pooled"
    assert judged.settings.starting.source == source.fingerprint
    without = fine_tune(local, model, chosen)
    assert without.verdict.method == "averaged"
    assert any("are not at hand" in str(note) for note in without.result.notes)


def test_retention_is_measured_for_every_model_and_told_in_a_sentence(hospitals, run):
    kept = run.result.retention
    source = hospitals[0].without_duplicates()
    assert (kept.n, kept.events) == (source.n, source.events)
    assert [one.key for one in kept.kept] == list(run.models)
    tuned = next(one for one in kept.kept if one.key == "averaged")
    y = source.outcome
    losses = {key: -np.log(np.where(y == 1, p, 1 - p)).mean() for key, p in (
        (key, run.models[key].risk(source.frame)) for key in ("original", "averaged"))}  # fmt: skip
    assert tuned.measures["log_loss"].value == pytest.approx(losses["averaged"], abs=1e-6)
    assert tuned.change.value == pytest.approx(losses["averaged"] - losses["original"], abs=1e-6)
    assert tuned.change.low > 0  # the truth of the demo differs here
    assert "it is for here, not for there" in str(kept.sentence)


def test_the_weights_are_told_with_the_verdict(run):
    assert any(str(detail).startswith("The data support") for detail in run.verdict.details)


def test_the_local_patients_are_no_source(hospitals, model):
    with pytest.raises(MedtuneError, match="cannot be the local patients"):
        fine_tune(hospitals[1], model, QUICK, source=hospitals[1])
    half = hospitals[1].take(np.arange(hospitals[1].n) % 4 > 0)
    with pytest.raises(MedtuneError, match="exact copies of local patients"):
        fine_tune(hospitals[1], model, QUICK, source=half)


def test_copies_of_local_patients_are_left_out_and_counted(hospitals, model):
    source, local = hospitals[0].without_duplicates(), hospitals[1].without_duplicates()
    both = pd.concat([source.frame, local.frame.iloc[:7]], ignore_index=True)
    mixed = make_cohort(both, source.roles, source.cleaning, "mixed")
    at_hand = bring(mixed, local, model)
    assert at_hand.n == source.n
    assert any("left out (7)" in str(note) for note in at_hand.notes)
    assert bring(mixed, local, model, duplicates="keep").n == source.n + 7


def test_a_source_without_most_of_the_predictors_is_refused_with_their_names(hospitals, model):
    source, local = hospitals
    keep = [source.roles.outcome, *source.roles.predictors[:2]]
    narrow = make_cohort(source.frame[keep], Roles(source.roles.outcome, source.roles.event, tuple(keep[1:])), name="n")
    with pytest.raises(MedtuneError, match="The source patients do not fit"):
        fine_tune(local, model, QUICK, source=narrow)


def test_a_column_that_the_source_lacks_is_told_of_by_local_patients_alone(hospitals, model):
    source, local = hospitals
    name = source.roles.predictors[-1]
    kept = tuple(p for p in source.roles.predictors if p != name)
    roles = Roles(source.roles.outcome, source.roles.event, kept)
    lacking = make_cohort(source.frame.drop(columns=name), roles, name="lacking")
    run = fine_tune(local, model, QUICK, source=lacking)
    assert any(f"No source patient has a value of '{name}'" in str(note) for note in run.result.notes)
    assert run.result.candidate("pooled").offered


def test_only_a_model_has_source_patients(hospitals):
    with pytest.raises(MedtuneError, match="Only a model has patients"):
        fine_tune(hospitals[1], None, QUICK, source=hospitals[0])


def test_renamed_and_rescaled_local_columns_give_the_run_of_the_original_names(hospitals, model, run):
    source, local = hospitals
    names = {name: f"{name}_here" for name in local.roles.predictors}
    frame = local.frame.rename(columns=names)
    frame["creatinine_umol_l_here"] /= 88.40169731258840
    roles = Roles(local.roles.outcome, local.roles.event, tuple(names.values()), *(
        getattr(local.roles, role) for role in ("patient", "site", "date")))  # fmt: skip
    other = make_cohort(frame, roles, local.cleaning, "renamed")
    units = {"creatinine_umol_l": "creatinine: mg/dL to umol/L"}
    feeds = tuple(Feed(name, here, units.get(name, "")) for name, here in names.items())
    renamed = fine_tune(other, mapped(bare(model), feeds, other.columns), QUICK, source=source)
    as_it_is = fine_tune(local, bare(model), QUICK, source=source)
    np.testing.assert_allclose(renamed.risks["pooled"], as_it_is.risks["pooled"], atol=1e-6)
    np.testing.assert_allclose(renamed.risks["averaged"], as_it_is.risks["averaged"], atol=1e-6)


def test_codes_and_units_are_turned_round_to_local_ones():
    frame = pd.DataFrame({"sex": ["male", "female"], "temp_c": [37.0, 40.0], "other": [1, 2]})
    fahrenheit = next(key for key in CONVERSIONS if key.startswith("temperature") and CONVERSIONS[key].factor < 1)
    feeds = (
        Feed("sex", "gender", codes=(("M", "male"), ("F", "female"))),
        Feed("temp_c", "temp_f", fahrenheit),
        Feed("absent", "nothing"),
    )
    local = in_local_terms(frame, feeds)
    assert local["gender"].tolist() == ["M", "F"]
    np.testing.assert_allclose(local["temp_f"], [98.6, 104.0])
    assert list(local.columns) == ["other", "gender", "temp_f"]


def test_a_model_of_another_maker_takes_source_rows_too(hospitals):
    """A scikit-learn pipeline of numbers alone, imported without a word about its patients."""
    source, local = hospitals
    numbers = [name for name in source.roles.predictors if source.columns[name].kind == "number"]
    columns = tuple(source.columns[name] for name in numbers)
    X = source.frame[numbers].fillna(source.frame[numbers].median())
    kinds = (LogisticRegression(), HistGradientBoostingClassifier(max_iter=20))
    roles = Roles(local.roles.outcome, local.roles.event, tuple(numbers))
    narrow = make_cohort(local.frame, roles, local.cleaning, "narrow")
    for kind in kinds:
        pipeline = make_pipeline(SimpleImputer(), StandardScaler(), kind).fit(X, source.outcome)
        imported = ClinicalModel(pipeline, Passport("Imported", say("Elsewhere."), columns))
        run = fine_tune(narrow, imported, QUICK, source=source)
        weight = run.models["averaged"].estimator.pooled_weight_
        assert (weight > 0) == (kind is kinds[1])


def test_what_an_earlier_run_worked_out_is_not_taken_for_other_source_patients(hospitals, model, tmp_path):
    source, local = hospitals
    fewer, kept = source.take(np.arange(200)), StageCache(tmp_path, "local")
    fine_tune(local, bare(model), QUICK, source=source, kept=kept)
    again = fine_tune(local, bare(model), QUICK, source=fewer, kept=kept)
    anew = fine_tune(local, bare(model), QUICK, source=fewer)
    for key in ("averaged", "pooled"):
        np.testing.assert_array_equal(again.risks[key], anew.risks[key])
        np.testing.assert_array_equal(again.models[key].risk(local.frame), anew.models[key].risk(local.frame))
    assert again.result.retention.n == 200
