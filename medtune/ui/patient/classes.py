"""One patient under a model of several classes: all risks, what one of them rests on, what would change the class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from medtune.cohort.table import Cohort
from medtune.evaluation.certainty import conformal_classes, needed_to_exclude
from medtune.evaluation.class_reclassification import one_risk_of_each
from medtune.explanation.contributions import Explanation
from medtune.explanation.what_if import Counterfactual
from medtune.foundation.records import from_plain
from medtune.foundation.words import Sentence, say
from medtune.models.passport import Passport
from medtune.runs.class_questions import ClassSeen
from medtune.runs.class_record import ClassResult
from medtune.runs.opened import read_risks
from medtune.ui import widgets
from medtune.ui.class_choice import class_in_view
from medtune.ui.memory import once
from medtune.ui.patient import answers, summary
from medtune.ui.results.shown import stacked
from medtune.ui.state import state
from medtune.ui.text import estimate, percent, translate

CROSSING = say("What would change the most likely class")


def page(run: Path, result: ClassResult, cohort: Cohort, passport: Passport, values: dict, told: ClassSeen) -> None:
    """Everything below the form."""
    answers.doubts(told)
    notes = risks(run, result, cohort, told)
    at = class_in_view(result, "patient", told.likely)
    name = result.classes[at]
    parts = _parts(run, values, at)
    if parts is None:
        return
    left, right = st.columns(2, gap="medium")
    with left:
        answers.parts(parts, name)
    with right:
        answers.curve(run, values, parts, result, at)
    widgets.aside(say("Contributions are to the log-odds of ‘{name}’ against all others. {note}",
                      name=name, note=parts.note))  # fmt: skip
    found = alternatives(run, values, cohort, passport, told, at, name)
    doubts = [*notes, say("Contributions are to the log-odds of ‘{name}’ against all others.", name=name), *told.notes]
    summary.download(parts, values, answer(told, result), doubts, found, passport, result, CROSSING)


def seen(folder: Path, values: dict) -> ClassSeen | None:
    """The risks of these values."""
    payload = {"run": str(folder), "values": values}
    return answers.asked("class_seen", "look_at_class_patient", payload, lambda plain: from_plain(ClassSeen, plain))


def _parts(folder: Path, values: dict, at: int) -> Explanation | None:
    payload = {"run": str(folder), "values": values, "place": at}
    return answers.asked("class_parts", "class_patient_parts", payload, lambda plain: from_plain(Explanation, plain))


def answer(told: ClassSeen, result: ClassResult) -> Sentence:
    """The most likely class in one sentence."""
    name, risk = result.classes[told.likely], estimate(told.risks[told.likely], 1, as_percent=True)
    if not told.before:
        return say("Most likely class ‘{name}’: estimated risk {risk}.", name=name, risk=risk)
    first = int(np.argmax(told.before))
    return say(
        "Most likely class ‘{name}’: estimated risk {risk}; the original says ‘{other}’, {before}.",
        name=name, risk=risk, other=result.classes[first], before=percent(told.before[first]),
    )  # fmt: skip


def risks(folder: Path, result: ClassResult, cohort: Cohort, told: ClassSeen) -> list[Sentence]:
    """The table of all classes; what it says, for the summary."""
    kept = once("risks", folder.name, lambda: read_risks(folder))
    chosen, rows = result.verdict.chosen, kept["rows"].astype(int)
    possible, own = None, None
    if chosen in kept:
        out = one_risk_of_each(kept[chosen])
        possible = conformal_classes(cohort.outcome[rows], out, np.array([[one.value for one in told.risks]]))[0]
        place = np.flatnonzero(rows == state.patient) if state.patient is not None else ()
        own = out[place[0]] if len(place) and not state.what_if else None
    heads = [say("Class"), say("Estimated risk (95% CI)") if told.risks[0].bounded else say("Estimated risk")]
    heads += [say("Original")] if told.before else []
    heads += [say("Out of fold")] if own is not None else []
    heads += [say("Remains possible")] if possible is not None else []
    lines = []
    for at, (name, risk) in enumerate(zip(result.classes, told.risks, strict=True)):
        cells = [name, stacked(risk, 1, as_percent=True)]
        cells += [percent(told.before[at])] if told.before else []
        cells += [percent(float(own[at]))] if own is not None else []
        cells += [translate("yes") if possible[at] else translate("no")] if possible is not None else []
        lines.append(cells)
    marks = ["chosen" if at == told.likely else "" for at in range(len(lines))]
    widgets.table(heads, lines, marks=marks)
    notes = []
    if told.risks[0].bounded:
        notes.append(say("Brackets: 95% interval of the update; the original counts as known."))
    if own is not None:
        notes.append(say("The model was fitted with this patient; the risks out of fold were estimated without."))
    if possible is not None:
        notes += [_settled(possible, result.classes), *_never_excluded(cohort.outcome[rows], result.classes)]
    widgets.aside(*notes)
    each = ", ".join(f"{name} {percent(one.value)}" for name, one in zip(result.classes, told.risks, strict=True))
    return [say("Estimated risks: {each}.", each=each), *notes]


def _never_excluded(y: np.ndarray, classes: tuple[str, ...]) -> list[Sentence]:
    """The classes that too few patients of the run have for them to be ruled out, whatever the risk."""
    needed, there = needed_to_exclude(), np.bincount(y, minlength=len(classes))
    rare = [f"‘{name}’ ({count})" for name, count in zip(classes, there.tolist(), strict=True) if count < needed]
    words = "Never ruled out here, since that takes {needed} patients of a class: {names}."
    return [say(words, needed=needed, names=", ".join(rare))] if rare else []


def _settled(possible: np.ndarray, classes: tuple[str, ...]) -> Sentence:
    names = ", ".join(f"‘{name}’" for name, there in zip(classes, possible, strict=True) if there)
    if not names:
        return say("At an error of 10% for each class, none fits: this patient is unlike the others (conformal set).")
    if possible.all():
        return say("At an error of 10% for each class, every class remains possible: refer (conformal set).")
    if possible.sum() == 1:
        return say("At an error of 10% for each class, only {names} remains possible (conformal set).", names=names)
    return say("At an error of 10% for each class, {names} remain possible: refer (conformal set).", names=names)


def alternatives(
    folder: Path, values: dict, cohort: Cohort, passport: Passport, told: ClassSeen, at: int, name: str
) -> tuple[str, ...]:
    """Smallest changes with which the class in view becomes the most likely, or no longer is."""
    widgets.heading(CROSSING)
    changeable = answers.modifiable(values, cohort, passport)
    if not changeable:
        return ()
    payload = {"run": str(folder), "values": values, "place": at, "changeable": changeable}
    make = lambda plain: from_plain(tuple[Counterfactual, ...], plain)  # noqa: E731
    found = answers.asked("class_alternatives", "class_patient_alternatives", payload, make)
    if told.likely == at:
        goal = say("after which ‘{name}’ is no longer the most likely class", name=name)
    else:
        goal = say("that make ‘{name}’ the most likely class", name=name)
    return answers.smallest(
        found,
        values,
        say("None within these limits: no changes of these columns were found {goal}.", goal=goal),
        say("Smallest changes {goal}; the risk is that of ‘{name}’, checked with the model.", goal=goal, name=name),
    )
