"""The last result of a computation, kept in the session: a cache that is shared with no other user."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from medtune.ui.state import PREFIX

Result = TypeVar("Result")


def once(name: str, given: object, make: Callable[[], Result]) -> Result:
    """What `make` gives, made anew only when `given` differs from last time; kept in this session only."""
    key = PREFIX + "once." + name
    held = st.session_state.get(key)
    if held is None or held[0] != given:
        held = st.session_state[key] = (given, make())
    return held[1]


def forget(name: str) -> None:
    """Let the last result of a computation go."""
    st.session_state.pop(PREFIX + "once." + name, None)
