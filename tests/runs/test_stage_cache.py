"""What a run leaves for the next: the same numbers, nothing stale, bounded, and gone with its patients."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from medtune.cohort.demo import two_hospitals
from medtune.cohort.table import make_cohort
from medtune.foundation.records import to_json
from medtune.foundation.settings import Family, Preparation, Settings, Validation
from medtune.runs import fitting, stage_cache
from medtune.runs.dependence import APART
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.progress import Progress
from medtune.runs.stage_cache import StageCache, digest_of, forget_cohort
from medtune.runs.training import train_source
from medtune.tuning import validation
from medtune.tuning.candidates import CAUTIOUS, TITLES

QUICK = Settings(validation=Validation(repeats=1, folds=3, resamples=100))


@pytest.fixture(scope="module")
def hospitals():
    source, local = two_hospitals()
    return train_source(source, "Source"), local


@pytest.fixture
def kept(tmp_path):
    return StageCache(tmp_path, "cohort")


@pytest.fixture
def fits(monkeypatch):
    """Keys of the methods that were fitted to training folds, in order."""
    seen = []
    once = validation._score

    def watched(*work):
        seen.extend(key for methods in work if isinstance(methods, dict) for key in methods)
        return once(*work)

    monkeypatch.setattr(validation, "_score", watched)
    return seen


def told(run):
    """All numbers and sentences of a run, without when and how fast."""
    return to_json([replace(run.result, seconds={}, made=""), run.explanation, run.risks])


@pytest.mark.parametrize(
    "change",
    [{}, {"policy": "blend"}, {"policy": "clear"}, {"threshold": 0.4}, {"method": "recalibration"}],
    ids=["nothing", "blend", "clear", "threshold", "method"],
)
def test_what_if_fits_nothing_again_and_gives_the_numbers_of_a_run_by_itself(hospitals, kept, fits, change):
    source, local = hospitals
    fine_tune(local, source, QUICK, kept=kept)
    asked = replace(QUICK, **change)
    alone = fine_tune(local, source, asked)
    fits.clear()
    progress = Watched()
    again = fine_tune(local, source, asked, progress, kept=kept)
    assert fits == []
    assert told(again) == told(alone)
    assert any("kept from an earlier run" in sentence for sentence in progress.said)


class Watched(Progress):
    """Remembers what was told."""

    def __init__(self):
        super().__init__()
        self.said = []

    def stage(self, sentence, total, key=""):
        self.said.append(str(sentence))
        super().stage(sentence, total, key)


@pytest.mark.parametrize(
    ("change", "fitted"),
    [
        ({"family": Family("random_forest", trees=10)}, {"scratch"}),
        ({"averaging": replace(QUICK.averaging, unchanged=0.2)}, {"averaged"}),
        (
            {"preparation": Preparation(numbers="mean")},
            set(APART),
        ),
        ({"seed": 5}, set(APART)),
    ],
    ids=["family", "averaging", "preparation", "seed"],
)
def test_what_depends_on_a_change_is_fitted_anew_and_nothing_else(hospitals, kept, fits, change, fitted):
    source, local = hospitals
    fine_tune(local, source, QUICK, kept=kept)
    fits.clear()
    asked = replace(QUICK, **change)
    again = fine_tune(local, source, asked, kept=kept)
    offered = {candidate.key for candidate in again.result.candidates if candidate.offered}
    assert set(fits) == fitted & offered
    assert told(again) == told(fine_tune(local, source, asked))


def test_other_patients_and_another_starting_model_are_not_served_from_the_first(hospitals, kept, fits):
    source, local = hospitals
    fine_tune(local, source, QUICK, kept=kept)
    changed = local.frame.copy()
    name = next(column.name for column in local.predictor_columns if column.kind == "number")
    changed.loc[0, name] += 1.0
    others = make_cohort(changed, local.roles, local.cleaning, local.name)
    other_source = train_source(two_hospitals(seed=9)[0], "Source")
    for cohort, base in ((others, source), (local, other_source)):
        fits.clear()
        again = fine_tune(cohort, base, QUICK, kept=kept)
        assert "averaged" in fits
        assert told(again) == told(fine_tune(cohort, base, QUICK))


def test_a_model_that_took_long_to_fit_is_found_again_and_scores_the_same(hospitals, kept, monkeypatch):
    source, local = hospitals
    monkeypatch.setattr(fitting, "WORTH_KEEPING", -1.0)
    first = fine_tune(local, source, QUICK, kept=kept)
    monkeypatch.setattr(fitting, "_fit", lambda estimator, patients: pytest.fail("it was fitted again"))
    again = fine_tune(local, source, QUICK, kept=kept)
    for key, model in first.models.items():
        np.testing.assert_array_equal(again.models[key].risk(local.frame), model.risk(local.frame))
    assert again.result.coefficients == first.result.coefficients


def test_every_method_that_is_fitted_says_what_it_depends_on_or_is_never_kept():
    assert set(APART) <= {*TITLES, CAUTIOUS}
    assert not {"original", "prevalence", "blended"} & set(APART)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half a file", b"{}", b"\xff\xfe"])
def test_damaged_entries_are_passed_over_and_written_anew(hospitals, kept, damage):
    source, local = hospitals
    first = fine_tune(local, source, QUICK, kept=kept)
    for path in kept.folder.iterdir():
        path.write_bytes(damage)
    assert told(fine_tune(local, source, QUICK, kept=kept)) == told(first)
    assert all(path.read_bytes() != damage for path in kept.folder.iterdir())


def test_an_array_with_a_flipped_bit_counts_as_absent(kept):
    kept.keep_array("a", np.arange(1000.0))
    path = kept.folder / "a.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert kept.array("a") is None
    assert not path.exists()


def test_the_entries_used_longest_ago_go_when_room_is_short(kept, monkeypatch):
    monkeypatch.setattr(stage_cache, "LIMIT", 40_000)
    for name in "abcd":
        kept.keep_array(name, np.zeros(1000))
        assert kept.array("a") is not None  # used again and again
    kept.keep_array("e", np.zeros(1000))
    assert sum(path.stat().st_size for path in kept.folder.iterdir()) <= 40_000
    assert kept.array("a") is not None
    assert kept.array("b") is None
    assert kept.array("e") is not None


def test_what_was_worked_out_of_patients_goes_with_them(tmp_path):
    here, there = StageCache(tmp_path, "here"), StageCache(tmp_path, "there")
    here.keep_array("a", np.zeros(3))
    there.keep_array("a", np.zeros(3))
    forget_cohort(tmp_path, "here")
    assert here.array("a") is None
    assert there.array("a") is not None


def test_without_a_place_or_with_one_that_cannot_be_written_nothing_is_kept_and_nothing_fails(tmp_path):
    nowhere = StageCache()
    nowhere.keep_array("a", np.zeros(3))
    assert nowhere.array("a") is None
    (tmp_path / "kept").write_text("a file stands in the way")
    blocked = StageCache(tmp_path, "cohort")
    blocked.keep_array("a", np.zeros(3))
    assert blocked.array("a") is None


WRITER = """
import sys
from pathlib import Path
import numpy as np
from medtune.runs.stage_cache import StageCache
kept = StageCache(Path(sys.argv[1]), "cohort")
for turn in range(200):
    kept.keep_array("same", np.full(5000, 7.0))
    found = kept.array("same")
    assert found is not None and (found == 7).all()
"""


def test_two_processes_at_once_never_read_half_an_entry(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)]) for _ in range(2)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]


def test_a_digest_changes_with_any_part_and_with_nothing_else():
    parts = ["x", {"a": 1.5}, np.arange(4.0)]
    assert digest_of(*parts) == digest_of("x", {"a": 1.5}, np.arange(4.0))
    for at, other in enumerate(["y", {"a": 1.25}, np.arange(4)]):
        assert digest_of(*[*parts[:at], other, *parts[at + 1 :]]) != digest_of(*parts)
    assert digest_of(np.zeros(4)) != digest_of(np.zeros((2, 2)))


def test_after_an_update_of_the_program_nothing_old_is_served(monkeypatch):
    before = digest_of("x")
    monkeypatch.setattr(stage_cache, "_code", lambda: "another version")
    assert digest_of("x") != before
