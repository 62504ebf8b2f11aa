"""Who changes side at the threshold: the table by outcome, the scatter, and the worklist."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from medtune.evaluation.reclassification import Reclassification, Side, reclassify
from medtune.figures.movement import movement
from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import Sentence, say
from medtune.runs.opened import read_risks, tuned_key
from medtune.runs.record import RunResult
from medtune.runs.standby import ask
from medtune.ui import look, navigation, run_patients, widgets
from medtune.ui.binding import bind
from medtune.ui.memory import once
from medtune.ui.paging import page_of
from medtune.ui.results.shown import stacked
from medtune.ui.state import PREFIX, state
from medtune.ui.text import number, percent, signed, translate


def found(result: RunResult, folder: Path) -> tuple[Reclassification, np.ndarray, np.ndarray] | None:
    """Movements at the threshold in view, outcomes and rows of the scored; None without patients to look at."""
    those = run_patients.those()
    if those is None:
        return None
    cohort, _ = those
    risks = once("risks", folder.name, lambda: read_risks(folder))
    rows = risks["rows"].astype(int)
    at = result.threshold if state.threshold is None else state.threshold
    y = cohort.outcome[rows]
    ids = None if cohort.patients is None else cohort.patients[rows]
    key = tuned_key(result)
    make = lambda: reclassify(y, risks[result.reference.key], risks[key], at, ids)  # noqa: E731
    return once("sides", (folder.name, at), make), y, rows


def answer(sides: Reclassification) -> Sentence:
    """How many change side, in one sentence."""
    count, n = len(sides.up) + len(sides.down), len(sides.before)
    return say(
        "{count} of {n} patients change side at a risk of {threshold}: newly flagged {up}, no longer flagged {down}.",
        count=number(count), n=number(n), threshold=percent(sides.threshold), up=number(len(sides.up)),
        down=number(len(sides.down)),
    )  # fmt: skip


def threshold(result: RunResult) -> None:
    """The slider; the same threshold as on the Results page."""
    st.slider(
        translate("A patient is flagged from this risk on, %"),
        0,
        100,
        **bind(
            "threshold",
            key="changes",
            show=lambda share: round(100 * (result.threshold if share is None else share)),
            read=lambda shown: shown / 100,
        ),
    )


def table(sides: Reclassification) -> None:
    """Movements of those with and without the event, with the net share."""
    heads = [say("Patients"), say("Newly flagged"), say("No longer flagged"), say("Net gain (95% CI)")]
    rows = [
        _row(say("With the event"), say("newly flagged is a gain"), sides.events),
        _row(say("Without the event"), say("no longer flagged is a gain"), sides.no_events),
    ]
    widgets.table(heads, rows)
    settled = [side.net.excludes(0) for side in (sides.events, sides.no_events)]
    if not any(settled):
        widgets.aside(say("Both intervals contain zero: these patients cannot settle whether the movements help."))
    widgets.aside(
        say(
            "Risks are out of fold: no patient was scored by a model fitted to that patient. "
            "One risk each, the mean over repeats."
        )
    )


def _row(name: Sentence, meaning: Sentence, side: Side) -> list[str]:
    title = f"{translate(name)}\nn = {number(side.n)}; {translate(meaning)}"
    return [title, number(side.up), number(side.down), stacked(side.net, 1, as_percent=True)]


def scatter(sides: Reclassification, y: np.ndarray, rows: np.ndarray) -> None:
    """Risk before against after; a click opens the patient."""
    figure = movement(sides, y, run_patients.names(rows), look.theme(), translate=translate)
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with left:
        chosen = widgets.choosing(figure, "movement", "before_after")
    if chosen is not None:
        show_patient(int(rows[chosen]))
    with right:
        widgets.bullets(
            (
                say("Each point is a patient; above the dotted diagonal the risk rose."),
                say("The dashed lines are the threshold: top left is newly flagged, bottom right no longer."),
                say("Click a point to open the patient."),
            )
        )


def show_patient(row: int) -> None:
    """Open the page of one patient, by position among those who took part."""
    state.patient, state.what_if = row, {}
    navigation.go("patient")


def worklist(sides: Reclassification, y: np.ndarray, rows: np.ndarray, folder: Path) -> None:
    """Everybody who changes side, the largest change first, with what moved them most."""
    movers = np.concatenate([sides.up, sides.down])
    movers = movers[np.argsort(-np.abs(_moved(sides)[movers]), kind="stable")]
    widgets.heading(say("Worklist"))
    if not len(movers):
        widgets.aside(say("Nobody changes side at this threshold."))
        return
    shown = np.array(page_of(movers.tolist(), "worklist"), dtype=int)
    names = run_patients.names(rows[shown])
    reasons = reasons_of(folder, rows[shown].tolist())
    heads = [say("Patient, outcome"), say("What moved it most"), say("Before"), say("After")]
    said = (translate("no event"), translate("event"))
    table = [
        [
            f"{name}\n{said[y[place]]}",
            reasons.get(int(rows[place]), ""),
            percent(sides.before[place]),
            percent(sides.after[place]),
        ]
        for name, place in zip(names, shown, strict=True)
    ]
    widgets.table(heads, table, words=2)
    widgets.aside(
        say("The reason is from the models fitted to all patients: the largest change of a contribution, in log-odds.")
    )
    open_one(rows[shown].tolist(), names)


def open_one(rows: list[int], names: list[str]) -> None:
    """A choice that opens one of the patients listed."""
    called = dict(zip(rows, names, strict=True))
    opened = st.selectbox(
        translate("Open a patient of this list"),
        [None, *rows],
        format_func=lambda row: translate("(choose)") if row is None else called[row],
        key=f"{PREFIX}widget.worklist_patient",
    )
    if opened is not None:
        show_patient(int(opened))


def _moved(sides: Reclassification) -> np.ndarray:
    edge = 1e-9
    before, after = sides.before.clip(edge, 1 - edge), sides.after.clip(edge, 1 - edge)
    return np.log(after / (1 - after)) - np.log(before / (1 - before))


def reasons_of(folder: Path, rows: list[int], places: list[int] | None = None) -> dict[int, str]:
    """One line for each of these patients, of several classes given the new one; none where they cannot be had."""

    def make() -> dict[int, str]:
        with st.spinner(translate("Looking for what moved them")):
            if places is None:
                found = ask("change_reasons", {"run": str(folder), "rows": rows}, timeout=60.0)
            else:
                payload = {"run": str(folder), "rows": rows, "places": places}
                found = ask("class_change_reasons", payload, timeout=120.0)
        return {reason["row"]: _line(reason["column"], reason["change"], reason["together"]) for reason in found}

    try:
        return once("reasons", (folder.name, tuple(rows)), make)
    except MedtuneError as error:
        widgets.trouble(error)
        return {}


def _line(column: str, change: float, together: float) -> str:
    if not column:
        return translate("all patients moved together ({change})", change=signed(together, 2))
    if change * together > 0 and abs(together) >= 0.1:
        words = "{column} counts differently ({change}); all patients together {together}"
        return translate(words, column=column, change=signed(change, 2), together=signed(together, 2))
    return translate("{column} counts differently ({change})", column=column, change=signed(change, 2))
