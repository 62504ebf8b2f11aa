"""Who changes class, counted by hand and against the two-class routine."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtune.evaluation.certainty import class_cut_offs, conformal_classes, conformal_sets, needed_to_exclude
from medtune.evaluation.class_reclassification import one_risk_of_each, reclassify_classes
from medtune.evaluation.reclassification import one_risk, reclassify


def risks_of(seed: int, n: int, k: int, repeats: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(k), size=(repeats, n))


def test_five_patients_by_hand():
    before = np.array([[0.6, 0.3, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.5, 0.4, 0.1]])
    after = np.array([[0.3, 0.6, 0.1], [0.7, 0.2, 0.1], [0.9, 0.05, 0.05], [0.2, 0.2, 0.6], [0.4, 0.5, 0.1]])
    y = np.array([1, 0, 1, 2, 0])
    found = reclassify_classes(y, before, after)
    assert found.table.tolist() == [[1, 2, 0], [1, 0, 0], [0, 0, 1]]
    assert found.moved.tolist() == [2, 0, 4]
    assert [(gain.n, gain.gained, gain.lost) for gain in found.own] == [(2, 0, 1), (2, 1, 1), (1, 0, 0)]
    assert [(gain.n, gain.gained, gain.lost) for gain in found.others] == [(3, 1, 1), (3, 0, 1), (4, 0, 0)]
    assert (found.overall.gained, found.overall.lost) == (1, 2)
    assert found.overall.net.value == pytest.approx(-0.2)
    assert found.overall.net.low < -0.2 < found.overall.net.high


@given(st.integers(0, 10_000), st.integers(3, 6), st.integers(1, 3))
def test_tables_gains_and_worklist_count_the_same_patients(seed, k, repeats):
    n = 40
    y = np.random.default_rng(seed).integers(0, k, n)
    found = reclassify_classes(y, risks_of(seed, n, k, repeats), risks_of(seed + 1, n, k, repeats))
    assert found.table.sum() == n
    assert len(found.moved) == n - np.trace(found.table)
    assert set(found.moved) == set(np.flatnonzero(found.likely_before != found.likely_after))
    assert sum(gain.gained for gain in found.own) == found.overall.gained
    assert sum(gain.lost for gain in found.own) == found.overall.lost
    for place, (own, others) in enumerate(zip(found.own, found.others, strict=True)):
        came = found.table[:, place].sum() - found.table[place, place]
        assert own.gained + others.lost == came
        assert own.n + others.n == n


@given(st.integers(0, 10_000))
def test_two_classes_are_the_event_at_one_half(seed):
    y = np.random.default_rng(seed).integers(0, 2, 60)
    y[:2] = 0, 1
    before, after = risks_of(seed, 60, 2, 3), risks_of(seed + 1, 60, 2, 3)
    several = reclassify_classes(y, before, after)
    event = reclassify(y, before[..., 1], after[..., 1], 0.5)
    np.testing.assert_allclose(one_risk_of_each(before)[:, 1], one_risk(before[..., 1]))
    assert (several.own[1].gained, several.own[1].lost) == (event.events.up, event.events.down)
    assert several.own[1].net == event.events.net
    assert several.own[0].net == event.no_events.net


def test_patients_with_several_rows_are_resampled_whole():
    y = np.repeat(np.random.default_rng(0).integers(0, 3, 30), 4)
    before, after = np.repeat(risks_of(1, 30, 3), 4, axis=1), np.repeat(risks_of(2, 30, 3), 4, axis=1)
    alone = reclassify_classes(y, before, after).overall.net
    whole = reclassify_classes(y, before, after, clusters=np.repeat(np.arange(30), 4)).overall.net
    assert whole.value == alone.value
    assert whole.high - whole.low > 1.5 * (alone.high - alone.low)


def test_sets_of_two_classes_are_those_of_the_event_and_an_absent_class_stays_possible():
    rng = np.random.default_rng(3)
    p = rng.random(200)
    y = (rng.random(200) < p).astype(int)
    new = np.linspace(0.01, 0.99, 50)
    sets = conformal_sets(y, p, new)
    found = conformal_classes(y, np.column_stack([1 - p, p]), np.column_stack([1 - new, new]))
    np.testing.assert_array_equal(found, np.column_stack([sets.no_event, sets.event]))
    three = np.column_stack([0.9 * (1 - p), 0.9 * p, np.full(200, 0.1)])
    assert conformal_classes(y, three, three[:5])[:, 2].all()


@given(st.integers(0, 10_000), st.integers(3, 5), st.integers(0, 60))
def test_a_class_remains_possible_from_its_limit_on(seed, k, n):
    rng = np.random.default_rng(seed)
    risks, y, new = rng.dirichlet(np.ones(k), n), rng.integers(0, k, n), rng.dirichlet(np.ones(k), 40)
    np.testing.assert_array_equal(new >= class_cut_offs(y, risks), conformal_classes(y, risks, new))
    np.testing.assert_allclose(class_cut_offs(y, np.stack([risks, risks])), class_cut_offs(y, risks))


def test_sets_of_classes_hold_the_truth_of_each_class_as_often_as_said():
    rng = np.random.default_rng(4)
    risks = rng.dirichlet([1, 1, 1], 4000)
    y = np.array([rng.choice(3, p=row) for row in risks])
    possible = conformal_classes(y[:2000], risks[:2000], risks[2000:], error=0.2)
    for place in range(3):
        assert possible[y[2000:] == place, place].mean() == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("error", [0.05, 0.1, 0.2])
def test_an_outcome_of_too_few_patients_is_never_ruled_out_and_one_more_makes_it_possible(error):
    needed = needed_to_exclude(error)
    for count, there in ((needed - 1, True), (needed, False)):
        y = np.r_[np.ones(count, int), np.zeros(60, int)]
        risks = np.where(y == 1, 0.9, 0.1)
        assert conformal_sets(y, risks, np.array([0.01]), error).event[0] == there
