"""Nothing is learnt outside a training fold, shown for each step of the preparation through the validation itself."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import describe
from medtune.cohort.preparation import make_preparation
from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.foundation.settings import Preparation, Settings
from medtune.foundation.words import say
from medtune.models.families import make_family
from medtune.runs.participants import taking_part
from medtune.tuning.update import Refit
from medtune.tuning.validation import Plan, Split, out_of_fold

N, TRAIN = 120, 80
# Every step: the settings that switch it on, and the part of what is learnt that it adds (None: it learns nothing).
# A new step has to be put here, or the last test fails.
STEPS = {
    "numbers": ([{"numbers": how} for how in ("median", "mean", "iterative")], "fill"),
    "categories": ([{"categories": how} for how in ("mode", "level")], "fill"),
    "indicators": ([{"indicators": True}], "indicator"),
    "scale": ([{"scale": how} for how in ("standard", "robust")], "centre"),
    "rare_below": ([{"rare_below": 0.1}], "levels"),
    "clip": ([{"clip": 0.05}], "high"),
    "ordered": ([{"ordered": "rank"}], "centre"),
    "curves": ([{"curves": "spline"}], "knots"),
    "knots": ([{"curves": "spline", "knots": count} for count in (3, 5)], "knots"),
    "skewed": ([{"skewed": "log"}], "log"),
    "shapes": ([{"shapes": (("lactate", "log"), ("age", "spline"))}], "knots"),
    "units": ([{"units": (("glucose", "glucose: mg/dL to mmol/L"),), "scale": "none"}], None),
}
CASES = [(wish, part) for some, part in STEPS.values() for wish in some]


def table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.normal(60, 10, N),
            "lactate": np.exp(rng.normal(0.5, 0.9, N)),
            "glucose": rng.normal(110, 20, N),
            "stage": rng.choice(["I", "II", "III"], N),
            "ward": rng.choice(["a", "b", "c", "d", "e"], N, p=[0.5, 0.3, 0.12, 0.04, 0.04]),
        }
    )
    y = (rng.random(N) < 1 / (1 + np.exp(-(frame["age"] - 60) / 10 - frame["lactate"] + 2))).astype(int).to_numpy()
    for name in ("age", "lactate", "stage", "ward"):
        frame.loc[rng.random(N) < 0.15, name] = None
    return frame, y


def disturbed(frame, y, kept):
    """Other values, gaps and outcomes for all held-out patients but one."""
    frame, y = frame.copy(), y.copy()
    others = np.setdiff1d(np.arange(TRAIN, N), [kept])
    frame.loc[others, "age"] = 1000.0 + others
    frame.loc[others, "lactate"] = 1e-6
    frame.loc[others, "glucose"] = np.nan
    frame.loc[others, "stage"] = "III"
    frame.loc[others, "ward"] = "d"
    y[others] = 1 - y[others]
    return frame, y


def held_out_risks(frame, y, columns, wish):
    """Risks of the held-out patients: of a family trained from scratch and of an update with local predictors."""
    preparation = Preparation(**wish)
    held_out = np.arange(TRAIN, N)
    plan = Plan((Split(0, np.arange(TRAIN), held_out),), held_out, 1, say("one split"))
    prepare = make_preparation(columns, preparation)
    families = {"scratch": make_family(columns, preparation)}
    eta0 = np.zeros(len(y))
    risks = out_of_fold(frame, y, eta0, plan, updates={"refit": Refit()}, preparation=prepare, families=families)
    return np.concatenate([risks["scratch"][0], risks["refit"][0]])


@pytest.mark.parametrize(("wish", "part"), CASES, ids=str)
def test_what_the_other_held_out_patients_are_changes_no_risk(wish, part):
    frame, y = table()
    columns, kept = describe(frame, {"stage": "ordinal"}), TRAIN + 7
    before = held_out_risks(frame, y, columns, wish)
    after = held_out_risks(*disturbed(frame, y, kept), columns, wish)
    mine = [kept - TRAIN, kept - TRAIN + N - TRAIN]
    np.testing.assert_array_equal(before[mine], after[mine])


@pytest.mark.parametrize(("wish", "part"), [case for case in CASES if case[1]], ids=str)
def test_had_it_been_learnt_from_all_patients_that_would_have_shown(wish, part):
    frame, y = table()
    columns, (other, _) = describe(frame, {"stage": "ordinal"}), disturbed(frame, y, TRAIN + 7)
    one, two = (make_preparation(columns, Preparation(**wish)).fit(some).features_ for some in (frame, other))
    assert any(a.get(part) != b.get(part) for a, b in zip(one, two, strict=True))


def test_copies_are_left_out_before_patients_are_held_out_so_that_none_is_on_both_sides():
    frame, y = table()
    frame = pd.concat([frame.assign(died=y), frame.assign(died=y).iloc[:30]], ignore_index=True)
    cohort = make_cohort(frame, Roles("died", Event(values=("1",)), tuple(frame.columns[:-1])))
    kept, places = taking_part(cohort, Settings())
    assert kept.n == N
    assert not kept.frame.duplicated().any()
    assert places.tolist() == list(range(N))


def test_every_step_is_shown():
    assert set(STEPS) | {"duplicates"} == {field.name for field in fields(Preparation)}
