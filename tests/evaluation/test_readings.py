"""Sentences about calibration say what the interval allows and no more."""

import math

import pytest

from medtune.evaluation.readings import SCORES, calibration_reading
from medtune.foundation.estimate import Estimate


@pytest.mark.parametrize(
    ("measure", "estimate", "words"),
    [
        ("citl", Estimate(-0.8, -1.2, -0.4), "too high on the whole"),
        ("citl", Estimate(0.5, 0.2, 0.8), "too low on the whole"),
        ("citl", Estimate(0.5, -0.2, 1.2), "as far as these patients can tell"),
        ("slope", Estimate(0.6, 0.4, 0.8), "too extreme"),
        ("slope", Estimate(1.5, 1.2, 1.8), "too close together"),
        ("slope", Estimate(0.8), "as far as these patients can tell"),
        ("oe", Estimate(0.57, 0.45, 0.7), "For 100 expected events, 57 were observed."),
        ("ici", Estimate(0.025, 0.01, 0.05), "off by 2.5 percentage points on average"),
        ("scaled_brier", Estimate(0.12, 0.05, 0.2), "12% smaller"),
        ("scaled_brier", Estimate(-0.3, -0.5, -0.1), "30% larger"),
    ],
)
def test_a_measure_of_calibration_is_told_in_words(measure, estimate, words):
    assert words in str(calibration_reading(measure, estimate))


@pytest.mark.parametrize("measure", ["citl", "slope", *SCORES])
def test_what_cannot_be_computed_says_so(measure):
    assert "cannot be computed" in str(calibration_reading(measure, Estimate(math.nan)))
