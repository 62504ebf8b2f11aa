"""Where a table can come from: a file, a demo, or patients used before."""

from __future__ import annotations

import streamlit as st

from medtune.foundation.errors import PicturesError
from medtune.foundation.words import say
from medtune.runs.demo import DEMOS
from medtune.runs.store import CohortEntry
from medtune.ui import choices, questions, reading_choices, widgets
from medtune.ui.pictures import reading
from medtune.ui.state import PREFIX, state
from medtune.ui.text import ago, markdown, number, translate

UPLOAD = PREFIX + "widget.upload"
SHOWN = 8


def draw() -> None:
    """The three ways, in tabs."""
    file, demo, earlier = st.tabs([translate("A file"), translate("A demo"), translate("Used before")])
    with file:
        _file()
    with demo:
        _demos()
    with earlier:
        _earlier()


def _file() -> None:
    st.file_uploader(
        translate(
            "A table (CSV, TSV, Excel, SPSS, Stata, SAS or Parquet, also packed), or a zip file of pictures with "
            "their labels; it stays on this computer"
        ),
        key=UPLOAD,
        on_change=_read,
    )


def _read() -> None:
    """Read what was just uploaded, once; the uploader itself forgets it when the page is left."""
    upload = st.session_state[UPLOAD]
    if upload is None or upload.file_id == state.upload:
        return
    with state.troubles_kept():
        try:
            reading_choices.read(upload.getvalue(), upload.name, upload.file_id)
        except PicturesError:  # no table, but pictures: they are read by a job
            reading.begin(upload.getvalue(), upload.name)


def _demos() -> None:
    for demo in DEMOS.values():
        widgets.aside(demo.meaning)
        with st.container(horizontal=True):
            for place, words in enumerate((say("{demo}: local patients"), say("{demo}: patients of the model"))):
                st.button(
                    markdown(words.template, demo=demo.title),
                    key=f"demo_{demo.key}_{place}",
                    on_click=_take_demo,
                    args=(demo.key, 1 - place),
                )

    widgets.aside(say("Skin lesions of two clinics, drawn by medtune; they become patients once they are measured."))
    with st.container(horizontal=True):
        for place, words in enumerate(
            (say("Drawn lesions: local pictures"), say("Drawn lesions: pictures of the model"))
        ):
            st.button(translate(words), key=f"demo_pictures_{place}", on_click=_take_drawn, args=(1 - place,))


def _take_drawn(place: int) -> None:
    with state.troubles_kept():
        reading.begin_drawn(place)


def _take_demo(key: str, place: int) -> None:
    with state.troubles_kept():
        choices.take_cohort(questions.demo_cohort(key, place))


def _earlier() -> None:
    entries = state.store.cohorts()[:SHOWN]
    if not entries:
        widgets.aside(say("No patients were used yet."))
    for entry in entries:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(translate("Open"), key=f"cohort_{entry.id}", on_click=_take_earlier, args=(entry.id,))
            st.markdown(_line(entry))


def _line(entry: CohortEntry) -> str:
    counts = {"n": number(entry.n), "age": ago(entry.created)}
    if entry.events is None:
        facts = translate("n = {n}, several classes, {age}", **counts)
    else:
        facts = translate("n = {n}, {events} events, {age}", events=number(entry.events), **counts)
    return f"{markdown(entry.name)} :gray[{markdown(facts)}]"


def _take_earlier(cohort_id: str) -> None:
    with state.troubles_kept():
        choices.take_cohort(state.store.open_cohort(cohort_id))
