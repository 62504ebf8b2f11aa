"""Whatever patients come: a measure is a number in its range or left out; wrong input is one clear sentence."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import medtune.evaluation as ev
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate
from medtune.foundation.records import from_json, to_json

# Risks of few distinct values, 0 and 1 among them, so that ties and certainty are common; classes as they fall.
RISKS = st.sampled_from([0.0, 1e-12, 0.1, 0.25, 0.5, 0.9, 1.0])
PATIENTS = st.integers(2, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 1), min_size=n, max_size=n), st.lists(RISKS | st.floats(0, 1), min_size=n, max_size=n)
    )
)
SHARES = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "balanced_accuracy", "f1", "flagged")


def odd(test):
    """The cases that have broken such code before."""
    for y, p in (
        ([0, 0], [0.2, 0.8]),
        ([1, 1, 1], [0.2, 0.8, 1.0]),
        ([0, 1], [0.5, 0.5]),
        ([0, 1], [0.0, 1.0]),
        ([1, 0], [0.0, 1.0]),
        ([0, 1] * 12, [0.3] * 24),
        ([0] * 10 + [1] * 10, list(np.linspace(0, 1, 20))),
    ):
        test = example((y, p))(test)
    return test


def sound(estimate: Estimate, low=-math.inf, high=math.inf) -> bool:
    """A number in its range with limits around it, or honestly nothing."""
    if not estimate.known:
        return not estimate.bounded or not math.isfinite(estimate.value)
    inside = low - 1e-9 <= estimate.value <= high + 1e-9
    # Percentile limits of a measure can miss the value in patients as few as these; they must not cross.
    return inside and (not estimate.bounded or estimate.low <= estimate.high)


@odd
@given(PATIENTS)
@settings(max_examples=25, deadline=None)
def test_everything_is_a_number_in_its_range_or_left_out(patients):
    y, p = map(np.array, patients)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        made = ev.evaluate(y, p, resamples=12, threshold=0.3)
    assert sound(made.headline["auroc"], 0, 1)
    assert sound(made.headline["brier"], 0, 1)
    assert sound(made.headline["log_loss"], 0)
    assert sound(made.headline["oe"], 0)
    for name in ("ici", "e50", "e90", "emax", "eci"):
        assert sound(made.headline[name], 0), name
    for name in SHARES:
        known = made.thresholds.measures[name][0]
        known = known[np.isfinite(known)]
        assert ((known >= -1e-12) & (known <= 1 + 1e-12)).all(), name
    again = from_json(ev.Performance, to_json(made))
    assert again.headline["brier"] == made.headline["brier"]


@odd
@given(PATIENTS)
@settings(max_examples=25, deadline=None)
def test_the_closer_look_copes_too(patients):
    y, p = map(np.array, patients)
    draws = ev.Resamples.draw(y.size, 12)
    seen = ev.look_closer(y, {"original": p[None], "averaged": np.stack([1 - p, p])}, draws, "original", "averaged")
    for look in seen.models.values():
        area = look.precision_recall.average
        assert area is None or sound(area, 0, 1)
        assert all(sound(e, 0) for e in look.distances.values())
        for band in look.bands:
            assert 0 <= band.lower <= 1
            assert 0 <= band.upper <= 1
            assert all(sound(e, 0, 1) for e in (band.event, band.no_event, band.referred))
    row = seen.gain.gain[:, 30]
    assert not np.isfinite(row).all() or row[1] <= row[0] <= row[2]
    from_json(ev.CloserEvaluation, to_json(seen))


@given(PATIENTS, st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_acting_at_any_threshold_copes_too(patients, row):
    y, p = map(np.array, patients)
    table = ev.threshold_table(y, p)
    asked = ev.workload(table, row)
    assert sound(asked.alerts_per_case, 1)
    for value in ev.predictive_values(table, row, 0.05):
        assert sound(value, 0, 1)
    for measure in table.measures:
        assert str(ev.reading(measure, Estimate(*(float(x) for x in table.measures[measure][:, row])))).endswith(".")


@given(PATIENTS)
@settings(max_examples=15, deadline=None)
def test_a_patient_counted_twice_is_the_same_as_two_equal_patients(patients):
    """Weights as resampling gives them: a count of two is two rows."""
    y, p = map(np.array, patients)
    twice = ev.Resamples(np.full((1, y.size), 2, dtype=np.uint8), None, y.size)
    drawn = ev.headline(y, p, twice, 0.3).draws
    doubled = ev.headline(np.tile(y, 2), np.tile(p, 2), None, 0.3).values
    for name in ("auroc", "brier", "log_loss", "oe", "net_benefit"):
        assert drawn[name][0] == pytest.approx(doubled[name], nan_ok=True), name


@pytest.mark.parametrize(
    ("y", "p", "words"),
    [
        ([], [], "no patients"),
        ([0, 1], [0.2, math.nan], "1 of 2 risks are missing"),
        ([0, 1], [0.2, 20.0], "outside 0 to 1"),
        ([0, 2], [0.2, 0.3], "neither 0 nor 1"),
        ([0, math.nan], [0.2, 0.3], "neither 0 nor 1"),
        (["a", "b"], [0.2, 0.3], "not numbers"),
        ([0, 1, 0], [0.2, 0.3], "one risk for each patient"),
    ],
)
def test_wrong_input_is_one_clear_sentence_everywhere(y, p, words):
    for function in (
        ev.evaluate,
        ev.precision_recall_curve,
        ev.calibration_distances,
        ev.threshold_table,
        ev.refer_band,
    ):
        with pytest.raises(MedtuneError, match=words):
            function(y, p)
