"""Runs: every fine-tuning that was started, how it stands, and the way back to it."""

import streamlit as st

from medtune.foundation.words import say
from medtune.ui import navigation, run_lines, widgets
from medtune.ui.paging import page_of
from medtune.ui.state import state

runs = state.store.runs()
widgets.title(say("Runs"), run_lines.answer(runs))
if not runs:
    navigation.link("start", say("Try the demo"))
    navigation.link("fine_tune", say("Fine-tune a model"))
    st.stop()
for entry in page_of(runs, "runs"):
    run_lines.draw(entry)
widgets.reading(
    say("A run goes on when this page is closed, and is found here again."),
    say("An interrupted run has lost its process; repeat it with the same patients and settings."),
    say("Deleting a run leaves patients and saved models as they are."),
)
