"""Who is looked at, and the form with the values that the model reads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from medtune.cohort.columns import Column
from medtune.cohort.table import Cohort
from medtune.cohort.units import read_name
from medtune.foundation.words import say
from medtune.models.passport import Passport
from medtune.ui import run_patients, widgets
from medtune.ui.score_models import known_values
from medtune.ui.state import PREFIX, state
from medtune.ui.text import translate

MOST, FIRST, ACROSS = 2000, 24, 3  # patients in a list, columns shown at once, and side by side
MISSING, TYPICAL = "", -1


def choose(cohort: Cohort) -> None:
    """The patient in view: one of those who took part, or the typical one."""
    if state.patient is not None and state.patient >= cohort.n:
        state.patient = None
    if cohort.n > MOST:
        _choose_by_name(cohort)
        return
    names, typical = run_patients.names(np.arange(cohort.n)), translate("A typical patient")
    key = PREFIX + "widget.patient"
    # A select box takes None for "nothing chosen yet".
    now = TYPICAL if state.patient is None else state.patient
    if key not in st.session_state or st.session_state[key] != now:
        st.session_state[key] = now
    st.selectbox(
        translate("Patient"),
        [TYPICAL, *range(cohort.n)],
        format_func=lambda row: typical if row == TYPICAL else names[row],
        key=key,
        on_change=_take,
        args=(key,),
    )


def _take(key: str) -> None:
    chosen = st.session_state[key]
    state.patient, state.what_if = None if chosen == TYPICAL else chosen, {}


def _choose_by_name(cohort: Cohort) -> None:
    key = PREFIX + "widget.patient_name"
    wanted = st.text_input(translate("Patient: id, or row of the table; empty for a typical patient"), key=key).strip()
    if not wanted:
        return
    ids = cohort.patients if cohort.patients is not None else (cohort.rows + 1).astype(str)
    places = np.flatnonzero(ids == wanted)
    if not places.size:
        widgets.note(say("There is no patient of this name in the run."), "warning")
    elif state.patient != int(places[0]):
        state.patient, state.what_if = int(places[0]), {}


def own_values(cohort: Cohort, passport: Passport) -> dict[str, object]:
    """The values of the patient in view; medians and most frequent levels for the typical one."""
    values: dict[str, object] = {}
    for column in passport.columns:
        if column.name not in cohort.frame:
            values[column.name] = None
            continue
        cells = cohort.frame[column.name]
        if state.patient is not None:
            cell = cells.iloc[state.patient]
        else:
            known = cells.dropna()
            cell = None if known.empty else known.median() if column.kind == "number" else known.mode().iloc[0]
            if column.kind == "number" and cell is not None:
                cell = round(float(cell), _decimals(column))
        gone = cell is None or pd.isna(cell)
        values[column.name] = None if gone else float(cell) if column.kind == "number" else str(cell)
    return values


def draw(passport: Passport, own: dict[str, object], order: list[str]) -> dict[str, object]:
    """A widget for each column, the most important first; what is chosen in all of them."""
    rank = {name: place for place, name in enumerate(order)}
    columns = sorted(passport.columns, key=lambda column: rank.get(column.name, len(rank)))
    values = dict(own)
    places = [columns[:FIRST], columns[FIRST:]]
    for place, some in enumerate(places):
        if not some:
            continue
        box = st.container(border=True) if place == 0 else st.expander(
            translate("The other {count} columns", count=len(some)), icon=":material/view_column:"
        )  # fmt: skip
        with box:
            # A row at a time, so that on a telephone too the most important come first.
            for first in range(0, len(some), ACROSS):
                for cell, column in zip(st.columns(ACROSS), some[first : first + ACROSS], strict=False):
                    with cell:
                        values[column.name] = _widget(column, own[column.name])
    state.what_if = {name: value for name, value in values.items() if value != own[name]}
    return values


def _key(column: Column) -> str:
    return f"{PREFIX}widget.value.{state.run_id}.{state.patient}.{column.name}"


def _widget(column: Column, own: object):
    key = _key(column)
    if key not in st.session_state:
        now = state.what_if.get(column.name, own)
        st.session_state[key] = MISSING if now is None and column.kind != "number" else now
    known, unit = known_values(column).replace("\n", "; "), read_name(column.name)[1]
    words = "Known: {values}; the unit is {unit}" if unit and column.kind == "number" else "Known: {values}"
    meaning = translate(words, values=known, unit=unit)
    if column.kind == "number":
        return st.number_input(
            column.name,
            step=1.0 if column.integer else _step(column),
            format="%g",
            placeholder=translate("missing"),
            help=meaning,
            key=key,
        )
    levels = list(dict.fromkeys((*column.levels, *([own] if own else []))))
    chosen = st.selectbox(
        column.name,
        [*levels, MISSING],
        format_func=lambda level: level or translate("(missing)"),
        help=meaning,
        key=key,
    )
    return chosen or None


def _decimals(column: Column) -> int:
    """How many decimals of a column mean something for nobody in particular: two more than its step."""
    return 0 if column.integer else max(0, 2 - int(np.floor(np.log10(_step(column)))))


def _step(column: Column) -> float:
    span = column.high - column.low
    return float(10.0 ** np.floor(np.log10(span / 20))) if np.isfinite(span) and span > 0 else 1.0


def back(passport: Passport) -> None:
    """Take every change back."""

    def undo() -> None:
        state.what_if = {}
        for column in passport.columns:
            st.session_state.pop(_key(column), None)

    st.button(
        translate("Back to the values of this patient"),
        icon=":material/undo:",
        on_click=undo,
        disabled=not state.what_if,
    )
