"""The widgets that choose what fine-tuning starts from."""

from __future__ import annotations

import streamlit as st

from medtune.foundation.settings import Starting
from medtune.foundation.words import Sentence, say
from medtune.models.model_library import Library
from medtune.runs.starting import missing_choice, proposed_scale
from medtune.ui import equation_entry, mapping_choices, model_upload, navigation, source_patients, widgets
from medtune.ui.binding import bind
from medtune.ui.state import state
from medtune.ui.text import ago, translate

KINDS: dict[str, Sentence] = {
    "model": say("A model of the library"),
    "file": say("A model file"),
    "equation": say("A published equation"),
    "score_column": say("A score in a column"),
    "scratch": say("Nothing"),
}
SCALES: dict[str, Sentence] = {
    "risk": say("Risk, 0 to 1"),
    "percent": say("Risk in percent"),
    "log-odds": say("Log-odds"),
    "points": say("Points"),
}


def missing() -> Sentence | None:
    """What has to be chosen before a run can start; None when nothing is missing."""
    if state.starting_from == "equation" and not state.settings.starting.model:
        return say("Enter the equation, then press “Use this equation”.")
    return missing_choice(state.cohort, state.settings, Library(state.store.place))


def starting() -> None:
    """What fine-tuning starts from, and how it reads the table."""
    kind = st.segmented_control(
        translate("Start from"),
        list(KINDS),
        format_func=lambda key: translate(KINDS[key]),
        required=True,
        **bind("starting_from", then=_choose_kind),
    )
    if kind == "file":
        passport = model_upload.draw("starting")
        if passport is not None:
            state.change(starting=source_patients.starting_from(passport))
            state.starting_from = "model"
            st.rerun()
        return
    {"model": _library, "equation": equation_entry.draw, "score_column": _column, "scratch": _scratch}[kind]()
    if kind == "model" or (kind == "equation" and state.settings.starting.model == state.equation.kept):
        mapping_choices.draw()


def _choose_kind() -> None:
    kind = state.starting_from
    if kind == "scratch":
        state.change(starting=Starting("scratch"))
    elif kind == "score_column":
        score = state.cohort.roles.score if state.cohort is not None else None
        state.change(starting=_score(score or ""))
    elif kind == "equation":
        kept = {passport.id: passport for passport in Library(state.store.place).list()}.get(state.equation.kept)
        state.change(starting=Starting("model", kept.id, kept.name) if kept is not None else Starting("model"))
    elif kind == "model" and state.settings.starting.kind != "model":
        state.change(starting=Starting("model"))


def _score(name: str) -> Starting:
    """A score column, on the scale that its range speaks for."""
    column = state.cohort.columns.get(name) if state.cohort is not None else None
    scale = proposed_scale(column) if column is not None else "risk"
    return Starting("score_column", name=name, scale=scale)


def _library() -> None:
    passports = {passport.id: passport for passport in Library(state.store.place).list()}
    if not passports:
        widgets.aside(say("The library is empty. Bring a model file, or train a model from scratch and save it."))
        return
    st.selectbox(
        translate("Model"),
        ["", *passports],
        format_func=lambda id: passports[id].name if id else translate("(choose)"),
        **bind(
            "settings.starting",
            show=lambda starting: starting.model if starting.model in passports else "",
            read=lambda id: source_patients.starting_from(passports[id]) if id else Starting("model"),
        ),
    )
    passport = passports.get(state.settings.starting.model)
    if passport is not None:
        widgets.aside(passport.made_from)
        widgets.aside(
            say("It reads {count} columns and was saved {age}.", count=len(passport.columns), age=ago(passport.created))
        )
        source_patients.draw(passport)


def _column() -> None:
    apart = {state.cohort.roles.outcome, state.cohort.roles.patient}
    numbers = [name for name, c in state.cohort.columns.items() if c.kind == "number" and name not in apart]
    if not numbers:
        widgets.aside(say("No column of this table holds numbers. Bring one that does."))
        navigation.link("data")
        return
    first, second = st.columns(2)
    first.selectbox(
        translate("Column with the existing score"),
        ["", *numbers],
        format_func=lambda name: name or translate("(choose)"),
        **bind(
            "settings.starting", show=lambda starting: starting.name if starting.name in numbers else "", read=_score
        ),
    )
    second.selectbox(
        translate("It holds"),
        list(SCALES),
        format_func=lambda key: translate(SCALES[key]),
        **bind("settings.starting.scale"),
    )
    starting = state.settings.starting
    if starting.name and not starting.has_risk:
        widgets.aside(
            say(
                "Points have no risk of their own: logistic recalibration makes risks of them, and the comparison is "
                "with giving everyone the event rate."
            )
        )


def _scratch() -> None:
    cohort = state.cohort
    widgets.aside(
        say("A new model is trained on these patients alone and compared with the shares of the classes.")
        if cohort is not None and cohort.classes
        else say("A new model is trained on these patients alone and compared with the event rate.")
    )
