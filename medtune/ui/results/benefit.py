"""Whether acting on the risks helps: net benefit over thresholds."""

from __future__ import annotations

from pathlib import Path

from medtune.figures.decisions import decision_curve
from medtune.foundation.words import say
from medtune.runs.record import RunResult
from medtune.ui import look, widgets
from medtune.ui.results.shown import caption, compared_with
from medtune.ui.text import translate


def benefit(result: RunResult, folder: Path) -> None:
    """Decision curves of the original and the judged method."""
    shown = compared_with(result)
    lines = [(c.key, c.title, c.performance.thresholds, c.key == shown[-1].key) for c in shown]
    figure = decision_curve(lines, look.theme(), threshold=result.threshold, translate=translate)
    aid = say("A model is useful at a threshold where it lies above both “treat all” and “treat none”.")
    widgets.plot(figure, "benefit", "net-benefit", caption(result), aid=aid)
