"""The one-standard-error rule, and its numbers corrected for having chosen."""

import numpy as np
import pytest

from medtune.evaluation.headline import patient_log_loss
from medtune.evaluation.logistic import expit
from medtune.evaluation.resampling import Resamples
from medtune.tuning.closed_test import ClosedTest
from medtune.tuning.selection import ladder, one_standard_error, select

# Four patients, three rungs. Against the last, which is best (mean .40): the first is .05 worse with a standard error
# of sd(.1, .1, 0, 0) / 2 = .0289, the second .01 worse with one of sd(.08, -.08, .06, -.02) / 2 = .0370.
BEST = np.array([0.3, 0.5, 0.4, 0.4])
LOSSES = BEST[:, None] + np.array([[0.1, 0.08, 0], [0.1, -0.08, 0], [0, 0.06, 0], [0, -0.02, 0]])


def test_the_rule_by_hand_picks_the_least_complex_rung_within_one_standard_error():
    assert one_standard_error(LOSSES) == (1, 2)


def test_the_rule_keeps_the_reference_where_its_own_error_allows():
    wide = LOSSES + np.column_stack([[0.2, -0.2, 0.2, -0.2], np.zeros((4, 2))])
    assert one_standard_error(wide) == (0, 2)


def test_rows_of_one_patient_count_as_one():
    # Each patient four times: as independent rows the standard error halves to .0185 and the first pick falls.
    nearly = np.column_stack([LOSSES[:, 1] + 0.02, BEST])
    rows = np.repeat(nearly, 4, axis=0)
    assert one_standard_error(nearly) == (0, 1)
    assert one_standard_error(rows) == (1, 1)
    assert one_standard_error(rows, np.repeat(np.arange(4), 4)) == (0, 1)


def test_every_resample_follows_the_same_rule_as_the_patients_themselves():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 60)
    risks = {
        key: expit(rng.normal(0, size, (2, 60)))
        for key, size in (("original", 0.5), ("intercept", 0.4), ("refit", 0.6))
    }
    for clusters in (None, rng.integers(0, 25, 60)):
        draws = Resamples.draw(60, 40, seed=1, clusters=clusters)
        found = select(y, risks, ladder(risks, "original"), draws)
        losses = np.column_stack([patient_log_loss(y, risks[key]) for key in risks])
        picks, scored = [], []
        for weights in draws.weights:
            rows = np.repeat(np.arange(60), weights)
            units = None
            if clusters is not None:  # each time a patient was drawn is a patient of its own
                copy = np.concatenate([np.arange(count) for count in weights])
                units = np.unique(draws.units[rows] * 100 + copy, return_inverse=True)[1]
            pick, _ = one_standard_error(losses[rows], units)
            picks.append(pick)
            scored.append(losses[weights == 0, pick].mean())
        shares = np.bincount(picks, minlength=3) / 40
        assert list(found.shares.values()) == pytest.approx(shares)
        assert found.log_loss.value == pytest.approx(np.mean(scored), rel=1e-12)


def test_on_noise_the_best_of_many_looks_good_and_the_corrected_number_does_not():
    keys = ("original", "intercept", "recalibration", "revision", "extension", "refit")
    uncorrected, corrected, area = [], [], []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        y = rng.permutation(np.repeat([0, 1], 40))
        risks = {key: expit(rng.normal(0, 0.3, (1, 80))) for key in keys}
        found = select(y, risks, keys, Resamples.draw(80, 200, seed))
        loss = {key: patient_log_loss(y, p).mean() for key, p in risks.items()}
        best = loss["original"] - min(loss.values())
        uncorrected.append(best)
        corrected.append(found.gain.value)
        area.append(found.auroc.value)
    assert np.mean(uncorrected) > 0.02
    assert abs(np.mean(corrected)) < 0.005
    assert abs(np.mean(area) - 0.5) < 0.02


def test_a_clear_winner_is_chosen_nearly_always_and_loses_nothing_by_the_correction():
    rng = np.random.default_rng(0)
    eta = rng.normal(0, 1.5, 800)
    y = (rng.uniform(size=800) < expit(eta)).astype(int)
    risks = {"original": expit(eta + 2)[None], "intercept": expit(eta)[None], "refit": expit(eta - 1)[None]}
    found = select(y, risks, ladder(risks, "original"), Resamples.draw(800, 300))
    assert found.picked == found.best == "intercept"
    assert found.shares["intercept"] > 0.99
    assert found.gain.value == pytest.approx(found.uncorrected, rel=0.05)
    assert found.gain.low > 0
    assert "“Intercept update” (1-SE rule; chosen in 100% of 300 resamples)" in str(found.sentence)


def test_averages_are_no_rung_and_models_from_scratch_only_where_there_is_nothing_else():
    keys = ("original", "averaged", "intercept", "refit", "scratch", "blended")
    assert ladder(keys, "original") == ("original", "intercept", "refit")
    assert ladder(("prevalence", "scratch", "searched"), "prevalence") == ("prevalence", "scratch", "searched")
    # A tuned network is kept by a rule of its own, or not at all.
    assert ladder(("prevalence", "scratch", "network"), "prevalence") == ("prevalence", "scratch")
    assert ladder(("original", "intercept", "network"), "original") == ("original", "intercept")
    assert select(np.array([0, 1]), {"original": np.full((1, 2), 0.5)}, ("original",), Resamples.draw(2, 10)) is None


def test_above_twenty_thousand_patients_groups_of_them_are_resampled():
    rng = np.random.default_rng(1)
    eta = rng.normal(0, 1, 30_000)
    y = (rng.uniform(size=30_000) < expit(eta)).astype(int)
    risks = {"original": expit(0.8 * eta)[None], "recalibration": expit(eta)[None]}
    found = select(y, risks, tuple(risks), Resamples.draw(30_000, 100))
    assert found.picked == "recalibration"
    assert found.gain.value == pytest.approx(found.uncorrected, abs=0.0002)


@pytest.mark.parametrize(
    ("p", "selected", "sentence"),
    [
        (
            {"original": 0.3, "intercept": 0.4, "recalibration": 0.5},
            "original",
            "A closed test does not reject “Original” (p = 0.300) against “Refit”.",
        ),
        (
            {"original": 0.0001, "intercept": 0.02, "recalibration": 0.5},
            "recalibration",
            "A closed test rejects “Original” (p < 0.001) and “Intercept update” (p = 0.020) against “Refit”, "
            "but not “Logistic recalibration” (p = 0.500).",
        ),
        (
            {"original": 0.01, "intercept": 0.02, "recalibration": 0.03},
            "revision",
            "A closed test rejects “Original” (p = 0.010) and “Intercept update” (p = 0.020) and “Logistic "
            "recalibration” (p = 0.030) against “Refit”, so it would choose “Shrunken revision”.",
        ),
    ],
)
def test_the_closed_test_speaks_in_one_sentence(p, selected, sentence):
    # In the order that a stored result has: by name.
    test = ClosedTest(selected, dict.fromkeys(p, 1.0), p, dict.fromkeys(sorted(p), 1), {}, False)
    assert str(test.sentence) == sentence
