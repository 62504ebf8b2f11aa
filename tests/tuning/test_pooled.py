"""The pooled refit: what it equals at its edges, how it weighs the source, and that it keeps no source patient."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from medtune.cohort.columns import describe
from medtune.evaluation.logistic import expit, fit_logistic
from medtune.foundation.words import say
from medtune.models.clinical import ClinicalModel
from medtune.models.files import dump_model, load_model
from medtune.models.passport import Passport
from medtune.tuning.form import is_logistic
from medtune.tuning.pooled import PooledRefit
from medtune.tuning.pooling import SourceRows, pooled_refit
from medtune.tuning.update import AveragedUpdate, LogisticRecalibration, Refit
from tests.tuning.conftest import PREDICTORS


@parametrize_with_checks([PooledRefit()])
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def rows(source):
    return SourceRows(source[PREDICTORS].to_numpy(), source.died.to_numpy())


def places(seed, m, n, shift=0.0, differs=0.0):
    """Source and local patients of one truth, but for a shift and one coefficient."""
    rng = np.random.default_rng(seed)
    S, T = rng.normal(size=(m, 3)), rng.normal(size=(n, 3))
    here = np.array([1.0 + differs, -0.6 - differs, 0.3])
    ys = rng.random(m) < expit(S @ [1.0, -0.6, 0.3] - 1)
    return SourceRows(S, ys.astype(int)), T, (rng.random(n) < expit(T @ here - 1 + shift)).astype(float)


def test_at_weight_one_it_is_the_ridge_logistic_model_of_both_places(local, rows):
    T, y = local[PREDICTORS].to_numpy(), local.died.to_numpy()
    fit = pooled_refit(T, y, rows, weights=(1.0,), ridge=1.0)
    both, here = np.vstack([rows.X, T]), np.r_[np.zeros(len(rows.y)), np.ones(len(y))]
    D = np.column_stack([np.ones(len(both)), here, both / rows.X.std(axis=0)])
    beta = fit_logistic(D, np.r_[rows.y, y], penalty=np.r_[1e-8, 0.1, np.ones(6)]).beta
    np.testing.assert_allclose(fit.deviation, beta[2:] / rows.X.std(axis=0), rtol=1e-6)
    assert fit.intercept == pytest.approx(beta[0] + beta[1], rel=1e-6)


def test_a_source_that_counts_for_nothing_leaves_the_local_fit(local, rows):
    T, y = local[PREDICTORS].to_numpy(), local.died.to_numpy()
    refit = Refit().fit_arrays(local.eta0, T, y)
    fit = pooled_refit(T, y, rows, weights=(1e-9,), ridge=1e-6)
    np.testing.assert_allclose(fit.deviation, refit.deviation_, rtol=1e-3)
    assert fit.effective == pytest.approx(7, abs=0.05)


def test_local_risks_have_the_local_mean(local, rows):
    T, y = local[PREDICTORS].to_numpy(), local.died.to_numpy()
    fit = pooled_refit(T, y, rows)
    # Up to the wide prior on the difference of the places.
    assert expit(fit.intercept + T @ fit.deviation).mean() == pytest.approx(y.mean(), abs=2e-3)


def test_the_weight_follows_whether_the_places_agree():
    same = [pooled_refit(T, y, rows).weight for rows, T, y in (places(s, 600, 150) for s in range(12))]
    apart = [pooled_refit(T, y, rows).weight for rows, T, y in (places(s, 600, 150, differs=1.5) for s in range(12))]
    assert np.mean(same) > 0.9
    assert np.mean(apart) < 0.3


def test_the_evidence_does_not_see_how_the_source_fits_itself():
    rows, T, y = places(1, 400, 100)
    once = pooled_refit(T, y, rows, weights=(0.5,)).evidence
    # Doubled source patients at half the weight are the same source.
    twice = SourceRows(np.tile(rows.X, (2, 1)), np.tile(rows.y, 2))
    np.testing.assert_allclose(pooled_refit(T, y, twice, weights=(0.25,)).evidence, once, rtol=1e-6)


def test_evidence_is_in_the_order_of_the_weights():
    rows, T, y = places(2, 400, 100)
    up, down = pooled_refit(T, y, rows, (0.1, 1.0)), pooled_refit(T, y, rows, (1.0, 0.1))
    np.testing.assert_allclose(up.evidence, down.evidence[::-1])
    assert up.weight == down.weight


def test_the_source_counts_in_full_until_there_is_strong_evidence_against_it():
    for seed in range(20):
        rows, T, y = places(seed, 400, 100, differs=0.8)
        fit = pooled_refit(T, y, rows)
        likely = [w for w, e in zip((0.1, 0.3, 1.0), fit.evidence, strict=True) if e >= fit.evidence.max() - np.log(20)]
        assert fit.weight == max(likely)


@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-50, 50))
@settings(max_examples=15, deadline=None)
def test_units_of_a_predictor_do_not_change_the_risks(seed, factor, shift):
    rows, T, y = places(seed, 120, 60)
    here = pooled_refit(T, y, rows)
    there = pooled_refit(T * factor + shift, y, SourceRows(rows.X * factor + shift, rows.y))
    eta = here.intercept + T @ here.deviation
    np.testing.assert_allclose(there.intercept + (T * factor + shift) @ there.deviation, eta, atol=1e-5)


def test_separated_patients_and_a_constant_source_column_stay_finite():
    rng = np.random.default_rng(0)
    T = np.column_stack([rng.normal(size=30), np.r_[np.zeros(15), np.ones(15)]])
    y = T[:, 1]
    S = np.column_stack([rng.normal(size=80), np.zeros(80)])
    fit = pooled_refit(T, y, SourceRows(S, (rng.random(80) < 0.3).astype(int)))
    assert np.all(np.isfinite(fit.deviation))
    assert np.all(np.abs(fit.deviation) < 20)
    assert np.all(np.isfinite(fit.covariance))


def boosted(source):
    trees = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=6, random_state=0)
    return FrozenEstimator(trees.fit(source[PREDICTORS].to_numpy(), source.died.to_numpy()))


def test_of_a_boosted_base_the_averaged_update_is_the_mean_with_a_pooled_refit(local, source, rows):
    X, y = local[PREDICTORS].to_numpy(), local.died.to_numpy()
    base = boosted(source)
    alone, pooled = AveragedUpdate(base).fit(X, y), PooledRefit(base).fit(X, y, source=rows)
    mean = AveragedUpdate(base).fit(X, y, source=rows)
    expected = (alone.decision_function(X) + pooled.decision_function(X)) / 2
    np.testing.assert_allclose(mean.decision_function(X), expected, atol=1e-9)
    assert mean.support_ == alone.support_
    assert mean.pooled_weight_ == pooled.weight_ > 0
    band, risk = mean.risk_interval(X), mean.predict_proba(X)[:, 1]
    assert np.all((band[:, 0] < risk) & (risk < band[:, 1]))


def test_of_a_logistic_base_source_rows_leave_the_averaged_update_as_it_is(local, source, rows):
    X, y = local[PREDICTORS].to_numpy(), local.died.to_numpy()
    base = FrozenEstimator(LogisticRegression(max_iter=1000).fit(rows.X, rows.y))
    given_rows, alone = AveragedUpdate(base).fit(X, y, source=rows), AveragedUpdate(base).fit(X, y)
    np.testing.assert_array_equal(given_rows.decision_function(X), alone.decision_function(X))
    assert given_rows.pooled_weight_ == 0


def test_the_form_of_a_model_is_found_behind_what_wraps_it(local, source, rows):
    X, y = local[PREDICTORS].to_numpy(), local.died.to_numpy()
    logistic = FrozenEstimator(LogisticRegression(max_iter=1000).fit(rows.X, rows.y))
    assert is_logistic(None)
    assert is_logistic(logistic)
    assert is_logistic(LogisticRecalibration(logistic).fit(X, y))
    assert not is_logistic(boosted(source))
    assert not is_logistic(LogisticRecalibration(boosted(source)).fit(X, y))
    assert is_logistic(PooledRefit(boosted(source)).fit(X, y))  # nothing of the base is left in it


@pytest.mark.parametrize("kind", [PooledRefit, AveragedUpdate])
def test_no_source_patient_is_in_the_file_of_the_model(kind, local, source):
    frame, y = local[PREDICTORS].reset_index(drop=True), local.died.to_numpy()
    rng = np.random.default_rng(7)
    marked = source[PREDICTORS] + rng.uniform(0.001, 0.002, (len(source), 6))
    base = FrozenEstimator(HistGradientBoostingClassifier(max_iter=5).fit(frame, y))
    update = kind(base).fit(frame, y, source=SourceRows(marked, source.died.to_numpy()))
    passport = Passport("here", say("A test."), tuple(describe(frame)))
    model = ClinicalModel(update, passport)
    file = dump_model(model)
    np.testing.assert_array_equal(load_model(file, "m.skops").risk(frame), model.risk(frame))
    held = set(numbers_in(load_model(file, "m.skops"))) | set(numbers_in(update))
    assert not set(marked.to_numpy().ravel().tolist()) & held
    assert all(cell.tobytes() not in file for cell in marked.to_numpy().ravel())


def arrays_in(thing):
    """Every array inside an object, at any depth."""
    seen, waiting = set(), [thing]
    while waiting:
        part = waiting.pop()
        if id(part) in seen or isinstance(part, (str, bytes, type)):
            continue
        seen.add(id(part))
        if isinstance(part, np.ndarray):
            yield part
        elif hasattr(part, "to_numpy"):
            yield part.to_numpy()
        elif isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, (list, tuple)):
            waiting.extend(part)
        elif hasattr(part, "__dict__"):
            waiting.extend(vars(part).values())


def numbers_in(thing):
    """Every number in every array inside an object."""
    for array in arrays_in(thing):
        if array.dtype.kind in "fiu":
            yield from array.ravel().tolist()
