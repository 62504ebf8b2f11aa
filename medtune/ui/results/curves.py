"""The two plots that carry the evidence: ROC and calibration, original and tuned."""

from __future__ import annotations

import streamlit as st

from medtune.figures.calibration import calibration
from medtune.figures.discrimination import roc
from medtune.foundation.words import say
from medtune.runs.record import RunResult
from medtune.ui import look, widgets
from medtune.ui.results.shown import caption, compared_with
from medtune.ui.text import translate


def curves(result: RunResult) -> None:
    """ROC and calibration of the original and the judged method, side by side."""
    theme, shown = look.theme(), compared_with(result)
    first, second = st.columns(2, gap="medium")
    last = shown[-1].key
    with first:
        widgets.heading(say("Telling patients apart"))
        lines = [(c.key, c.title, c.performance.roc, c.performance.headline["auroc"], c.key == last) for c in shown]
        at = round(100 * result.threshold)
        marks = [(c.key, c.performance.thresholds, at) for c in shown]
        aid = say("The further above the diagonal, the better events are told from non-events.")
        widgets.plot(roc(lines, theme, marks=marks, translate=translate), "roc", "roc", caption(result), aid=aid)
    with second:
        widgets.heading(say("Risks against what happened"))
        lines = [(c.key, c.title, c.performance, c.key == last) for c in shown]
        aid = say("Points above the diagonal: the model's risks are too low; below: too high.")
        figure = calibration(lines, theme, translate=translate)
        widgets.plot(figure, "calibration", "calibration", caption(result), aid=aid)
