"""The choice to train without the patients that a reader marked "exclude"."""

from __future__ import annotations

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import say
from medtune.runs.marks import excluded
from medtune.ui import widgets
from medtune.ui.binding import bind
from medtune.ui.state import state
from medtune.ui.text import number, translate


def marked() -> tuple[int, ...]:
    """Positions in the cohort in use of the patients marked "exclude"."""
    if not state.cohort_id:
        return ()
    try:
        return excluded(state.store.cohort_folder(state.cohort_id))
    except MedtuneError:
        return ()


def chosen() -> tuple[int, ...]:
    """Whom the next run leaves out."""
    return marked() if state.leave_out else ()


def draw() -> None:
    """The switch; nothing where nobody is marked."""
    count = len(marked())
    if not count:
        return
    words = "Leave out {count} patients marked ‘exclude’" if count > 1 else "Leave out the patient marked ‘exclude’"
    st.toggle(translate(words, count=number(count)), **bind("leave_out"))
    if state.leave_out:
        widgets.aside(say("A what-if: the run counts them in its notes, and its models carry that along."))
