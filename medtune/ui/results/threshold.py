"""What acting on the risk at a threshold leads to: the slider, the two-by-two and the measures."""

from __future__ import annotations

import streamlit as st

from medtune.figures.decisions import confusion
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.runs.record import RunResult
from medtune.tuning.candidates import TITLES
from medtune.ui import look, widgets
from medtune.ui.binding import bind
from medtune.ui.results.shown import compared_with
from medtune.ui.text import estimate, percent, translate

# Measure at a threshold -> its name, what it says in one plain sentence, and whether it is a share.
AT_THRESHOLD: dict[str, tuple[Sentence, Sentence, bool]] = {
    "accuracy": (say("Accuracy"), say("Share of all patients on the right side of the threshold."), True),
    "sensitivity": (say("Recall (sensitivity)"), say("Of patients with the event, the share that is flagged."), True),
    "specificity": (say("Specificity"), say("Of patients without the event, the share that is not flagged."), True),
    "ppv": (say("Precision (PPV)"), say("Of flagged patients, the share that has the event."), True),
    "npv": (say("NPV"), say("Of patients not flagged, the share without the event."), True),
    "f1": (say("F1"), say("Harmonic mean of precision and recall, between 0 and 1."), False),
    "net_benefit": (say("Net benefit"), say("True alarms less weighted false alarms, for each patient."), False),
}


@st.fragment
def threshold(result: RunResult) -> None:
    """The slider, the two-by-two and the measures at the threshold; only this part is drawn when it moves."""
    widgets.heading(say("At a threshold"))
    shown = compared_with(result)
    first, second = st.columns([5, 6], gap="medium", vertical_alignment="bottom")
    chosen = first.segmented_control(
        translate("Model"),
        [c.key for c in shown],
        default=shown[-1].key,
        format_func=lambda key: translate(TITLES[key]),
        required=True,
        key="threshold_model",
    )
    at = second.slider(
        translate("A patient is flagged from this risk on, %"),
        0,
        100,
        **bind(
            "threshold",
            show=lambda share: round(100 * (result.threshold if share is None else share)),
            read=lambda percent: percent / 100,
        ),
    )
    table = result.candidate(chosen).performance.thresholds
    left, right = st.columns([5, 6], gap="medium")
    with left:
        widgets.plot(confusion(table, at, look.theme(), translate=translate), "confusion", "confusion-matrix")
        widgets.aside(say("Counts are means over the repeats of the comparison."))
    with right:
        widgets.table([say("Measure"), say("Value (95% CI)")], [_measure(table, key, at) for key in AT_THRESHOLD])
        widgets.aside(
            say(
                "Accuracy, recall and F1 depend on the threshold and do not judge the risks themselves. "
                "The first threshold is {risk}: {reason}.",
                risk=percent(result.threshold),
                reason=translate("the event rate, or what was set for the run"),
            )
        )


def _measure(table, key: str, at: int) -> list[str]:
    name, meaning, share = AT_THRESHOLD[key]
    value = Estimate(*(float(x) for x in table.measures[key][:, at]))
    text = estimate(value, 1 if share else 3, as_percent=share)
    return [f"{translate(name)}\n{translate(meaning)}", text]
