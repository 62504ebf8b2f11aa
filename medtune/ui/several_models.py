"""Several models of the library made into one: their mean, to start fine-tuning from."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import from_plain
from medtune.foundation.words import say
from medtune.models.model_library import Library
from medtune.models.passport import Passport
from medtune.runs.standby import ask, errand
from medtune.ui import widgets
from medtune.ui.state import PREFIX, state
from medtune.ui.text import markdown, translate

FEWEST = 2


def draw(passports: Sequence[Passport]) -> None:
    """Choose models of one event, name their mean, and keep it."""
    of_events = {passport.id: passport for passport in passports if not passport.classes}
    if len(of_events) < FEWEST:
        widgets.aside(say("A mean needs two models of an event in the library."))
        return
    widgets.aside(
        say(
            "When several models exist for one event, their mean is usually a better start than any one of them chosen "
            "by a few patients. The log-odds are averaged, each model counts the same, and columns of the same name "
            "are taken for the same."
        )
    )
    chosen = st.multiselect(
        translate("Models of the same event"),
        list(of_events),
        format_func=lambda id: of_events[id].name if id in of_events else id,
        placeholder=translate("choose two or more"),
        key=f"{PREFIX}widget.several.models",
    )
    name = st.text_input(
        translate("Name of the mean"),
        placeholder=translate("Mean of {count} models", count=max(len(chosen), FEWEST)),
        key=f"{PREFIX}widget.several.name",
    )
    events = list(dict.fromkeys(str(of_events[id].outcome) for id in chosen if str(of_events[id].outcome)))
    if len(events) > 1:
        widgets.note(
            say(
                "These models name different events: {events}. A mean makes sense only if they are the same.",
                events=", ".join(f"“{event}”" for event in events),
            ),
            "warning",
        )
    st.button(
        translate("Make the mean"),
        disabled=len(chosen) < FEWEST,
        on_click=_make,
        args=(tuple(chosen), name.strip()),
        key="make_mean",
    )


def _make(chosen: tuple[str, ...], name: str) -> None:
    library = Library(state.store.place)
    try:
        with errand() as folder:
            kept = folder / "model.skops"
            payload = {"home": str(state.store.place), "models": list(chosen), "name": name, "keep": str(kept)}
            passport = library.add_file(kept, from_plain(Passport, ask("keep_mean", payload)))
    except MedtuneError as error:
        state.trouble = error
        return
    # Emptied, not dropped: the browser would go on showing what it had.
    st.session_state[f"{PREFIX}widget.several.models"] = []
    st.session_state[f"{PREFIX}widget.several.name"] = ""
    st.toast(markdown(say("Model '{name}' is in the library now.", name=passport.name)))
