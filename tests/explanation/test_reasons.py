"""The reasons of a scored table are the model's own contributions, against a typical patient."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.demo import two_hospitals
from medtune.evaluation.certainty import conformal_sets
from medtune.explanation.contributions import explain
from medtune.explanation.reasons import in_words, reasons, typical_patient
from medtune.models.scoring import conformal_verdict
from medtune.runs.training import train_source
from tests.explanation.test_contributions import patients, trained


@pytest.fixture(scope="module")
def model():
    return train_source(two_hospitals()[0], "Northgate")


def test_one_new_patient_is_compared_with_a_typical_patient_of_the_training(model):
    local = two_hospitals()[1].frame
    texts, (note, unit) = reasons(model, local.iloc[[5]])
    assert "log-odds" in str(unit)
    assert "typical patient" in str(note)
    told = explain(model, local.iloc[[5]], typical_patient(model))
    assert texts[0] == in_words(told, 0)
    best = told.columns[int(np.argmax(np.abs(told.contributions[0])))]
    assert texts[0].startswith(f"{best} = ")
    assert texts[0].count(";") == 2


def test_the_typical_patient_has_means_and_the_most_frequent_levels(model):
    typical, source = typical_patient(model), two_hospitals()[0].predictors
    assert typical.age_years[0] == pytest.approx(source.age_years.mean(), rel=0.01)
    for name in ("sex", "admission_type", "ventilated"):
        assert typical[name][0] == source[name].mode()[0]


def test_a_model_without_aggregates_explains_a_table_against_itself_and_a_single_patient_not_at_all():
    frame, _ = patients(40, 3)
    texts, (note, *_) = reasons(trained("logistic"), frame)
    assert all(texts)
    assert "mean of these patients" in str(note)
    texts, (note,) = reasons(trained("logistic"), frame.iloc[:2])
    assert list(texts) == ["", ""]
    assert "No reasons" in str(note)


def test_the_verdict_from_limits_is_that_of_the_conformal_sets():
    rng = np.random.default_rng(0)
    risk = rng.random(300)
    y = (rng.random(300) < risk).astype(int)
    new = np.linspace(0, 1, 401)
    sets = conformal_sets(y, risk, new)
    from medtune.evaluation.certainty import cut_off_risks

    lower, upper = cut_off_risks(y, risk, 0.1)
    told = conformal_verdict(new, (0.1, lower, upper))
    wanted = np.where(sets.refer, "refer", np.where(sets.event, "event", "no event"))
    assert pd.Series(told == wanted).mean() > 0.99


def test_reasons_of_a_forest_are_in_points_of_risk_and_said_so():
    frame, _ = patients(40, 2)
    texts, notes = reasons(trained("random_forest"), frame)
    assert texts[0].count(" points)") == texts[0].count(";") + 1
    assert any("a forest averages risks" in str(note) for note in notes)
