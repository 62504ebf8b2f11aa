"""For whom the model should refer rather than decide, and whether that keeps its promise for both outcomes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.evaluation.certainty import ReferBand
from medtune.figures.distribution import distribution
from medtune.foundation.words import Sentence, say
from medtune.runs.record import RunResult
from medtune.ui import look, widgets
from medtune.ui.results.closer import closer_look
from medtune.ui.results.shown import caption, compared_with
from medtune.ui.text import estimate, number, percent, translate


def certainty(result: RunResult, folder: Path) -> None:
    """The band to refer on the risks, at an error rate that the user chooses."""
    shown = compared_with(result)[-1]
    look_at = closer_look(folder).models.get(shown.key)
    if look_at is None:
        return
    bands = {round(band.error, 4): band for band in look_at.bands}
    error = st.segmented_control(
        translate("Patients of each outcome that may be judged wrongly"),
        list(bands),
        default=0.1 if 0.1 in bands else next(iter(bands)),
        format_func=lambda share: percent(share, 0),
        required=True,
        key="certainty_error",
    )
    band = bands[error]
    widgets.say_answer(in_words(band))
    first, second = st.columns([6, 5], gap="medium")
    with first:
        risks = shown.performance.distribution
        figure = distribution(risks, look.theme(), refer=(band.lower, band.upper), translate=translate)
        aid = say("Shaded: risks with which neither outcome can be ruled out, or neither fits.")
        widgets.plot(figure, "refer", "refer-band", caption(result), aid=aid)
    with second:
        rows = [
            [translate(say("With the event")), estimate(band.event, 1, as_percent=True)],
            [translate(say("Without the event")), estimate(band.no_event, 1, as_percent=True)],
            [translate(say("Referred, of all")), estimate(band.referred, 1, as_percent=True)],
        ]
        widgets.table([say("Patients"), say("Truth not ruled out (95% CI)")], rows)
        widgets.aside(
            say("Promised for each outcome: {share}.", share=percent(1 - band.error, 0)),
            say("Class-conditional conformal sets: each patient was held against the out-of-fold risks of all others."),
            say("Coverage by group stands under “Who it serves”."),
        )


def in_words(band: ReferBand) -> Sentence:
    """The band in one sentence."""
    if band.lower > band.upper:
        return say(
            "The two outcomes part well: only risks between {upper} and {lower}, {share} of 100 patients, fit neither.",
            lower=percent(band.lower),
            upper=percent(band.upper),
            share=number(100 * band.referred.value),
        )
    return say(
        "With a risk between {lower} and {upper} refer, do not score: this concerns {share} of 100 patients.",
        lower=percent(band.lower),
        upper=percent(band.upper),
        share=number(100 * band.referred.value),
    )
