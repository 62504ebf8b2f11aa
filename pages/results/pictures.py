"""Pictures: which the model gets wrong, where it looks, and how it would do on pictures taken otherwise."""

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import say
from medtune.images.keeping import keys_of
from medtune.ui import review_parts, run_in_view, run_patients, widgets
from medtune.ui.pictures import results
from medtune.ui.state import state

if state.cohort is not None and keys_of(state.cohort.frame) is None:
    widgets.title(say("Pictures"))
    widgets.empty(say("These patients have no pictures. Bring a zip file of pictures, or try the demo."), "data")
run, result = run_in_view.finished(say("Pictures"))
why = run_in_view.cannot_ask(result, run.path)
those = run_patients.those()
if why is not None or those is None:
    widgets.title(say("Pictures"))
    widgets.empty(why or say("The patients of this run are no longer kept; open their file again."), "results")
cohort, _ = those
try:
    found = review_parts.review(run.path)
except MedtuneError as error:
    widgets.title(say("Pictures"))
    widgets.trouble(error)
    st.stop()

widgets.title(say("Pictures"), results.answer(found, cohort))
one = results.gallery(found, cohort)
if one is not None:
    with st.container(border=True):
        results.closely(one, cohort, run.path)
results.taken_otherwise(run)
widgets.terms("log_loss", "log_odds", "auroc", "interval")
widgets.reading(
    say("Look at hard pictures first: a wrong label, a poor picture, or a patient unlike the others."),
    say("The map shows what this model uses, not where the disease is."),
    say("Before use elsewhere, tune and test the model on pictures from there."),
)
