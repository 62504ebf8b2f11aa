"""The mean of two hospitals' models tuned to a third one's patients, from the library to the verdict."""

from __future__ import annotations

import numpy as np
import pytest

from medtune.cohort.demo import two_hospitals
from medtune.explanation.contributions import explain
from medtune.foundation.errors import MedtuneError
from medtune.foundation.settings import Settings, Validation
from medtune.models.files import load_model, save_model
from medtune.models.model_library import Library
from medtune.models.several import mean_of
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.questions import keep_mean
from medtune.runs.training import train_source

QUICK = Settings(validation=Validation(repeats=1, resamples=200))


@pytest.fixture(scope="module")
def places():
    """Two halves of one hospital's patients with a model of each, and another hospital."""
    source, local = two_hospitals()
    halves = [source.take(np.arange(start, source.n, 2)) for start in (0, 1)]
    return halves, [train_source(half, f"Half {at}") for at, half in enumerate(halves)], local


@pytest.fixture(scope="module")
def run(places):
    return fine_tune(places[2], mean_of(places[1]), QUICK)


def test_the_mean_is_tuned_and_explained_like_any_model(run, places, tmp_path):
    frame = places[2].frame
    tuned = load_model(save_model(run.models["averaged"], tmp_path / "m.skops"))
    np.testing.assert_allclose(tuned.risk(frame), run.models["averaged"].risk(frame), atol=1e-12)
    found = explain(tuned, frame, limit=50)
    told = found.contributions.sum(axis=1) + found.baseline
    np.testing.assert_allclose(told, tuned.linear_predictor(frame.iloc[found.rows]), atol=1e-6)


def test_what_both_hospitals_knew_shapes_the_prior(run, places):
    mean = mean_of(places[1])
    without = type(mean)(mean.estimator, mean.passport.with_(aggregates=None))
    other = fine_tune(places[2], without, QUICK)
    assert np.abs(run.risks["averaged"] - other.risks["averaged"]).max() > 1e-3


def test_the_patients_of_either_hospital_are_refused(places):
    halves, models, _ = places
    with pytest.raises(MedtuneError, match="made from these very patients"):
        fine_tune(halves[1], mean_of(models), QUICK)


def test_a_mean_enters_the_library_with_its_parents(places, tmp_path):
    library = Library(tmp_path)
    kept = [library.add(model).id for model in places[1]]
    payload = {"home": str(tmp_path), "models": kept, "name": "", "keep": str(tmp_path / "mean.skops")}
    passport = library.add_file(tmp_path / "mean.skops", keep_mean(payload))
    assert passport.parents == tuple(kept)
    assert passport.name == "Mean of 2 models"
