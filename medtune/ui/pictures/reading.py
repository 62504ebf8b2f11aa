"""Pictures on the Data page: an archive is read by a job, and its table then stands where every table stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from medtune.cohort.reading import Table
from medtune.cohort.values import level_text
from medtune.foundation.errors import MedtuneError
from medtune.foundation.settings import Starting
from medtune.foundation.words import say
from medtune.images.keeping import keys_of, open_picture, picture_file
from medtune.images.labels import IMAGE
from medtune.images.measuring import ALL, HEAD
from medtune.images.opening import PictureSet, open_set
from medtune.images.reading import Alike
from medtune.runs.execution import Status, status
from medtune.runs.picture_demo import NAMES
from medtune.runs.picture_reading import Wanted, begin_reading, read_found
from medtune.ui import progress, widgets
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import markdown, translate

SHOWN, LABELS = 4, 4


def begin(content: bytes, name: str) -> None:
    """Start reading an archive, and watch it."""
    state.unread = None
    state.pictures = begin_reading(state.store, content, name).id
    state.pictures_taken = state.pictures_taken or "none"  # a reload does not put a table over the patients in use


def begin_drawn(place: int) -> None:
    """The same for the pictures of the demo: those the model was made from (0), or the local ones (1)."""
    state.unread = None
    state.pictures = begin_reading(state.store, b"", NAMES[place], Wanted(drawn=place)).id
    state.pictures_taken = state.pictures_taken or "none"


def settle() -> None:
    """Put the table of an archive that was read in the meantime into place; before anything is drawn."""
    folder, now = _waiting()
    if now is not None and now.state == "finished":
        if state.table is None or state.pictures_taken:
            take(open_set(state.store.place, read_found(folder).set_id))
        state.pictures_taken = state.pictures


def going() -> None:
    """The reading while it goes on, or what went wrong with it; nothing once its table is in place."""
    folder, now = _waiting()
    if now is None:
        return
    if not now.final:
        widgets.heading(say("Reading the pictures"))
        progress.watch(folder)
        st.stop()
    state.pictures_taken = state.pictures
    progress.ended(now, folder)


def _waiting() -> tuple[Path | None, Status | None]:
    """The folder and standing of a reading whose end was not seen yet."""
    if not state.pictures or state.pictures == state.pictures_taken:
        return None, None
    try:
        folder = state.store.run(state.pictures).path
        return folder, status(folder)
    except MedtuneError:  # deleted, or of another version
        state.pictures = ""
        return None, None


def take(found: PictureSet) -> None:
    """Put the table of a set of pictures where the Data page edits it, with what suits it chosen beforehand."""
    about = found.about
    state.set_table(Table(found.frame, about.report), about.name)
    state.table_id, state.cohort_name = "", ""
    state.roles, state.cleaning = about.roles, about.cleaning
    state.change(family=HEAD, starting=Starting("scratch"))
    if len(about.roles.predictors) > len(found.frame):  # measures of pictures are no genes, however many
        state.change(genes=replace(state.settings.genes, use="no"))
    state.starting_from = "scratch"


def draw() -> None:
    """What was measured, some pictures of each label, and what is doubtful; nothing for a table without pictures."""
    keys = keys_of(state.table.frame)
    if keys is None:
        return
    found = _set(keys[0].partition("-")[0])
    if found is None:
        widgets.note(say("The pictures of these patients are no longer kept; only their numbers are."))
        return
    widgets.aside(ALL[found.about.measures].meaning)
    for doubt in found.about.doubts:
        widgets.note(doubt, "warning")
    _copies(found.about.alike)
    gallery()


def _set(set_id: str) -> PictureSet | None:
    def make() -> PictureSet | None:
        try:
            return open_set(state.store.place, set_id)
        except MedtuneError:
            return None

    return once("picture_set", set_id, make)


def _copies(groups: tuple[Alike, ...]) -> None:
    """Pictures that look the same, with the remedy."""
    there = set(state.table.frame[IMAGE].astype("str"))
    groups = tuple(group for group in groups if len(there & set(group.images)) > 1)
    if not groups:
        return
    count = sum(len(group.images) for group in groups)
    sentence = say("{count} pictures look the same as another, in {groups} groups.", count=count, groups=len(groups))
    remedy = (say("Leave copies out"), lambda: _without_copies(groups))
    widgets.finding("same_pictures", sentence, [remedy], "warning")
    with st.expander(translate("See them")):
        frame = state.table.frame
        for group in groups[:10]:
            rows = frame[frame[IMAGE].astype("str").isin(group.images)].head(6)
            row_of(list(rows["picture"]), [str(name) for name in rows[IMAGE]])


def _without_copies(groups: tuple[Alike, ...]) -> None:
    """Keep the first of pictures that look the same; where their labels differ, none, since one is wrong."""
    spare = [name for group in groups for name in (group.images if group.labels_differ else group.images[1:])]
    table = state.table
    frame = table.frame[~table.frame[IMAGE].astype("str").isin(spare)].reset_index(drop=True)
    said = say("{count} pictures that look the same as another were left out.", count=len(table.frame) - len(frame))
    state.set_table(replace(table, frame=frame, report=(*table.report, said)), state.table_name)


def gallery() -> None:
    """A few pictures of each label."""
    frame, outcome = state.table.frame, state.roles.outcome
    if outcome not in frame:
        return
    labels = list(frame[outcome].dropna().unique())[:LABELS]
    for label, column in zip(labels, st.columns(max(len(labels), 1)), strict=False):
        rows = frame[frame[outcome] == label].head(SHOWN)
        with column:
            st.markdown(markdown(translate("{column}: {label}", column=outcome, label=level_text(label))))
            row_of(list(rows["picture"]), None, 84)


def row_of(keys: list[str], captions: list[str] | None, width: int = 118) -> None:
    """Pictures beside each other, in several rows where they do not fit; nothing of one that is no longer there."""
    home: Path = state.store.place
    with st.container(horizontal=True):
        for place, key in enumerate(keys):
            if picture_file(home, key).exists():
                caption = markdown(captions[place]) if captions else None
                st.image(open_picture(home, key), caption=caption, width=width)
