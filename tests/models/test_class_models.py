"""Models that estimate several classes."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from medtune.cohort.columns import Column
from medtune.foundation.errors import ModelError
from medtune.foundation.settings import Feed
from medtune.foundation.words import say
from medtune.models.clinical import ClinicalModel
from medtune.models.files import dump_model, load_model
from medtune.models.mapped import mapped
from medtune.models.passport import Passport, aggregates
from medtune.tuning.classes.likelihood import fit_classes

NAMES = ("none", "mild", "severe")


@pytest.fixture(scope="module")
def patients():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"age": rng.normal(60, 10, 120), "lactate": rng.gamma(2, 1, 120)})
    return frame, np.digitize(frame.lactate + 0.02 * frame.age + rng.normal(0, 0.5, 120), [2.4, 3.6])


@pytest.fixture(scope="module")
def model(patients):
    frame, y = patients
    columns = (Column("age", "number", low=20, high=100), Column("lactate", "number", low=0, high=20))
    passport = Passport("stages", say("Made here."), columns, classes=NAMES, counts=(1, 2, 3))
    return ClinicalModel(LogisticRegression(max_iter=1000).fit(frame, y), passport)


def test_a_model_gives_the_risk_of_each_class(model, patients):
    risks = model.predict_proba(patients[0])
    assert risks.shape == (120, 3)
    np.testing.assert_allclose(risks.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(patients[0]), risks.argmax(axis=1))
    np.testing.assert_array_equal(model.classes_, [0, 1, 2])


def test_it_has_no_single_risk_and_says_so(model, patients):
    with pytest.raises(ModelError, match="estimates 3 classes and has no single risk"):
        model.risk(patients[0])


def test_it_comes_back_from_its_file_to_the_last_bit(model, patients):
    again = load_model(dump_model(model))
    assert again.classes == NAMES
    assert again.passport.counts == (1, 2, 3)
    np.testing.assert_array_equal(again.predict_proba(patients[0]), model.predict_proba(patients[0]))


def test_it_is_fed_by_other_columns(model, patients):
    frame = patients[0].rename(columns={"age": "alter"})
    local = {"alter": Column("alter", "number"), "lactate": Column("lactate", "number")}
    fed = mapped(model, (Feed("age", "alter"), Feed("lactate", "lactate")), local)
    assert fed.classes == NAMES
    np.testing.assert_allclose(fed.predict_proba(frame), model.predict_proba(patients[0]))
    np.testing.assert_array_equal(fed.predict(frame), model.predict(patients[0]))


def test_a_classifier_of_three_classes_from_elsewhere_is_taken_with_its_names(patients):
    frame, y = patients
    theirs = LogisticRegression(max_iter=1000).fit(frame, np.array(NAMES)[y])
    model = load_model(skops.io.dumps(theirs), "stages.skops")
    assert model.classes == tuple(theirs.classes_)
    np.testing.assert_allclose(model.predict_proba(frame), theirs.predict_proba(frame))


def test_the_source_information_is_the_curvature_of_the_likelihood_without_its_intercepts(model, patients):
    frame, y = patients
    sums = aggregates(frame, model.predict_proba(frame))
    z = (frame - frame.mean()) / frame.std(ddof=1)
    D = np.column_stack([np.ones(len(y)), z])
    # At the maximum of a fit without a prior the risks are its own, so both curvatures are the same.
    fit = fit_classes(D, y, 3, np.zeros((1, 6, 6)), np.zeros(6))
    eta = np.column_stack([np.zeros(len(y)), D @ fit.beta[0].reshape(2, 3).T])
    own = aggregates(frame, np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True))
    covariance = np.linalg.inv(fit.hessian[0])[np.ix_([1, 2, 4, 5], [1, 2, 4, 5])]
    np.testing.assert_allclose(np.linalg.inv(own.information), covariance, rtol=1e-5)
    assert sums.information.shape == (4, 4)


def test_of_two_classes_the_source_information_is_the_binary_one(patients):
    frame, y = patients
    p = LogisticRegression().fit(frame, y > 0).predict_proba(frame)
    np.testing.assert_allclose(aggregates(frame, p).information, aggregates(frame, p[:, 1]).information, rtol=1e-8)
