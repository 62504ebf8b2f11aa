"""The parts of the Explain page: all columns, every patient, one column, pairs of columns, one patient, one class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from medtune.explanation.contributions import Explanation
from medtune.explanation.interplay import Interplay
from medtune.figures.dependence import dependence
from medtune.figures.explanation import importance
from medtune.figures.interplay import together
from medtune.figures.numbers import of_estimates
from medtune.figures.paths import OTHERS, decision_path
from medtune.figures.swarm import beeswarm
from medtune.figures.waterfall import waterfall
from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import Sentence, say
from medtune.runs.class_record import ClassResult
from medtune.runs.explain_questions import read_class_explanation, read_interplay
from medtune.runs.standby import ask
from medtune.ui import look, run_patients, widgets
from medtune.ui.class_choice import class_in_view
from medtune.ui.memory import once
from medtune.ui.text import number, percent, translate


def answer(explanation: Explanation, of: str = "") -> Sentence:
    """The columns that matter most, of several classes for one of them, in one sentence."""
    order = by_importance(explanation)
    if not order:
        return say("No column changes the risks of this model.")
    if len(order) == 1:
        return say("All risks follow from '{first}'.", first=order[0])
    if of:
        words = "'{first}' moves the estimated risk of ‘{of}’ most, then '{second}'."
        return say(words, first=order[0], second=order[1], of=of)
    return say("'{first}' moves the estimated risks most, then '{second}'.", first=order[0], second=order[1])


def by_importance(explanation: Explanation) -> list[str]:
    """Columns that contribute anything, the largest first."""
    sizes = {name: value.value for name, value in explanation.importance.items()}
    return [name for name in sorted(sizes, key=sizes.get, reverse=True) if sizes[name] > 0]


def overall(explanation: Explanation) -> None:
    """Importance beside the swarm of all patients."""
    first, second = st.columns(2, gap="medium")
    with first:
        widgets.heading(say("Which columns matter"))
        figure = importance(explanation, look.theme(), translate=translate)
        widgets.plot(figure, "importance", "importance", numbers=lambda: _numbers(explanation))
        widgets.aside(say("Mean size of each column's contribution, with 95% CI."))
    with second:
        widgets.heading(say("How they act, patient by patient"))
        widgets.plot(
            beeswarm(explanation, look.theme(), translate=translate), "beeswarm", "contributions", numbers=False
        )
        widgets.aside(say("Each point is a patient; to the right the column raises the risk."))


def _numbers(explanation: Explanation):
    rows = sorted(explanation.importance.items(), key=lambda row: -row[1].value)
    return of_estimates(rows, translate(say("Column")), translate)


def acting_together(explanation: Explanation, folder: Path) -> Interplay | None:
    """Which columns act together, asked of the warm process once for each run; None after saying why not."""

    def make() -> Interplay:
        known = read_interplay(folder)
        if known is None:
            with st.spinner(translate("Looking for columns that act together")):
                ask("interplay_of_run", {"run": str(folder)}, timeout=120.0)
            known = read_interplay(folder)
        return known

    try:
        return once("interplay", folder.name, make)
    except MedtuneError as error:
        widgets.trouble(error)
        return None


def sums_to(explanation: Explanation) -> Sentence:
    """What contributions add up to."""
    if explanation.scale == "log-odds":
        return say("Contributions are in log-odds: they add up to the log-odds of the estimated risk.")
    return say("Contributions are in points of risk: they add up to the estimated risk itself.")


def columns(explanation: Explanation, folder: Path | None) -> None:
    """One column beside the pairs that act together; without these where no folder of a run is given."""
    if folder is None:
        column(explanation, None)
        return
    found = acting_together(explanation, folder)
    left, right = st.columns(2, gap="medium")
    with left:
        column(explanation, found)
    with right:
        pairs(explanation, found)


@st.fragment
def column(explanation: Explanation, found: Interplay | None) -> None:
    """The contribution of one column against its value, coloured by the column it acts together with most."""
    widgets.heading(say("One column"))
    order = by_importance(explanation) or list(explanation.columns)
    first, second = st.columns(2)
    name = first.selectbox(translate("Column"), order, key="explain_column")
    partner = found.partner.get(name) if found is not None else None
    others = ["", *(other for other in order if other != name)]
    by = second.selectbox(
        translate("Coloured by"), others, index=others.index(partner) if partner in others else 0,
        format_func=lambda other: _named(other, partner), key=f"explain_by.{name}",
    )  # fmt: skip
    figure = dependence(explanation, name, look.theme(), by=by or None, translate=translate)
    widgets.plot(figure, "dependence", f"dependence-{name}", numbers=False)
    widgets.aside(say("At zero the column leaves the risk as it would be on average."))


def _named(other: str, partner: str | None) -> str:
    if not other:
        return translate("(nothing)")
    return translate("{column}: acts together most", column=other) if other == partner else other


def pairs(explanation: Explanation, found: Interplay | None) -> None:
    """The pairs of columns that act together, strongest first."""
    widgets.heading(say("Columns that act together"))
    if found is None:
        return
    if found.pairs:
        figure = together(found, explanation.scale, look.theme(), translate=translate)
        widgets.plot(figure, "together", "interactions", numbers=lambda: _pairs(found))
        widgets.aside(say("What two columns do beyond each by itself: mean size, with 95% CI."))
    widgets.aside(found.note)


def _pairs(found: Interplay):
    rows = [(f"{pair.first} × {pair.second}", pair.strength) for pair in found.pairs]
    return of_estimates(rows, translate(say("Columns")), translate)


@st.fragment
def patient(explanation: Explanation, of: str = "") -> None:
    """One patient's way from the average to the estimated risk, and among the ways of others."""
    names = run_patients.names(explanation.rows)
    order = np.argsort(-explanation.risk, kind="stable")
    choice = st.selectbox(
        translate("Patient, highest estimated risk first"),
        [int(place) for place in order],
        format_func=lambda place: f"{names[place]}: {percent(explanation.risk[place])}",
        key="explain_patient",
    )
    left, right = st.columns(2, gap="medium")
    with left:
        widgets.heading(say("How the risk comes about"))
        figure = waterfall(explanation, choice, look.theme(), of=of, translate=translate)
        widgets.plot(figure, "waterfall", "patient", numbers=False)
        widgets.aside(
            say(
                "Estimated risk {risk}. Each bar is what one column adds or takes away, compared with the average"
                " patient.",
                risk=percent(explanation.risk[choice]),
            )
        )
    with right:
        widgets.heading(say("The way among those of others"))
        figure = decision_path(explanation, choice, look.theme(), of=of, translate=translate)
        widgets.plot(figure, "path", "path", numbers=False)
        widgets.aside(say("Grey: {count} others, evenly over the risk. All take the columns in one order, the least"
                          " important first.", count=number(min(OTHERS, len(explanation.risk)))))  # fmt: skip


def one_class(result: ClassResult, folder: Path) -> Explanation | None:
    """Contributions to the risk of the class that the reader chooses; None after saying why there are none."""
    at = class_in_view(result, "explain")

    def make() -> Explanation:
        known = read_class_explanation(folder, at)
        if known is None:
            with st.spinner(translate("Asking the model about this class")):
                ask("explain_class_of_run", {"run": str(folder), "place": at}, timeout=120.0)
            known = read_class_explanation(folder, at)
        return known

    try:
        return once("class_explanation", (folder.name, at), make)
    except MedtuneError as error:
        widgets.trouble(error)
        return None
