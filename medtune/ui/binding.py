"""Widgets tied to the session state: the state is the truth, the widget shows it and writes to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import Any

import streamlit as st

from medtune.ui.state import PREFIX, state


def _same(value: Any) -> Any:
    return value


def bind(
    path: str,
    *,
    key: str = "",
    show: Callable[[Any], Any] = _same,
    read: Callable[[Any], Any] = _same,
    then: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Arguments that tie any widget to a place in `state`.

    ``st.toggle(label, **bind("settings.preparation.indicators"))`` is all a page writes.
    The widget keeps its value over page switches and reloads, and follows
    when the place is changed from elsewhere, because the place is the truth.

    Parameters
    ----------
    path : str
        Where in `state`; dots lead into frozen dataclasses.
    key : str
        Tells the widgets apart when several show parts of the same place.
    show, read : callable
        From the value kept to the widget's and back, such as percent.
    then : callable, optional
        Called after the value was written, before the page is drawn again.

    Returns
    -------
    dict
        ``key``, ``on_change`` and ``args`` of the widget. Give no default value beside it.
    """
    key, value = f"{PREFIX}widget.{path}.{key}", show(get(path))
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return {"key": key, "on_change": _write, "args": (path, key, read, then)}


def _write(path: str, key: str, read: Callable[[Any], Any], then: Callable[[], None] | None) -> None:
    put(path, read(st.session_state[key]))
    if then is not None:
        then()


def get(path: str) -> Any:
    """The value at a path of `state`."""
    return reduce(getattr, path.split("."), state)


def put(path: str, value: Any) -> None:
    """Write a value at a path of `state`, renewing the frozen pieces on the way."""
    first, *rest = path.split(".")
    setattr(state, first, _renewed(getattr(state, first), rest, value))


def _renewed(piece: Any, rest: list[str], value: Any) -> Any:
    if not rest:
        return value
    return replace(piece, **{rest[0]: _renewed(getattr(piece, rest[0]), rest[1:], value)})
