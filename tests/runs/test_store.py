"""The store lists what the folders say, survives many hands and damage, and keeps what the user had open."""

import sqlite3
import threading
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from medtune.foundation.errors import RunError
from medtune.foundation.words import say
from medtune.runs import execution
from medtune.runs.folder import JOB, OUTCOME, Outcome, Summary
from medtune.runs.stage_cache import StageCache
from medtune.runs.store import INDEX, Store, home
from tests.runs.waiting import until

TRIAL = "tests.runs.trial_worker"
BETTER = Summary(294, 106, "better", say("Better on {n} patients.", n=294))


def finish(run):
    run.write(OUTCOME, Outcome("finished", say("Finished."), 100.0, 104.5, BETTER))


def names(store):
    return [entry.job.name for entry in store.runs()]


def test_home_is_where_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDTUNE_HOME", str(tmp_path / "deep" / "home"))
    assert home() == tmp_path / "deep" / "home"
    assert home().is_dir()
    monkeypatch.setenv("MEDTUNE_HOME", " ")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "medtune" in home().name
    (tmp_path / "file").touch()
    monkeypatch.setenv("MEDTUNE_HOME", str(tmp_path / "file"))
    with pytest.raises(RunError, match="set MEDTUNE_HOME"):
        home()


def test_runs_are_listed_newest_first_with_what_came_of_them(store):
    first = store.new_run("quick", "First", cohort="abc", starting="Source model")
    store.new_run("quick", "Second")
    assert names(store) == ["Second", "First"]
    assert [entry.state for entry in store.runs()] == ["queued", "queued"]
    finish(first)
    entry = store.runs()[1]
    assert (entry.id, entry.state, entry.n, entry.events, entry.verdict) == (first.id, "finished", 294, 106, "better")
    assert str(entry.sentence) == "Better on 294 patients."
    assert entry.seconds == 4.5
    assert (entry.job.cohort, entry.job.starting) == ("abc", "Source model")
    assert store.runs()[1] == entry  # from the index now


def test_a_run_keeps_its_settings_and_finds_its_cohort(store):
    run = store.new_run("fine_tune", "年龄", cohort="abc", settings='{"seed": 1}')
    again = Store(store.place).run(run.id)
    assert again.settings == '{"seed": 1}'
    assert again.job.name == "年龄"
    assert again.cohort_folder == store.place / "cohorts" / "abc"
    assert again.job.version


def test_renaming_and_deleting(store):
    run, other = store.new_run("quick", "Old"), store.new_run("quick", "Other")
    finish(other)
    store.rename(run.id, " New ")
    store.rename(other.id, "Else")
    assert sorted(names(store)) == ["Else", "New"]
    with pytest.raises(RunError, match="needs a name"):
        store.rename(run.id, " ")
    store.remember("run", run.id)
    store.delete(run.id)
    assert names(store) == ["Else"]
    assert not run.path.exists()
    assert [path.name for path in run.path.parent.iterdir()] == [other.id]
    assert store.recall("run") is None
    with pytest.raises(RunError, match="is missing"):
        store.run(run.id)


def test_a_run_being_done_is_not_deleted(store):
    run = store.new_run("patient", "Busy")
    execution.start(run.path, worker=TRIAL)
    with pytest.raises(RunError, match="'Busy' is still being done"):
        store.delete(run.id)
    execution.cancel(run.path)
    store.delete(run.id)
    assert store.runs() == ()


@pytest.mark.parametrize("id", ["..", "../cohorts", "", "a/b", ".hidden", "a" * 200, None])
def test_no_id_reaches_outside_the_store(store, id):
    for ask in (store.run, store.delete, store.cohort_folder, store.delete_cohort):
        with pytest.raises(RunError, match="no run or cohort with this id"):
            ask(id)


def test_missing_and_damaged_folders_do_not_break_the_list(store):
    good, gone, torn, odd = (store.new_run("quick", name) for name in ("Good", "Gone", "Torn", "Odd"))
    finish(gone)
    store.runs()
    for path in gone.path.iterdir():
        path.unlink()
    gone.path.rmdir()
    (torn.path / JOB).write_text('{"id": ')
    (odd.path / OUTCOME).write_text("[1, 2]")
    said = {entry.job.name: (entry.state, str(entry.sentence)) for entry in store.runs()}
    assert said["Good"][0] == "queued"
    assert said["Gone"][0] == said["Torn"][0] == said["Odd"][0] == "unreadable"
    assert "missing" in said["Gone"][1]
    assert "'job.json'" in said["Torn"][1]
    assert "'status.json'" in said["Odd"][1]
    for run in (torn, gone, odd):
        store.delete(run.id)
    assert [entry.id for entry in store.runs()] == [good.id]


def test_many_threads_write_at_once_and_nothing_is_lost(store):
    troubles = []

    def work(number):
        try:
            mine = Store(store.place)
            for turn in range(8):
                run = mine.new_run("quick", f"{number}-{turn}")
                mine.rename(run.id, f"{number}-{turn} renamed")
                mine.remember(f"key {number}", turn)
                mine.runs()
                if turn == 3:
                    mine.reindex()
        except Exception as error:  # shown below, where the test can see it
            troubles.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert set(names(store)) == {f"{number}-{turn} renamed" for number in range(6) for turn in range(8)}
    assert [store.recall(f"key {number}") for number in range(6)] == [7] * 6


def test_the_index_is_made_anew_from_the_folders(store):
    finish(store.new_run("quick", "First"))
    torn = store.new_run("quick", "Torn")
    (torn.path / JOB).write_text("")
    before = store.runs()[1:]
    for path in store.place.glob(f"{INDEX}*"):
        path.unlink()
    again = Store(store.place)
    assert again.runs()[0] == before[0]
    assert (again.runs()[1].id, again.runs()[1].state) == (torn.id, "unreadable")


def test_a_damaged_index_is_put_aside_and_made_anew(store):
    store.new_run("quick", "Kept")
    for path in store.place.glob(f"{INDEX}*"):
        path.write_bytes(b"this is no database, though it has the name of one" * 50)
    assert names(Store(store.place)) == ["Kept"]
    assert list(store.place.glob("damaged-*"))


def test_an_index_of_another_layout_is_made_anew_and_keeps_the_workspace(store):
    store.new_run("quick", "Kept")
    store.remember("run", "abc")
    with sqlite3.connect(store.place / INDEX) as index:
        index.execute("alter table runs add column more text")
        index.execute("pragma user_version = 99")
    index.close()
    again = Store(store.place)
    assert names(again) == ["Kept"]
    assert again.recall("run") == "abc"


def test_an_index_that_vanished_is_a_sentence(store):
    (store.place / INDEX).unlink()
    with pytest.raises(RunError, match="cannot be used now"):
        store.runs()


def test_what_was_open_survives_a_restart(store):
    draft = {"settings": {"seed": 3}, "columns": ["age", "性别"], "threshold": None}
    store.remember("draft", draft)
    store.remember("draft", {**draft, "threshold": 0.2})
    store.remember("gone", 1)
    store.forget("gone")
    again = Store(store.place)
    assert again.recall("draft") == {**draft, "threshold": 0.2}
    assert again.recall("gone") is None
    assert again.recall("never", "start") == "start"


@dataclass(frozen=True)
class FewPatients:
    """Stands for a cohort where only its card matters."""

    fingerprint: str
    name: str = "Hungarian"
    n: int = 294
    events: int = 106
    roles: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(outcome="disease_stage"))


@pytest.fixture
def saved(monkeypatch):
    """Counts how often a cohort's content is written."""
    table = pytest.importorskip("medtune.cohort.table")
    written = []

    def save(cohort, folder):
        folder.mkdir()
        (folder / "content").touch()
        written.append(cohort)

    monkeypatch.setattr(table, "save_cohort", save)
    return written


def test_a_cohort_is_kept_once_and_listed(store, saved):
    cohort = FewPatients("f00d")
    assert store.add_cohort(cohort, file="hungarian.csv") == "f00d"
    assert store.add_cohort(FewPatients("f00d", name="Budapest")) == "f00d"
    assert len(saved) == 1
    (entry,) = store.cohorts()
    assert (entry.id, entry.name, entry.n, entry.events) == ("f00d", "Budapest", 294, 106)
    assert (entry.outcome, entry.file) == ("disease_stage", "hungarian.csv")
    assert store.cohort_folder("f00d").name == "f00d"
    before = store.cohorts()
    store.reindex()
    assert store.cohorts() == before


def test_a_cohort_half_kept_is_not_listed_and_kept_again(store, saved):
    (store.place / "cohorts" / "f00d").mkdir()
    store.reindex()
    assert store.cohorts() == ()
    with pytest.raises(RunError, match="no longer kept"):
        store.cohort_folder("f00d")
    store.add_cohort(FewPatients("f00d"))
    assert len(store.cohorts()) == 1


def test_a_cohort_is_removed_unless_a_run_uses_it(store, saved):
    store.add_cohort(FewPatients("f00d"))
    store.remember("cohort", "f00d")
    run = store.new_run("quick", "User", cohort="f00d")
    with pytest.raises(RunError, match="'User' still uses this cohort"):
        store.delete_cohort("f00d")
    execution.start(run.path, worker=TRIAL)
    until(lambda: store.runs()[0].state == "finished", "the end of the run")
    for id in ("f00d", "beef"):
        StageCache(store.place, id).keep_array("risks", np.zeros(3))
    store.delete_cohort("f00d")
    assert store.cohorts() == ()
    assert not list((store.place / "cohorts").iterdir())
    assert StageCache(store.place, "f00d").array("risks") is None
    assert StageCache(store.place, "beef").array("risks") is not None
    assert store.recall("cohort") is None
    assert store.runs()[0].state == "finished"
