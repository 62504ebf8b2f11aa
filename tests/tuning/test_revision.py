"""Shrunken revision and the closed test against R, and their limits."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from medtune.models.passport import Aggregates
from medtune.tuning.closed_test import closed_test
from medtune.tuning.revision import ShrunkenRevision, taking_part
from medtune.tuning.update import LogisticRecalibration, Refit
from tests.tuning.conftest import PREDICTORS


@parametrize_with_checks([ShrunkenRevision()])
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)


def revised(local, strength, source=None):
    rung = ShrunkenRevision(source=source, strength=strength)
    return rung.fit_arrays(local.eta0, local[PREDICTORS].to_numpy(), local.died, PREDICTORS)


def test_revision_equals_glmnet_at_every_strength(known, local):
    reference = known["shrunken_revision"]
    sd = np.array([reference["source_sd"][c] for c in PREDICTORS])
    source = Aggregates(tuple(PREDICTORS), tuple(sd), tuple(np.zeros(6)), np.eye(6))
    recalibration = LogisticRecalibration().fit_arrays(local.eta0, np.zeros((len(local), 0)), local.died)
    for strength, delta0, delta in zip(reference["lambda"], reference["delta0"], reference["delta"], strict=True):
        rung = revised(local, strength, source)
        # glmnet stops at a tolerance of its own, hence the absolute part.
        np.testing.assert_allclose(rung.deviation_ * sd, delta, rtol=1e-6, atol=2e-8)
        assert rung.intercept_ - recalibration.intercept_ == pytest.approx(delta0, rel=1e-6)
        assert rung.slope_ == recalibration.slope_


def test_strong_shrinkage_is_recalibration_and_none_is_the_refit(local):
    T = local[PREDICTORS].to_numpy()
    recalibration = LogisticRecalibration().fit_arrays(local.eta0, T[:, :0], local.died)
    refit = Refit().fit_arrays(local.eta0, T, local.died)
    strong, weak = revised(local, 1e6), revised(local, 1e-10)
    np.testing.assert_allclose(strong.log_odds(local.eta0, T), recalibration.log_odds(local.eta0, T[:, :0]), atol=1e-4)
    np.testing.assert_allclose(weak.log_odds(local.eta0, T), refit.log_odds(local.eta0, T), atol=1e-4)


def test_strength_is_chosen_by_evidence_among_the_offered(local):
    chosen = revised(local, None).strength_
    assert chosen in (10.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
    noise = local.assign(died=np.random.default_rng(1).permutation(local.died.to_numpy()))
    assert revised(noise, None).strength_ >= chosen


def test_columns_left_out_get_no_deviation(local):
    rung = ShrunkenRevision(strength=0.1, without=("sex", "age"))
    rung.fit_arrays(local.eta0, local[PREDICTORS].to_numpy(), local.died, PREDICTORS)
    assert np.all(rung.deviation_[:2] == 0)
    assert np.all(rung.deviation_[2:] != 0)


def test_prepared_columns_are_known_by_the_column_they_come_from():
    features = ["ward=surgery", "ward=other", "ward is missing", "wardround", "age"]
    np.testing.assert_array_equal(taking_part(features, ["ward"]), [False, False, False, True, True])


def test_closed_test_equals_r(known, local):
    reference = known["closed_test"]
    test = closed_test(local.eta0, local[PREDICTORS].to_numpy(), local.died, guard=False)
    for rung, value in reference["logLik"].items():
        assert test.loglik[rung] == pytest.approx(value, rel=1e-6)
    for rung in ("original", "intercept", "recalibration"):
        assert test.statistic[rung] == pytest.approx(reference["lrt"][rung], rel=1e-6)
        assert test.p[rung] == pytest.approx(reference["p"][rung], rel=1e-6)
    assert list(test.df.values()) == reference["df"]
    assert test.selected == reference["selected"]


def test_closed_test_leaves_the_refit_out_below_ten_events_per_coefficient(local):
    test = closed_test(local.eta0, local[PREDICTORS].to_numpy(), local.died)
    assert test.guarded
    assert "refit" not in test.loglik
    assert test.df == {"original": 2, "intercept": 1}
