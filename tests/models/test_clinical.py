"""A clinical model applies to any table and stays what it is."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier
from sklearn.utils.validation import check_is_fitted

from medtune.cohort.columns import Column
from medtune.evaluation.logistic import logit
from medtune.foundation.errors import ColumnsError, ModelError
from medtune.foundation.words import say
from medtune.models.clinical import ClinicalModel
from medtune.models.passport import Passport
from tests.models.conftest import FAMILIES, patients


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers the table it was given."""

    classes_ = np.array([0, 1])

    def predict_proba(self, frame):
        self.seen_ = frame
        return np.tile([0.7, 0.3], (len(frame), 1))


class Failing(Recorder):
    """Quotes a patient's cell when it fails, as scikit-learn does."""

    def predict_proba(self, frame):
        raise ValueError("could not convert string to float: 'Mrs Smith'")


def wrapped(estimator) -> ClinicalModel:
    columns = (Column("age", "number"), Column("pain", "category", levels=("no", "yes")), Column("bmi", "number"))
    return ClinicalModel(estimator, Passport("Recorder", say("Made for a test."), columns))


TABLE = pd.DataFrame({"bmi": ["22.5", "30"], "pain": ["yes", "no"], "note": ["a", "b"], "age": [60, 70]}, index=[7, 3])


@pytest.mark.parametrize("family", FAMILIES)
def test_risk_is_that_of_the_estimator_and_its_log_odds(models, family):
    model = models[family]
    frame, _ = patients(50, seed=9)
    risk = model.risk(frame)
    assert risk.shape == (50,)
    assert ((risk > 0) & (risk < 1)).all()
    assert risk.std() > 0.05
    np.testing.assert_array_equal(model.predict_proba(frame)[:, 1], risk)
    np.testing.assert_array_equal(model.linear_predictor(frame), logit(risk))
    np.testing.assert_array_equal(model.predict(frame), risk >= 0.5)


def test_the_estimator_gets_its_own_columns_in_its_own_order_as_numbers():
    model = wrapped(Recorder())
    model.risk(TABLE)
    seen = model.estimator.seen_
    assert list(seen.columns) == ["age", "pain", "bmi"]
    assert seen.bmi.tolist() == [22.5, 30.0]


@pytest.mark.parametrize("family", FAMILIES)
def test_order_of_columns_and_extra_columns_do_not_matter(models, family):
    frame, _ = patients(30, seed=3)
    turned = frame[frame.columns[::-1]].assign(extra="x")
    np.testing.assert_array_equal(models[family].risk(turned), models[family].risk(frame))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_new_category_and_a_missing_column_still_give_risks(models, family):
    frame, _ = patients(30, seed=3)
    frame["pain"] = "unheard of"
    risk = models[family].risk(frame.drop(columns="pressure"))
    assert np.isfinite(risk).all()


def test_a_table_without_the_columns_is_refused(models):
    with pytest.raises(ColumnsError):
        models["logistic"].risk(pd.DataFrame({"other": [1.0]}))


def test_no_rows_give_no_risks(models):
    frame, _ = patients(5)
    assert models["logistic"].predict_proba(frame.iloc[:0]).shape == (0, 2)


def test_an_estimator_that_cannot_take_gaps_is_explained_by_column_and_count():
    gaps = TABLE.assign(bmi=[np.nan, 30.0])
    with pytest.raises(ModelError, match=r"'Recorder' has no rule for missing values.*'bmi' lack values \(1 patients"):
        wrapped(Failing()).risk(gaps)


def test_an_error_never_quotes_a_patient():
    with pytest.raises(ModelError, match="could not score the table") as caught:
        wrapped(Failing()).risk(TABLE)
    assert "Smith" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_risks_that_are_no_numbers_are_refused():
    class Broken(Recorder):
        def predict_proba(self, frame):
            return np.full((len(frame), 2), np.nan)

    with pytest.raises(ModelError, match="did not give a risk for every patient"):
        wrapped(Broken()).risk(TABLE)


def test_clone_keeps_the_model_fitted(models):
    model = models["logistic"]
    assert clone(model) is model
    check_is_fitted(model)
    assert is_classifier(model)
    assert model.classes_.tolist() == [0, 1]
    assert model.fit(None) is model


def test_a_model_is_a_base_that_survives_the_cloning_of_what_holds_it(models):
    class Holder(ClassifierMixin, BaseEstimator):
        def __init__(self, base=None):
            self.base = base

    assert clone(Holder(models["logistic"])).base is models["logistic"]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_for_another_process_scores_the_same(models, copied):
    model = models["gradient_boosting"]
    frame, _ = patients(30, seed=3)
    other = copied(model)
    np.testing.assert_array_equal(other.risk(frame), model.risk(frame))
    assert other.passport.to_json() == model.passport.to_json()
