"""The Score page of a model of several classes: the most likely class of each patient and the risk of every class."""

from __future__ import annotations

import streamlit as st

from medtune.explanation.reasons import REASONS
from medtune.foundation.words import Sentence, say
from medtune.models.class_scoring import LIKELY, VERDICT, ClassScored, risk_column
from medtune.models.scoring import WARNINGS
from medtune.ui import score_upload, widgets
from medtune.ui.state import state
from medtune.ui.text import number, percent, translate


def page(result: ClassScored) -> None:
    """Everything below the answer."""
    widgets.heading(say("{file}", file=state.newcomers_name))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        score_upload.download(result)
    score_upload.origin()
    score_upload.differences(result)
    first_look(result)
    score_upload.row_by_row(result)
    widgets.reading(
        say("Each patient has a risk of every class; together they are 100%."),
        say("The most likely class is the one with the highest risk, however small its lead."),
        say("A warning names what the model has not met before, or what is missing."),
    )


def answer(result: ClassScored) -> Sentence:
    """How many patients each class is the most likely one of."""
    counts = ", ".join(f"{name} {number(count)}" for name, count in result.likely.items())
    return say("Most likely class of {n} patients: {counts}.", n=number(result.n), counts=counts)


def first_look(result: ClassScored) -> None:
    """The first rows, or those with the highest risks of a class; risks in per cent."""
    nobody = translate("(order of the table)")
    name = st.selectbox(
        translate("Highest risk first, of class"), ["", *result.classes], format_func=lambda n: n or nobody,
        key="highest_of_class", width=320,
    )  # fmt: skip
    rows = score_upload.ROWS
    table = result.top(rows, name) if name else result.table.head(rows)
    first = [name for name in (LIKELY, *result.columns, VERDICT, REASONS, WARNINGS) if name in table.columns]
    rest = [column for column in table.columns if column not in first][: score_upload.COLUMNS]
    in_percent = {column: 100 * table[column] for column in result.columns}
    risks = {
        risk_column(one): st.column_config.NumberColumn(translate("Risk of {name}, %", name=one), format="%.1f")
        for one in result.classes
    }
    st.dataframe(
        table[first + rest].assign(**in_percent).set_axis(table.index + 1),
        height=min(38 * (len(table) + 1), 420),
        column_config={
            LIKELY: st.column_config.TextColumn(translate("Most likely")),
            VERDICT: st.column_config.TextColumn(translate("Classes that remain possible (90%)"), width="medium"),
            REASONS: st.column_config.TextColumn(translate("Top reasons for the most likely class"), width="large"),
            WARNINGS: st.column_config.TextColumn(translate("Warnings"), width="medium"),
            **risks,
        },
    )
    widgets.aside(*result.remarks)
    if result.n > rows:
        widgets.aside(
            say("{shown} of {n} patients are shown; the file has all of them.", shown=rows, n=number(result.n))
        )


def facts(counts: tuple[int, ...], classes: tuple[str, ...]) -> str:
    """Patients of each class of a saved model, for its card."""
    total = sum(counts)
    if not total:
        return ", ".join(classes)
    pairs = zip(classes, counts, strict=True)
    parts = ", ".join(f"{name}: {number(count)} ({percent(count / total)})" for name, count in pairs)
    return f"{number(total)}\n{parts}"
