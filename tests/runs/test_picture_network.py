"""The network tuned inside a run: on the folds of the others, kept only where it wins, then scoring new pictures."""

from __future__ import annotations

import numpy as np
import pytest
from joblib import parallel_config

from medtune.evaluation.resampling import Resamples
from medtune.foundation.estimate import Estimate
from medtune.foundation.settings import Aids, Settings, Starting, Validation
from medtune.images.measuring import HEAD, PLAIN
from medtune.images.network import network_here
from medtune.images.opening import cohort_of, open_set, read_set
from medtune.models.files import load_model
from medtune.runs import execution, fine_tuning, picture_network
from medtune.runs.opened import read_risks
from medtune.runs.picture_network import gain_over, said_of
from medtune.runs.picture_reading import Wanted, begin_reading, read_found
from medtune.runs.record import model_file, read_result
from medtune.runs.starting import begin
from medtune.runs.store import Store
from medtune.runs.worker import perform
from tests.images.pictures import drawn, file_of, labelled, zipped

needs_network = pytest.mark.skipif(not network_here(), reason="the packages of requirements-images.txt are not here")
SETTINGS = Settings(
    starting=Starting("scratch"),
    family=HEAD,
    validation=Validation(repeats=2, folds=2, resamples=100),
    aids=Aids(network=True),
)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store whose jobs are done in this process, one after the other."""
    monkeypatch.setenv("MEDTUNE_HOME", str(tmp_path))
    monkeypatch.setattr(execution, "start", lambda path: perform(path))
    monkeypatch.setattr("medtune.runs.worker._deaf", lambda: None)
    return Store(tmp_path)


def run_on(store, settings=SETTINGS, n=40, measures=""):
    job = begin_reading(store, labelled(n), "lesions.zip", Wanted(measures=measures))
    cohort = cohort_of(open_set(store.place, read_found(job.path).set_id))
    with parallel_config(backend="sequential"):
        return begin(store, cohort, store.add_cohort(cohort), settings)


def test_a_network_counts_as_better_only_where_the_interval_of_its_gain_lies_above_zero():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    draws = Resamples.draw(300, 200)
    head = np.clip(np.where(y == 1, 0.6, 0.4) + rng.normal(0, 0.05, 300), 0.01, 0.99)
    better = np.clip(np.where(y == 1, 0.8, 0.2) + rng.normal(0, 0.05, 300), 0.01, 0.99)
    # Only the first repeat of the others counts: the folds that the network was scored on.
    others = np.stack([head, better])
    assert gain_over(y, others, better[None], draws).low > 0
    assert gain_over(y, others, (1 - better)[None], draws).high < 0
    same = gain_over(y, others, head[None], draws)
    assert (same.value, same.low, same.high) == (0, 0, 0)


@pytest.mark.parametrize(
    ("gain", "rounds", "words"),
    [
        (Estimate(0.02, 0.01, 0.03), 3, "won.*3 training rounds"),
        (Estimate(0.02, -0.01, 0.05), None, "cannot settle it, so it is not kept"),
        (Estimate(-0.02, -0.05, 0.01), None, "raises log-loss by 0.020"),
    ],
)
def test_what_came_of_it_is_one_sentence(gain, rounds, words):
    import re

    assert re.search(words, str(said_of(gain, "scratch", rounds)))


def test_pictures_measured_without_the_network_keep_their_other_methods(store):
    run = run_on(store, measures=PLAIN.key)
    assert execution.status(run.path).state == "finished"
    network = read_result(run.path).candidate("network")
    assert not network.offered
    assert any(word in str(network.why_not) for word in ("requirements-images.txt", "measured without the network"))


@needs_network
def test_too_few_pictures_are_said_in_a_sentence(store):
    network = read_result(run_on(store, n=24).path).candidate("network")
    assert "Needs 50" in str(network.why_not)


@needs_network
@pytest.mark.parametrize("wins", [True, False])
def test_a_tuned_network_is_compared_on_the_same_folds_and_kept_only_where_it_wins(store, wins, monkeypatch, tmp_path):
    monkeypatch.setattr("medtune.tuning.candidates.FEWEST_FOR_NETWORK", 10)
    monkeypatch.setattr("medtune.images.last_block.MOST_EPOCHS", 1)
    monkeypatch.setattr(picture_network, "COPIES", 1)
    gain = Estimate(0.02, 0.01, 0.03) if wins else Estimate(0.02, -0.01, 0.03)
    monkeypatch.setattr(fine_tuning, "gain_over", lambda *_: gain)
    run = run_on(store)
    assert execution.status(run.path).state == "finished", execution.status(run.path).sentence
    result, risks = read_result(run.path), read_risks(run.path)
    assert result.verdict.method == "scratch"  # the method that was named beforehand is judged
    assert risks["network"].shape == (1, 40)
    assert np.isfinite(risks["network"]).all()
    assert result.candidate("network").comparison is not None
    kept = model_file(run.path, "network")
    assert kept.exists() == wins
    assert any(("won" if wins else "not kept") in str(note) for note in result.notes)
    if wins:
        new = tmp_path / "new.zip"
        new.write_bytes(zipped({f"new/{p}.png": file_of(drawn(500 + p, rough=p < 4)) for p in range(8)}))
        frame = read_set(new, "new.zip", store.place, labelled=False).frame
        model = load_model(kept)
        assert "picture" in {column.name for column in model.columns}
        risk = model.risk(frame)
        assert risk.shape == (8,)
        assert (risk[:4].mean() > 0.5) == (risk[:4].mean() > risk[4:].mean())
