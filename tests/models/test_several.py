"""The mean of several models: its risks, its columns, what it carries, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import Column
from medtune.evaluation.logistic import logit
from medtune.explanation.contributions import explain
from medtune.foundation.errors import ModelError
from medtune.models.clinical import ClinicalModel
from medtune.models.files import dump_model, load_model
from medtune.models.passport import Aggregates, aggregates
from medtune.models.several import mean_aggregates, mean_of
from medtune.tuning.form import is_logistic
from tests.models.conftest import fitted, patients


@pytest.fixture(scope="module")
def both():
    """Two logistic models, made from different patients."""
    return fitted("logistic", seed=0), fitted("logistic", seed=1)


@pytest.fixture(scope="module")
def frame():
    """New patients."""
    return patients(80, seed=2)[0]


def carrying(model: ClinicalModel, sums: Aggregates | None) -> ClinicalModel:
    return ClinicalModel(model.estimator, model.passport.with_(aggregates=sums))


def test_its_log_odds_are_the_mean_of_theirs(both, frame):
    mean = mean_of(both)
    expected = (logit(both[0].risk(frame)) + logit(both[1].risk(frame))) / 2
    np.testing.assert_allclose(mean.linear_predictor(frame), expected, atol=1e-9)


def test_it_comes_back_from_its_file_and_says_what_it_is_made_of(both, frame):
    mean = mean_of(both, "Both hospitals")
    again = load_model(dump_model(mean))
    np.testing.assert_allclose(again.risk(frame), mean.risk(frame), atol=1e-12)
    assert again.name == "Both hospitals"
    assert "Test model" in str(again.passport.made_from)


@pytest.mark.parametrize("families", [("logistic", "logistic"), ("logistic", "gradient_boosting")])
def test_its_contributions_add_up_to_its_log_odds(families, frame):
    mean = mean_of([fitted(family, seed=at) for at, family in enumerate(families)])
    found = explain(mean, frame, background=patients(100, seed=3)[0])
    np.testing.assert_allclose(
        found.contributions.sum(axis=1) + found.baseline, mean.linear_predictor(frame), atol=1e-6
    )


def test_it_is_logistic_when_all_of_them_are(both):
    assert is_logistic(mean_of(both))
    assert not is_logistic(mean_of([both[0], fitted("random_forest")]))


def test_a_column_has_the_levels_and_the_range_of_all_who_read_it(both):
    fewer = tuple(
        replace(c, levels=c.levels[:1], high=c.high - 30) if c.name in ("age", "sex") else c for c in both[0].columns
    )
    narrow = ClinicalModel(both[0].estimator, both[0].passport.with_(columns=fewer))
    columns = {c.name: c for c in mean_of([narrow, both[1]]).columns}
    assert set(columns["sex"].levels) == {"female", "male"}
    assert columns["age"].high == next(c.high for c in both[1].columns if c.name == "age")


def test_models_may_read_different_columns(both, frame):
    outcome = patients(200, seed=4)[1]
    from sklearn.linear_model import LogisticRegression

    one = frame[["age"]]
    small = ClinicalModel(
        LogisticRegression().fit(one, outcome[: len(one)]),
        both[0].passport.with_(columns=(Column("age", "number", low=20, high=100),)),
    )
    mean = mean_of([small, both[1]])
    assert mean.columns[0].name == "age"
    assert len(mean.columns) == len(both[1].columns)
    assert np.isfinite(mean.risk(frame)).all()


def test_patients_of_any_of_them_are_known(both):
    one, other = (ClinicalModel(m.estimator, m.passport.with_(cohort=mark)) for m, mark in zip(both, "ab", strict=True))
    assert mean_of([mean_of([one, other]), both[0]]).passport.cohorts == ("a", "b")


def test_a_mean_of_one_model_twice_knows_what_the_model_knew(both):
    sums = aggregates(
        pd.DataFrame(np.random.default_rng(0).normal(2, 3, (90, 2)), columns=["a", "b"]), np.full(90, 0.3)
    )
    mean = mean_of([carrying(both[0], sums), carrying(both[1], sums)]).passport.aggregates
    np.testing.assert_allclose(mean.information, sums.information)
    np.testing.assert_allclose(mean.sd, sums.sd)
    assert mean.n == 180


def test_information_is_brought_to_common_sds_and_absent_features_count_as_unknown():
    one = Aggregates(("a", "b"), (1.0, 1.0), (0.0, 0.0), np.array([[4.0, 1.0], [1.0, 9.0]]), 10, {"a": 1.0})
    other = Aggregates(("b",), (7.0,), (2.0,), np.array([[49.0]]), 20, {"b": 3.0})
    mean = mean_aggregates([one, other], 2)
    assert mean.features == ("a", "b")
    sd = np.sqrt((1 + 49) / 2)
    np.testing.assert_allclose(mean.sd, [1.0, sd])
    np.testing.assert_allclose(mean.means, [0.0, 1.0])
    # Per unit of b: 9 and 1 on average 5, so sd^2 times that per common SD.
    np.testing.assert_allclose(mean.information, [[2.0, sd / 2], [sd / 2, 5 * sd**2]])
    assert mean.fills == {"a": 1.0, "b": 3.0}
    assert mean_aggregates([], 2) is None


def test_what_cannot_be_averaged_is_refused_with_the_reason(both):
    with pytest.raises(ModelError, match="2 to 10 models, not of 1"):
        mean_of([both[0]])
    classes = ClinicalModel(both[0].estimator, both[0].passport.with_(name="Tissues", classes=("a", "b", "c")))
    with pytest.raises(ModelError, match="'Tissues' estimates classes"):
        mean_of([both[0], classes])
    wrong = tuple(replace(c, kind="number") if c.name == "sex" else c for c in both[1].columns)
    other = ClinicalModel(both[1].estimator, both[1].passport.with_(name="Other", columns=wrong))
    with pytest.raises(ModelError, match="'Test model' and 'Other' read column 'sex' differently"):
        mean_of([both[0], other])
