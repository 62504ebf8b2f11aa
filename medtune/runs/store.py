"""Where runs and cohorts are kept: folders that are the truth, and an index over them that can be made anew."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import medtune
from medtune.foundation.errors import RunError
from medtune.foundation.files import patiently, write_atomically
from medtune.foundation.place import usual_place
from medtune.foundation.records import from_plain, to_json
from medtune.images.keeping import forget_sets, sets_of
from medtune.runs.entries import UNREADABLE, CohortEntry, RunEntry, entry_of
from medtune.runs.execution import FINAL, end_later
from medtune.runs.folder import JOB, SETTINGS, Job, RunFolder, checked_id, read_record
from medtune.runs.locks import exclusive
from medtune.runs.stage_cache import forget_cohort

if TYPE_CHECKING:
    from medtune.cohort.table import Cohort

INDEX, CARD, TRASH = "index.sqlite", "card.json", ".removed-"
LAYOUT = 1  # of the index; another number in the file makes it anew from the folders
TABLES = """
create table if not exists runs (id text primary key, created text not null, state text not null, entry text not null);
create table if not exists cohorts (id text primary key, created text not null, entry text not null);
create table if not exists workspace (key text primary key, value text not null);
"""


def home() -> Path:
    """The folder of everything kept: MEDTUNE_HOME, or the user's data directory; made when missing."""
    return _made(usual_place())


class Store:
    """Runs, cohorts and what the user had open, kept in one folder; any number of threads and processes may use it.

    Parameters
    ----------
    place : Path, optional
        The folder; `home()` unless given.
    """

    def __init__(self, place: Path | None = None) -> None:
        self.place = _made(Path(place)) if place else home()
        self._runs, self._cohorts = _made(self.place / "runs"), _made(self.place / "cohorts")
        with exclusive(self.place / "index.lock"):
            try:
                fresh = self._prepare_index()
            except (sqlite3.Error, OSError) as error:
                raise _unusable(error) from error
        if fresh:
            self.reindex()

    # Runs

    def new_run(
        self, kind: str, name: str, cohort: str = "", settings: str = "{}", starting: str = "", source: str = ""
    ) -> RunFolder:
        """Make the folder of a run that is yet to be started.

        Parameters
        ----------
        kind : str
            Key of the job in `medtune.runs.worker.JOBS`.
        name : str
            The user's words for it.
        cohort : str
            Id of a cohort that is kept here.
        settings : str
            JSON text, kept as it is.
        starting : str
            Name of what it starts from, for the list.
        source : str
            Id of the cohort it was made from, where that is kept.
        """
        while True:
            now = datetime.now(UTC)
            run = RunFolder(self._runs / f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}")
            with contextlib.suppress(FileExistsError):
                run.path.mkdir(mode=0o700)
                break
        created = now.isoformat(timespec="microseconds")
        job = Job(run.id, kind, name, created, cohort, starting, medtune.__version__, source)
        write_atomically(run.path / SETTINGS, settings)
        run.write(JOB, job)
        self._index_run(run)
        return run

    def run(self, id: str) -> RunFolder:
        """The folder of a run; RunError when it is missing or cannot be read."""
        run = RunFolder(self._runs / checked_id(id))
        _ = run.job
        return run

    def runs(self) -> tuple[RunEntry, ...]:
        """All runs, the newest first; one whose folder is missing or damaged is listed with a sentence that says so."""
        with self._open() as index:
            rows = index.execute("select id, state, entry from runs order by created desc, id desc").fetchall()
        return tuple(self._current(id, state, entry) for id, state, entry in rows)

    def rename(self, id: str, name: str) -> None:
        """Give a run another name."""
        run = self.run(id)
        run.write(JOB, replace(run.job, name=_named(name)))
        self._index_run(run)

    def delete(self, id: str) -> None:
        """Remove a run with its folder; RunError while it is being done."""
        run = RunFolder(self._runs / checked_id(id))
        entry = entry_of(run)
        if entry.state == "running":
            raise RunError("Run '{name}' is still being done; cancel it first.", name=entry.job.name)
        end_later(run.path)
        self._remove(run.path)
        self._forget_row("runs", id)

    # Cohorts

    def add_cohort(self, cohort: Cohort, file: str = "") -> str:
        """Keep a cohort; the same content is kept once.

        Parameters
        ----------
        cohort : Cohort
            Its fingerprint becomes its id.
        file : str
            Name of the file it was read from.

        Returns
        -------
        str
            The id.
        """
        from medtune.cohort.table import save_cohort

        id = checked_id(cohort.fingerprint)
        folder = self._cohorts / id
        with exclusive(self.place / "cohorts.lock", timeout=60.0):
            before = self._card(folder)
            if before is None:
                self._remove(folder)  # what was not kept wholly
                save_cohort(cohort, folder)
            created = before.created if before else datetime.now(UTC).isoformat(timespec="seconds")
            file = file or (before.file if before else "")
            entry = CohortEntry(id, cohort.name, created, cohort.n, cohort.events, cohort.roles.outcome, file)
            write_atomically(folder / CARD, to_json(entry))
        self._index_cohort(entry)
        return id

    def cohort_folder(self, id: str) -> Path:
        """Where a cohort lies; RunError when it is not kept here."""
        folder = self._cohorts / checked_id(id)
        if not (folder / CARD).exists():
            raise RunError("This cohort is no longer kept here; open its file again.")
        return folder

    def open_cohort(self, id: str) -> Cohort:
        """Read a cohort."""
        from medtune.cohort.table import open_cohort

        return open_cohort(self.cohort_folder(id))

    def cohorts(self) -> tuple[CohortEntry, ...]:
        """All cohorts whose folder is there, the newest first."""
        with self._open() as index:
            rows = index.execute("select id, entry from cohorts order by created desc, id").fetchall()
        return tuple(from_plain(CohortEntry, json.loads(entry)) for id, entry in rows if self._has_cohort(id))

    def delete_cohort(self, id: str) -> None:
        """Remove a cohort's patients from this machine; RunError while a run uses them. Results of runs stay."""
        for entry in self.runs():
            if id not in (entry.job.cohort, entry.job.source):
                continue
            if entry.state in ("queued", "running"):
                raise RunError("Run '{name}' still uses this cohort; cancel it first.", name=entry.job.name)
            end_later(self._runs / entry.id)
        pictures = sets_of(self._cohorts / checked_id(id))
        self._remove(self._cohorts / checked_id(id))
        forget_sets(self.place, pictures)
        forget_cohort(self.place, id)
        self._forget_row("cohorts", id)

    # What the user had open

    def remember(self, key: str, value: Any) -> None:
        """Keep a pointer or a draft (anything `records.to_json` can write) through a refresh or a restart."""
        self._write("insert or replace into workspace values (?, ?)", key, to_json(value))

    def recall(self, key: str, default: Any = None) -> Any:
        """What was remembered under a key, as plain JSON values."""
        with self._open() as index:
            row = index.execute("select value from workspace where key = ?", (key,)).fetchone()
        return default if row is None else json.loads(row[0])

    def forget(self, key: str) -> None:
        """Remember nothing under a key any more."""
        self._write("delete from workspace where key = ?", key)

    # The index

    def reindex(self) -> None:
        """Make the lists anew from the folders; what the user had open stays."""
        with self._open() as index:
            index.execute("begin immediate")  # before looking, so that a run made meanwhile is listed afterwards
            runs = [self._row(RunFolder(path)) for path in _folders(self._runs)]
            cards = [card for path in _folders(self._cohorts) if (card := self._card(path))]
            index.execute("delete from runs")
            index.execute("delete from cohorts")
            index.executemany("insert into runs values (?, ?, ?, ?)", runs)
            index.executemany("insert into cohorts values (?, ?, ?)", map(_cohort_row, cards))
            index.execute("commit")

    def _prepare_index(self) -> bool:
        """Make the index when it is missing, of another layout or damaged; says whether it must be filled."""
        try:
            with self._connected() as index:
                (layout,) = index.execute("pragma user_version").fetchone()
                (health,) = index.execute("pragma quick_check(1)").fetchone()
            if layout == LAYOUT and health == "ok":
                return False
            damaged = health != "ok"
        except sqlite3.OperationalError:
            raise  # the disk or the rights, not the content
        except sqlite3.DatabaseError:
            damaged = True
        if damaged:
            for path in self.place.glob(f"{INDEX}*"):
                patiently(path.rename, path.with_name(f"damaged-{time.time_ns()}-{path.name}"))
        with self._connected() as index:
            index.execute("pragma journal_mode = wal")
            index.executescript("drop table if exists runs; drop table if exists cohorts;" + TABLES)
            index.execute(f"pragma user_version = {LAYOUT}")
        return True

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._connected() as index:
                yield index
        except sqlite3.Error as error:
            raise _unusable(error) from error

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own for each call, so that any thread may come; it waits for others' writing."""
        with contextlib.closing(sqlite3.connect(self.place / INDEX, timeout=15.0, isolation_level=None)) as index:
            index.execute("pragma synchronous = normal")
            yield index

    def _write(self, statement: str, *values: object) -> None:
        with self._open() as index:
            index.execute(statement, values)

    def _row(self, run: RunFolder) -> tuple[str, str, str, str]:
        entry = entry_of(run)
        return run.id, entry.job.created, entry.state, to_json(entry)

    def _index_run(self, run: RunFolder) -> RunEntry:
        row = self._row(run)
        self._write("insert or replace into runs values (?, ?, ?, ?)", *row)
        return from_plain(RunEntry, json.loads(row[3]))

    def _index_cohort(self, card: CohortEntry) -> None:
        self._write("insert or replace into cohorts values (?, ?, ?)", *_cohort_row(card))

    def _current(self, id: str, state: str, entry: str) -> RunEntry:
        """The line of a run: what has finished cannot change, everything else is asked of its folder."""
        known = from_plain(RunEntry, json.loads(entry))
        run = RunFolder(self._runs / id)
        if state == "finished" and (run.path / JOB).exists():
            return known
        now = entry_of(run)
        if now.state == UNREADABLE:
            return replace(now, job=known.job)
        if now.state != state and now.state in FINAL:
            self._index_run(run)
        return now

    def _card(self, folder: Path) -> CohortEntry | None:
        try:
            return read_record(CohortEntry, folder / CARD)
        except RunError:
            return None  # a cohort without a readable card is one that was not kept wholly

    def _has_cohort(self, id: str) -> bool:
        return (self._cohorts / id / CARD).exists()

    def _remove(self, folder: Path) -> None:
        """Let a folder vanish at once; what another process still has open is removed when it can be."""
        if folder.exists():
            removed = folder.with_name(f"{TRASH}{folder.name}-{secrets.token_hex(3)}")
            patiently(folder.rename, removed)
            shutil.rmtree(removed, ignore_errors=True)
        for rest in folder.parent.glob(f"{TRASH}*"):
            shutil.rmtree(rest, ignore_errors=True)

    def _forget_row(self, table: str, id: str) -> None:
        self._write(f"delete from {table} where id = ?", id)
        self._write("delete from workspace where value = ?", to_json(id))


def _cohort_row(card: CohortEntry) -> tuple[str, str, str]:
    return card.id, card.created, to_json(card)


def _unusable(error: Exception) -> RunError:
    return RunError(
        "The list of runs cannot be used now ({reason}); close other programs that use its folder and restart medtune.",
        reason=str(error),
    )


def _folders(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))


def _named(name: str) -> str:
    if not name.strip():
        raise RunError("A run needs a name; give it one.")
    return name.strip()


def _made(place: Path) -> Path:
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            "Folder '{folder}' cannot be made ({reason}); set MEDTUNE_HOME to a folder that can be written.",
            folder=str(place),
            reason=error.strerror,
        ) from error
    return place
