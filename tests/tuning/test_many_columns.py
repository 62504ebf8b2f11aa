"""Deviations on many columns by way of the patients are those of the columns themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medtune.foundation.settings import Averaging
from medtune.tuning import revision, update
from medtune.tuning.many_columns import scores_of
from medtune.tuning.revision import ShrunkenRevision
from medtune.tuning.update import AveragedUpdate


def patients(n: int = 60, q: int = 90, seed: int = 0):
    """Log-odds of a base, columns, and outcomes that two of the columns change."""
    rng = np.random.default_rng(seed)
    T = rng.normal(3, 2, size=(n, q))
    eta0 = rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-(0.8 * eta0 + T[:, 0] - 3)))).astype(float)
    return eta0, T, y


def test_scores_give_the_columns_back():
    z = np.random.default_rng(1).normal(size=(12, 40))
    z -= z.mean(axis=0)
    scores = scores_of(z)
    np.testing.assert_allclose(scores.values @ scores.weights.T, z, atol=1e-9)
    np.testing.assert_allclose(scores.weights.T @ scores.weights, np.eye(scores.values.shape[1]), atol=1e-9)


def test_the_averaged_update_by_patients_is_that_by_columns(monkeypatch):
    eta0, T, y = patients()
    narrower = np.sqrt(10 / T.shape[1])
    usual = Averaging()
    by_columns = AveragedUpdate(averaging=replace(usual, deviation_sd=tuple(narrower * s for s in usual.deviation_sd)))
    by_columns.fit_arrays(eta0, T, y)
    monkeypatch.setattr(update, "ABOVE", 20)
    by_patients = AveragedUpdate().fit_arrays(eta0, T, y)
    np.testing.assert_allclose(by_patients.deviation_, by_columns.deviation_, atol=1e-8)
    assert by_patients.slope_ == pytest.approx(by_columns.slope_, abs=1e-8)
    assert by_patients.intercept_ == pytest.approx(by_columns.intercept_, abs=1e-7)
    assert by_patients.support_ == pytest.approx(by_columns.support_, abs=1e-8)
    assert by_patients.parameters_ == pytest.approx(by_columns.parameters_, abs=1e-6)


def test_the_shrunken_revision_by_patients_is_that_by_columns(monkeypatch):
    eta0, T, y = patients(seed=3)
    features = [f"g{at}" for at in range(T.shape[1])]
    wider = T.shape[1] / 10
    monkeypatch.setattr(revision, "STRENGTHS", tuple(wider * strength for strength in revision.STRENGTHS))
    by_columns = ShrunkenRevision().fit_arrays(eta0, T, y, features)
    monkeypatch.undo()
    monkeypatch.setattr(revision, "ABOVE", 20)
    by_patients = ShrunkenRevision().fit_arrays(eta0, T, y, features)
    np.testing.assert_allclose(by_patients.deviation_, by_columns.deviation_, atol=1e-8)
    assert by_patients.strength_ == pytest.approx(by_columns.strength_)


def test_five_thousand_columns_are_updated_without_their_square():
    eta0, T, y = patients(n=50, q=5000)
    fitted = AveragedUpdate().fit_arrays(eta0, T, y)
    assert fitted.deviation_.shape == (5000,)
    assert not hasattr(fitted, "covariance_")
    assert len(fitted.estimates()) == 5002
    assert np.isfinite(fitted.log_odds(eta0, T)).all()
