"""Hard patients: whom the model gets wrong, who resembles them, and what a reader makes of it."""

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import say
from medtune.runs.marks import read_marks
from medtune.ui import navigation, review_parts, run_in_view, run_patients, widgets
from medtune.ui.changed.sides import show_patient
from medtune.ui.state import state
from medtune.ui.text import translate

run, result = run_in_view.finished(say("Hard patients"))
why = run_in_view.cannot_ask(result, run.path)
those = run_patients.those()
if why is not None or those is None:
    widgets.title(say("Hard patients"))
    widgets.empty(why or say("The patients of this run are no longer kept; open their file again."), "results")
cohort, places = those
classes = getattr(result, "classes", ())
try:
    found = review_parts.review(run.path, classes)
except MedtuneError as error:
    widgets.title(say("Hard patients"))
    widgets.trouble(error)
    st.stop()

folder = state.store.cohort_folder(state.cohort_id)
marks = read_marks(folder)
widgets.title(say("Hard patients"), review_parts.answer(found, classes))
one = review_parts.hard(found, marks, places, classes)
if one is not None:
    with st.container(border=True):
        review_parts.similar(one, cohort, run.path, classes)
        review_parts.marking(one, folder, places)
        if st.button(translate("Open this patient"), icon=":material/person:"):
            show_patient(one.row)
count = sum(mark.kind == "exclude" for mark in marks.values())
if count:
    widgets.note(
        say("One patient is marked ‘exclude’; on Fine-tune you can train without this patient.")
        if count == 1
        else say("{count} patients are marked ‘exclude’; on Fine-tune you can train without them.", count=count)
    )
    navigation.link("fine_tune", say("Train without them, to see what if"))
review_parts.error_map(found, classes)
review_parts.download(found, marks, places, result)
widgets.terms("log_loss", "label_score", "error_map", "interval")
widgets.reading(
    say("Being wrong about some patients is normal: of five with a risk of 20% for a class, one is of it.")
    if classes
    else say("Being wrong about some patients is normal: one in five with a risk of 20% has the event."),
    say("Look at the record before you mark a label as wrong; the model cannot know."),
    say("A mark changes nothing by itself. Leaving patients out is your choice in a new run."),
)
