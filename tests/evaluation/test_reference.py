"""Every number that R gave for the reference cohort, to six digits."""

import numpy as np
import pytest

import medtune.evaluation as ev
from medtune.evaluation.logistic import expit

REL = 1e-6


def near(value):
    return pytest.approx(value, rel=REL, abs=1e-12)


def triple(estimate):
    return [estimate.low, estimate.value, estimate.high]


def test_base_risk_is_that_of_r(local, reference):
    assert local[1][:10] == near(reference["base_risk_first10"])
    assert (local[0].size, local[0].sum()) == (reference["n_local"], reference["events_local"])


def test_auroc_with_delong_interval_variance_and_paired_test(local, reference):
    y, p, lactate = local
    expected = reference["auroc"]
    # Ranks are all that counts, so any increasing map of lactate to 0..1 has lactate's AUROC.
    other = expit(lactate)
    assert ev.auroc(y, p) == near(expected["base"])
    assert triple(ev.auroc_delong(y, p)) == near(expected["base_delong_ci95"])
    assert triple(ev.auroc_delong(y, other)) == near(expected["lactate_delong_ci95"])
    values, covariance = ev.delong(y, np.stack([p, other]))
    assert values == near([expected["base"], expected["lactate"]])
    assert covariance[0, 0] == near(expected["base_delong_var"])
    assert covariance[0, 1] == near(expected["delong_covariance"])
    assert ev.compare_auroc(y, p, other) == near((expected["paired_test"]["z"], expected["paired_test"]["p"]))


def test_level_and_slope_with_their_standard_errors(local, reference):
    y, p, _ = local
    expected = reference["calibration"]
    large, (intercept, slope) = ev.calibration_in_the_large(y, p), ev.recalibration(y, p)
    assert ev.observed_expected(y, p) == near(expected["observed_expected_ratio"])
    assert large.value == near(expected["citl"])
    assert (large.high - large.low) / (2 * 1.959963984540054) == near(expected["citl_se"])
    assert intercept.value == near(expected["recalibration_intercept"])
    assert slope.value == near(expected["slope"])
    assert (slope.high - slope.low) / (2 * 1.959963984540054) == near(expected["slope_se"])


def test_flexible_curve_and_its_distances(local, reference):
    from medtune.evaluation.smoothing import smooth

    y, p, _ = local
    expected = reference["calibration"]["loess_degree2_span0.75"]
    errors = ev.calibration_errors(y, p)
    assert [errors.ici, errors.e50, errors.e90, errors.emax] == near(
        [expected["ICI"], expected["E50"], expected["E90"], expected["Emax"]]
    )
    assert errors.eci == near(reference["calibration"]["ECI_scaled"])
    assert smooth(y, p, p[:3]).fitted[:10] == near(expected["first10"])


def test_proper_scores(local, reference):
    y, p, _ = local
    expected = reference["calibration"]
    assert ev.brier(y, p) == near(expected["brier"])
    assert ev.scaled_brier(y, p) == near(expected["brier_scaled"])
    assert ev.log_loss(y, p) == near(expected["log_loss"])


def test_what_rms_reports_follows_from_these_measures(local, reference):
    y, p, _ = local
    expected = reference["calibration"]["val_prob"]
    n, rate = y.size, y.mean()
    nothing = n * (rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    given = -n * ev.log_loss(y, p)
    intercept, slope = ev.recalibration(y, p)
    refitted = -n * ev.log_loss(y, expit(intercept.value + slope.value * np.log(p / (1 - p))))
    gained, lost = 2 * (given - nothing), 2 * (refitted - given)
    assert gained == near(expected["D:Chi-sq"])
    assert lost == near(expected["U:Chi-sq"])
    discrimination, unreliability = (gained - 1) / n, (lost - 2) / n
    assert (discrimination, unreliability) == near((expected["D"], expected["U"]))
    assert discrimination - unreliability == near(expected["Q"])
    assert (1 - np.exp(-gained / n)) / (1 - np.exp(2 * nothing / n)) == near(expected["R2"])
    assert (ev.brier(y, p), intercept.value, slope.value) == near(
        (expected["Brier"], expected["Intercept"], expected["Slope"])
    )
    # Spiegelhalter 1986 Stat Med 5:421.
    z = ((y - p) * (1 - 2 * p)).sum() / np.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    assert z == near(expected["S:z"])


def test_lowess_gives_distances_like_those_of_loess(local, reference):
    """rms draws the curve by lowess; the reference holds it to show that the choice of smoother matters little."""
    from statsmodels.nonparametric.smoothers_lowess import lowess

    y, p, _ = local
    gap = np.abs(lowess(y, p, it=0, delta=0.01 * np.ptp(p), return_sorted=False) - p)
    expected, ours = reference["calibration"]["lowess_iter0"], ev.calibration_errors(y, p)
    assert (gap.mean(), gap.max()) == near((expected["ICI"], expected["Emax"]))
    rms = reference["calibration"]["val_prob"]
    assert (gap.mean(), gap.max(), np.quantile(gap, 0.9)) == near((rms["Eavg"], rms["Emax"], rms["E90"]))
    assert ours.ici == pytest.approx(expected["ICI"], abs=0.01)


def test_headline_agrees_with_r(local, reference):
    y, p, _ = local
    expected = reference["calibration"]
    values = ev.headline(y, p, threshold=0.2).values
    wanted = {
        "auroc": reference["auroc"]["base"],
        "log_loss": expected["log_loss"],
        "brier": expected["brier"],
        "scaled_brier": expected["brier_scaled"],
        "citl": expected["citl"],
        "intercept": expected["recalibration_intercept"],
        "slope": expected["slope"],
        "slope_distance": 1 - expected["slope"],
        "oe": expected["observed_expected_ratio"],
        "net_benefit": 0.033,
    }
    assert values == near(wanted)


@pytest.mark.parametrize("exact", [False, True])
def test_counts_and_rates_at_a_threshold(local, reference, exact):
    y, p, _ = local
    expected = reference["at_threshold_0.30"]
    at = ev.at_threshold(y, p, 0.30, exact=exact)
    assert (at.tp, at.fp, at.fn, at.tn) == tuple(expected[k] for k in ("TP", "FP", "FN", "TN"))

    def limits(name):
        m = at.measures[name]
        return [m.value, m.low, m.high]

    if exact:
        assert limits("sensitivity") == near(expected["sensitivity_clopper_pearson"])
        return
    for name in ("sensitivity", "specificity", "ppv", "npv"):
        assert limits(name) == near(expected[f"{name}_wilson"])
    assert limits("lr_positive") == near([expected["lr_positive"], *expected["lr_positive_ci_log"]])
    for name in ("accuracy", "f1", "mcc"):
        assert at.measures[name].value == near(expected[name])


def test_net_benefit_of_the_model_and_of_treating_all(local, reference):
    y, p, _ = local
    rows = reference["net_benefit"]
    thresholds = [row["threshold"] for row in rows]
    assert ev.net_benefit(y, p, thresholds) == near([row["model"] for row in rows])
    assert ev.net_benefit_of_all(y.mean(), thresholds) == near([row["treat_all"] for row in rows])


def test_model_based_concordance(local, reference):
    assert ev.model_based_concordance(local[1]) == near(reference["model_based_concordance"])


def test_three_classes(multiclass, reference):
    expected = reference["multiclass"]
    assert ev.hand_till(*multiclass) == near(expected["hand_till"])
    assert ev.one_vs_rest(*multiclass)[0] == near(expected["one_vs_rest_auc"])
    assert ev.multiclass_log_loss(*multiclass) == near(expected["log_loss"])
    assert ev.multiclass_brier(*multiclass) == near(expected["brier_sum"])
    matrix = ev.confusion_matrix(*multiclass)
    assert matrix.sum(axis=1).tolist() == np.bincount(multiclass[0]).tolist()
