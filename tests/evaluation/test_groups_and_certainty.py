"""Subgroups are blank where too few; conformal sets cover each class; readings say what a number means."""

import numpy as np
import pytest

import medtune.evaluation as ev
from medtune.evaluation.confusion import MEASURES
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate


def test_each_group_is_evaluated_as_if_alone(drawn):
    y, p = drawn(400)
    sex = np.where(np.arange(400) % 2 == 0, "woman", "man")
    man, woman = ev.subgroups(y, p, sex, threshold=0.3, resamples=50)
    assert (man.name, woman.name) == ("man", "woman")
    assert man.n + woman.n == 400
    rows = sex == "man"
    assert man.measures["auroc"].value == pytest.approx(ev.auroc(y[rows], p[rows]))
    assert man.measures["oe"].value == pytest.approx(ev.observed_expected(y[rows], p[rows]))
    assert man.measures["sensitivity"].value == pytest.approx((p[rows & (y == 1)] >= 0.3).mean())
    assert man.measures["slope"].low < man.measures["slope"].value < man.measures["slope"].high


def test_a_group_with_nine_events_is_blank():
    y = np.array([1] * 9 + [0] * 60 + [1] * 10 + [0] * 10)
    few, enough = ev.subgroups(y, np.linspace(0.1, 0.9, y.size), [1] * 69 + [2] * 20, resamples=20)
    assert (few.enough, few.n, few.events) == (False, 69, 9)
    assert not any(e.known for e in few.measures.values())
    assert enough.enough


def test_patients_without_a_level_are_in_no_group(drawn):
    y, p = drawn(60)
    groups = np.array(["a", None] * 30, dtype=object)
    assert [g.n for g in ev.subgroups(y, p, groups, resamples=20)] == [30]


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(MedtuneError, match="2 group labels for 3 patients"):
        ev.subgroups([0, 1, 0], [0.1, 0.2, 0.3], ["a", "b"])


@pytest.mark.parametrize("error", [0.05, 0.2])
def test_sets_cover_the_rare_class_as_well_as_the_common_one(error):
    rng = np.random.default_rng(12)
    eta = rng.normal(-3, 1.3, 40_000)
    y, p = (rng.random(eta.size) < 1 / (1 + np.exp(-eta))).astype(int), 1 / (1 + np.exp(-eta))
    half = slice(0, 20_000), slice(20_000, None)
    sets = ev.conformal_sets(y[half[0]], p[half[0]], p[half[1]], error)
    found = ev.coverage(y[half[1]], sets)
    assert found["event"].value == pytest.approx(1 - error, abs=0.025)
    assert found["no_event"].value == pytest.approx(1 - error, abs=0.015)
    assert 0 < found["referred"].value < 1


def test_without_calibration_patients_of_a_class_it_is_never_ruled_out():
    sets = ev.conformal_sets([0, 0, 0], [0.1, 0.2, 0.3], [0.05, 0.99], 0.3)
    assert sets.event.all()
    assert sets.no_event.tolist() == [True, False]


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_has_a_plain_sentence(measure):
    text = str(ev.reading(measure, Estimate(0.25, 0.1, 0.4)))
    assert "25" in text
    assert text.endswith(".")
    assert "cannot be computed" in str(ev.reading(measure, Estimate(float("nan"))))
