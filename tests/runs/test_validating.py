"""External validation: the model as it is, DeLong's interval, and no verdict."""

import numpy as np
import pandas as pd
import pytest

import medtune
from medtune.cohort.demo import two_hospitals
from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.evaluation.calibration import calibration_slope
from medtune.evaluation.discrimination import auroc_delong
from medtune.foundation.errors import MedtuneError
from medtune.foundation.settings import Settings, Starting, Validation
from medtune.models.starting import ScoreColumn
from medtune.runs.training import train_source
from medtune.tuning.planning import foresee

QUICK = Settings(validation=Validation(resamples=100))


@pytest.fixture(scope="module")
def run():
    source, local = two_hospitals()
    return medtune.validate(local, train_source(source, "Northgate"), QUICK)


def test_only_the_original_is_measured_and_with_delongs_interval(run):
    (candidate,) = run.result.candidates
    assert candidate.key == "original"
    y, risk = run.cohort.outcome, run.models["original"].risk(run.cohort.frame)
    auroc, delong = candidate.performance.auroc, auroc_delong(y, risk)
    assert (auroc.value, auroc.low, auroc.high) == pytest.approx((delong.value, delong.low, delong.high))
    slope, wald = candidate.performance.slope, calibration_slope(y, risk)
    assert (slope.value, slope.low, slope.high) == pytest.approx((wald.value, wald.low, wald.high))
    assert run.evaluation is candidate.performance
    assert run.result.scored == run.cohort.n


def test_no_verdict_is_claimed(run):
    verdict = run.verdict
    assert verdict.state == "validated"
    assert str(verdict.headline).startswith("External validation: AUROC 0.7")
    words = " ".join(str(s) for s in (verdict.headline, verdict.sentence, *verdict.details))
    assert "better" not in words
    assert "too high on the whole" in words
    assert not verdict.gain.known
    assert run.model is run.models["original"]


def test_the_closer_look_and_groups_come_with_it(run):
    assert list(run.closer.models) == ["original"]
    assert run.closer.gain is None
    assert run.groups("sex").rows[0].measures["original"]["auroc"].known


def test_a_score_in_a_column_can_be_validated_but_points_cannot():
    rng = np.random.default_rng(1)
    p = rng.uniform(0.05, 0.8, 200)
    table = pd.DataFrame({"age": rng.normal(60, 9, 200), "risk": p, "died": (rng.random(200) < p).astype(int)})
    cohort = make_cohort(table, Roles("died", Event(values=("1",)), ("age",), score="risk"))
    run = medtune.validate(cohort, "risk", QUICK)
    assert run.evaluation.auroc.low == pytest.approx(auroc_delong(cohort.outcome, run.risks["original"][0]).low)
    with pytest.raises(MedtuneError, match="no risk of their own"):
        medtune.validate(cohort, ScoreColumn("risk", "points"), QUICK)


def test_few_events_can_be_validated_where_nothing_could_be_tuned():
    table = pd.DataFrame({"age": np.arange(40) / 3, "risk": np.linspace(0.02, 0.6, 40), "died": [0] * 37 + [1] * 3})
    cohort = make_cohort(table, Roles("died", Event(values=("1",)), ("age",), score="risk"))
    run = medtune.validate(cohort, "risk", QUICK)
    assert run.verdict.state == "validated"
    assert run.evaluation.auroc.value == 1.0


def test_the_plan_says_that_nothing_is_fitted():
    settings = Settings(starting=Starting("model", "x", "x"), method="original")
    plan = foresee(settings, (), 300, 40)
    assert "as it is on 300 patients; nothing is fitted" in str(plan.sentence)
    assert plan.methods == ("original",)


def test_points_and_training_from_scratch_are_tuned_all_the_same():
    assert not Settings(starting=Starting("scratch"), method="original").validates
    assert not Settings(starting=Starting("score_column", name="s", scale="points"), method="original").validates
