"""What tuning costs, or gains, among the patients that the original was made from."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.foundation.words import say
from medtune.runs.record import RunResult
from medtune.runs.retention import FLATTERED
from medtune.tuning.candidates import TITLES
from medtune.ui import widgets
from medtune.ui.results.shown import stacked
from medtune.ui.text import markdown, number, translate


def at_source(result: RunResult, folder: Path) -> None:
    """The sentence and every model on the source patients."""
    kept = result.retention
    if kept is None:
        widgets.aside(
            say("There is no original, so there are no source patients.")
            if result.verdict.from_scratch
            else say(
                "The patients that the original was made from were not at hand. "
                "If their table is here, name them on the Fine-tune page."
            )
        )
        return
    st.markdown(f"**{markdown(kept.sentence)}**")
    heads = [say("Method"), say("Change in log-loss"), say("Log-loss"), say("AUROC"), say("Calibration slope"),
             say("Observed / expected")]  # fmt: skip
    rows = [
        [
            translate(TITLES[one.key]),
            stacked(one.change, 3, sign=True) if one.change is not None else translate("reference"),
            stacked(one.measures["log_loss"], 3),
            stacked(one.measures["auroc"], 3),
            stacked(one.measures["slope"], 2),
            stacked(one.measures["oe"], 2),
        ]
        for one in kept.kept
    ]
    marks = ["chosen" if one.key == result.verdict.method else "" for one in kept.kept]
    widgets.table(heads, rows, marks=marks)
    widgets.aside(
        say(
            "{n} patients of {source}, {events} with the event. Brackets: 95% CI. A change above 0 is worse there.",
            n=number(kept.n),
            source=kept.name,
            events=number(kept.events),
        ),
        FLATTERED,
    )
    widgets.terms("source_patients", "pooled_refit")
