"""The last runs, each one click away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from medtune.foundation.words import say
from medtune.runs.store import RunEntry
from medtune.ui import navigation, widgets
from medtune.ui.state import state
from medtune.ui.text import ago, markdown, number, translate

SHOWN = 5


def draw(runs: Sequence[RunEntry]) -> None:
    """The newest runs with what came of them; nothing when there are none."""
    if not runs:
        return
    widgets.heading(say("Recent runs"))
    for entry in runs[:SHOWN]:
        _line(entry)
    if len(runs) > SHOWN:
        navigation.link("runs", say("All runs"))


def _line(entry: RunEntry) -> None:
    with st.container(border=True, key=f"recent_{entry.id}"):
        words, button = st.columns([5, 1], vertical_alignment="center")
        facts = [ago(entry.job.created or None)]
        if entry.n is not None:
            facts.append(translate("{n} patients", n=number(entry.n)))
        if entry.events is not None:
            facts.append(translate("{events} events", events=number(entry.events)))
        facts = markdown(" · ".join(facts))
        words.markdown(f"**{markdown(entry.job.name)}** :gray[{facts}]  \n{markdown(entry.sentence)}")
        opens = entry.state != "unreadable"
        if opens and button.button(translate("Open"), key=f"open_{entry.id}", width="stretch"):
            state.use_run(entry.id)
            navigation.go("results" if entry.state == "finished" else "fine_tune")
