"""Several classes: against R, scikit-learn and the binary measures, and what must hold for any risks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, recall_score, roc_auc_score

import medtune.evaluation as ev
from medtune.evaluation.class_performance import OVERALL
from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import from_json, to_json

NAMES = ("none", "mild", "severe")


@pytest.fixture(scope="module")
def performance(multiclass):
    return ev.evaluate_classes(*multiclass, NAMES, resamples=200)


def test_values_are_those_of_r(performance, reference):
    expected = reference["multiclass"]
    assert performance.hand_till.value == pytest.approx(expected["hand_till"], rel=1e-6)
    assert performance.log_loss.value == pytest.approx(expected["log_loss"], rel=1e-6)
    assert performance.brier.value == pytest.approx(expected["brier_sum"], rel=1e-6)
    areas = [one.headline["auroc"].value for one in performance.each]
    assert areas == pytest.approx(expected["one_vs_rest_auc"], rel=1e-6)


def test_values_are_those_of_scikit_learn(performance, multiclass):
    y, risks = multiclass
    likely = risks.argmax(axis=1)
    assert performance.accuracy.value == pytest.approx(accuracy_score(y, likely))
    assert performance.macro_recall.value == pytest.approx(recall_score(y, likely, average="macro"))
    assert performance.macro_f1.value == pytest.approx(f1_score(y, likely, average="macro"))
    assert [o.headline["f1"].value for o in performance.each] == pytest.approx(f1_score(y, likely, average=None))
    assert performance.hand_till.value == pytest.approx(roc_auc_score(y, risks, multi_class="ovo"))


def test_every_measure_has_an_interval_around_it(performance):
    for estimate in [performance.headline[name] for name in OVERALL]:
        assert estimate.low < estimate.value < estimate.high
    for one in performance.each:
        assert all(one.headline[name].bounded for name in ("auroc", "oe", "slope"))
    assert all(performance.each[0].headline[name].bounded for name in ("precision", "f1"))
    # Everybody of the first class is found in every resample: an interval from 1 to 1 would promise too much.
    assert not performance.each[0].headline["recall"].bounded
    assert performance.each[1].headline["recall"].bounded


def test_each_class_against_the_rest_is_the_binary_evaluation(performance, multiclass):
    y, risks = multiclass
    binary = ev.evaluate((y == 1).astype(int), risks[None, :, 1], resamples=200)
    one = performance.each[1]
    assert one.headline["oe"] == binary.headline["oe"]
    assert one.headline["slope"] == binary.headline["slope"]
    np.testing.assert_array_equal(one.roc.sensitivity, binary.roc.sensitivity)
    np.testing.assert_array_equal(one.calibration.observed, binary.calibration.observed)


def test_the_interval_is_that_of_resampling_patients_one_by_one(multiclass):
    y, risks = multiclass
    draws = ev.Resamples.draw(len(y), 25, 3)
    head = ev.class_headline(y, risks, draws)
    for place, counts in enumerate(draws.weights):
        rows = np.repeat(np.arange(len(y)), counts)
        assert head.draws["hand_till"][place] == pytest.approx(ev.hand_till(y[rows], risks[rows]))
        assert head.draws["log_loss"][place] == pytest.approx(ev.multiclass_log_loss(y[rows], risks[rows]))
        expected = f1_score(y[rows], risks[rows].argmax(axis=1), average="macro")
        assert head.draws["macro_f1"][place] == pytest.approx(expected)


def test_many_patients_are_resampled_in_groups_with_nearly_the_same_interval(multiclass):
    y, risks = multiclass
    many = np.tile(y, 120), np.tile(risks, (120, 1))  # 30,000
    grouped = ev.class_headline(*many, ev.Resamples.draw(len(many[0]), 200, 0))
    one = ev.class_headline(y, risks, ev.Resamples.draw(len(y), 200, 0))
    ratio = one.draws["hand_till"].std() / grouped.draws["hand_till"].std()
    assert ratio == pytest.approx(120**0.5, rel=0.25)


def test_two_classes_are_judged_as_an_event_and_its_absence():
    rng = np.random.default_rng(2)
    p = rng.uniform(0.02, 0.98, (2, 150))
    y = (rng.random(150) < p[0]).astype(int)
    both, binary = ev.class_headline(y, np.stack([1 - p, p], axis=2)), ev.headline(y, p)
    assert both.values["log_loss"] == pytest.approx(binary.values["log_loss"])
    assert both.values["hand_till"] == pytest.approx(binary.values["auroc"])
    assert both.values["brier"] == pytest.approx(2 * binary.values["brier"])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 6))
def test_the_order_of_the_classes_does_not_matter(seed, k):
    rng = np.random.default_rng(seed)
    y, risks = rng.integers(0, k, 60), rng.dirichlet(np.ones(k), 60)
    turn = rng.permutation(k)
    first, second = ev.class_headline(y, risks), ev.class_headline(np.argsort(turn)[y], risks[:, turn])
    for name in OVERALL:
        assert first.values[name] == pytest.approx(second.values[name], nan_ok=True)


def test_a_comparison_is_paired_and_of_a_model_with_itself_nothing(multiclass):
    y, risks = multiclass
    same = ev.compare_classes(y, risks, risks, resamples=100)
    assert (same.t, same.gain.value, same.gain.low, same.gain.high) == (0, 0, 0, 0)
    flat = np.tile(np.bincount(y) / len(y), (len(y), 1))
    gain = ev.compare_classes(y, flat, risks, resamples=100)
    assert gain.gain.low > 0
    assert gain.t > 2
    assert gain.differences["log_loss"].value == pytest.approx(-gain.gain.value)


def test_the_confusion_matrix_is_averaged_over_repeats(multiclass):
    y, risks = multiclass
    turned = np.roll(risks, 1, axis=1)
    twice = ev.evaluate_classes(y, np.stack([risks, turned]), NAMES, resamples=100)
    expected = (ev.confusion_matrix(y, risks) + ev.confusion_matrix(y, turned)) / 2
    np.testing.assert_allclose(twice.confusion, expected)


def test_a_class_that_is_never_the_most_likely_has_no_precision(multiclass):
    y, risks = multiclass
    never = risks * [1, 1e-6, 1]
    one = ev.evaluate_classes(y, never / never.sum(axis=1, keepdims=True), NAMES, resamples=100).each[1]
    assert not one.headline["precision"].known
    assert one.headline["recall"].value == 0


def test_a_record_comes_back_as_it_was(performance):
    again = from_json(ev.ClassPerformance, to_json(performance))
    assert again.headline == performance.headline
    assert again.each[0].headline == performance.each[0].headline
    np.testing.assert_array_equal(again.confusion, performance.confusion)


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda risks: risks * 0.5, "add up to 1"),
    (lambda risks: risks * 2, "between 0 and 1"),
    (lambda risks: risks[:, :2], "class numbers from 0 to 1"),
])  # fmt: skip
def test_what_is_no_set_of_risks_is_refused(multiclass, spoil, words):
    y, risks = multiclass
    with pytest.raises(MedtuneError, match=words):
        ev.class_headline(y, spoil(risks))
