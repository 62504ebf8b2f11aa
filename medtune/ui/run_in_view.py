"""The finished run that a page of results is about, or what to do when there is none."""

from __future__ import annotations

from pathlib import Path

from medtune.foundation.words import Sentence, say
from medtune.runs.execution import status
from medtune.runs.folder import RunFolder
from medtune.runs.opened import tuned_key
from medtune.runs.record import EXPLANATION, RunResult, model_file, read_explanation, read_result
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
        progress.ended(now, run.path)
        widgets.empty(say("This run has no result yet."), "fine_tune")
    return run, once("result", run.id, lambda: read_result(run.path))


def cannot_compare(result: RunResult, folder: Path) -> Sentence | None:
    """Why original and tuned model of a run cannot be set against each other; None when they can."""
    if result.verdict.from_scratch:
        return say("This run has no original model to compare with.")
    if result.verdict.state in ("too few", "validated") or not model_file(folder, tuned_key(result)).exists():
        return say("Nothing was tuned in this run, so nothing changed.")
    return None


def cannot_ask(result: RunResult, folder: Path) -> Sentence | None:
    """Why the model of a run cannot be asked about one patient; None when it can."""
    if not model_file(folder, result.verdict.chosen).exists():
        return say("This run made no model, so no risk can be estimated.")
    return None


def by_importance(run: RunFolder) -> list[str]:
    """Columns of the run's model, those that matter most first; none where the run has no explanation."""
    if not (run.path / EXPLANATION).exists():
        return []
    told = once("explanation", run.id, lambda: read_explanation(run.path))
    return sorted(told.columns, key=lambda name: -told.importance[name].value)
