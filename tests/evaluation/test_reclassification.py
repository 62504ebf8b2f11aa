"""Who changes side at a threshold, counted by hand and against what must hold for any risks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtune.evaluation.reclassification import one_risk, reclassify


def test_movements_are_counted_for_each_outcome():
    y = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])
    before = np.array([0.1, 0.1, 0.6, 0.6, 0.6, 0.6, 0.1, 0.1, 0.1])
    after = np.array([0.5, 0.7, 0.2, 0.6, 0.2, 0.1, 0.8, 0.1, 0.1])
    found = reclassify(y, before, after, 0.5)
    assert (found.events.up, found.events.down, found.no_events.up, found.no_events.down) == (2, 1, 1, 2)
    assert found.events.net.value == pytest.approx(1 / 4)
    assert found.no_events.net.value == pytest.approx(1 / 5)
    assert list(found.up) == [6, 1, 0]  # largest change of log-odds first; a risk equal to the threshold is flagged
    assert set(found.down) == {2, 4, 5}


def test_the_interval_is_that_of_agresti_and_min():
    # b = 9 gained, c = 3 lost, n = 40: (9.5 - 3.5)/42 -/+ 1.96 sqrt(13 - 36/42)/42
    y = np.ones(40, int)
    before, after = np.full(40, 0.2), np.full(40, 0.2)
    after[:9], before[9:12] = 0.8, 0.8
    net = reclassify(y, before, after, 0.5).events.net
    assert net.value == pytest.approx(6 / 40)
    assert net.low == pytest.approx(6 / 42 - 1.959964 * np.sqrt(13 - 36 / 42) / 42)
    assert net.high == pytest.approx(6 / 42 + 1.959964 * np.sqrt(13 - 36 / 42) / 42)


def test_nobody_moving_is_no_certainty():
    net = reclassify(np.repeat([0, 1], 20), np.full(40, 0.3), np.full(40, 0.3), 0.5).events.net
    assert net.value == 0
    assert net.low < -0.05
    assert net.high > 0.05


def test_rows_of_one_patient_are_resampled_together():
    rng = np.random.default_rng(0)
    y = np.repeat(rng.integers(0, 2, 30), 6)
    before = rng.random(180)
    after = np.repeat(rng.random(30), 6)
    ids = np.repeat(np.arange(30), 6)
    together, alone = reclassify(y, before, after, 0.5, ids).events.net, reclassify(y, before, after, 0.5).events.net
    assert together.value == alone.value
    assert together.high - together.low > alone.high - alone.low


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=40), st.floats(0.01, 0.99)
)
def test_the_worklist_holds_whom_the_table_counts(rows, threshold):
    y, before, after = (np.array(values) for values in zip(*rows, strict=True))
    found = reclassify(y, before, after, threshold)
    assert found.events.up + found.no_events.up == len(found.up)
    assert found.events.down + found.no_events.down == len(found.down)
    assert found.events.n + found.no_events.n == len(rows)
    for side in (found.events, found.no_events):
        if side.n:
            assert side.net.low <= side.net.value <= side.net.high


def test_several_repeats_give_each_patient_one_risk():
    risks = np.array([[0.2, 0.5], [0.2, 0.9]])
    assert one_risk(risks)[0] == pytest.approx(0.2)
    assert one_risk(risks)[1] == pytest.approx(0.75)
