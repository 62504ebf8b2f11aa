"""The parts of the Explain page: all columns, every patient, one column, one patient."""

from __future__ import annotations

import numpy as np
import streamlit as st

from medtune.explanation.contributions import Explanation
from medtune.figures.dependence import dependence
from medtune.figures.explanation import importance
from medtune.figures.numbers import of_estimates
from medtune.figures.swarm import beeswarm
from medtune.figures.waterfall import waterfall
from medtune.foundation.words import Sentence, say
from medtune.ui import look, run_patients, widgets
from medtune.ui.text import percent, translate


def answer(explanation: Explanation) -> Sentence:
    """The columns that matter most, in one sentence."""
    order = by_importance(explanation)
    if not order:
        return say("No column changes the risks of this model.")
    if len(order) == 1:
        return say("All risks follow from '{first}'.", first=order[0])
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


@st.fragment
def column(explanation: Explanation) -> None:
    """The contribution of one column against its value."""
    widgets.heading(say("One column"))
    order = by_importance(explanation) or list(explanation.columns)
    name = st.selectbox(translate("Column"), order, key="explain_column")
    widgets.plot(
        dependence(explanation, name, look.theme(), translate=translate),
        "dependence",
        f"dependence-{name}",
        numbers=False,
    )
    widgets.aside(say("At zero the column leaves the risk as it would be on average."))


@st.fragment
def patient(explanation: Explanation) -> None:
    """One patient's way from the average to the estimated risk."""
    widgets.heading(say("One patient"))
    names = run_patients.names(explanation.rows)
    order = np.argsort(-explanation.risk, kind="stable")
    choice = st.selectbox(
        translate("Patient, highest estimated risk first"),
        [int(place) for place in order],
        format_func=lambda place: f"{names[place]}: {percent(explanation.risk[place])}",
        key="explain_patient",
    )
    widgets.plot(
        waterfall(explanation, choice, look.theme(), translate=translate), "waterfall", "patient", numbers=False
    )
    widgets.aside(
        say(
            "Estimated risk {risk}. Each bar is what one column adds or takes away, compared with the average patient.",
            risk=percent(explanation.risk[choice]),
        )
    )
