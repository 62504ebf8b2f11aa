"""Hard patients: ranked by hand-computed loss, compared with their nearest, and grouped honestly."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import describe
from medtune.explanation.hard_patients import LISTED, error_map, hard_patients, opposites


def test_the_list_holds_the_largest_losses_first_and_scores_labels_low_where_the_outcome_does_not_fit():
    rng = np.random.default_rng(1)
    risk = rng.uniform(0.02, 0.98, 400)
    y = (rng.random(400) < risk).astype(int)
    risk[17], y[17] = 0.99, 0
    found = hard_patients(y, risk, np.arange(400) + 1000)
    assert found[0].row == 1017
    assert found[0].loss == pytest.approx(-np.log(0.01))
    assert [one.loss for one in found] == sorted((one.loss for one in found), reverse=True)
    assert LISTED <= len(found) <= 2 * LISTED
    by_score = min(found, key=lambda one: one.label_score)
    assert by_score.row == 1017
    assert all(0 <= one.label_score <= 1 for one in found)


def test_the_nearest_with_the_other_outcome_are_those_of_a_search_by_hand():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(10, 5, 60)})
    y = rng.integers(0, 2, 60)
    found = opposites(frame, describe(frame), y, 7)
    Z = ((frame - frame.mean()) / frame.std(ddof=0)).to_numpy()
    distance = np.where(y == y[7], np.inf, np.sqrt(((Z - Z[7]) ** 2).sum(axis=1)))
    assert [one.row for one in found] == np.argsort(distance)[:3].tolist()
    assert found[0].distance == pytest.approx(np.min(distance))


def test_errors_that_gather_in_one_level_are_found_and_measured_on_other_patients():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"ward": rng.choice(["A", "B", "C"], 1200), "age": rng.normal(60, 9, 1200)})
    risk = np.full(1200, 0.1)
    y = (rng.random(1200) < np.where(frame.ward == "C", 0.6, 0.1)).astype(int)
    groups = error_map(frame, describe(frame), y, risk)
    assert ("ward", "is", "C") in groups[0].conditions
    assert groups[0].loss.low > groups[-1].loss.high
    assert sum(group.n for group in groups) == 600


def test_few_patients_are_not_grouped():
    frame = pd.DataFrame({"age": np.arange(80.0)})
    assert error_map(frame, describe(frame), np.tile([0, 1], 40), np.full(80, 0.5)) == ()
