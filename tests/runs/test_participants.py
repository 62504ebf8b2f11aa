"""Who takes part in a run, and where they stand in the cohort as it is kept."""

from dataclasses import replace

import numpy as np
import pandas as pd

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.foundation.settings import Preparation, Settings, Starting, Validation
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.participants import taking_part


def cohort(n=120):
    rng = np.random.default_rng(3)
    age = rng.normal(60, 10, n)
    risk = 1 / (1 + np.exp(-(age - 60) / 10))
    frame = pd.DataFrame({"age": age, "risk": risk.round(4), "died": (rng.random(n) < risk).astype(int)})
    frame.iloc[7] = frame.iloc[3]
    frame.loc[11, "risk"] = np.nan
    return make_cohort(frame, Roles("died", Event(values=("1",)), ("age",), score="risk"), name="local")


def test_copies_marked_patients_and_those_without_a_score_are_left_out_and_each_is_counted():
    settings = Settings(starting=Starting("score_column", name="risk"), left_out=(5, 20))
    those, places = taking_part(cohort(), settings)
    assert set(range(120)) - set(places) == {5, 7, 11, 20}
    np.testing.assert_array_equal(those.frame.age, cohort().frame.age.iloc[places])
    said = " ".join(map(str, those.notes))
    assert "1 row is an exact copy" in said
    assert "2 patients marked ‘exclude’ by a reader were left out." in said
    assert "1 patients without a risk" in said


def test_whoever_is_left_out_takes_the_copies_along():
    _, places = taking_part(cohort(), Settings(left_out=(3,)))
    assert not {3, 7} & set(places)
    kept = Settings(left_out=(3,), preparation=Preparation(duplicates="keep"))
    assert 7 in taking_part(cohort(), kept)[1]


def test_near_copies_go_too_where_that_was_chosen():
    frame = cohort().frame
    frame.loc[30, ["age", "died"]] = frame.loc[9, ["age", "died"]]  # another risk: no exact copy
    twice = make_cohort(frame, Roles("died", Event(values=("1",)), ("age",), score="risk"))
    assert not {7} & set(taking_part(twice, Settings())[1])
    assert 30 in taking_part(twice, Settings())[1]
    those, places = taking_part(twice, Settings(preparation=Preparation(duplicates="near")))
    assert set(range(120)) - set(places) == {7, 30}
    np.testing.assert_array_equal(those.frame.age, frame.age.iloc[places])
    assert "1 row is nearly a copy of another and was left out." in " ".join(map(str, those.notes))


def test_a_run_without_marked_patients_says_so_in_its_notes_and_its_models_carry_it():
    settings = Settings(left_out=(5, 20), validation=Validation(repeats=1, folds=2, resamples=100))
    run = fine_tune(cohort(), "risk", settings)
    assert run.result.n == 116
    assert any("2 patients marked" in str(note) for note in run.result.notes)
    assert any("2 patients marked" in str(note) for note in run.models["averaged"].passport.notes)
    assert Settings.from_json(settings.to_json()) == settings
    assert replace(settings, left_out=()).fingerprint != settings.fingerprint
