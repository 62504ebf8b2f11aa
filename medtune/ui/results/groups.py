"""Who it serves: the models in each group of patients by a column that the user chooses, and between sites."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.cohort.table import Cohort
from medtune.evaluation.heterogeneity import Heterogeneity
from medtune.figures.groups import NAMES, group_forest
from medtune.figures.numbers import suppressed
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate
from medtune.foundation.records import from_plain
from medtune.foundation.words import Sentence, say
from medtune.runs.groups import Groups, columns_for_groups
from medtune.runs.record import RunResult
from medtune.runs.standby import ask
from medtune.ui import look, run_in_view, run_patients, wide_tables, widgets
from medtune.ui.memory import once
from medtune.ui.results.shown import caption, compared_with
from medtune.ui.state import state
from medtune.ui.text import estimate, number, percent, translate


@st.fragment
def groups(result: RunResult, folder: Path) -> None:
    """A forest plot of one measure, and all measures in a table."""
    those = run_patients.those()
    if those is None:
        widgets.aside(say("The patients of this run are no longer kept, so they cannot be looked at by group."))
        return
    cohort, shown = those[0], compared_with(result)
    columns = _offered(cohort)
    if not columns:
        widgets.aside(say("No column of these patients makes groups."))
        return
    first, second = st.columns([4, 7], gap="medium", vertical_alignment="bottom")
    column = first.selectbox(translate("Groups by"), columns, key="groups_column")
    measure = second.segmented_control(
        translate("Measure"),
        list(NAMES),
        default="auroc",
        format_func=lambda key: translate(NAMES[key]),
        required=True,
        key="groups_measure",
    )
    keys = [c.key for c in shown]
    payload = {"folder": str(folder), "column": column, "keys": keys, "threshold": result.threshold}
    try:
        with st.spinner(translate("Measuring each group")):
            found = once(
                "groups", (folder.name, column), lambda: from_plain(Groups, ask("groups_of_run", payload, 120))
            )
    except MedtuneError as error:
        widgets.trouble(error)
        return
    _drawn(result, found, measure, column == cohort.roles.site)


def _offered(cohort: Cohort) -> tuple[str, ...]:
    """Columns that make groups; of a wide table those that are no plain numbers, and of the numbers what the model
    reads."""
    columns = columns_for_groups(cohort)
    if not wide_tables.wide(cohort.columns):
        return columns
    there, others = set(columns), wide_tables.offered(cohort.columns)
    read = [name for name in run_in_view.by_importance(state.run) if name in there]
    some = tuple(dict.fromkeys([name for name in columns if name in others] + read))
    return (some or columns)[: wide_tables.OFFERED]


def _drawn(result: RunResult, found: Groups, measure: str, sites: bool) -> None:
    shown = compared_with(result)
    judged = shown[-1]
    widgets.say_answer(in_words(found, measure, sites))
    models = [(c.key, c.title, c.key == judged.key) for c in shown]
    overall = {
        "auroc": judged.performance.headline["auroc"].value,
        "sensitivity": judged.performance.thresholds.estimate("sensitivity", result.threshold).value,
    }.get(measure)
    figure = group_forest(found.rows, models, measure, look.theme(), overall=overall, translate=translate)
    aid = say("Dotted: the ideal, or the value in all patients. Groups below 10 events or non-events stay blank.")
    told = _numbers(found, [c.key for c in shown], {c.key: translate(c.title) for c in shown})
    widgets.plot(figure, "groups", "who-it-serves", caption(result), lambda: told, aid)
    _table(found, judged.key)
    widgets.aside(
        say("Of “{title}”, 95% CI in brackets.", title=judged.title),
        say("Sensitivity at {risk}.", risk=percent(result.threshold)),
        say("Truth not ruled out: by class-conditional sets that promise 90% for each outcome."),
        *([say("{count} patients are in no group.", count=found.unplaced)] if found.unplaced else []),
    )
    widgets.terms("auroc", "calibration_slope", "heterogeneity", "conformal")
    if sites:
        widgets.aside(
            say("Each site was left out while the models were tuned for it.")
            if "leaving out each" in result.design.template
            else say("Choose “One site left out at a time” for a run to see how a hospital would fare that is new.")
        )


def in_words(found: Groups, measure: str, sites: bool) -> Sentence:
    """How far the groups differ in the measure, in one sentence."""
    spread = found.spread.get(measure)
    name = translate(NAMES[measure])
    if spread is None:
        return say("Fewer than two groups have enough patients to be compared by {measure}.", measure=name)
    fields = {"measure": name, "low": number(spread.lowest, 2), "high": number(spread.highest, 2),
              "i2": percent(spread.i2, 0)}  # fmt: skip
    if sites and spread.prediction.bounded:
        return say(
            "Between {count} sites {measure} ranges from {low} to {high} (I² {i2}, τ² {tau2}); in a further site it is "
            "expected between {from_} and {to}.",
            **fields, count=spread.sites, tau2=number(spread.tau2, 3), from_=number(spread.prediction.low, 2),
            to=number(spread.prediction.high, 2),
        )  # fmt: skip
    return say(
        "{measure} ranges from {low} to {high} between groups; {beyond} (I² {i2}).", **fields, beyond=_beyond(spread)
    )


def _beyond(spread: Heterogeneity) -> Sentence:
    if spread.p < 0.05:
        return say("that is more than chance alone would do")
    return say("these patients cannot tell that from chance")


def _table(found: Groups, judged: str) -> None:
    heads = [say("Group"), *NAMES.values(), say("Truth not ruled out: event"), say("no event")]
    rows, marks = [], []
    for row in found.rows:
        size = translate("n = {n}, {events} events", n=number(row.n), events=number(row.events))
        cells = [_stacked(row.measures[judged][m], 2) for m in NAMES]
        covered = [_stacked(row.covered.get(key), 0, share=True) for key in ("event", "no_event")]
        rows.append([f"{row.name}\n{size}", *cells, *covered])
        marks.append("" if row.enough else "faint")
    widgets.table(heads, rows, marks=marks)


def _stacked(value: Estimate | None, digits: int, share: bool = False) -> str:
    first, _, rest = estimate(value, digits, as_percent=share).partition(" (")
    return f"{first}\n({rest}" if rest else first


def _numbers(found: Groups, keys: list[str], titles: dict[str, str]) -> tuple[list[str], list[list[object]]]:
    heads = [translate(h) for h in (say("Group"), say("Patients"), say("Events"), say("Model"), say("Measure"),
                                    say("Value"), say("Lower 95% limit"), say("Upper 95% limit"))]  # fmt: skip
    rows: list[list[object]] = []
    for row in found.rows:
        # With few events or non-events the other count would tell them.
        small = min(row.events, row.n - row.events) < 5
        counts = [suppressed(row.n), "<5" if 0 < row.events < 5 else "" if small else row.events]
        for key in keys:
            for measure, name in NAMES.items():
                e = row.measures[key][measure]
                cells = [round(x, 6) if x == x else "" for x in (e.value, e.low, e.high)]
                rows.append([row.name, *counts, titles[key], translate(name), *cells])
    return heads, rows
