"""Resamples: whole patients, same seed same draw, and the measures on them equal plain loops."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

import medtune.evaluation as ev
from medtune.evaluation import resampling
from medtune.evaluation.discrimination import auroc_draws, counts_above
from medtune.evaluation.logistic import fit_logistic, logit
from medtune.foundation.errors import MedtuneError


def test_each_resample_draws_as_many_patients_as_there_are():
    draws = ev.Resamples.draw(50, 20)
    assert draws.weights.shape == (20, 50)
    assert (draws.weights.sum(axis=1) == 50).all()


def test_same_seed_same_resamples_and_another_seed_others():
    first, same, other = (ev.Resamples.draw(40, 10, seed).counts for seed in (3, 3, 4))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_rows_of_one_patient_are_drawn_together():
    ids = np.array(["a", "b", "a", "c", "b", "a"])
    weights = ev.Resamples.draw(6, 30, clusters=ids).weights
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert np.array_equal(weights[:, 0], weights[:, 5])
    assert np.array_equal(weights[:, 1], weights[:, 4])
    assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()


def test_ids_that_do_not_repeat_change_nothing():
    plain, ids = ev.Resamples.draw(30, 5), ev.Resamples.draw(30, 5, clusters=np.arange(30))
    assert np.array_equal(plain.counts, ids.counts)
    assert not ids.clustered


@pytest.mark.parametrize(
    ("ids", "match"), [(["a", "b"], "2 patient ids for 3 rows"), (["a", None, "b"], "1 of 3 patient ids are missing")]
)
def test_ids_that_do_not_fit_are_named(ids, match):
    with pytest.raises(MedtuneError, match=match):
        ev.Resamples.draw(3, 5, clusters=np.array(ids, dtype=object))


def test_auroc_of_resamples_equals_a_plain_loop(drawn):
    y, p = drawn(180, digits=2)
    draws = ev.Resamples.draw(y.size, 40, seed=5)
    plain = [roc_auc_score(y, p, sample_weight=w) for w in draws.weights]
    assert auroc_draws(y, p, draws) == pytest.approx(plain, rel=1e-12)


def test_headline_of_resamples_equals_plain_loops(drawn):
    y, risks = drawn(150, repeats=2)
    draws = ev.Resamples.draw(y.size, 12, seed=6)
    head = ev.headline(y, risks, draws, 0.3)
    for b, w in enumerate(draws.weights.astype(float)):
        plain = {"log_loss": [], "brier": [], "auroc": [], "citl": [], "slope": [], "intercept": [], "oe": []}
        for p in risks:
            plain["log_loss"].append(log_loss(y, p, sample_weight=w))
            plain["brier"].append(brier_score_loss(y, p, sample_weight=w))
            plain["auroc"].append(roc_auc_score(y, p, sample_weight=w))
            plain["oe"].append(w @ y / (w @ p))
            eta = logit(p)
            line = fit_logistic(np.column_stack([np.ones(y.size), eta]), y, weights=w).beta
            plain["intercept"].append(line[0])
            plain["slope"].append(line[1])
            plain["citl"].append(fit_logistic(np.ones((y.size, 1)), y, offset=eta, weights=w).beta[0])
        for name, values in plain.items():
            assert head.draws[name][b] == pytest.approx(np.mean(values), rel=2e-5, abs=2e-5), name


def test_positives_of_resamples_equal_plain_counts(drawn):
    y, p = drawn(90, digits=1)
    draws = ev.Resamples.draw(y.size, 8)
    cuts = np.array([0.0, 0.2, 0.25, 0.6, 1.0])
    true, false = counts_above(y, p, cuts, draws)
    above = p >= cuts[:, None]
    assert np.array_equal(true, draws.weights.astype(int) @ (above * y).T)
    assert np.array_equal(false, draws.weights.astype(int) @ (above * (1 - y)).T)


def test_groups_of_many_patients_give_the_intervals_of_single_patients(drawn, monkeypatch):
    y, p = drawn(6000, seed=2)
    single = ev.headline(y, p, ev.Resamples.draw(y.size, 400), 0.3)
    monkeypatch.setattr(resampling, "EXACT_ROWS", 1000)
    monkeypatch.setattr(resampling, "GROUPS", 1500)
    draws = ev.Resamples.draw(y.size, 400)
    assert draws.grouped
    assert "1500 random groups" in str(draws.note)
    grouped = ev.headline(y, p, draws, 0.3)
    assert grouped.values == single.values
    for name in single.draws:
        assert np.std(grouped.draws[name]) == pytest.approx(np.std(single.draws[name]), rel=0.2), name
        assert np.mean(grouped.draws[name]) == pytest.approx(
            np.mean(single.draws[name]), abs=0.3 * np.std(single.draws[name])
        ), name


def test_grouped_slope_equals_a_plain_fit(drawn, monkeypatch):
    monkeypatch.setattr(resampling, "EXACT_ROWS", 100)
    monkeypatch.setattr(resampling, "GROUPS", 60)
    y, p = drawn(700)
    draws = ev.Resamples.draw(y.size, 5)
    head = ev.headline(y, p, draws)
    X = np.column_stack([np.ones(y.size), logit(p)])
    for b, w in enumerate(draws.weights.astype(float)):
        assert head.draws["slope"][b] == pytest.approx(fit_logistic(X, y, weights=w).beta[1], rel=1e-5)


def test_repeating_patients_widen_the_interval(drawn):
    y, p = drawn(120)
    y, p, ids = np.tile(y, 5), np.tile(p, 5), np.tile(np.arange(120), 5)
    naive, honest = (ev.evaluate(y, [p], clusters=c, resamples=200).headline["log_loss"] for c in (None, ids))
    assert (honest.high - honest.low) > 1.7 * (naive.high - naive.low)
