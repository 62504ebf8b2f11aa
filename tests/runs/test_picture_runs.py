"""Jobs and questions on pictures: read, judged, altered, looked into."""

from __future__ import annotations

import numpy as np
import pytest

from medtune.foundation.settings import Settings, Starting, Validation
from medtune.images.measuring import HEAD, PLAIN
from medtune.runs import execution
from medtune.runs.picture_questions import picture_map
from medtune.runs.picture_reading import Wanted, begin_reading, read_found
from medtune.runs.picture_shift import begin_shift, checked_run, read_shift
from medtune.runs.starting import begin
from medtune.runs.store import Store
from medtune.runs.worker import perform
from tests.images.pictures import labelled


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store whose jobs are done in this process."""
    monkeypatch.setattr(execution, "start", lambda path: perform(path))
    monkeypatch.setattr("medtune.runs.worker._deaf", lambda: None)
    return Store(tmp_path)


@pytest.fixture
def run(store):
    """A finished run from scratch on 40 pictures."""
    from medtune.images.opening import cohort_of, open_set

    job = begin_reading(store, labelled(40), "lesions.zip", Wanted(measures=PLAIN.key))
    cohort = cohort_of(open_set(store.place, read_found(job.path).set_id))
    settings = Settings(starting=Starting("scratch"), family=HEAD, validation=Validation(repeats=1, resamples=100))
    return begin(store, cohort, store.add_cohort(cohort), settings)


def test_the_archive_does_not_stay(store):
    job = begin_reading(store, labelled(12), "few.zip", Wanted(measures=PLAIN.key))
    assert execution.status(job.path).state == "finished"
    assert not (job.path / "upload.zip").exists()
    broken = begin_reading(store, b"PK\x03\x04", "broken.zip")
    now = execution.status(broken.path)
    assert now.state == "failed"
    assert "damaged" in str(now.sentence)
    assert not (broken.path / "upload.zip").exists()


def test_altered_pictures_are_scored_by_models_that_saw_neither_them_nor_the_patient(store, run):
    assert read_shift(run.path) is None
    job = begin_shift(store, run)
    assert execution.status(job.path).state == "finished"
    assert checked_run(job.path) == run.id
    found = read_shift(run.path)
    as_they_are, *others = found.kinds
    assert (found.method, found.n, len(others)) == ("scratch", 40, 6)
    # The folds are those of the run, so that the pictures as they are give the run's own AUROC.
    from medtune.runs.record import read_result

    (own,) = (c for c in read_result(run.path).candidates if c.key == "scratch")
    assert as_they_are.auroc.value == pytest.approx(own.performance.headline["auroc"].value, abs=1e-9)
    assert as_they_are.change.value == 0
    noisy = next(kind for kind in others if kind.key == "noisy")
    assert abs(noisy.mean_risk - as_they_are.mean_risk) > 0.05
    assert all(kind.auroc.low <= kind.auroc.value <= kind.auroc.high for kind in found.kinds)


def test_a_map_is_made_of_one_picture_of_the_run(run):
    found = picture_map({"run": str(run.path), "row": 3})
    assert 0 < found.risk < 1
    assert np.shape(found.parts) == (8, 8)
    assert np.abs(found.parts).max() > 0
