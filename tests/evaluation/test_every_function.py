"""Every public function of the evaluation, on patients as odd as they come: a value, an honest gap, or one sentence."""

import inspect
import warnings
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import medtune.evaluation as ev
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate

RISKS = st.sampled_from([0.0, 1e-12, 0.1, 0.5, 0.9, 1.0]) | st.floats(0, 1)
PATIENTS = st.integers(2, 30).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 1), min_size=n, max_size=n),
        st.lists(RISKS, min_size=n, max_size=n),
        st.lists(RISKS, min_size=n, max_size=n),
    )
)


def draws(y):
    return ev.Resamples.draw(len(y), 8)


def two(y, p):
    """Risks of two classes that add up to 1."""
    return np.column_stack([1 - np.asarray(p), p])


def refits(y, p, q):
    return np.stack([p, q, p]), np.stack([np.ones(len(y), int), np.r_[2, np.zeros(len(y) - 2, int), 1]])


# Name -> a call with the outcomes of some patients, their risks, and their risks by another model.
CALLS = {
    "at_prevalence": lambda y, p, q: ev.at_prevalence(p[0], q[0], 0.2),
    "at_threshold": lambda y, p, q: ev.at_threshold(y, p, draws=draws(y)),
    "auroc": lambda y, p, q: ev.auroc(y, p),
    "auroc_delong": lambda y, p, q: ev.auroc_delong(y, p),
    "benefit_gain": lambda y, p, q: ev.benefit_gain(y, p, q, draws(y)),
    "brier": lambda y, p, q: ev.brier(y, p),
    "calibration": lambda y, p, q: ev.calibration(y, p),
    "calibration_curve": lambda y, p, q: ev.calibration_curve(y, p),
    "calibration_distances": lambda y, p, q: ev.calibration_distances(y, p, draws(y)),
    "calibration_errors": lambda y, p, q: ev.calibration_errors(y, p),
    "calibration_in_the_large": lambda y, p, q: ev.calibration_in_the_large(y, p),
    "calibration_slope": lambda y, p, q: ev.calibration_slope(y, p),
    "class_headline": lambda y, p, q: ev.class_headline(y, two(y, p), draws(y)).values,
    "clopper_pearson": lambda y, p, q: ev.clopper_pearson(sum(y), len(y)),
    "compare": lambda y, p, q: ev.compare(y, p, q, resamples=8),
    "compare_auroc": lambda y, p, q: ev.compare_auroc(y, p, q),
    "compare_classes": lambda y, p, q: ev.compare_classes(y, two(y, p), two(y, q), resamples=8),
    "conformal_sets": lambda y, p, q: ev.conformal_sets(y, p, q),
    "confusion_counts": lambda y, p, q: ev.confusion_counts(y, p, np.array([0.2, 0.5])),
    "confusion_matrix": lambda y, p, q: ev.confusion_matrix(y, two(y, p)),
    "coverage": lambda y, p, q: ev.coverage(y, ev.conformal_sets(y, p, p)),
    "decision_curve": lambda y, p, q: ev.decision_curve(y, p, draws(y)),
    "decision_curve_of": lambda y, p, q: ev.decision_curve_of(ev.threshold_table(y, p)),
    "delong": lambda y, p, q: ev.delong(y, np.stack([p, q])),
    "evaluate": lambda y, p, q: ev.evaluate(y, p, resamples=8),
    "evaluate_classes": lambda y, p, q: ev.evaluate_classes(y, two(y, p), ("no", "yes"), resamples=8),
    "hand_till": lambda y, p, q: ev.hand_till(y, two(y, p)),
    "headline": lambda y, p, q: ev.headline(y, p, draws(y)).values,
    "heterogeneity": lambda y, p, q: ev.heterogeneity(
        [Estimate(a, a - 0.1, a + 0.1) for a in p], ("auroc", "oe", "slope")[len(y) % 3]
    ),
    "log_loss": lambda y, p, q: ev.log_loss(y, p),
    "look_closer": lambda y, p, q: ev.look_closer(
        np.array(y), {"a": np.array([p]), "b": np.array([q])}, draws(y), "a", "b"
    ),
    "model_based_concordance": lambda y, p, q: ev.model_based_concordance(p),
    "multiclass_brier": lambda y, p, q: ev.multiclass_brier(y, two(y, p)),
    "multiclass_log_loss": lambda y, p, q: ev.multiclass_log_loss(y, two(y, p)),
    "net_benefit": lambda y, p, q: ev.net_benefit(y, p, [0.1, 0.5]),
    "net_benefit_of_all": lambda y, p, q: ev.net_benefit_of_all(p[0], [0.1, 0.5, 1.0]),
    "observed_expected": lambda y, p, q: ev.observed_expected(y, p),
    "one_vs_rest": lambda y, p, q: ev.one_vs_rest(y, two(y, p)),
    "optimism_corrected": lambda y, p, q: ev.optimism_corrected(y, refits(y, p, q)[0], refits(y, p, q)[1]),
    "paired_t": lambda y, p, q: np.tanh(ev.paired_t(np.array(p) - q)),  # endless where all patients gain alike
    "patient_log_loss": lambda y, p, q: ev.patient_log_loss(np.array(y), np.array([p, q])),
    "precision_recall_curve": lambda y, p, q: ev.precision_recall_curve(y, p, draws(y)),
    "predictive_values": lambda y, p, q: ev.predictive_values(ev.threshold_table(y, p), 30, 0.2),
    "reading": lambda y, p, q: ev.reading("ppv", ev.threshold_table(y, p).estimate("ppv", 0.5)),
    "recalibration": lambda y, p, q: ev.recalibration(y, p),
    "refer_band": lambda y, p, q: ev.refer_band(y, p),
    "risk_distribution": lambda y, p, q: ev.risk_distribution(y, p),
    "roc_curve": lambda y, p, q: ev.roc_curve(y, p, draws(y)),
    "row_for_capacity": lambda y, p, q: ev.row_for_capacity(ev.threshold_table(y, p), 1, 10),
    "scaled_brier": lambda y, p, q: ev.scaled_brier(y, p),
    "subgroups": lambda y, p, q: ev.subgroups(y, p, np.arange(len(y)) % 2, resamples=8, fewest=1),
    "threshold_by_capacity": lambda y, p, q: ev.threshold_by_capacity(p, 1, 10),
    "threshold_by_consequence": lambda y, p, q: ev.threshold_by_consequence(9),
    "threshold_table": lambda y, p, q: ev.threshold_table(y, p, draws(y)),
    "wilson": lambda y, p, q: ev.wilson(sum(y), len(y)),
    "workload": lambda y, p, q: ev.workload(ev.threshold_table(y, p), 50),
}


def numbers(found):
    """Every number in a result, however deep."""
    if isinstance(found, (float, int, np.number)):
        yield float(found)
    elif isinstance(found, np.ndarray):
        yield from np.asarray(found, dtype=float).ravel() if found.dtype.kind in "fiub" else ()
    elif isinstance(found, dict):
        for part in found.values():
            yield from numbers(part)
    elif isinstance(found, (tuple, list)):
        for part in found:
            yield from numbers(part)
    elif is_dataclass(found):
        for field in fields(found):
            if not (isinstance(found, ev.Comparison) and field.name == "t"):  # endless where all patients gain alike
                yield from numbers(getattr(found, field.name))


def found_or_said(name, *patients):
    """What a call gives, or the sentence with which it refuses; any other error passes through and fails the test."""
    try:
        return CALLS[name](*patients)
    except MedtuneError as error:
        return str(error)


def test_every_public_function_is_among_the_calls():
    public = {name for name in ev.__all__ if inspect.isfunction(getattr(ev, name))}
    assert public == set(CALLS)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_odd_patients_give_a_number_or_a_gap_but_nothing_endless_and_no_complaint(name):
    @example(([0, 0], [0.2, 0.8], [0.5, 0.5]))
    @example(([1, 1, 1], [0.2, 0.8, 1.0], [0.0, 0.0, 0.0]))
    @example(([0, 1], [0.0, 0.0], [0.0, 5e-324]))
    @example(([0, 1], [0.0, 1.0], [1.0, 0.0]))
    @example(([0, 1] * 12, [0.3] * 24, [0.3] * 24))
    @example(([0] * 11 + [1], [0.0] * 12, [1.0] * 12))
    @given(PATIENTS)
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(patients):
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            found = found_or_said(name, *patients)
        assert not any(np.isinf(number) for number in numbers(found))

    holds()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_missing_risks_are_one_sentence_or_do_not_matter(name):
    y, risks = [0, 1, 0, 1], [0.1, np.nan, 0.3, 0.4]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = found_or_said(name, y, risks, risks)
    assert not any(np.isinf(number) for number in numbers(found))
