"""How steady the risks are: what changes when the model is fitted to other patients like these."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.figures.instability import changing_sides, refitted_calibration, spread
from medtune.foundation.words import say
from medtune.runs.folder import LATER
from medtune.runs.record import INSTABILITY, RunResult, read_instability
from medtune.ui import look, widgets
from medtune.ui.memory import once
from medtune.ui.results.later import coming
from medtune.ui.results.shown import caption
from medtune.ui.text import markdown, translate


def steadiness(result: RunResult, folder: Path) -> None:
    """Spread of every patient's risk, patients who change sides, and calibration of the refits."""
    if result.verdict.state == "too few":
        widgets.aside(say("Nothing was fitted, so there is nothing to fit again."))
        return
    place = folder / LATER / INSTABILITY
    if not place.exists():
        coming(folder, place)
        return
    found = once("instability", (folder.name, place.stat().st_mtime_ns), lambda: read_instability(folder))
    for sentence in (found.sentence, found.crossing):
        st.markdown(markdown(sentence))
    theme = look.theme()
    first, second = st.columns(2, gap="medium")
    with first:
        widgets.heading(say("Each patient's risk"))
        figure = spread(found, theme, translate=translate)
        aid = say("Each upright line is a patient: 95% of the refitted models give a risk within it.")
        widgets.plot(figure, "spread", "instability", caption(result), False, aid)
    with second:
        widgets.heading(say("Calibration of the refits"))
        figure = refitted_calibration(found, theme, translate=translate)
        aid = say("On the patients they were fitted to, so it flatters; what counts here is how wide the band is.")
        widgets.plot(figure, "refitted", "calibration-instability", caption(result), aid=aid)
    widgets.heading(say("Patients near the threshold"))
    figure = changing_sides(found, theme, translate=translate)
    aid = say("Near the threshold the side a patient falls on is partly chance.")
    widgets.plot(figure, "sides", "changing-sides", caption(result), False, aid)
    if found.note is not None:
        widgets.aside(found.note)
    widgets.terms("instability")
