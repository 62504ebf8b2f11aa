"""Which kept patients the starting model was made from: proposed where its passport knows them, chosen by the user."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from medtune.foundation.settings import Starting
from medtune.foundation.words import say
from medtune.models.passport import Passport
from medtune.runs.store import CohortEntry
from medtune.ui import widgets
from medtune.ui.binding import bind
from medtune.ui.state import state
from medtune.ui.text import number, translate


def starting_from(passport: Passport) -> Starting:
    """A model of the library as the start, with the patients it was made from where they are kept here."""
    kept = passport.cohort if passport.cohort in _others() else ""
    return Starting("model", passport.id, passport.name, source=kept)


def count() -> int:
    """How many source patients the draft names; 0 when they are not at hand."""
    entry = _others().get(state.settings.starting.source)
    return entry.n if entry is not None else 0


def draw(passport: Passport) -> None:
    """The choice of the patients that the starting model was made from."""
    others = _others()
    chosen = state.settings.starting.source
    if chosen and chosen != state.cohort_id and chosen not in others:  # removed from this machine since
        state.change(starting=replace(state.settings.starting, source=""))
    if not others:
        return
    st.selectbox(
        translate("Patients it was made from"),
        ["", *others],
        format_func=lambda id: _named(others[id]) if id else translate("Not at hand"),
        help=translate(
            "Only if their table is here too. They then tell the update how sure each coefficient was, a pooled refit "
            "is compared, and you see what tuning costs there. No model keeps them."
        ),
        **bind("settings.starting.source", show=lambda id: id if id in others else ""),
    )
    if chosen and chosen == passport.cohort:
        widgets.aside(say("The model's passport names these patients."))


def _others() -> dict[str, CohortEntry]:
    """Kept cohorts by id, but for the patients in use; with several classes they are not put to use."""
    if state.cohort is not None and state.cohort.classes:
        return {}
    kept = state.store.cohorts()
    return {entry.id: entry for entry in kept if entry.id != state.cohort_id and entry.events is not None}


def _named(entry: CohortEntry) -> str:
    return translate(
        "{name}, n = {n}, {events} events",
        name=entry.name,
        n=number(entry.n),
        events=number(entry.events),
    )
