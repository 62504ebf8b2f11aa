"""Every rung as a scikit-learn estimator, and the invariants of each."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from medtune.evaluation.discrimination import auroc
from medtune.evaluation.logistic import expit
from medtune.evaluation.sample_size import development_size
from medtune.tuning.update import (
    AveragedUpdate,
    InterceptUpdate,
    LogisticRecalibration,
    Original,
    Refit,
    blended,
)
from tests.tuning.conftest import PREDICTORS


@parametrize_with_checks([Original(), InterceptUpdate(), LogisticRecalibration(), Refit(), AveragedUpdate()])
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)


def fitted(kind, local):
    return kind().fit_arrays(local.eta0, local[PREDICTORS].to_numpy(), local.died, PREDICTORS)


def test_rungs_equal_r(known, local):
    reference = known["calibration"]
    assert fitted(InterceptUpdate, local).intercept_ == pytest.approx(reference["citl"], rel=1e-6)
    recalibrated = fitted(LogisticRecalibration, local)
    assert recalibrated.intercept_ == pytest.approx(reference["recalibration_intercept"], rel=1e-6)
    assert recalibrated.slope_ == pytest.approx(reference["slope"], rel=1e-6)
    refit = fitted(Refit, local)
    np.testing.assert_allclose([refit.intercept_, *refit.deviation_], known["closed_test"]["refit_coef"], rtol=1e-6)


def test_intercept_update_makes_the_mean_risk_the_event_rate(local):
    rung = fitted(InterceptUpdate, local)
    assert expit(rung.log_odds(local.eta0, np.zeros((len(local), 0)))).mean() == pytest.approx(local.died.mean())


def test_recalibrating_a_recalibrated_model_changes_nothing(local):
    rung = fitted(LogisticRecalibration, local)
    again = LogisticRecalibration().fit_arrays(rung.log_odds(local.eta0, np.zeros((len(local), 0))), [], local.died)
    assert again.intercept_ == pytest.approx(0, abs=1e-6)
    assert again.slope_ == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("kind", [InterceptUpdate, LogisticRecalibration])
def test_moving_and_stretching_leave_the_ranking_as_it_is(local, kind):
    update = fitted(kind, local)
    assert update.slope_ > 0
    tuned = expit(update.log_odds(local.eta0, local[PREDICTORS].to_numpy()))
    assert auroc(local.died, tuned) == auroc(local.died, expit(local.eta0))


def test_refit_with_a_column_twice_gives_the_same_risks(local):
    T = local[PREDICTORS].to_numpy()
    once = Refit().fit_arrays(local.eta0, T, local.died)
    twice = Refit().fit_arrays(local.eta0, np.column_stack([T, T[:, 0]]), local.died)
    np.testing.assert_allclose(
        once.log_odds(local.eta0, T), twice.log_odds(local.eta0, np.column_stack([T, T[:, 0]])), atol=1e-6
    )


def test_a_base_that_ranks_patients_is_used_through_its_log_odds(local):
    X, y = local[PREDICTORS].to_numpy(), local.died.to_numpy()
    base = FrozenEstimator(LogisticRegression(max_iter=1000).fit(X[:120], y[:120]))
    rung = LogisticRecalibration(base=base).fit(X[120:], y[120:])
    eta0 = base.decision_function(X[120:])
    np.testing.assert_allclose(rung.decision_function(X[120:]), rung.intercept_ + rung.slope_ * eta0, atol=1e-9)


def test_band_contains_the_risk_and_narrows_with_more_patients(local):
    X, y = local[PREDICTORS].to_numpy(), local.died.to_numpy()
    few, many = AveragedUpdate().fit(X, y), AveragedUpdate().fit(np.tile(X, (8, 1)), np.tile(y, 8))
    band = few.risk_interval(X)
    risk = few.predict_proba(X)[:, 1]
    assert np.all((band[:, 0] < risk) & (risk < band[:, 1]))
    assert np.mean(many.risk_interval(X)[:, 1] - many.risk_interval(X)[:, 0]) < 0.6 * np.mean(band[:, 1] - band[:, 0])


def test_half_blended_is_the_mean_of_both_log_odds(local):
    T = local[PREDICTORS].to_numpy()
    update = fitted(AveragedUpdate, local)
    mean = 0.5 * local.eta0 + 0.5 * update.log_odds(local.eta0, T)
    np.testing.assert_allclose(blended(update, 0.5).log_odds(local.eta0, T), mean)
    np.testing.assert_allclose(blended(update, 0.0).log_odds(local.eta0, T), local.eta0)


def test_more_than_two_outcomes_are_refused_with_a_reason():
    with pytest.raises(ValueError, match="Only binary classification"):
        AveragedUpdate().fit(np.eye(6), [0, 1, 2, 0, 1, 2])


def test_development_size_equals_the_published_example():
    size = development_size(0.288, 24, 0.174)
    assert (size.shrinkage, size.optimism, size.prevalence, size.needed) == (623, 662, 221, 662)
