"""The house style that the theme cannot say: one small style sheet, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from medtune.figures.theme import THEMES, Theme

ICON = Path(__file__).with_name("icon.png")


@cache
def _sheet() -> str:
    return "<style>" + Path(__file__).with_name("look.css").read_text(encoding="utf-8") + "</style>"


def apply() -> None:
    """Put the style sheet into the page."""
    st.html(_sheet())


def theme() -> Theme:
    """The colours of figures in the reader's theme now: light or dark."""
    return THEMES.get(st.context.theme.type or "light", THEMES["light"])
