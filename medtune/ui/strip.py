"""The strip on top of every page: whose patients, which starting model, which run."""

from __future__ import annotations

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import say
from medtune.runs.execution import status
from medtune.ui.state import state
from medtune.ui.text import ago, markup, number, percent, translate


def draw() -> None:
    """Say in one line where one is."""
    parts = [_part("Patients", *_cohort()), _part("Starts from", *_starting()), _part("Run", *_run())]
    st.html('<div class="strip" role="status">' + "".join(parts) + "</div>")


def _part(what: str, value: str, given: bool) -> str:
    kind = "" if given else ' class="none"'
    return f'<span><span class="what">{markup(what)}</span><span{kind}>{markup(value)}</span></span>'


def _cohort() -> tuple[str, bool]:
    cohort = state.cohort
    if cohort is None:
        return translate("none chosen"), False
    if cohort.classes:
        template = "{name}, n = {n}, {classes} classes"
        name = cohort.name or translate("unnamed")
        return translate(template, name=name, n=number(cohort.n), classes=len(cohort.classes)), True
    template = "{name}, n = {n}, {events} events ({share})"
    counts = {"n": number(cohort.n), "events": number(cohort.events), "share": percent(cohort.event_rate)}
    return translate(template, name=cohort.name or translate("unnamed"), **counts), True


def _starting() -> tuple[str, bool]:
    starting = state.settings.starting
    if starting.kind == "scratch":
        return translate("nothing, trained from scratch"), True
    if starting.kind == "score_column":
        template = "risk in column '{column}'" if starting.has_risk else "points in column '{column}'"
        return translate(template, column=starting.name), bool(starting.name)
    name = starting.name or starting.model
    return (name, True) if name else (translate("no model chosen"), False)


STATES = {
    "queued": say("waiting"),
    "running": say("running"),
    "finished": say("finished"),
    "cancelled": say("cancelled"),
    "failed": say("failed"),
    "interrupted": say("interrupted"),
}


def _run() -> tuple[str, bool]:
    try:
        run = state.run
        if run is None:
            return translate("none yet"), False
        now = status(run.path)
    except MedtuneError:  # the page that shows the run says what is wrong with it
        return translate("cannot be read"), False
    standing = translate(STATES[now.state])
    return translate("{status}, {age}", status=standing, age=ago(now.ended or run.job.created)), True
