"""The card that answers the question: is the tuned model better here, by how much, and what changed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from medtune.cohort.findings import GIVES_AWAY
from medtune.figures.numbers import of_estimates
from medtune.figures.verdict import MEASURES, number_line
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.images.alterations import ONE_SOURCE
from medtune.runs.record import RunResult
from medtune.tuning.candidates import CAUTIOUS, TITLES
from medtune.tuning.verdict import Verdict
from medtune.ui import look, widgets
from medtune.ui.results.shown import caption
from medtune.ui.text import markdown, translate

# Below, one random split says little: another split may say otherwise.
FEW_TO_SPLIT = 1000
VERDICT_MARKS = {
    "better": ":material/check_circle:",
    "probably better": ":material/contrast:",
    "keep the original": ":material/undo:",
    "too few": ":material/group_off:",
    "validated": ":material/fact_check:",
}


def verdict(result: RunResult) -> None:
    """The card: the state, the gain, what changed, and the number line."""
    said = result.verdict
    with st.container(border=True, key="verdict"):
        # A validation has no difference to draw: its words take the whole card.
        words, line = (st.container(), None) if result.validation else st.columns([5, 6], gap="medium")
        with words:
            st.markdown(f"**{VERDICT_MARKS[said.state]} {markdown(said.sentence)}**")
            for sentence in said.details:
                st.markdown(markdown(sentence))
            if result.validation:
                widgets.aside(
                    say("Nothing was fitted to these patients, and no change is judged."),
                    say("AUROC with DeLong's interval, unless patients have several rows."),
                )
                return
            widgets.aside(_used(said), say("Comparison: {design}.", design=result.design))
            with_care(result.notes)
            if "one random split" in result.design.template and result.n < FEW_TO_SPLIT:
                widgets.note(
                    say(
                        "One random split of {n} patients is a weak test; cross-validation uses them better.",
                        n=result.n,
                    ),
                    "warning",
                )
        comparison = result.tuned.comparison
        with line:
            if comparison is not None:
                against = translate(result.reference.title)
                widgets.aside(say("Difference from “{original}”, with 95% CI", original=against))
                shown = dict(comparison.differences)
                if said.from_scratch:
                    shown.pop("slope_distance", None)  # one risk for everybody has no slope to compare with
                figure = number_line(shown, look.theme(), translate=translate)
                widgets.plot(figure, "line", "verdict", caption(result), lambda: _numbers(shown))


def with_care(notes: Sequence[Sentence]) -> None:
    """What must be read together with good news: predictors that give the outcome away, pictures of one source."""
    for note in notes:
        if note.template == GIVES_AWAY:
            widgets.note(note, "warning")
    if any(note.template == ONE_SOURCE.template for note in notes):
        widgets.aside(ONE_SOURCE)


def _used(said: Verdict) -> Sentence:
    if said.chosen != "blended":
        return say("The model to use under this policy: {title}.", title=TITLES[said.chosen])
    template = (
        "The model to use under this policy: {title}. It goes {share:.0%} of the way to a more cautious update, one"
        " that believes more firmly in the original, since the gain is {t:.1f} times its standard error."
        if said.goes_toward == CAUTIOUS
        else "The model to use under this policy: {title}, {share:.0%} of the way to the tuned one, since the gain is"
        " {t:.1f} times its standard error."
    )
    return say(
        template,
        title=TITLES[said.chosen],
        share=said.blend,
        t=said.t,
    )


def _numbers(differences: dict[str, Estimate]):
    rows = ((translate(MEASURES[key][0]), value) for key, value in differences.items() if key in MEASURES)
    return of_estimates(rows, translate(say("Tuned minus reference")), translate)
