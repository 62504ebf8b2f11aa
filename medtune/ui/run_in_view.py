"""The finished run that a page of results is about, or what to do when there is none."""

from __future__ import annotations

from medtune.foundation.words import Sentence, say
from medtune.runs.execution import status
from medtune.runs.folder import RunFolder
from medtune.runs.record import RunResult, read_result
from medtune.ui import progress, widgets
from medtune.ui.memory import once
from medtune.ui.state import state


def finished(title: Sentence) -> tuple[RunFolder, RunResult]:
    """The run in view and its result; without one the page says so and ends.

    Parameters
    ----------
    title : Sentence
        Title of the page.
    """
    run = state.run
    if run is None:
        widgets.title(title)
        widgets.empty(say("There is no run yet. Fine-tune a model first."), "fine_tune")
    now = status(run.path)
    if now.state != "finished":
        widgets.title(title)
        progress.ended(now)
        widgets.empty(say("This run has no result yet."), "fine_tune")
    return run, once("result", run.id, lambda: read_result(run.path))
