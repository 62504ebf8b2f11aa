"""What the update did to the model, and what a reader must know of the run."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.cohort.shapes import on_shapes
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say
from medtune.runs.record import RunResult
from medtune.tuning.candidates import TITLES
from medtune.tuning.original_here import OriginalHere
from medtune.tuning.support import support_told
from medtune.ui import widgets
from medtune.ui.text import decimals, markdown, number, translate


def update(result: RunResult, folder: Path) -> None:
    """What the patients support, the closed test beside it, and the coefficients."""
    if result.support:
        support = result.support
        st.markdown(f"**{markdown(support_told(support))}**")
        widgets.table(
            [say("What the patients support"), say("Weight")],
            [
                [translate("The model unchanged"), number(support["unchanged"], 2)],
                [translate("A shift of all risks together"), number(support["intercept"], 2)],
                [translate("A stretch or shrinkage of all risks"), number(support["slope"], 2)],
                [translate("Predictors acting differently here"), number(support["predictors"], 2)],
            ],
        )
        widgets.aside(say("Weights lie between 0 and 1; they are judged for each kind of change on its own."))
    if result.original is not None and not result.verdict.from_scratch:
        _beside(result.original)
    if not result.coefficients:
        widgets.aside(say("This method has no coefficients."))
        return
    names = {"intercept": translate("Intercept"), "slope": translate("Slope of the original's log-odds")}
    places = decimals(c.estimate for c in result.coefficients)
    rows = [
        [names.get(c.name, c.name), number(c.estimate.value, places), _limits(c.estimate, places)]
        for c in result.coefficients
    ]
    widgets.table([say("Coefficient"), say("Log-odds"), say("95% CI")], rows)
    widgets.aside(*on_shapes(c.name for c in result.coefficients))
    if result.verdict.method == "boosted":
        widgets.aside(say("Updated log-odds = intercept + slope × original log-odds + the sum of its small trees."))
        return
    widgets.aside(say("Updated log-odds = intercept + slope × original log-odds + sum of the changes by column."))


def _beside(original: OriginalHere) -> None:
    """What tests and the case mix say; the verdict does not rest on them."""
    test = original.closed_test
    widgets.aside(original.case_mix)
    widgets.aside(test.sentence)
    rows = [
        [translate(TITLES[key]), number(test.statistic[key], 2), number(test.df[key]), _p(test.p[key])]
        for key in test.df
    ]
    largest = TITLES["recalibration"] if test.guarded else TITLES["refit"]
    head = say("Tested against “{largest}”", largest=largest)
    widgets.table([head, say("Likelihood ratio"), say("Degrees of freedom"), say("p")], rows)


def _p(value: float) -> str:
    return number(value, 3) if value >= 0.001 else "< 0.001"


def _limits(value: Estimate, places: int) -> str:
    if not value.bounded:
        return "–"
    return f"{number(value.low, places)} {translate('to')} {number(value.high, places)}"
