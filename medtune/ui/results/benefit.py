"""Whether acting on the risks helps: net benefit over thresholds, gain over the original, interventions avoided."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.evaluation.decisions import DecisionCurve, decision_curve_of
from medtune.figures.benefit import avoided, benefit_gain
from medtune.figures.decisions import decision_curve, end_of_use
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.runs.record import RunResult
from medtune.ui import look, widgets
from medtune.ui.results.closer import closer_look
from medtune.ui.results.shown import caption, compared_with
from medtune.ui.state import state
from medtune.ui.text import estimate, number, percent, translate


def benefit(result: RunResult, folder: Path) -> None:
    """Decision curves, what the judged method gains over the reference, and what it spares patients."""
    shown = compared_with(result)
    threshold = result.threshold if state.threshold is None else state.threshold
    upper = end_of_use([c.performance.thresholds for c in shown])
    gain = closer_look(folder).gain if len(shown) > 1 else None
    curves = [(c.key, c.title, decision_curve_of(c.performance.thresholds), c.key == shown[-1].key) for c in shown]
    widgets.say_answer(in_words(curves[-1][2], gain, threshold))
    how = {"threshold": threshold, "upper": upper, "translate": translate}
    first, second = st.columns(2, gap="medium")
    with first:
        lines = [(c.key, c.title, c.performance.thresholds, c.key == shown[-1].key) for c in shown]
        aid = say("A model is useful at a threshold where it lies above both “treat all” and “treat none”.")
        widgets.plot(decision_curve(lines, look.theme(), **how), "benefit", "net-benefit", caption(result), aid=aid)
    with second:
        if gain is not None:
            figure = benefit_gain(gain, shown[-1].key, shown[-1].title, look.theme(), **how)
            aid = say("Above 0 the tuned model is more useful; where the band holds 0, that is not settled.")
            widgets.plot(figure, "benefit_gain", "net-benefit-gain", caption(result), aid=aid)
    first, _ = st.columns(2, gap="medium")
    with first:
        aid = say("How many of 100 patients are spared compared with treating all, without missing more events.")
        widgets.plot(avoided(curves, look.theme(), **how), "avoided", "interventions-avoided", caption(result), aid=aid)

    widgets.terms("net_benefit", "threshold", "interventions_avoided")


def in_words(curve: DecisionCurve, gain, threshold: float) -> Sentence:
    """What acting on the judged method brings at the threshold, in one sentence."""
    row = int(abs(curve.threshold - threshold).argmin())
    at = percent(float(curve.threshold[row]), 0)
    spared = Estimate(*(float(x) for x in curve.avoided[:, row]))
    if gain is None:
        return say(
            "At a threshold of {at} the model spares {spared} of 100 patients an intervention, compared with treating "
            "all, without missing more events.",
            at=at,
            spared=estimate(spared, 0),
        )
    more = Estimate(*(float(x) for x in gain.gain[:, row]))
    if not more.excludes(0):
        settled = say("whether it is more useful than the reference is not settled")
    else:
        settled = say("it is more useful than the reference") if more.low > 0 else say("it is less useful")
    return say(
        "At a threshold of {at} the tuned model gains {more} true cases per 100 patients: {settled}.",
        at=at,
        more=_hundred(more),
        settled=settled,
    )


def _hundred(value: Estimate) -> str:
    return estimate(value.scaled(100), 1, sign=True) if value.known else number(None)
