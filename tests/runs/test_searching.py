"""A search in a run: what it tells the folder, how it is ended early, and what the notes say of it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from medtune.cohort.columns import describe
from medtune.cohort.demo import two_hospitals
from medtune.foundation.settings import Aids, Settings, Starting, Validation
from medtune.models.families import make_family
from medtune.models.files import dump_model, load_model
from medtune.models.starting import ScoreColumn
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.progress import Progress
from medtune.runs.searching import (
    ENDED,
    enough,
    found_by,
    fresh_watch,
    going,
    notes_on_searches,
    said_of,
    standing,
    stopped,
)
from medtune.tuning.boosted import BoostedRevision
from medtune.tuning.planning import foresee, search_share
from medtune.tuning.search import Searched
from medtune.tuning.search_record import Budget, Told

TOLD = Told("searched", 3, 25, 0.5, 0.6, {"C": 0.5, "max_depth": None})


@pytest.fixture(scope="module")
def local():
    return two_hospitals()[1]


@pytest.fixture(scope="module")
def run(local, tmp_path_factory):
    """A run that searches, in a folder."""
    folder = tmp_path_factory.mktemp("run")
    settings = Settings(aids=Aids(search=3), validation=Validation(folds=3, repeats=1, resamples=100))
    return fine_tune(local, ScoreColumn("published_risk"), settings, Progress(folder)), folder


def test_both_searches_are_methods_beside_and_their_notes_say_what_came_of_them(run):
    done, folder = run
    notes = [str(note) for note in done.result.notes]
    for key, title in (("searched", "From scratch"), ("boosted_searched", "Boosted revision")):
        assert done.result.candidate(key).performance is not None
        settled = next(note for note in notes if note.startswith(f"“{title}, settings searched” settled on"))
        assert "after 3 of at most 3 combinations" in settled
    assert not any("clock" in note for note in notes)
    assert len((folder / ENDED).read_text().splitlines()) == 2 * (3 + 1)
    assert standing(folder).ended == "all"


def test_the_searched_revision_can_be_the_judged_method_and_without_a_search_it_is_said_why_not(local):
    chosen = Settings(
        method="boosted_searched",
        aids=Aids(search=2),
        validation=Validation(design="hold_out", resamples=100),
    )
    score = ScoreColumn("published_risk")
    assert fine_tune(local, score, chosen).verdict.method == "boosted_searched"
    plain = fine_tune(local, score, replace(chosen, aids=Aids()))
    assert plain.verdict.method == "averaged"
    assert "No search for settings was asked for." in " ".join(map(str, plain.result.notes))


def test_only_what_a_search_found_is_kept_and_survives_its_file(run, local):
    done, _ = run
    assert type(done.models["boosted_searched"].estimator) is BoostedRevision
    for key in ("searched", "boosted_searched"):
        again = load_model(dump_model(done.models[key]), f"{key}.skops")
        np.testing.assert_array_equal(again.risk(local.frame), done.models[key].risk(local.frame))


def test_without_a_folder_a_search_repeats_its_numbers_and_leaves_nothing_behind(run, local, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    again = fine_tune(local, ScoreColumn("published_risk"), run[0].settings)
    assert list(tmp_path.glob("medtune-search-*")) == []
    for key in ("searched", "boosted_searched"):
        np.testing.assert_array_equal(again.risks[key], run[0].risks[key])
    assert set(map(str, run[0].result.notes)) == set(map(str, again.result.notes))


def test_saying_enough_ends_every_search_and_keeps_the_best(local, tmp_path):
    watch = fresh_watch(tmp_path)
    enough(tmp_path)
    assert stopped(tmp_path)
    X, y = local.predictors, local.outcome
    family = make_family(describe(X))
    found = Searched(family, "logistic", Budget(200, None, watch)).fit(X, y)
    assert (found.told_.tried, found.told_.ended) == (1, "stopped")
    assert "1 of 1 searches of “From scratch, settings searched” were ended early" in str(notes_on_searches(watch)[-1])
    fresh_watch(tmp_path)
    assert not stopped(tmp_path)
    assert standing(tmp_path) is None


def test_a_clock_that_cuts_a_search_short_is_told_with_the_count(local, tmp_path):
    watch = fresh_watch(tmp_path)
    X, y = local.predictors, local.outcome
    Searched(make_family(describe(X)), "logistic", Budget(200, 0.0, watch)).fit(X, y)
    note = str(notes_on_searches(watch)[-1])
    assert note.startswith("The clock ended 1 of 1 searches of “From scratch, settings searched” early, after 1 to 1")


def test_how_far_a_search_is_can_be_read_while_it_goes_on(tmp_path):
    assert going(tmp_path) is None
    watch = fresh_watch(tmp_path)
    assert watch(TOLD)
    assert going(tmp_path) == TOLD
    said = str(said_of(TOLD))
    assert "3 of at most 25 tried" in said
    assert "strength of shrinkage 2, deepest tree no limit" in said
    assert "inner log-loss 0.500, 0.600 with the usual settings" in said
    assert "had come to: strength of shrinkage 2," in str(found_by(TOLD))
    (tmp_path / "search.json").write_text("{half")
    assert going(tmp_path) is None


def test_the_time_is_shared_by_all_searches_of_a_run_and_the_plan_says_so(local):
    starting = Starting("score_column", name="published_risk")
    settings = Settings(starting=starting, aids=Aids(search=25, search_seconds=260), validation=Validation(repeats=5))
    assert search_share(settings, ("original", "searched", "boosted_searched"), 25) == 5.0
    assert search_share(settings, ("original", "averaged"), 25) == 0.0
    counts = (local.predictor_columns, 300, 90)
    plan = foresee(settings, *counts)
    assert {"searched", "boosted_searched"} <= set(plan.methods)
    assert "52 searches, about 5.0 s for each" in str(plan.search)
    without = foresee(Settings(starting=starting, validation=Validation(repeats=5)), *counts)
    assert without.search is None
    assert plan.seconds > without.seconds + 10
    long = foresee(Settings(starting=starting, aids=Aids(search=200, search_seconds=26)), *counts)
    assert long.seconds < without.seconds + 30


def test_what_a_search_tells_holds_no_patient(run):
    for line in (run[1] / ENDED).read_text().splitlines():
        assert set(json.loads(line)) == {"key", "tried", "most", "loss", "usual", "best", "ended"}
