"""Prepare: how gaps, scales, rare levels and extremes are handled, and what that does to any column."""

import streamlit as st

from medtune.figures.preparation import before_after, curve
from medtune.foundation.words import say
from medtune.ui import gene_choices, look, navigation, preparation_choices, questions, widgets
from medtune.ui.state import state
from medtune.ui.text import number, translate

widgets.title(say("Prepare"))
if state.cohort is None:
    widgets.empty(say("There are no patients to prepare yet."), to="data", label=say("Choose patients"))
answer = st.container()
if gene_choices.shown():
    gene_choices.page(answer)
    st.stop()
settings, picture = st.columns([2, 3], gap="large")
with settings:
    preparation_choices.draw()
with picture:
    column = preparation_choices.column()
    preparation_choices.shape_and_unit(column)
    preview = questions.preview_preparation(column)
if preview is None:
    st.stop()

with answer:
    widgets.say_answer(
        say(
            "{columns} columns become {features} features; {filled} missing values are filled.",
            columns=preview.predictors,
            features=preview.features,
            filled=number(preview.filled),
        )
    )
with picture:
    seen = preview.column
    if seen.curve:
        told = {"name": column, "translate": translate}
        figure = curve(seen.before, seen.curve.values, seen.curve.terms, seen.curve.knots, look.theme(), **told)
        widgets.plot(figure, "before_after", "before-after")
        widgets.aside(say("A model weighs these terms and adds them up to one curve; dotted lines are its knots."))
    elif seen.features:
        shown = {"name": column, "order": seen.levels, "translate": translate}
        widgets.plot(before_after(seen.before, seen.after, look.theme(), **shown), "before_after", "before-after")
    else:
        widgets.note(say("'{column}' has no value at all here, so it is left out.", column=column))

widgets.heading(say("What will happen"))
widgets.bullets(preview.sentences)
if preview.looked_at < preview.n:
    counts = {"looked_at": number(preview.looked_at), "n": number(preview.n)}
    widgets.aside(say("Seen on {looked_at} of {n} patients, drawn at random; a run uses all of them.", **counts))

if state.prepared:
    widgets.aside(say("This preparation is in use."))
    navigation.link("fine_tune", say("Go on: fine-tune a model"))
else:
    st.button(translate("Prepare like this"), type="primary", on_click=preparation_choices.accept)
widgets.reading(
    say("Before shows the column as it is, after shows what a model sees."),
    say("Scaled by mean and standard deviation, 0 is the average patient and 1 is one standard deviation above."),
    say("In a run each step is learnt from training patients only, so the values differ a little."),
)
