"""Where patients are many, a run says which part of it did not use all of them."""

import pytest

from medtune.cohort.columns import Column
from medtune.evaluation.resampling import Resamples
from medtune.foundation.settings import Family, Settings
from medtune.models.families import FOREST_ROWS, make_family
from medtune.runs.subsampling import subsampled


def said(n, methods=("averaged", "boosted", "scratch"), family="logistic"):
    settings = Settings(family=Family(family))
    return [str(s) for s in subsampled(n, methods, settings, Resamples.draw(n, resamples=2), 1000)]


def test_nothing_is_said_where_every_patient_counts_everywhere():
    assert said(20_000, family="random_forest") == []


def test_every_part_that_uses_some_patients_is_named():
    told = said(60_000, family="random_forest")
    for part in (
        "Averaged update: 20,000",
        "Boosted revision: 20,000",
        "forest",
        "resamples",
        "Calibration",
        "explained",
    ):
        assert any(part in sentence for sentence in told), part


@pytest.mark.parametrize(("absent", "part"), [("averaged", "Averaged"), ("boosted", "Boosted"), ("scratch", "forest")])
def test_a_method_that_takes_no_part_is_not_mentioned(absent, part):
    methods = [method for method in ("averaged", "boosted", "scratch") if method != absent]
    assert not any(part in sentence for sentence in said(60_000, methods, "random_forest"))


def test_trees_of_a_forest_are_grown_on_at_most_so_many_patients():
    columns = [Column("age", "number")]
    assert make_family(columns, family=Family("random_forest"), rows=FOREST_ROWS)[-1].max_samples is None
    share = make_family(columns, family=Family("random_forest"), rows=10 * FOREST_ROWS)[-1].max_samples
    assert share == pytest.approx(0.1)
    assert make_family(columns, family=Family("logistic"), rows=10 * FOREST_ROWS)[-1].C > 0
