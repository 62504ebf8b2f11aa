"""Whose most likely class changes: who is taken for whom, gains by class, the scatter of one class, the worklist."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from medtune.evaluation.class_reclassification import ClassReclassification, Gain, reclassify_classes
from medtune.figures.movement import class_movement
from medtune.foundation.words import Sentence, say
from medtune.runs.class_record import ClassResult
from medtune.runs.opened import read_risks, tuned_key
from medtune.ui import look, run_patients, widgets
from medtune.ui.changed.sides import open_one, reasons_of, show_patient
from medtune.ui.memory import once
from medtune.ui.paging import page_of
from medtune.ui.results.shown import stacked
from medtune.ui.text import number, percent, translate

ONLY = say(
    "With several classes a patient is taken for the most likely class; there is no threshold to move. "
    "Risks may change much where the most likely class stays."
)


def found(result: ClassResult, folder: Path) -> tuple[ClassReclassification, np.ndarray, np.ndarray] | None:
    """Movements between classes, classes and rows of the scored; None without patients to look at."""
    those = run_patients.those()
    if those is None:
        return None
    cohort, _ = those
    risks = once("risks", folder.name, lambda: read_risks(folder))
    rows = risks["rows"].astype(int)
    y = cohort.outcome[rows]
    ids = None if cohort.patients is None else cohort.patients[rows]
    before, after = risks[result.reference.key], risks[tuned_key(result)]
    return once("class_sides", folder.name, lambda: reclassify_classes(y, before, after, ids)), y, rows


def answer(sides: ClassReclassification) -> Sentence:
    """How many change class and whether that is a gain, in one sentence."""
    return say(
        "The most likely class of {count} of {n} patients changes: for {gained} it becomes right, for {lost} wrong.",
        count=number(len(sides.moved)), n=number(len(sides.before)), gained=number(sides.overall.gained),
        lost=number(sides.overall.lost),
    )  # fmt: skip


def tables(sides: ClassReclassification, classes: tuple[str, ...]) -> None:
    """Who was taken for whom before and after, and what each class gained by it."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        widgets.heading(say("Most likely class, before and after"))
        heads = [say("Original"), *(say("{name}", name=name) for name in classes)]
        counts = sides.table
        rows = [[name, *(number(count) for count in counts[at])] for at, name in enumerate(classes)]
        widgets.table(heads, rows)
        widgets.aside(say("Rows: the original. Columns: the tuned model. Off the diagonal the class changes."))
    with right:
        widgets.heading(say("Gained and lost, by class"))
        _gains(sides, classes)


def _gains(sides: ClassReclassification, classes: tuple[str, ...]) -> None:
    heads = [say("Patients"), say("Newly right"), say("Newly wrong"), say("Net gain (95% CI)")]
    rows, marks = [_gain(translate("All patients"), sides.overall)], ["chosen"]
    for at, name in enumerate(classes):
        rows.append(_gain(translate("Of class {name}", name=name), sides.own[at]))
        rows.append(_gain(translate("Not of class {name}", name=name), sides.others[at]))
        marks += ["", "faint"]
    widgets.table(heads, rows, marks=marks)
    if not sides.overall.net.excludes(0):
        widgets.aside(say("The interval of all patients contains zero: they cannot settle whether this helps."))
    widgets.aside(
        say("Not of a class: newly right is no longer taken for it."),
        say("Risks are out of fold: no patient was scored by a model fitted to that patient. "
            "One risk each, the mean over repeats.")
    )  # fmt: skip


def _gain(name: str, gain: Gain) -> list[str]:
    title = f"{name}\nn = {number(gain.n)}"
    return [title, number(gain.gained), number(gain.lost), stacked(gain.net, 1, as_percent=True)]


def scatter(sides: ClassReclassification, y: np.ndarray, rows: np.ndarray, classes: tuple[str, ...], at: int) -> None:
    """Risk of one class before against after; a click opens the patient."""
    names = run_patients.names(rows)
    figure = class_movement(sides, y, at, classes[at], names, look.theme(), translate=translate)
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with left:
        chosen = widgets.choosing(figure, "movement", "before_after")
    if chosen is not None:
        show_patient(int(rows[chosen]))
    with right:
        widgets.bullets(
            (
                say("Each point is a patient; above the dotted diagonal the risk of ‘{name}’ rose.", name=classes[at]),
                say("Large points are newly or no longer taken for ‘{name}’.", name=classes[at]),
                say("Click a point to open the patient."),
            )
        )


def worklist(
    sides: ClassReclassification, y: np.ndarray, rows: np.ndarray, classes: tuple[str, ...], folder: Path
) -> None:
    """Everybody whose most likely class changes, the largest change first, with what moved the new class most."""
    widgets.heading(say("Worklist"))
    if not len(sides.moved):
        widgets.aside(say("Nobody’s most likely class changes."))
        return
    shown = np.array(page_of(sides.moved.tolist(), "worklist"), dtype=int)
    names = run_patients.names(rows[shown])
    reasons = reasons_of(folder, rows[shown].tolist(), sides.likely_after[shown].tolist())
    heads = [say("Patient, outcome"), say("What moved the new class most"), say("Before"), say("After")]
    table = [
        [
            f"{name}\n{classes[y[place]]}",
            reasons.get(int(rows[place]), ""),
            _taken(classes, sides.likely_before[place], sides.before[place]),
            _taken(classes, sides.likely_after[place], sides.after[place]),
        ]
        for name, place in zip(names, shown, strict=True)
    ]
    widgets.table(heads, table, words=2)
    widgets.aside(
        say("The reason is from the models fitted to all patients: the largest change of a contribution to the risk of "
            "the new class, in log-odds against all others, estimated by asking both models.")
    )  # fmt: skip
    open_one(rows[shown].tolist(), names)


def _taken(classes: tuple[str, ...], at: int, risks: np.ndarray) -> str:
    return f"{classes[at]}\n{percent(risks[at])}"
