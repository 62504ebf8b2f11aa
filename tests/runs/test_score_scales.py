"""A score column on each scale, from the column to the verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import Column
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.table import make_cohort
from medtune.evaluation.logistic import expit, logit
from medtune.foundation.records import from_json
from medtune.foundation.settings import Settings, Starting, Validation
from medtune.models.files import dump_model, load_model
from medtune.models.starting import ScoreColumn
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.starting import proposed_scale

QUICK = Settings(validation=Validation(repeats=1, resamples=200))


def patients(n=300, seed=1, informative=True):
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 25, n)
    eta = -3 + (0.25 * points if informative else 0)
    risk = np.clip(expit(eta + 0.7), 0.001, 0.999)
    table = pd.DataFrame(
        {
            "age": rng.normal(60, 9, n).round(1),
            "risk": risk,
            "percent": 100 * risk,
            "logodds": logit(risk),
            "points": points,
            "died": (rng.random(n) < expit(eta)).astype(int),
        }
    )
    return make_cohort(table, Roles("died", Event(values=("1",)), ("age",)), Cleaning(), "scores")


@pytest.fixture(scope="module")
def cohort():
    return patients()


def test_risk_percent_and_log_odds_of_the_same_risk_are_one_original(cohort):
    runs = [fine_tune(cohort, ScoreColumn(*pair), QUICK) for pair in
            (("risk", "risk"), ("percent", "percent"), ("logodds", "log-odds"))]  # fmt: skip
    for run in runs[1:]:
        np.testing.assert_allclose(run.risks["original"], runs[0].risks["original"], atol=1e-9)
        assert run.verdict.gain.value == pytest.approx(runs[0].verdict.gain.value, abs=1e-6)
    assert runs[1].settings.starting == Starting("score_column", name="percent", scale="percent")


@pytest.fixture(scope="module")
def points(cohort):
    return fine_tune(cohort, ScoreColumn("points", "points"), QUICK)


def test_points_become_risks_by_recalibration_and_are_compared_with_the_event_rate(points, cohort):
    assert points.verdict.chosen == points.verdict.method == "recalibration"
    assert points.verdict.state == "better"
    assert "Turned into risks" in str(points.verdict.headline)
    assert "event rate" in str(points.verdict.sentence)
    assert points.result.reference.key == "prevalence"
    assert any("Points have no risk of their own" in str(note) for note in points.result.notes)
    model = load_model(dump_model(points.model))
    risk = model.risk(cohort.frame)
    assert risk.mean() == pytest.approx(cohort.event_rate, abs=2e-3)  # two copies of rows were left out
    assert np.corrcoef(risk, cohort.frame["points"])[0, 1] > 0.9
    assert abs(points.result.chosen.performance.headline["oe"].value - 1) < 0.1


@pytest.mark.parametrize("key", ["original", "averaged", "intercept"])
def test_what_needs_a_risk_is_not_offered_for_points(points, key):
    candidate = points.result.candidate(key)
    assert not candidate.offered
    assert candidate.performance is None
    assert "points have no" in str(candidate.why_not).lower() or "points have none" in str(candidate.why_not)
    assert key not in points.models


def test_the_unit_of_points_makes_no_difference(cohort, points):
    frame = cohort.frame.assign(points=7 - 3.5 * cohort.frame["points"])
    other = make_cohort(frame, cohort.roles, Cleaning(), "other")
    run = fine_tune(other, ScoreColumn("points", "points"), QUICK)
    np.testing.assert_allclose(run.risks["recalibration"], points.risks["recalibration"], atol=1e-6)


def test_points_that_say_nothing_are_not_called_better():
    run = fine_tune(patients(seed=3, informative=False), ScoreColumn("points", "points"), QUICK)
    assert run.verdict.state in ("probably better", "keep the original", "too few")


def test_too_few_events_leave_points_as_they_are():
    run = fine_tune(patients(40, seed=5, informative=False), ScoreColumn("points", "points"), QUICK)
    assert run.verdict.state == "too few"
    assert "at least 20 of each" in str(run.verdict.sentence)
    assert run.models == {}


def test_settings_of_before_scales_are_read_as_risks():
    old = from_json(Starting, '{"kind": "score_column", "model": "", "name": "risk"}')
    assert (old.scale, old.mapping, old.has_risk) == ("risk", (), True)


@pytest.mark.parametrize(
    ("column", "scale"),
    [
        (Column("a", "number", low=0, high=0.93), "risk"),
        (Column("a", "number", low=0.4, high=97.2), "percent"),
        (Column("a", "number", low=-3.1, high=2), "log-odds"),
        (Column("a", "number", low=0, high=24, integer=True), "points"),
        (Column("a", "number", low=0, high=240), "points"),
    ],
)
def test_the_scale_is_proposed_from_the_range(column, scale):
    assert proposed_scale(column) == scale
