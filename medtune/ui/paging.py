"""Long lists in portions, so that a page stays quick with hundreds of entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from medtune.ui.state import PREFIX

Entry = TypeVar("Entry")
PORTION = 10


def page_of(entries: Sequence[Entry], key: str) -> Sequence[Entry]:
    """The portion of a list in view; numbers to turn to the others when there is more than one.

    Parameters
    ----------
    entries : sequence
        All of them.
    key : str
        Tells this list from the others.
    """
    pages = -(-len(entries) // PORTION)
    if pages < 2:
        return entries
    chosen = st.pagination(pages, key=f"{PREFIX}widget.page.{key}")
    first = (min(chosen, pages) - 1) * PORTION
    return entries[first : first + PORTION]
