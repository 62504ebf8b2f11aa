"""Prepare: how gaps, scales, rare levels and extremes are handled, and what that does to any column."""

import streamlit as st

from medtune.figures.preparation import before_after
from medtune.foundation.words import say
from medtune.ui import look, navigation, preparation_choices, questions, widgets
from medtune.ui.state import state
from medtune.ui.text import number, translate

ANSWER = say("Each step is learnt from training patients only, so that no patient judges a model that saw him or her.")

if state.cohort is None:
    widgets.title(say("Prepare"))
    widgets.empty(say("There are no patients to prepare yet."), to="data", label=say("Choose patients"))

widgets.title(say("Prepare"), ANSWER)
settings, picture = st.columns([2, 3], gap="large")
with settings:
    preparation_choices.draw()

with picture:
    column = st.selectbox(
        translate("Column"), state.cohort.roles.predictors, key="prepare.column", persist_state="session"
    )
    preview = questions.preview_preparation(column)
    if preview is not None:
        shown = preview.column
        if shown.features:
            widgets.plot(
                before_after(shown.before, shown.after, look.theme(), name=column, translate=translate), "before_after"
            )
        else:
            widgets.note(say("'{column}' has no value at all here, so it is left out.", column=column))

if preview is not None:
    widgets.heading(say("What will happen"))
    widgets.bullets(preview.sentences)
    if preview.looked_at < preview.n:
        counts = {"looked_at": number(preview.looked_at), "n": number(preview.n)}
        widgets.aside(say("Seen on {looked_at} of {n} patients; a run uses all of them.", **counts))

if not state.prepared:
    st.button(translate("Prepare like this"), type="primary", on_click=preparation_choices.accept)
else:
    widgets.note(say("This preparation is in use."))
    navigation.link("fine_tune", say("Go on: fine-tune a model"))
widgets.reading(
    say("Before shows the column as it is, after shows what a model sees."),
    say("After scaling, 0 is the average patient and 1 is one standard deviation above."),
    say("In a run the values differ a little, since each training part learns its own."),
)
