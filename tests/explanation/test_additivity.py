"""Base part and update part add up to the prediction, for every family, every rung, and after a reload from a file."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.cohort.columns import describe
from medtune.cohort.preparation import make_preparation
from medtune.evaluation.logistic import expit
from medtune.explanation import sampled
from medtune.explanation.contributions import explain
from medtune.foundation.settings import Preparation
from medtune.foundation.words import say
from medtune.models.clinical import ClinicalModel
from medtune.models.files import dump_model, load_model
from medtune.models.passport import Passport
from medtune.models.starting import ScoreColumn
from medtune.tuning.boosted import BoostedRevision
from medtune.tuning.pooled import PooledRefit
from medtune.tuning.pooling import SourceRows
from medtune.tuning.revision import ShrunkenRevision
from medtune.tuning.update import UPDATES, blended
from tests.explanation.test_contributions import FAMILIES, adds_up, patients, trained

RUNGS = (*UPDATES, "revision", "boosted", "pooled", "blended")
PAIRS = [(base, rung) for base in (*FAMILIES, "score") for rung in RUNGS]
PAIRS += [("nothing", rung) for rung in ("averaged", "refit", "revision", "boosted", "pooled")]
EACH = pytest.mark.parametrize(("base", "rung"), PAIRS, ids=lambda name: name)
N = 360


def local() -> tuple:
    """Patients of whom small trees know more than the base: the event follows from two columns together."""
    frame, _ = patients(N, 7)
    rng = np.random.default_rng(7)
    frame["score"] = expit(rng.normal(size=N))
    outcome = (rng.random(N) < np.where((frame.age > 60) ^ (frame.lactate > 1), 0.85, 0.15)).astype(int)
    return frame, outcome


def make(rung: str, base, preparation):
    if rung == "revision":
        return ShrunkenRevision(base, preparation)
    if rung == "boosted":
        return BoostedRevision(base, preparation, trees=12, leaf=10)
    if rung == "pooled":
        return PooledRefit(base, preparation)
    return UPDATES[rung](base, preparation if UPDATES[rung].reads_predictors else None)


@cache
def tuned(base: str, rung: str) -> ClinicalModel:
    frame, outcome = local()
    columns = describe(frame)
    predictors = tuple(column for column in columns if column.name != "score")
    preparation = make_preparation(predictors, Preparation(scale="none", indicators=True))
    start = {"score": lambda: ScoreColumn("score"), "nothing": lambda: None}.get(base, lambda: trained(base))()
    if rung == "blended":
        update = blended(make("boosted", start, preparation).fit(frame, outcome), 0.4)
    elif rung == "pooled":
        theirs, labels = patients(200, 3)
        source = SourceRows(theirs.assign(score=0.5), labels)
        update = make(rung, start, preparation).fit(frame, outcome, source=source)
    else:
        update = make(rung, start, preparation).fit(frame, outcome)
    return ClinicalModel(update, Passport(rung, say("Tuned for a test."), columns))


@pytest.fixture(autouse=True)
def few_questions(monkeypatch):
    monkeypatch.setattr(sampled, "EVALUATIONS", 1500)


def some(n: int, seed: int):
    frame, _ = patients(n, seed)
    return frame.assign(score=expit(np.random.default_rng(seed).normal(size=n)))


@EACH
@given(seed=st.integers(0, 10**6), n=st.integers(2, 25))
@settings(max_examples=2)
def test_base_part_and_update_part_add_up_to_the_prediction(base, rung, seed, n):
    model = tuned(base, rung)
    explanation = explain(model, some(n, seed))
    alike = rung == "original" and base == "random_forest"
    assert explanation.scale == ("probability" if alike else "log-odds")
    assert adds_up(explanation, 1e-6)
    assert ("not to log-odds" in str(explanation.note)) == alike


@EACH
def test_an_update_read_back_from_its_file_explains_the_same(base, rung):
    model, frame = tuned(base, rung), some(25, 1)
    before, after = explain(model, frame), explain(load_model(dump_model(model)), frame)
    np.testing.assert_array_equal(before.contributions, after.contributions)
    np.testing.assert_array_equal(before.risk, after.risk)
    assert (before.baseline, before.importance) == (after.baseline, after.importance)


@pytest.mark.parametrize("base", ["logistic", "gradient_boosting", "score"])
def test_these_boosted_revisions_have_trees_and_say_that_they_were_taken_apart(base):
    model = tuned(base, "boosted")
    assert model.estimator.trees_ > 0
    assert "Tree SHAP" in str(explain(model, some(20, 1)).note)
    assert tuned(base, "blended").estimator.trees_share_ == 0.4


def test_a_pooled_refit_rests_on_source_patients_and_leaves_the_base_out():
    model = tuned("gradient_boosting", "pooled")
    assert model.estimator.weight_ > 0
    assert set(explain(model, some(20, 1)).columns) == {"age", "pressure", "lactate", "pain", "sex"}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [{"curves": "spline"}, {"skewed": "log"}, {"ordered": "rank"}], ids=str)
def test_several_features_of_one_column_are_one_contribution(family, shape):
    explanation = explain(trained(family, **shape), some(20, 3))
    assert explanation.columns == ("age", "pressure", "lactate", "pain", "sex")
    assert adds_up(explanation, 1e-6)
