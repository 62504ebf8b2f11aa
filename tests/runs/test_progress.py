"""The share done and the time left follow from the plan and the steps, over all stages."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtune.foundation.words import say
from medtune.runs import progress as module
from medtune.runs.folder import PROGRESS, read_record
from medtune.runs.progress import Progress, Standing


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only when told to."""

    class Clock:
        now = 1000.0

    monkeypatch.setattr(module.time, "monotonic", lambda: Clock.now)
    return Clock


def test_time_left_covers_the_stages_to_come(clock):
    told = Progress()
    told.plan([("short", 1.0), ("long", 9.0)])
    assert math.isnan(told.standing.seconds_left)
    told.stage(say("Short."), total=2)
    assert math.isnan(told.standing.seconds_left)
    clock.now += 1.0
    told.step()
    # Half of the first stage took 1 s: 1 s more of it, and 9 weights at 2 s each.
    assert told.standing.seconds_left == pytest.approx(1 + 18)
    assert told.standing.fraction == pytest.approx(0.05)
    clock.now += 1.0
    told.stage(say("Long."), total=10)
    clock.now += 1.0
    told.step()
    # The stage goes at its own pace now: nine steps of 1 s.
    assert told.standing.seconds_left == pytest.approx(9)
    assert told.seconds == {"short": pytest.approx(2.0)}


def test_a_stage_that_is_passed_over_counts_as_done(clock):
    told = Progress()
    told.plan([("search", 5.0), ("fit", 5.0)])
    told.stage(say("Fitting."), total=4, key="fit")
    clock.now += 2
    told.step(2)
    assert told.standing.fraction == pytest.approx(0.75)
    assert told.standing.seconds_left == pytest.approx(2)


def test_stages_without_a_plan_are_told_too(clock):
    told = Progress()
    told.stage(say("One."), total=2)
    clock.now += 1
    told.step()
    assert told.standing.fraction == pytest.approx(0.5)
    assert told.standing.seconds_left == pytest.approx(1.0)


@given(
    st.lists(st.tuples(st.floats(0, 100), st.integers(0, 5)), min_size=1, max_size=6),
    st.lists(st.integers(1, 3), max_size=20),
)
def test_the_share_done_never_goes_back_and_never_passes_one(stages, steps):
    told, shares = Progress(), []
    told.plan([(f"s{at}", weight) for at, (weight, _) in enumerate(stages)])
    for at, (_, total) in enumerate(stages):
        told.stage(say("Stage {at}.", at=at), total=total)
        for n in steps:
            told.step(n)
            shares.append(told.standing.fraction)
    told.close()
    shares.append(told.standing.fraction)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert all(0 <= share <= 1 for share in shares)


def test_thousands_of_steps_are_few_writes(tmp_path, monkeypatch):
    written = []
    real = module.write_record
    monkeypatch.setattr(module, "write_record", lambda *a, **k: (written.append(1), real(*a, **k)))
    monkeypatch.setattr(module, "BETWEEN_WRITES", 3600.0)
    told = Progress(tmp_path)
    told.stage(say("Resampling."), total=5000)
    for _ in range(5000):
        told.step()
    told.close()
    assert len(written) == 2  # at the start and at the end
    standing = read_record(Standing, tmp_path / PROGRESS)
    assert (standing.done, standing.total) == (5000, 5000)


def test_what_is_written_is_json_that_others_can_read(tmp_path):
    told = Progress(tmp_path)
    told.stage(say("Fitting fold {fold}.", fold=1), total=3, key="folds")
    told.step()
    told.stop()
    plain = json.loads((tmp_path / PROGRESS).read_text())
    assert plain["stage"] == {"template": "Fitting fold {fold}.", "fields": {"fold": 1}}
    assert (plain["done"], plain["total"]) == (1, 3)
