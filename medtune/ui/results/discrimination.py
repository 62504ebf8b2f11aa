"""How well patients with the event are told from those without, beyond the ROC curve."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.figures.distribution import distribution
from medtune.figures.precision_recall import precision_recall
from medtune.foundation.words import Sentence, say
from medtune.runs.record import RunResult
from medtune.ui import look, widgets
from medtune.ui.results.closer import closer_look
from medtune.ui.results.shown import caption, compared_with
from medtune.ui.text import estimate, translate


def discrimination(result: RunResult, folder: Path) -> None:
    """The difference in AUROC, precision over recall, and how the risks of both outcomes lie."""
    widgets.say_answer(difference(result))
    shown = compared_with(result)
    looks = closer_look(folder).models
    first, second = st.columns(2, gap="medium")
    with first:
        lines = [
            (c.key, c.title, looks[c.key].precision_recall, c.key == shown[-1].key) for c in shown if c.key in looks
        ]
        if lines:
            figure = precision_recall(lines, look.theme(), translate=translate)
            aid = say("The dotted line is the event rate: what flags are worth when a model knows nothing.")
            widgets.plot(figure, "precision_recall", "precision-recall", caption(result), aid=aid)
    with second:
        risks = shown[-1].performance.distribution
        figure = distribution(risks, look.theme(), threshold=result.threshold, translate=translate)
        aid = say("The less the two overlap, the better the model tells patients apart.")
        widgets.plot(figure, "risks", "risks", caption(result), aid=aid)
    if result.original is not None:
        widgets.aside(result.original.case_mix)


def difference(result: RunResult) -> Sentence:
    """The AUROC of the judged method, and its paired difference from the reference."""
    tuned = result.tuned
    own = estimate(tuned.performance.headline["auroc"], 3)
    if tuned.comparison is None or result.verdict.from_scratch:
        return say("The AUROC is {auroc}; 0.5 would be chance.", auroc=own)
    change = tuned.comparison.differences["auroc"]
    settled = say("the ranking changed") if change.excludes(0) else say("no change in ranking is shown")
    return say(
        "The AUROC is {auroc}, a paired difference of {change} from the original: {settled}.",
        auroc=own,
        change=estimate(change, 3, sign=True),
        settled=settled,
    )
