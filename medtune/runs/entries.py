"""Lines of the lists of runs and cohorts."""

from __future__ import annotations

from dataclasses import dataclass

from medtune.foundation.errors import RunError
from medtune.foundation.words import Sentence
from medtune.runs.execution import status
from medtune.runs.folder import Job, RunFolder

UNREADABLE = "unreadable"


@dataclass(frozen=True)
class RunEntry:
    """A line of the list of runs.

    Attributes
    ----------
    job : Job
        What was asked for.
    state : str
        One of `medtune.runs.execution.STATES`, or "unreadable".
    sentence : Sentence
        The verdict of a finished run; else what is being done or what went wrong.
    n, events : int, optional
        Patients and events, once known.
    verdict : str
        State of the verdict of a finished run.
    seconds : float, optional
        From its start to its end.
    """

    job: Job
    state: str
    sentence: Sentence
    n: int | None = None
    events: int | None = None
    verdict: str = ""
    seconds: float | None = None

    @property
    def id(self) -> str:
        """The run's id."""
        return self.job.id


@dataclass(frozen=True)
class CohortEntry:
    """A line of the list of cohorts; `file` is the name of the file it was read from."""

    id: str
    name: str
    created: str
    n: int
    events: int | None
    outcome: str
    file: str = ""


def entry_of(run: RunFolder) -> RunEntry:
    """The line of a run, from its folder.

    Parameters
    ----------
    run : RunFolder

    Returns
    -------
    RunEntry
        Of state "unreadable" where the folder is missing or damaged.
    """
    try:
        job, now = run.job, status(run.path)
    except RunError as error:
        return RunEntry(Job(run.id, "", run.id, ""), UNREADABLE, error.sentence)
    seconds = now.ended - now.started if now.ended and now.started else None
    found = now.summary
    if found is None:
        return RunEntry(job, now.state, now.sentence, seconds=seconds)
    return RunEntry(job, now.state, found.sentence or now.sentence, found.n, found.events, found.verdict, seconds)
