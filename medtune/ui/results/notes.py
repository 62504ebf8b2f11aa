"""What a reader must know of the run: what was left out, how long it took, and with which versions."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.foundation.words import say
from medtune.runs.record import RunResult
from medtune.ui import note_list, widgets
from medtune.ui.binding import bind
from medtune.ui.text import number, translate


def notes(result: RunResult, folder: Path) -> None:
    """Notes of the run, worker time and versions."""
    note_list.draw(result.notes or (say("Nothing had to be left out or changed."),))
    st.segmented_control(
        translate("Plots are saved as"), ["png", "svg"], format_func=str.upper, required=True, **bind("picture")
    )
    seconds = sum(result.seconds.values())
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    widgets.aside(say("Worker time {seconds} s. Versions: {versions}.", seconds=number(seconds, 1), versions=versions))
