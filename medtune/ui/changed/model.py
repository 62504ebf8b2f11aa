"""What changed in the model itself: coefficients, effects of columns, contributions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from medtune.cohort.shapes import on_shapes
from medtune.explanation.changes import Changes
from medtune.figures.effects import effect
from medtune.figures.explanation import importance
from medtune.foundation.words import say
from medtune.runs.change_questions import read_changes
from medtune.runs.class_questions import read_class_changes
from medtune.runs.opened import tuned_key
from medtune.runs.record import RunResult
from medtune.runs.standby import ask
from medtune.ui import look, run_patients, widgets
from medtune.ui.memory import once
from medtune.ui.results.shown import caption, stacked, titles
from medtune.ui.state import PREFIX
from medtune.ui.text import decimals, number, percent, signed, translate

LINES = 12  # of the table of one patient


def compared(folder: Path, place: int | None = None) -> Changes:
    """What the run's two models differ in, of several classes on one; found out once and kept in the run's folder."""

    def read() -> Changes | None:
        return read_changes(folder) if place is None else read_class_changes(folder, place)

    def make() -> Changes:
        known = read()
        if known is None:
            with st.spinner(translate("Comparing the two models")):
                asked = {"run": str(folder)} if place is None else {"run": str(folder), "place": place}
                ask("run_changes" if place is None else "class_changes_of_run", asked, timeout=180.0)
            known = read()
        return known

    return once("changes", (folder.name, place), make)


def coefficients(changes: Changes, pair: tuple[str, str] | None = None) -> None:
    """Before, after and ratio, where both models are lines in the same columns; of a class against another one."""
    if not changes.coefficients:
        widgets.aside(
            say("These two models are not both sums of coefficients in your columns; the curves below tell the change.")
        )
        return
    unit = say("Log-odds per unit")
    if pair is not None:
        unit = say("Log-odds of {one} against {other}, per unit", one=pair[0], other=pair[1])
    heads = [unit, say("Original"), say("Tuned (95% CI)"), say("Ratio (95% CI)")]
    rows, marks = [], []
    places, ratio_places = (decimals(getattr(one, part) for one in changes.coefficients) for part in ("after", "ratio"))
    for change in changes.coefficients:
        name = translate("Intercept") if change.name == "intercept" else change.name
        rows.append(
            [name, number(change.before, places), stacked(change.after, places), stacked(change.ratio, ratio_places)]
        )
        marks.append("chosen" if change.ratio.excludes(1) else "")
    widgets.table(heads, rows, marks=marks)
    widgets.aside(
        say(
            "A ratio of 1 keeps the original's effect, 0 takes it away, below 0 turns it round. "
            "Bold: the interval excludes 1. No ratio is told where the original's effect is next to nothing."
        ),
        say("Intervals hold the original for known."),
        *on_shapes(change.name for change in changes.coefficients),
    )


@st.fragment
def curves(changes: Changes, result: RunResult) -> None:
    """The effect of one column in both models."""
    widgets.heading(say("Effect of a column"))
    if not changes.effects:
        widgets.aside(say("No column takes more than one value here."))
        return
    names = [shown.column for shown in changes.effects]
    chosen = st.selectbox(translate("Column, the most changed first"), names, key=f"{PREFIX}widget.effect")
    shown = changes.effects[names.index(chosen) if chosen in names else 0]
    key = tuned_key(result)
    figure = effect(shown, key, (titles(result)["original"], titles(result)[key]), look.theme(), translate=translate)
    widgets.plot(figure, "effect", f"effect-{shown.column}", caption(result))
    widgets.aside(
        say("Mean estimated risk if every patient had this value and all else stayed as it is."),
        (
            say("Bars: 95% interval of the update; the original counts as known.")
            if shown.levels
            else say("Band: 95% interval of the update; the original counts as known.")
        )
        if np.isfinite(shown.low).any()
        else say("This method has no interval, so these curves have no band."),
    )


def differences(changes: Changes) -> None:
    """Which columns' contributions changed most."""
    widgets.heading(say("Change of contributions"))
    figure = importance(changes.difference, look.theme(), translate=translate)
    widgets.plot(figure, "differences", "changes")
    widgets.aside(
        say(
            "Mean size of the change of each column's contribution, with 95% CI. "
            "All patients together moved by {shift} log-odds.",
            shift=signed(changes.difference.baseline, 2),
        ),
        say("{note}", note=changes.note),
    )


@st.fragment
def one_patient(changes: Changes) -> None:
    """The change of contributions of one patient, column by column."""
    widgets.heading(say("One patient"))
    told = changes.difference
    names = run_patients.names(told.rows)
    order = np.argsort(-np.abs(told.baseline + told.contributions.sum(axis=1)), kind="stable")
    place = st.selectbox(
        translate("Patient, the most changed first"),
        [int(place) for place in order],
        format_func=lambda place: f"{names[place]}: {percent(changes.before[place])} → {percent(told.risk[place])}",
        key=f"{PREFIX}widget.changed_patient",
    )
    parts = told.contributions[place]
    best = np.argsort(-np.abs(parts), kind="stable")[:LINES]
    rows = [[translate("All patients together"), signed(told.baseline, 2)]]
    rows += [[told.columns[at], signed(float(parts[at]), 2)] for at in best if abs(parts[at]) >= 0.005]
    if len(parts) > len(best):
        rest = float(parts.sum() - parts[best].sum())
        rows.append([translate("other {count} columns", count=len(parts) - len(best)), signed(rest, 2)])
    widgets.table([say("Change of contribution"), say("Log-odds")], rows)
    widgets.aside(say("Risks here are from the models fitted to all patients, this one among them."))
