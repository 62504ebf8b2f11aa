"""The gain of every method over the reference."""

from __future__ import annotations

from pathlib import Path

from medtune.figures.candidates import forest
from medtune.figures.numbers import of_estimates
from medtune.foundation.words import say
from medtune.runs.record import RunResult
from medtune.ui import look, widgets
from medtune.ui.results.one_rung import one_rung
from medtune.ui.results.shown import caption
from medtune.ui.text import translate


def gains(result: RunResult, folder: Path) -> None:
    """All methods as a forest plot."""
    figure = forest(result.candidates, look.theme(), chosen=result.verdict.chosen, translate=translate)
    aid = say("An interval that contains 0 settles nothing: these patients are too few to tell.")
    widgets.plot(figure, "gains", "methods", caption(result), lambda: _numbers(result), aid)
    one_rung(result)


def _numbers(result: RunResult):
    compared = [c for c in result.candidates if c.comparison is not None]
    return of_estimates(
        ((translate(c.title), c.comparison.gain) for c in compared), translate(say("Method")), translate
    )
