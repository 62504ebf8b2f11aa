"""The folder of a run, which is the truth about it: what was asked for, how far it is, what came of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from medtune.foundation.errors import RunError
from medtune.foundation.files import write_record
from medtune.foundation.records import from_plain
from medtune.foundation.words import Sentence

JOB, SETTINGS, PROCESS, PROGRESS, OUTCOME = "job.json", "settings.json", "process.json", "progress.json", "status.json"
LATER = "later"  # folder inside a run's, for what comes after the result; a run of its own
LOG, LOCK, ALONE = "log.txt", "start.lock", "worker.lock"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")

Record = TypeVar("Record")


@dataclass(frozen=True)
class Job:
    """What was asked for.

    Attributes
    ----------
    id, kind, name : str
        The folder's name, the key of the job in `medtune.runs.worker.JOBS`, and the user's words.
    created : str
        ISO time with zone.
    cohort : str
        Fingerprint of the cohort.
    starting : str
        Name of what it starts from.
    version : str
        medtune's own.
    source : str
        Fingerprint of the patients the starting model was made from, where they are at hand.
    """

    id: str
    kind: str
    name: str
    created: str
    cohort: str = ""
    starting: str = ""
    version: str = ""
    source: str = ""


@dataclass(frozen=True)
class Summary:
    """What the list of runs shows of a finished one; a job may return it.

    Attributes
    ----------
    n, events : int, optional
        Patients and events.
    verdict : str
        State of the verdict.
    sentence : Sentence, optional
        The verdict in words.
    """

    n: int | None = None
    events: int | None = None
    verdict: str = ""
    sentence: Sentence | None = None


@dataclass(frozen=True)
class Outcome:
    """How a run ended: finished, cancelled or failed; seconds since the epoch."""

    state: str
    sentence: Sentence
    started: float
    ended: float
    summary: Summary | None = None


@dataclass(frozen=True)
class RunFolder:
    """A run's folder ``HOME/runs/ID``."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def job(self) -> Job:
        """What was asked for; RunError when the folder is missing or damaged."""
        job = read_record(Job, self.path / JOB)
        if job is None:
            raise RunError("The folder of run '{run}' is missing; remove the run from the list.", run=self.id)
        return job

    @property
    def settings(self) -> str:
        """The settings as the JSON text that was given."""
        try:
            return (self.path / SETTINGS).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise _damaged(self.path / SETTINGS) from error

    @property
    def home(self) -> Path:
        """The folder that holds all runs, cohorts and models."""
        return self.path.parent.parent

    @property
    def cohort_folder(self) -> Path:
        """Where the cohort of this run lies."""
        return self.home / "cohorts" / checked_id(self.job.cohort)

    @property
    def source_folder(self) -> Path | None:
        """Where the source patients of this run lie; None when they are not at hand."""
        source = self.job.source
        return self.home / "cohorts" / checked_id(source) if source else None

    def write(self, name: str, record: object) -> Path:
        """Write a record as JSON into the folder, atomically."""
        return write_record(self.path / name, record)


def checked_id(text: str) -> str:
    """The id itself when it can name a folder; RunError otherwise, so that no id reaches outside its place."""
    if not isinstance(text, str) or not ID.fullmatch(text):
        raise RunError("There is no run or cohort with this id; choose one from the list.")
    return text


def read_record(kind: type[Record], path: Path) -> Record | None:
    """The record in a JSON file; None when there is no file, RunError when it is damaged."""
    try:
        return from_plain(kind, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> RunError:
    return RunError(
        "File '{file}' in folder '{folder}' cannot be read; repeat the run or remove it from the list.",
        file=path.name,
        folder=path.parent.name,
    )
