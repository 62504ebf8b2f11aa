"""What is asked about the patient in view, and how the answers are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from medtune.cohort.table import Cohort
from medtune.evaluation.certainty import conformal_sets, needed_to_exclude
from medtune.evaluation.reclassification import one_risk
from medtune.explanation.contributions import Explanation
from medtune.explanation.what_if import TRIED, Changeable, Counterfactual, Seen
from medtune.figures.one_patient import individual
from medtune.figures.waterfall import waterfall
from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import from_plain
from medtune.foundation.words import Sentence, say
from medtune.models.passport import Passport
from medtune.runs.class_questions import ClassSeen
from medtune.runs.opened import read_risks
from medtune.runs.patient_questions import Curve
from medtune.runs.record import INSTABILITY, RunResult, read_instability
from medtune.runs.standby import ask
from medtune.ui import look, widgets
from medtune.ui.memory import once
from medtune.ui.results.later import worked_out
from medtune.ui.results.shown import titles
from medtune.ui.state import PREFIX, state
from medtune.ui.text import estimate, percent, plain_number, translate

WAYS: dict[str, Sentence] = {
    "either": say("either way"),
    "lower": say("only lower"),
    "higher": say("only higher"),
}


def asked(name: str, question: str, payload: dict, make: Callable, timeout: float = 60.0):
    """The answer of the warm process, asked again only when something else is asked; None after saying why not."""
    given = tuple(sorted((key, repr(value)) for key, value in payload.items()))

    def answered():
        with st.spinner(translate("Asking the model")):
            return make(ask(question, payload, timeout=timeout))

    try:
        return once(name, given, answered)
    except MedtuneError as error:
        widgets.trouble(error)
        return None


def seen(folder: Path, values: dict) -> Seen | None:
    """The risk of these values, with everything beside it."""
    payload = {"run": str(folder), "values": values}
    return asked("seen", "look_at_patient", payload, lambda plain: from_plain(Seen, plain))


def answer(told: Seen, result: RunResult) -> Sentence:
    """The risk in one sentence."""
    risk = estimate(told.risk, 1, as_percent=True)
    if np.isfinite(told.before):
        return say("Estimated risk {risk}; the original says {before}.", risk=risk, before=percent(told.before))
    return say("Estimated risk {risk}.", risk=risk)


def beside(told: Seen, result: RunResult, cohort: Cohort, folder: Path) -> list[Sentence]:
    """What must be known beside the risk: interval, out-of-fold risk, conformal verdict, threshold."""
    lines = []
    if told.risk.bounded:
        lines.append(say("Brackets: 95% interval of the update; the original counts as known."))
    elif result.verdict.chosen != "original":
        lines.append(say("This method has no interval for the risk of one patient."))
    lines += _band(told.risk.value, result, folder)
    at = result.threshold if state.threshold is None else state.threshold
    flagged = say("flagged") if told.risk.value >= at else say("not flagged")
    lines.append(say("At the threshold of {at} this patient is {flagged}.", at=percent(at), flagged=flagged))
    risks = once("risks", folder.name, lambda: read_risks(folder))
    chosen, rows = result.verdict.chosen, risks["rows"].astype(int)
    if chosen in risks:
        out = one_risk(risks[chosen])
        lines.append(_verdict(conformal_sets(cohort.outcome[rows], out, np.array([told.risk.value]))))
        lines += _never_excluded(cohort.outcome[rows])
        place = np.flatnonzero(rows == state.patient) if state.patient is not None else ()
        if len(place) and not state.what_if:
            words = "The model was fitted with this patient; out of fold the estimated risk was {risk}."
            lines.append(say(words, risk=percent(float(out[place[0]]))))
    return lines


def _band(risk: float, result: RunResult, folder: Path) -> list[Sentence]:
    """How far such a risk moves when the model is fitted again; nothing until the refits of the run are there."""
    try:
        found = worked_out(folder, INSTABILITY, read_instability)
    except MedtuneError as error:  # the risk itself does not need them
        return [error.sentence]
    if found is None or found.method != result.verdict.chosen or not found.risk.size:
        return []
    band = found.around(risk)
    return [
        say(
            "For patients of the run with a risk like this, refits to {count} resamples say {low} to {high} "
            "(instability band, 95%).",
            count=found.resamples, low=percent(band.low), high=percent(band.high),
        )
    ]  # fmt: skip


def _never_excluded(y: np.ndarray) -> list[Sentence]:
    """The outcome that too few patients of the run have for it to be ruled out, whatever the risk."""
    needed, events = needed_to_exclude(), int(y.sum())
    if events < needed:
        words = "The event is never ruled out here: that takes {needed} patients with it; the run has {there}."
        return [say(words, needed=needed, there=events)]
    if len(y) - events < needed:
        words = "Its absence is never ruled out here: that takes {needed} patients without it; the run has {there}."
        return [say(words, needed=needed, there=len(y) - events)]
    return []


def _verdict(sets) -> Sentence:
    event, none = bool(sets.event[0]), bool(sets.no_event[0])
    if event and not none:
        return say("At an error of 10% for each outcome, only the event remains possible (conformal set).")
    if none and not event:
        return say("At an error of 10% for each outcome, the event can be ruled out (conformal set).")
    return say("At an error of 10% for each outcome, the risk settles neither outcome: refer (conformal set).")


def doubts(told: Seen | ClassSeen) -> None:
    """Gaps, extrapolations, new categories."""
    for note in told.notes:
        widgets.note(note, "warning")


def parts(told: Explanation, of: str = "") -> None:
    """How the risk comes about."""
    widgets.heading(say("How the risk comes about"))
    figure = waterfall(told, 0, look.theme(), of=of, translate=translate)
    widgets.plot(figure, "patient_parts", "patient", numbers=False)
    widgets.aside(say("Each bar is what one column adds or takes away, compared with the local patients."))


@st.fragment
def curve(folder: Path, values: dict, told: Explanation, result: RunResult, place: int | None = None) -> None:
    """The risk of this patient, of several classes that of one, if one column had other values."""
    widgets.heading(say("If one column were different"))
    order = np.argsort(-np.abs(told.contributions[0]), kind="stable")
    names = [told.columns[at] for at in order]
    name = st.selectbox(translate("Column to vary"), names, key=PREFIX + "widget.vary")
    payload = {"run": str(folder), "values": values, "column": name}
    question = "patient_curve"
    if place is not None:
        question, payload = "class_patient_curve", {**payload, "place": place}
    found = asked("curve", question, payload, lambda plain: from_plain(Curve, plain))
    if found is None or not found.risk.size:
        return
    chosen = result.verdict.chosen
    called = titles(result)["original"], titles(result)[chosen]
    figure = individual(found, name, values[name], chosen, called, look.theme(), translate=translate)
    widgets.plot(figure, "patient_curve", "what_if", numbers=False)
    widgets.aside(say("All other values stay as they are in the form; the circle is this patient."))


def alternatives(folder: Path, values: dict, cohort: Cohort, passport: Passport, told: Seen, result: RunResult):
    """Smallest changes of columns that the user calls modifiable; what was found, for the summary."""
    widgets.heading(say("What would move the risk across the threshold"))
    changeable = modifiable(values, cohort, passport)
    if not changeable:
        return ()
    at = result.threshold if state.threshold is None else state.threshold
    payload = {"run": str(folder), "values": values, "threshold": at, "changeable": changeable}
    make = lambda plain: from_plain(tuple[Counterfactual, ...], plain)  # noqa: E731
    found = asked("alternatives", "patient_alternatives", payload, make)
    goal = say("below {at}", at=percent(at)) if told.risk.value >= at else say("to {at} or more", at=percent(at))
    return smallest(
        found,
        values,
        say("None within these limits: no change of these columns was found that brings the risk {goal}.", goal=goal),
        say("Smallest changes that bring the risk {goal}; each was checked with the model.", goal=goal),
    )


def modifiable(values: dict, cohort: Cohort, passport: Passport) -> tuple[Changeable, ...]:
    """The columns that the user calls modifiable, with their limits; empty after asking for them."""
    known = {c.name: c for c in passport.columns if c.name in cohort.frame and c.kind in ("number", "category")}
    open_ = [name for name in known if values.get(name) is not None]
    chosen = st.multiselect(
        translate("Columns that can be modified"), open_, key=PREFIX + "widget.modifiable",
        help=translate("Only you know what treatment or time can change: never age, rarely a diagnosis."),
    )  # fmt: skip
    if not chosen:
        widgets.aside(say("Choose the columns that can be modified in this patient."))
        return ()
    return tuple(_limits(known[name], cohort) for name in chosen)


def smallest(found: tuple[Counterfactual, ...] | None, values: dict, none: Sentence, some: Sentence) -> tuple[str, ...]:
    """The smallest changes found, in words; what was found, for the summary."""
    if found is None:
        return ()
    if not found:
        widgets.aside(none)
        return ()
    lines = [in_words(one, values) for one in found]
    widgets.aside(some)
    widgets.bullets(lines)
    widgets.aside(say("A change in the form is no treatment: the model knows associations, not effects."))
    return tuple(translate(line) for line in lines)


def _limits(column, cohort: Cohort) -> Changeable:
    cells = cohort.frame[column.name].dropna()
    if column.kind == "category":
        return Changeable(column.name, levels=tuple(sorted(set(cells.astype(str)))))
    low, high = (float(value) for value in cells.quantile([0.05, 0.95]))
    sd = float(cells.std(ddof=1)) if len(cells) > 1 else 1.0
    key = f"{PREFIX}widget.limits.{state.run_id}.{column.name}"
    first, second, third = st.columns([2, 2, 2], vertical_alignment="bottom")
    low = first.number_input(translate("{column} from", column=column.name), value=low, format="%g", key=key + ".low")
    high = second.number_input(translate("{column} to", column=column.name), value=high, format="%g", key=key + ".high")
    way = third.selectbox(
        translate("Direction of {column}", column=column.name),
        list(WAYS),
        format_func=lambda key: translate(WAYS[key]),
        key=key + ".way",
    )
    return Changeable(column.name, min(low, high), max(low, high), way, (), sd)


def in_words(one: Counterfactual, values: dict) -> Sentence:
    """The changes and the risk they lead to, in one line."""
    changes = ", ".join(
        translate("{column} {before} → {after}", column=name, before=_written(values[name]), after=_written(after))
        for name, after in one.changes.items()
    )
    return say("{changes}: estimated risk {risk}", changes=changes, risk=percent(one.risk))


def _written(value: object) -> str:
    """With the digits that were tried: who types the number into the form finds the same risk."""
    return plain_number(value, TRIED) if isinstance(value, (int, float)) else str(value)
