"""One rung instead of the average: what the 1-SE rule and the closed test would choose, and how surely."""

from __future__ import annotations

import streamlit as st

from medtune.foundation.words import say
from medtune.runs.record import RunResult
from medtune.tuning.candidates import TITLES
from medtune.ui import widgets
from medtune.ui.text import markdown, percent, translate


def one_rung(result: RunResult) -> None:
    """The picked rung, its corrected numbers, how often each is picked, and the closed test in a sentence."""
    selection = result.selection
    if selection is None:
        return
    widgets.heading(say("One method instead of the average"))
    for sentence in (selection.sentence, selection.corrected):
        st.markdown(markdown(sentence))
    shares = {key: share for key, share in selection.shares.items() if share > 0}
    if len(shares) > 1:
        chosen = sorted(shares, key=shares.get, reverse=True)
        rows = [[translate(TITLES[key]), percent(shares[key], 0)] for key in chosen]
        marks = ["chosen" if key == selection.picked else "" for key in chosen]
        widgets.table([say("Method"), say("Chosen in")], rows, marks=marks)
    if result.original is not None and not result.verdict.from_scratch:
        widgets.aside(result.original.closed_test.sentence)
    widgets.aside(
        say("The verdict does not rest on this: choosing one rung throws away what the averaged update keeps.")
        if result.verdict.method == "averaged"
        else say("The verdict does not rest on this: it judges the method that was set beforehand.")
    )
    widgets.terms("one_standard_error")
