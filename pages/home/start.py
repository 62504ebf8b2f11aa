"""Start: what medtune is for, the demo in one click, and the way to one's own patients."""

import streamlit as st

from medtune.foundation.words import say
from medtune.runs.demo import start_demo
from medtune.runs.execution import Status
from medtune.runs.picture_demo import KIND as PICTURES
from medtune.runs.picture_demo import start_picture_demo
from medtune.ui import made_up_trial, navigation, progress, questions, recent, widgets
from medtune.ui.state import state
from medtune.ui.text import translate

widgets.title(
    say("medtune"), say("Fit a prediction model made elsewhere to your own patients, and see whether that helped.")
)
st.markdown(
    translate(
        "- Bring a table of your patients, and a model, an existing risk score, or nothing.\n"
        "- medtune tunes the model and compares it with the original on patients it was not tuned on.\n"
        "- It says plainly when the original should be kept."
    )
)


def demo(key: str) -> None:
    """Start a demo's run and bring it into view."""
    with state.troubles_kept():
        # One of them comes with scikit-learn, which the server does not import.
        if key == PICTURES:
            state.use_run(start_picture_demo(state.store))
            state.watching = True
            return
        local = questions.demo_cohort(key, 1) if key == "breast_cancer" else None
        state.use_run(start_demo(state.store, key, local))
        state.watching = True


def ended(now: Status) -> None:
    """A demo that finishes while it is watched leads to its results."""
    if now.state == "finished":
        state.watching = False
        state.use_run(state.run_id)  # its settings name the model it made
        navigation.go("results")


with st.container(horizontal=True):
    going = state.watching and state.run is not None
    icon = ":material/play_arrow:"
    asked = {"on_click": demo, "disabled": going}
    st.button(translate("Try the demo"), type="primary", icon=icon, args=("two_hospitals",), **asked)
    if st.button(translate("Use my own data"), icon=":material/upload_file:"):
        navigation.go("data")
    st.button(translate("Try it on real biopsies"), icon=icon, args=("breast_cancer",), **asked)
    st.button(translate("Try it on pictures"), icon=icon, args=(PICTURES,), **asked)
    st.button(translate("Try it on genes"), icon=icon, args=("genes",), **asked)
    if st.button(translate("Try it on a trial"), icon=icon, disabled=going):
        made_up_trial.try_it()
        navigation.go("treatments")
widgets.aside(
    say(
        "The demo uses two synthetic hospitals; the biopsies are the breast cancer data that come with scikit-learn; "
        "the pictures are lesions that medtune draws; the genes and the trial of three treatments are made up too. "
        "medtune supports research and model review. "
        "It is not a medical device and is not for treating a patient by itself."
    )
)

if going:
    now = progress.watch(state.run.path, ended)
    if now.final:
        state.watching = False
        progress.ended(now, state.run.path)

recent.draw([run for run in state.store.runs() if not (state.watching and run.id == state.run_id)])
