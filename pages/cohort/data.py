"""Data: a table of patients, what its columns are, and which of them are the outcome and the predictors."""

import streamlit as st

from medtune.foundation.words import Sentence, counted, say
from medtune.ui import (
    choices,
    columns_table,
    data_source,
    findings_list,
    gene_choices,
    navigation,
    one_column,
    reading_choices,
    role_choices,
    table_one,
    wide_tables,
    widgets,
)
from medtune.ui.pictures import reading
from medtune.ui.state import state
from medtune.ui.text import number, percent, translate


def answer() -> Sentence:
    """The state of the choices in one sentence."""
    if state.table is None:
        return say("Bring a table with one row for each patient.")
    if cohort is None:
        return say("'{file}' is loaded; the choices below are not complete.", file=state.table_name)
    predictors = counted(len(cohort.roles.predictors), "1 predictor", "{count} predictors")
    if cohort.classes:
        return say(
            "{n} patients from '{file}': {classes} classes of '{outcome}', {predictors}.",
            n=number(cohort.n),
            file=state.table_name,
            classes=len(cohort.classes),
            outcome=cohort.roles.outcome,
            predictors=predictors,
        )
    return say(
        "{n} patients from '{file}': {events} with the event ({share}), {predictors}.",
        n=number(cohort.n),
        file=state.table_name,
        events=number(cohort.events),
        share=percent(cohort.event_rate),
        predictors=predictors,
    )


def use() -> None:
    """Put the patients into use."""
    with state.troubles_kept(), wide_tables.patience(say("Keeping the patients")):
        state.use_cohort(cohort, state.table_name)
        gene_choices.propose(cohort)


reading.settle()
with wide_tables.patience(say("Looking at each column")):
    cohort, problem = choices.draft() if state.table is not None else (None, None)
widgets.title(say("Data"), answer())
label = say("Choose a table") if state.table is None else say("Choose another table")
with widgets.fold(label, state.table is None, ":material/table:"):
    data_source.draw()
reading.going()
reading_choices.unread()
if state.table is None:
    st.stop()

widgets.heading(say("What was read"))
widgets.aside(*state.table.report)
reading_choices.draw()
gene_choices.shape()
reading.draw()
if state.cleaning.only is not None and not state.upload:
    widgets.aside(say("Only the patients in use were kept of this table; choose its file again to use others."))
columns, one, rows, description = st.tabs(
    [translate("Columns"), translate("One column"), translate("First rows"), translate("Table 1")],
    on_change="rerun",
    key="data_tabs",
)
with columns:
    columns_table.draw()
    columns_table.orders()
if one.open:  # a plot is not loaded before it is wanted
    with one:
        one_column.draw(cohort)
with rows:
    columns_table.first_rows()
with description:
    table_one.draw(cohort)

widgets.heading(say("Patients and outcome"))
role_choices.patients()
role_choices.outcome()
widgets.heading(say("Predictors and other columns"))
role_choices.predictors()
role_choices.others()

findings_list.last_mended()
if problem is not None:
    widgets.trouble(problem)
    st.stop()
widgets.aside(*cohort.notes)
findings_list.draw(cohort)

if choices.in_use(cohort):
    widgets.aside(say("These patients are in use."))
    navigation.link("prepare", say("Go on: prepare the columns"))
else:
    st.button(translate("Use these patients"), type="primary", on_click=use)
widgets.reading(
    say("Each row is one patient; a patient who appears more than once needs a patient id."),
    say("Choose as predictors only what is known when the risk is estimated, not what follows from the outcome."),
    say("Columns that name a person are left out unless you choose them."),
)
