"""The list of runs: how each stands or ended, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from medtune.foundation.words import Sentence, say
from medtune.runs import execution
from medtune.runs.picture_reading import KIND as PICTURES
from medtune.runs.picture_shift import KIND as SHIFT
from medtune.runs.picture_shift import checked_run
from medtune.runs.store import RunEntry
from medtune.runs.treatments import KIND as TREATMENT
from medtune.ui import navigation, progress, widgets
from medtune.ui.state import PREFIX, state
from medtune.ui.strip import STATES
from medtune.ui.text import ago, duration, markdown, number, translate

SIGNS = {
    "queued": ":material/schedule:",
    "running": ":material/progress_activity:",
    "finished": ":material/check:",
    "cancelled": ":material/block:",
    "failed": ":material/error:",
    "interrupted": ":material/power_off:",
    "unreadable": ":material/broken_image:",
}
GOING = ("queued", "running")
REPEATABLE = ("queued", "interrupted", "cancelled", "failed")


def answer(runs: tuple[RunEntry, ...]) -> Sentence:
    """How many runs there are, and how many of them go on."""
    going = sum(entry.state == "running" for entry in runs)
    if not runs:
        return say("No run was started yet.")
    total = say("{count} runs are kept", count=number(len(runs))) if len(runs) > 1 else say("One run is kept")
    if going:
        template = "{total}; one of them is running." if going == 1 else "{total}; {going} of them are running."
        return say(template, total=total, going=going)
    return say("{total}; none is running.", total=total)


def draw(entry: RunEntry) -> None:
    """One run: name, state, facts, what came of it, and its buttons."""
    with st.container(border=True, key=f"run_{entry.id}"):
        st.subheader(markdown(entry.job.name), anchor=False)
        standing = translate(STATES.get(entry.state, say("damaged")))
        here = f" · {translate('in view')}" if entry.id == state.run_id else ""
        st.markdown(f"{SIGNS[entry.state]} **{markdown(standing)}** :gray[{markdown(facts(entry) + here)}]")
        if entry.state == "running":
            progress.watch(state.store.run(entry.id).path)
        else:
            st.markdown(markdown(entry.sentence))
        _buttons(entry)


def facts(entry: RunEntry) -> str:
    """Patients, events, what it started from, age and duration."""
    parts = []
    if entry.n is not None and entry.events is not None:
        parts.append(translate("n = {n}, {events} events", n=number(entry.n), events=number(entry.events)))
    if entry.job.starting:
        parts.append(translate("from {model}", model=entry.job.starting))
    if entry.job.created:
        parts.append(ago(entry.job.created))
    if entry.seconds is not None:
        parts.append(translate("took {time}", time=duration(entry.seconds)))
    return " · ".join(parts)


def _buttons(entry: RunEntry) -> None:
    with st.container(horizontal=True):
        if entry.state != "unreadable":
            _open(entry)
            _rename(entry)
        if entry.state in REPEATABLE:
            label = translate("Start") if entry.state == "queued" else translate("Repeat")
            st.button(label, key=f"repeat_{entry.id}", icon=":material/replay:", on_click=_repeat, args=(entry,))
        if entry.state != "running":
            widgets.confirm_delete(f"run_{entry.id}", say("Delete"), what_goes(entry), lambda: _delete(entry))


def _open(entry: RunEntry) -> None:
    finished = entry.state == "finished"
    if st.button(translate("Open results") if finished else translate("Open"), key=f"open_{entry.id}"):
        with widgets.troubles_shown():
            if entry.job.kind == TREATMENT:
                state.use_comparison(entry.id)
                navigation.go("treatments")
            if entry.job.kind == PICTURES:
                state.pictures, state.pictures_taken = entry.id, "none"
                navigation.go("data")
            if entry.job.kind == SHIFT:
                state.use_run(checked_run(state.store.run(entry.id).path))
                navigation.go("pictures")
            state.use_run(entry.id)
            navigation.go("results" if finished else "fine_tune")


def _rename(entry: RunEntry) -> None:
    with st.popover(translate("Rename"), icon=":material/edit:"):
        key = f"{PREFIX}widget.run.{entry.id}"
        st.text_input(translate("New name"), value=entry.job.name, key=key, on_change=_renamed, args=(entry.id, key))


def _renamed(id: str, key: str) -> None:
    with state.troubles_kept():
        state.store.rename(id, st.session_state[key])


def _repeat(entry: RunEntry) -> None:
    with state.troubles_kept():
        execution.repeat(state.store.run(entry.id).path)


def what_goes(entry: RunEntry) -> Sentence:
    """What a user loses with the run."""
    return say(
        "The run '{name}' will be deleted with its result, its explanation and its models. Patients, and models saved "
        "to the library, stay.",
        name=entry.job.name,
    )


def _delete(entry: RunEntry) -> None:
    with state.troubles_kept():
        state.store.delete(entry.id)
        if state.run_id == entry.id:
            state.run_id = ""
