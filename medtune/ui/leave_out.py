"""The choice to train without the patients that a reader marked "exclude"."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import say
from medtune.runs.marks import excluded
from medtune.ui import widgets
from medtune.ui.binding import bind
from medtune.ui.state import state
from medtune.ui.text import number, translate


def marked() -> tuple[int, ...]:
    """Positions in the cohort in use of the patients marked "exclude"; MedtuneError when the marks cannot be read."""
    return excluded(state.store.cohort_folder(state.cohort_id)) if state.cohort_id else ()


def chosen() -> tuple[int, ...]:
    """Whom the next run leaves out; nobody when the marks cannot be read, which `draw` says on the page."""
    if not state.leave_out:
        return ()
    with suppress(MedtuneError):
        return marked()
    return ()


def draw() -> None:
    """The switch; nothing where nobody is marked, and what is wrong where the marks cannot be read."""
    try:
        count = len(marked())
    except MedtuneError as error:
        widgets.trouble(error)
        return
    if not count:
        return
    words = "Leave out {count} patients marked ‘exclude’" if count > 1 else "Leave out the patient marked ‘exclude’"
    st.toggle(translate(words, count=number(count)), **bind("leave_out"))
    if state.leave_out:
        widgets.aside(say("A what-if: the run counts them in its notes, and its models carry that along."))
