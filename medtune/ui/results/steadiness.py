"""How steady the risks are: what changes when the model is fitted to other patients like these."""

from __future__ import annotations

import math
from pathlib import Path

import streamlit as st

from medtune.evaluation.optimism import Optimism
from medtune.figures.instability import changing_sides, refitted_calibration, spread
from medtune.foundation.words import Sentence, say
from medtune.runs.record import INSTABILITY, RunResult, read_instability
from medtune.ui import look, widgets
from medtune.ui.results.later import coming, worked_out
from medtune.ui.results.shown import caption, stacked
from medtune.ui.text import estimate, markdown, number, translate

CORRECTED: dict[str, Sentence] = {
    "log_loss": say("Log-loss"),
    "auroc": say("AUROC"),
    "brier": say("Brier score"),
    "slope": say("Calibration slope"),
}


def steadiness(result: RunResult, folder: Path) -> None:
    """Spread of every patient's risk, patients who change sides, and calibration of the refits."""
    if result.verdict.state == "too few":
        widgets.aside(say("Nothing was fitted, so there is nothing to fit again."))
        return
    found = worked_out(folder, INSTABILITY, read_instability)
    if found is None:
        coming(folder, INSTABILITY)
        return
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
    if found.optimism:
        _corrected(result, found.optimism)
    if found.note is not None:
        widgets.aside(found.note)
    widgets.terms("instability", "optimism")


def _corrected(result: RunResult, optimism: dict[str, Optimism]) -> None:
    """How much better the model looks on its own patients, two corrections of that, and the cross-validated value."""
    widgets.heading(say("Corrected for optimism"))
    area, head = optimism["auroc"], result.tuned.performance.headline
    if area.corrected.known:
        st.markdown(
            markdown(
                say(
                    "On the patients it was fitted to the model reaches an AUROC of {apparent}; corrected for having "
                    "seen them, {corrected}.",
                    apparent=number(area.apparent, 3),
                    corrected=estimate(area.corrected, 3),
                )
            )
        )
    heads = [say("Measure"), say("On its own patients"), say("Optimism"), say("Corrected"), say(".632+"),
             say("As compared above")]  # fmt: skip
    rows = []
    for key, name in CORRECTED.items():
        one, digits = optimism[key], 2 if key == "slope" else 3
        plus = number(one.plus, digits) if math.isfinite(one.plus) else "–"
        rows.append([translate(name), number(one.apparent, digits), number(one.optimism, digits),
                     stacked(one.corrected, digits), plus, stacked(head[key], digits)])  # fmt: skip
    widgets.table(heads, rows)
    widgets.aside(
        say("Harrell's bootstrap over the whole fitting, and .632+, from the same refits; brackets: 95% CI."),
        say("Own patients flatter: optimism is above 0 for AUROC and slope, below 0 for log-loss and Brier score."),
        say("The verdict does not rest on this: it compares methods on patients that none of them was fitted to."),
    )
