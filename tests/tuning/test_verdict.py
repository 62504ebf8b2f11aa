"""The verdict does no harm: its states, its policies, and what chance makes of it."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from medtune.evaluation.logistic import expit
from medtune.evaluation.performance import Comparison
from medtune.foundation.estimate import Estimate
from medtune.foundation.records import from_plain, to_plain
from medtune.foundation.settings import Averaging, Settings, Starting, Validation
from medtune.tuning.candidates import CAUTIOUS, TITLES, compared, objections
from medtune.tuning.comparison import Comparing
from medtune.tuning.update import AveragedUpdate
from medtune.tuning.validation import plan_validation
from medtune.tuning.verdict import Verdict, _ranking, blend_weight, judge, state_of, too_few, toward


def comparison(t, low, high):
    return Comparison(t, Estimate((low + high) / 2, low, high), {})


@pytest.mark.parametrize(
    ("t", "low", "high", "state"),
    [
        (3.0, 0.01, 0.05, "better"),
        (1.0, -0.01, 0.03, "probably better"),
        (0.0, -0.01, 0.01, "keep the original"),
        (-1.0, -0.03, 0.01, "keep the original"),
        (2.0, math.nan, math.nan, "probably better"),
    ],
)
def test_log_loss_decides_the_state(t, low, high, state):
    assert state_of(comparison(t, low, high)) == state


@pytest.mark.parametrize(
    ("state", "t", "policy", "weight"),
    [
        ("better", 3.0, "likely", 1.0),
        ("better", 3.0, "clear", 1.0),
        ("better", 2.0, "blend", 0.75),
        ("probably better", 1.959964, "likely", 0.95),
        ("probably better", 0.674490, "likely", 0.5),
        ("probably better", 1.5, "clear", 0.0),
        ("probably better", 1.0, "blend", 0.0),
        ("keep the original", -1.0, "likely", 0.0),
        ("keep the original", -2.0, "blend", 0.0),
        ("too few", math.nan, "likely", 0.0),
    ],
)
def test_policies_choose_as_documented(state, t, policy, weight):
    assert blend_weight(state, t, policy) == pytest.approx(weight, abs=1e-6)


@pytest.mark.parametrize(("t", "weight"), [(0.674490, 0.75), (1.644854, 0.95), (1e-9, 0.5)])
def test_the_cautious_update_is_believed_as_far_as_tuning_is_likely_to_help(t, weight):
    assert blend_weight("probably better", t, "likely", CAUTIOUS) == pytest.approx(weight, abs=1e-6)
    assert blend_weight("better", 3.0, "likely", CAUTIOUS) == 1.0
    assert blend_weight("keep the original", -t, "likely", CAUTIOUS) == 0.0


@pytest.mark.parametrize(
    ("method", "state", "policy", "aim"),
    [
        ("averaged", "probably better", "likely", CAUTIOUS),
        ("averaged", "better", "likely", ""),
        ("averaged", "probably better", "blend", ""),
        ("averaged", "keep the original", "likely", ""),
        ("recalibration", "probably better", "likely", ""),
    ],
)
def test_only_an_averaged_update_that_is_not_certain_gives_way_to_the_cautious_one(method, state, policy, aim):
    assert toward(method, state, policy) == aim


def test_a_verdict_kept_before_there_was_a_cautious_update_goes_toward_its_method():
    kept = to_plain(replace(too_few(5, 90, "likely"), chosen="blended", method="averaged"))
    del kept["toward"]
    assert from_plain(Verdict, kept).goes_toward == "averaged"


def test_too_few_events_keep_the_original_and_say_the_counts():
    verdict = too_few(5, 90, "likely")
    assert (verdict.state, verdict.chosen) == ("too few", "original")
    assert "5 have the event and 85 do not" in str(verdict.sentence)


def test_guards_speak_of_whichever_outcome_is_rarer():
    settings = Settings(starting=Starting("score_column", name="risk"))
    why = objections(settings, n=123, events=115, features=10)
    assert why["averaged"] is None
    assert str(why["intercept"]) == "Needs 10 patients without the event; there are 8."
    assert str(why["revision"]) == "Needs 30 patients without the event; there are 8."
    assert set(why) == set(compared(settings))


def test_refit_needs_the_sample_size_of_riley_beside_ten_events_per_coefficient():
    settings = Settings(starting=Starting("score_column", name="risk"))
    assert "patients to estimate" in str(objections(settings, 300, 120, 10, cox_snell=0.05)["refit"])
    assert objections(settings, 3000, 1200, 10, cox_snell=0.3)["refit"] is None


def test_every_method_has_a_title_and_a_place_in_the_order():
    order = list(TITLES)
    keys = compared(Settings(starting=Starting("model")), new=True)
    assert list(keys) == sorted(keys, key=order.index)


def one_trial(rng, n=150, q=4, outcome=None):
    """The verdict on an averaged update of a model that is right for these patients, and what it costs new ones."""
    T = rng.normal(size=(n, q))
    eta0 = T @ np.linspace(0.8, 0.2, q) - 0.8
    y = (rng.random(n) < expit(eta0)).astype(int) if outcome is None else outcome(rng, n)
    plan = plan_validation(y, Validation(repeats=1), seed=int(rng.integers(1_000_000)))
    risks = np.full((1, n), np.nan)
    for split in plan.splits:
        update = AveragedUpdate().fit_arrays(eta0[split.train], T[split.train], y[split.train], "abcd")
        risks[0, split.test] = expit(update.log_odds(eta0[split.test], T[split.test]))
    comparing = Comparing(y, 0.3, "original", resamples=200)
    original = comparing.measure("original", expit(eta0)[None])
    tuned = comparing.measure("averaged", risks)
    verdict = judge("averaged", tuned.comparison, original.performance, tuned.performance)
    averaging = Averaging().more_cautious if verdict.goes_toward == CAUTIOUS else None
    final = AveragedUpdate(averaging=averaging).fit_arrays(eta0, T, y, "abcd")
    fresh = rng.normal(size=(4000, q))
    truth = fresh @ np.linspace(0.8, 0.2, q) - 0.8
    eta = verdict.blend * final.log_odds(truth, fresh) + (1 - verdict.blend) * truth
    loss = np.mean(np.logaddexp(0, eta) - np.logaddexp(0, truth) - expit(truth) * (eta - truth))
    return verdict, loss, tuned.comparison


def test_a_model_that_is_right_is_rarely_called_worse_and_hardly_harmed():
    rng = np.random.default_rng(11)
    trials = [one_trial(rng) for _ in range(200)]
    states = [verdict.state for verdict, _, _ in trials]
    assert states.count("better") <= 0.05 * len(trials)
    assert states.count("probably better") > 0.05 * len(trials)  # else there would be nothing to harm
    # In nats, on fresh patients of the same population: what the model that the default policy chooses costs.
    harm = np.array([loss for _, loss, _ in trials])
    assert harm.mean() <= 0.0005
    assert np.mean(harm > 0.0005) <= 0.05


def test_a_change_of_ranking_is_told_by_two_numbers_that_differ():
    def told(before, after, change):
        sides = [SimpleNamespace(headline={"auroc": Estimate(value)}) for value in (before, after)]
        return str(_ranking(SimpleNamespace(differences={"auroc": change}), *sides))

    assert told(0.8720, 0.8668, Estimate(-0.005, -0.011, -0.002)).endswith("AUROC 0.872 before, 0.867 after.")
    assert told(0.8120, 0.8668, Estimate(0.055, 0.011, 0.102)).endswith("better: AUROC 0.81 before, 0.87 after.")


def test_with_a_permuted_outcome_no_better_ranking_is_claimed_but_log_loss_rightly_improves():
    rng = np.random.default_rng(12)
    trials = [one_trial(rng, outcome=lambda rng, n: (rng.random(n) < 0.3).astype(int)) for _ in range(60)]
    claims = [c.differences["auroc"].excludes(0) and c.differences["auroc"].value > 0 for _, _, c in trials]
    assert np.mean(claims) <= 0.05
    # Shrinking the slope of a model that has nothing to say here is an improvement.
    assert np.mean([c.gain.value for _, _, c in trials]) > 0
