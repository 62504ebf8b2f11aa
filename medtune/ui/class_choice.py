"""The choice of one class of several, the same on every page that shows the risk of one."""

from __future__ import annotations

import streamlit as st

from medtune.runs.class_record import ClassResult
from medtune.ui.binding import bind
from medtune.ui.state import state
from medtune.ui.text import translate


def class_in_view(result: ClassResult, key: str, usual: int = 0) -> int:
    """Number of the class whose risk the reader wants to see; the usual one until another was chosen."""
    if state.class_in_view is not None and state.class_in_view >= len(result.classes):  # of another run
        state.class_in_view = None
    return st.selectbox(
        translate("Risk of class"),
        range(len(result.classes)),
        format_func=lambda at: result.classes[at],
        width=320,
        **bind("class_in_view", key=key, show=lambda at: usual if at is None else at),
    )
