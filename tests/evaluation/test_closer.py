"""Intervals of calibration distances, precision-recall bands, gains in net benefit, the band to refer, and sites."""

import math

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

import medtune.evaluation as ev
from medtune.evaluation.certainty import cut_off_risks, each_against_others
from medtune.evaluation.distances import DISTANCES, WHOLE, distance_draws
from medtune.evaluation.heterogeneity import pooled
from medtune.evaluation.resampling import Resamples
from medtune.foundation.estimate import Estimate

# dat.bcg of R's metafor: cases and others among vaccinated, then among controls, in thirteen trials.
BCG = np.array(
    [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
        (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232),
        (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
    ],
    dtype=float,
)  # fmt: skip


def once(n, clusters=None):
    """A single 'resample' that takes everybody once."""
    return Resamples(np.ones((1, n), dtype=np.uint8), None, n)


@pytest.mark.parametrize("n", [300, 3000])
def test_distances_of_the_patients_as_they_are_are_close_to_those_of_loess(drawn, n):
    y, p = drawn(n, seed=3)
    exact, grouped = ev.calibration_errors(y, p), distance_draws(y, p, once(n))[WHOLE, :, 0]
    for name, value in zip(DISTANCES, grouped, strict=True):
        assert value == pytest.approx(getattr(exact, name), abs=0.006, rel=0.1), name


def test_distances_have_intervals_that_hold_their_value_and_shrink_with_more_patients(drawn):
    widths = []
    for n in (200, 3200):
        y, p = drawn(n, seed=1)
        found = ev.calibration_distances(y, p, ev.Resamples.draw(n, 200))
        for name in DISTANCES:
            assert 0 <= found[name].low <= found[name].value <= found[name].high, name
        widths.append(found["ici"].high - found["ici"].low)
    assert widths[1] < widths[0] / 2


def test_right_risks_are_not_said_to_be_off_and_wrong_ones_are():
    """Resampled distances alone would exclude 0 in seven of eight cohorts with right risks."""
    excluded = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        p = 1 / (1 + np.exp(-rng.normal(-1, 1.2, 300)))
        y = (rng.random(300) < p).astype(int)
        excluded += ev.calibration_distances(y, p, ev.Resamples.draw(300, 200))["ici"].low > 0.001
        wrong = ev.calibration_distances(y, np.sqrt(p), ev.Resamples.draw(300, 200))["ici"]
        assert wrong.low > 0.05
    assert excluded <= 2


def test_distances_are_averaged_over_repeats_and_drawn_in_groups_when_many(drawn):
    y, risks = drawn(25_000, repeats=2)
    draws = ev.Resamples.draw(y.size, 60)
    assert draws.grouped
    found = ev.calibration_distances(y, risks, draws)
    assert found["ici"].low < found["ici"].value < found["ici"].high < 2 * found["ici"].value


def test_distances_of_one_class_or_equal_risks_have_no_false_interval():
    assert not ev.calibration_distances([0, 0, 0], [0.1, 0.2, 0.3], ev.Resamples.draw(3, 50))["ici"].bounded
    y = np.array([0, 1] * 20)
    found = ev.calibration_distances(y, np.full(40, 0.3), ev.Resamples.draw(40, 100))
    assert found["ici"].value == pytest.approx(0.2)
    assert found["ici"].bounded


def test_precision_recall_band_holds_the_curve_and_the_area_is_that_of_scikit_learn(drawn):
    y, p = drawn(250, seed=4)
    curve = ev.precision_recall_curve(y, p, ev.Resamples.draw(250, 200))
    assert curve.average.value == curve.average_precision == pytest.approx(average_precision_score(y, p))
    assert curve.average.low < curve.average.value < curve.average.high
    assert (curve.low <= curve.precision).all()
    assert (curve.high >= curve.precision).all()


def test_each_resampled_area_is_that_of_scikit_learn_on_the_resample(drawn):
    from medtune.evaluation.precision_recall import _drawn

    y, p = drawn(120, digits=2)
    draws = ev.Resamples.draw(120, 5)
    _, areas = _drawn(y, p, draws)
    for counts, area in zip(draws.counts, areas, strict=True):
        assert area == pytest.approx(average_precision_score(y, p, sample_weight=counts))


def test_gain_in_net_benefit_is_the_difference_of_two_curves_and_zero_against_itself(drawn):
    y, risks = drawn(300, repeats=3)
    draws = ev.Resamples.draw(300, 100)
    other = np.clip(risks[0] ** 2, 0, 1)
    made = ev.benefit_gain(y, risks, other, draws)
    curves = [ev.threshold_table(y, r).measures["net_benefit"][0] for r in (risks, other)]
    assert made.gain[0] == pytest.approx(curves[0] - curves[1], nan_ok=True)
    known = np.isfinite(made.gain[1])
    assert known[1:90].all()
    assert (made.gain[1] <= made.gain[0])[known].all()
    nothing = ev.benefit_gain(y, risks, risks, draws).gain
    assert (nothing[:, :90] == 0).all()


def test_pairing_makes_the_interval_of_a_gain_narrower_than_those_of_the_curves(drawn):
    y, p = drawn(400)
    draws = ev.Resamples.draw(400, 200)
    gain = ev.benefit_gain(y, p, np.clip(p * 1.1, 0, 1), draws).gain
    table = ev.threshold_table(y, p, draws).measures["net_benefit"]
    assert gain[2, 20] - gain[1, 20] < (table[2, 20] - table[1, 20]) / 2


@pytest.mark.parametrize("error", [0.05, 0.1, 0.2])
def test_the_band_to_refer_says_what_the_sets_say(drawn, error):
    y, p = drawn(200)
    lower, upper = cut_off_risks(y, p, error)
    new = np.linspace(0, 1, 501)
    sets = ev.conformal_sets(y, p, new, error)
    assert np.array_equal(sets.event, new >= lower)
    assert np.array_equal(sets.no_event, new <= upper)


def test_sets_are_those_of_crepes(drawn):
    import crepes

    y, p = drawn(300)
    new = drawn(100, seed=9)[1]
    both = np.column_stack([1 - p, p])
    classifier = crepes.ConformalClassifier().fit(1 - both[np.arange(300), y], bins=y)
    odd = 1 - np.column_stack([1 - new, new])
    values = np.column_stack(
        [classifier.predict_p(odd[:, [k]], bins=np.full(100, k), smoothing=False)[:, 0] for k in (0, 1)]
    )
    ours = ev.conformal_sets(y, p, new, 0.1)
    assert np.array_equal(ours.no_event, values[:, 0] > 0.1)
    assert np.array_equal(ours.event, values[:, 1] > 0.1)


def test_each_patient_is_held_against_all_others(drawn):
    y, p = drawn(60, digits=1)
    sets = each_against_others(y, p, 0.15)
    for i in range(60):
        rest = np.arange(60) != i
        alone = ev.conformal_sets(y[rest], p[rest], p[[i]], 0.15)
        assert (sets.event[i], sets.no_event[i]) == (alone.event[0], alone.no_event[0])


def test_the_band_covers_both_outcomes_as_promised():
    rng = np.random.default_rng(2)
    eta = rng.normal(-2.5, 1.4, 4000)
    y, p = (rng.random(4000) < 1 / (1 + np.exp(-eta))).astype(int), 1 / (1 + np.exp(-eta))
    band = ev.refer_band(y, np.stack([p, p]), 0.1)
    assert band.event.value == pytest.approx(0.9, abs=0.005)
    assert band.no_event.value == pytest.approx(0.9, abs=0.005)
    assert band.lower < band.upper
    assert 0.1 < band.referred.value < 0.9


def test_with_too_few_of_a_class_everybody_may_have_it():
    assert cut_off_risks(np.array([1, 0, 0]), np.array([0.9, 0.1, 0.2]), 0.1) == (0.0, 1.0)


def test_random_effects_mean_is_that_of_metafor_and_statsmodels():
    from statsmodels.stats.meta_analysis import combine_effects

    a, b, c, d = BCG.T
    value, variance = np.log((a / (a + b)) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    mean, error, tau2, i2 = pooled(value, variance)
    # rma(yi, vi, data = dat, method = "DL")
    assert (round(mean, 4), round(tau2, 4), round(100 * i2, 2)) == (-0.7141, 0.3088, 92.12)
    theirs = combine_effects(value, variance, method_re="dl").summary_frame().loc["random effect"]
    assert (mean, error) == pytest.approx((theirs["eff"], theirs["sd_eff"]))


def test_sites_that_agree_show_no_heterogeneity_and_those_that_do_not_a_wide_range():
    same = [Estimate(0.8, 0.75, 0.84)] * 5
    alike = ev.heterogeneity(same, "auroc")
    assert (alike.tau2, alike.i2) == (0.0, 0.0)
    assert alike.p == pytest.approx(1.0)
    assert alike.mean.value == pytest.approx(0.8)
    apart = [Estimate(v, v - 0.02, v + 0.02) for v in (0.62, 0.71, 0.8, 0.9)]
    spread = ev.heterogeneity(apart, "auroc")
    assert spread.i2 > 0.9
    assert spread.p < 0.001
    assert spread.prediction.low < spread.lowest == pytest.approx(0.62)
    assert spread.prediction.high > spread.highest == pytest.approx(0.9)
    assert 0 < spread.prediction.low < spread.mean.low < spread.mean.high < spread.prediction.high < 1


def test_one_site_or_sites_without_interval_give_nothing_to_compare():
    assert ev.heterogeneity([Estimate(0.8, 0.7, 0.9), Estimate(math.nan)], "auroc") is None
    two = ev.heterogeneity([Estimate(1.0, 0.8, 1.2), Estimate(1.1, 0.9, 1.3)], "slope")
    assert two.sites == 2
    assert not two.prediction.bounded
