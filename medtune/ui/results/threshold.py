"""What acting on the risk at a threshold leads to: how the threshold is chosen, the two-by-two and the measures."""

from __future__ import annotations

from functools import partial

import streamlit as st

from medtune.evaluation.acting import predictive_values, row_for_capacity, workload
from medtune.evaluation.decisions import ThresholdTable, threshold_by_consequence
from medtune.evaluation.readings import reading
from medtune.figures.decisions import confusion
from medtune.figures.numbers import of_confusion
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.runs.record import RunResult
from medtune.tuning.candidates import TITLES
from medtune.ui import look, widgets
from medtune.ui.binding import bind
from medtune.ui.results.shown import caption, compared_with
from medtune.ui.text import estimate, markdown, number, percent, translate

# Measure at a threshold -> its name, and whether it is a share.
MAIN: dict[str, tuple[Sentence, bool]] = {
    "sensitivity": (say("Recall (sensitivity)"), True),
    "specificity": (say("Specificity"), True),
    "ppv": (say("Precision (PPV)"), True),
    "npv": (say("NPV"), True),
    "accuracy": (say("Accuracy"), True),
    "f1": (say("F1"), False),
}
FURTHER: dict[str, tuple[Sentence, bool]] = {
    "lr_positive": (say("Likelihood ratio of a flag (LR+)"), False),
    "lr_negative": (say("Likelihood ratio of no flag (LR−)"), False),
    "balanced_accuracy": (say("Balanced accuracy"), True),
    "mcc": (say("Matthews correlation (MCC)"), False),
    "net_benefit": (say("Net benefit"), False),
    "flagged": (say("Flagged"), True),
}
WAYS: dict[str, Sentence] = {
    "risk": say("By risk"),
    "consequence": say("By consequence"),
    "capacity": say("By capacity"),
}


@st.fragment
def threshold(result: RunResult) -> None:
    """The threshold and what follows from it; only this part is drawn when it moves."""
    widgets.heading(say("At a threshold"))
    shown = compared_with(result)
    first, second = st.columns([5, 6], gap="medium", vertical_alignment="bottom")
    keys = [c.key for c in shown]
    chosen = keys[-1]
    if len(keys) > 1:
        chosen = first.segmented_control(
            translate("Model"),
            keys,
            default=chosen,
            format_func=lambda key: translate(TITLES[key]),
            required=True,
            key="threshold_model",
        )
    way = second.segmented_control(
        translate("Choose the threshold"),
        list(WAYS),
        format_func=lambda key: translate(WAYS[key]),
        required=True,
        **bind("acting.way"),
    )
    table = result.candidate(chosen).performance.thresholds
    at = {"risk": _by_risk, "consequence": _by_consequence, "capacity": _by_capacity}[way](result, table)
    widgets.say_answer(in_words(table, at))
    left, right = st.columns([5, 6], gap="medium")
    with left:
        figure = confusion(table, at, look.theme(), translate=translate)
        told = partial(of_confusion, table, at, translate)
        aid = (
            say("Counts of patients: the model is measured once, as it is.")
            if result.validation
            else say("Counts are means over the repeats of the comparison.")
        )
        widgets.plot(figure, "confusion", "confusion-matrix", caption(result), told, aid)
    with right:
        _table(table, at, MAIN)
        widgets.aside(
            say(
                "Accuracy, recall and F1 depend on the threshold and do not judge the risks themselves. "
                "Accuracy is high for any model when events are rare."
            )
        )
    with st.expander(translate("More measures, and where the event is rarer or more common")):
        _table(table, at, FURTHER)
        _elsewhere(result, table, at)


def _by_risk(result: RunResult, table: ThresholdTable) -> int:
    at = st.slider(
        translate("A patient is flagged from this risk on, %"),
        0,
        100,
        **bind(
            "threshold",
            show=lambda share: round(100 * (result.threshold if share is None else share)),
            read=lambda percent: percent / 100,
        ),
    )
    widgets.aside(
        say(
            "The first threshold is {risk}: {reason}. A threshold that maximises a measure on these patients is not "
            "offered: it would flatter the model.",
            risk=percent(result.threshold),
            reason=say("the event rate, or what was set for the run"),
        )
    )
    return at


def _by_consequence(result: RunResult, table: ThresholdTable) -> int:
    alarms = st.number_input(
        translate("Missing one patient with the event is as bad as this many false alarms"),
        min_value=0.1,
        max_value=99.0,
        step=1.0,
        format="%g",
        **bind("acting.false_alarms"),
    )
    exact = threshold_by_consequence(alarms)
    widgets.aside(
        say(
            "The threshold follows: 1 / (1 + {alarms}) = {risk}, to the nearest percent. "
            "The patients play no part in it.",
            alarms=number(alarms, 0 if float(alarms).is_integer() else 1),
            risk=percent(exact),
        )
    )
    return table.row(exact)


def _by_capacity(result: RunResult, table: ThresholdTable) -> int:
    first, second = st.columns(2, gap="medium")
    alerts = first.number_input(
        translate("At most this many alerts a day"), min_value=0.0, step=1.0, format="%g", **bind("acting.alerts")
    )
    patients = second.number_input(
        translate("Among this many patients a day"), min_value=1.0, step=10.0, format="%g", **bind("acting.patients")
    )
    at = row_for_capacity(table, alerts, patients)
    flagged = workload(table, at).flagged.value
    widgets.aside(
        say(
            "The lowest threshold that fits is {risk}, with {alerts} alerts a day. It was chosen from out-of-fold "
            "risks, without looking at outcomes.",
            risk=percent(at / 100, 0),
            alerts=number(flagged * patients, 1),
        )
    )
    return at


def in_words(table: ThresholdTable, at: int) -> Sentence:
    """What the threshold leads to, in one sentence."""
    asked = workload(table, at)
    if not asked.alerts_per_case.known:
        return say("From a risk of {risk} on, no patient with the event is flagged.", risk=percent(at / 100, 0))
    return say(
        "From a risk of {risk} on, {flagged} of 100 patients are flagged, {found} of 100 with the event are found, "
        "and there are {alerts} alerts for each true case.",
        risk=percent(at / 100, 0),
        flagged=number(100 * asked.flagged.value),
        found=number(100 * asked.sensitivity.value),
        alerts=estimate(asked.alerts_per_case, 1),
    )


def _table(table: ThresholdTable, at: int, measures: dict[str, tuple[Sentence, bool]]) -> None:
    rows = []
    for key, (name, share) in measures.items():
        value = Estimate(*(float(x) for x in table.measures[key][:, at]))
        digits = 1 if share or key == "lr_positive" else 2 if key == "lr_negative" else 3
        rows.append([f"{translate(name)}\n{translate(reading(key, value))}", estimate(value, digits, as_percent=share)])
    widgets.table([say("Measure"), say("Value (95% CI)")], rows)


def _elsewhere(result: RunResult, table: ThresholdTable, at: int) -> None:
    """PPV and NPV where the event is rarer or more common than here."""
    with widgets.troubles_shown():
        rate = st.number_input(
            translate("Share of patients with the event elsewhere, %"),
            min_value=0.1,
            max_value=99.9,
            step=1.0,
            format="%g",
            **bind(
                "acting.elsewhere",
                show=lambda share: round(100 * (share or _rate(result)), 1),
                read=lambda percent: percent / 100,
            ),
        )
        ppv, npv = predictive_values(table, at, rate / 100)
        st.markdown(
            markdown(
                say(
                    "There PPV would be {ppv} and NPV {npv}.",
                    ppv=estimate(ppv, 1, as_percent=True),
                    npv=estimate(npv, 1, as_percent=True),
                )
            )
        )
        widgets.aside(
            say(
                "Here the share is {rate}. Sensitivity and specificity are taken to be the same there.",
                rate=percent(_rate(result)),
            )
        )


def _rate(result: RunResult) -> float:
    performance = result.reference.performance
    return min(max(performance.events / performance.n, 0.001), 0.999)
