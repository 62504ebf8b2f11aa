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
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"recent_{entry.id}"):
        facts = [ago(entry.job.created or None)]
        if entry.n is not None:
            facts.append(translate("{n} patients", n=number(entry.n)))
        if entry.events is not None:
            facts.append(translate("{events} events", events=number(entry.events)))
        facts = markdown(" · ".join(facts))
        st.markdown(f"**{markdown(entry.job.name)}** :gray[{facts}]  \n{markdown(entry.sentence)}")
        if entry.state != "unreadable" and st.button(translate("Open"), key=f"open_{entry.id}"):
            state.use_run(entry.id)
            navigation.go("results" if entry.state == "finished" else "fine_tune")
