"""Score: a model applied to new patients, with every doubt beside the risks, and the result as a file."""

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import say
from medtune.ui import navigation, score_classes, score_models, score_upload, widgets
from medtune.ui.state import state
from medtune.ui.text import translate

widgets.title(say("Score"))
scorers = score_models.offered()
if not scorers:
    widgets.say_answer(say("There is no model to score with. Fine-tune one, try the demo, or import a model file."))
    navigation.link("start", say("To the demo"))
    navigation.link("models", say("Import a model file"))
    st.stop()

answer = st.empty()
left, right = st.columns(2, gap="medium")
with left:
    scorer = score_models.choose(scorers)
with right:
    score_upload.draw()
count = len(scorer.passport.columns)
with st.expander(translate("The {count} columns this model needs", count=count), icon=":material/view_column:"):
    score_models.needed(scorer)

score_upload.pictures()
if state.newcomers is None:
    with answer:
        widgets.say_answer(say("Bring a table of new patients; the model estimates the risk of each."))
    st.stop()
try:
    result = score_upload.scored(scorer)
except MedtuneError as error:
    with answer:
        widgets.say_answer(say("'{file}' could not be scored with this model.", file=state.newcomers_name))
    widgets.trouble(error)
    st.stop()

if scorer.passport.classes:
    with answer:
        widgets.say_answer(score_classes.answer(result))
    score_classes.page(result)
    st.stop()
with answer:
    widgets.say_answer(score_upload.answer(result))
widgets.heading(say("{file}", file=state.newcomers_name))
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    score_upload.threshold(scorer)
    score_upload.download(result)
score_upload.origin()
score_upload.differences(result)
score_upload.spread(result)
score_upload.first_look(result)
score_upload.row_by_row(result)
widgets.reading(
    say(
        "The risk is that of “{outcome}”, as the model estimates it for such a patient.",
        outcome=scorer.passport.outcome,
    ),
    say("A flag says only that the risk reaches the threshold; it decides nothing."),
    say("A warning names what the model has not met before, or what is missing."),
)
