"""Enough patients? What an update and a new model need, and the learning curve."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.figures.learning import learning
from medtune.foundation.words import say
from medtune.runs.record import LEARNING, RunResult, read_learning
from medtune.tuning.candidates import TITLES
from medtune.tuning.enough import Enough
from medtune.tuning.learning import LearningCurve
from medtune.ui import look, widgets
from medtune.ui.results.later import coming, worked_out
from medtune.ui.results.shown import caption
from medtune.ui.text import markdown, number, translate


def enough(result: RunResult, folder: Path) -> None:
    """How far these patients reach, and what fewer of them would have given."""
    if result.enough is not None:
        _reach(result.enough)
    if result.verdict.state == "too few":
        return
    widgets.heading(say("With fewer patients"))
    curve = worked_out(folder, LEARNING, read_learning)
    if curve is None:
        coming(folder, LEARNING)
        return
    if curve.gains:
        for sentence in curve.sentences:
            st.markdown(markdown(sentence))
        aid = say("Each method learnt from a part of the training patients and is scored on the same others. "
                  "Band: 95% CI of the judged method.")  # fmt: skip
        figure = learning(curve, look.theme(), translate=translate)
        widgets.plot(figure, "learning", "learning-curve", caption(result), lambda: _numbers(curve), aid)
    if curve.note is not None:
        widgets.aside(curve.note)
    widgets.terms("learning_curve")


def _reach(found: Enough) -> None:
    if found.for_update is not None:
        st.markdown(markdown(found.for_update))
        widgets.aside(
            say("A slope known to ± 0.1 would take about {n} patients like these.", n=number(found.precise_slope))
        )
    st.markdown(markdown(found.for_development))
    size = found.development
    rows = [
        [translate(say("To keep coefficients from being too large by more than 10%")), number(size.shrinkage)],
        [translate(say("To keep the explained variation from looking more than 5 points too good")),
         number(size.optimism)],
        [translate(say("To know the event rate within 5 points")), number(size.prevalence)],
    ]  # fmt: skip
    widgets.table([say("A new model needs patients"), say("At least")], rows)
    why = (
        say("no model of these columns is known here, so 15% of what can be explained is expected")
        if found.assumed
        else say("what the recalibrated original explains here is expected of it")
    )
    widgets.aside(say("By Riley's three criteria (BMJ 2020): {why} (Cox-Snell R² {value}).", why=why,
                      value=number(found.cox_snell, 2)))  # fmt: skip


def _numbers(curve: LearningCurve):
    heads = [translate(say("Method")), translate(say("Patients learnt from")), translate(say("Events among them")),
             translate(say("Gain in log-loss"))]  # fmt: skip
    heads += [translate(say("Lower 95% limit")), translate(say("Upper 95% limit"))]
    rows = [
        [translate(TITLES[key]), round(float(patients)), round(float(events)), gain.value, gain.low, gain.high]
        for key in TITLES
        if key in curve.gains
        for patients, events, gain in zip(curve.patients, curve.events, curve.gains[key], strict=True)
    ]
    return heads, rows
