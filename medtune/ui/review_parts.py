"""The parts of the Review page: the list of hard patients, their like with the other outcome, marks, the error map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from medtune.cohort.table import Cohort
from medtune.evaluation.intervals import wilson
from medtune.explanation.hard_patients import Hard, Opposite
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate
from medtune.foundation.records import from_plain
from medtune.foundation.words import Sentence, say
from medtune.report.review_sheet import ReviewSheet, group_heads, numbers_heads, review_sheet
from medtune.runs.class_record import ClassResult
from medtune.runs.marks import KINDS, Mark, mark, read_marks
from medtune.runs.record import RunResult
from medtune.runs.review_questions import Review
from medtune.runs.standby import ask
from medtune.ui import run_patients, widgets
from medtune.ui.memory import once
from medtune.ui.paging import page_of
from medtune.ui.results.shown import caption, stacked
from medtune.ui.state import PREFIX, state
from medtune.ui.text import number, percent, plain_number, translate

RANKINGS = {"loss": say("Farthest off"), "label_score": say("Most doubtful outcome")}
UNSETTLED = say(
    "The intervals of the first and the last group overlap: these patients cannot settle where errors gather."
)
COLUMNS = 12  # compared with similar patients
RELATIONS = {"up to": say("{column} up to {value}"), "above": say("{column} above {value}"),
             "is": say("{column} is {value}"), "is not": say("{column} is not {value}")}  # fmt: skip


def review(folder: Path, classes: tuple[str, ...] = ()) -> Review:
    """The list and the map of a run."""

    def make() -> Review:
        with st.spinner(translate("Looking for the hardest patients")):
            question = "class_review_run" if classes else "review_run"
            return from_plain(Review, ask(question, {"run": str(folder)}, timeout=60.0))

    return once("review", folder.name, make)


def happened(classes: tuple[str, ...]) -> tuple[str, ...]:
    """What outcomes are called, by number."""
    return classes or (translate("no event"), translate("event"))


def answer(found: Review, classes: tuple[str, ...] = ()) -> Sentence:
    """The most surprising patient in one sentence."""
    if not found.hard:
        return say("There is nobody to review.")
    worst = found.hard[0]
    if classes:
        return say(
            "The model is most wrong about patient {name}: recorded as ‘{truth}’ with an estimated risk of {risk}, "
            "most likely ‘{likely}’.",
            name=run_patients.names([worst.row])[0], truth=classes[worst.outcome], risk=percent(worst.risk),
            likely=classes[worst.likely],
        )  # fmt: skip
    outcome = say("had the event") if worst.outcome else say("did not have the event")
    return say(
        "The model is most wrong about patient {name}: estimated risk {risk}, and the patient {happened}.",
        name=run_patients.names([worst.row])[0], risk=percent(worst.risk), happened=outcome,
    )  # fmt: skip


def hard(found: Review, marks: dict[int, Mark], places: np.ndarray, classes: tuple[str, ...] = ()) -> Hard | None:
    """The list, ranked as wanted; whom the reader opens."""
    ranking = st.segmented_control(
        translate("Ranked by"), list(RANKINGS), default="loss", required=True, key=PREFIX + "widget.ranking",
        format_func=lambda key: translate(RANKINGS[key]),
    )  # fmt: skip
    sign = -1 if ranking == "loss" else 1
    ranked = sorted(found.hard, key=lambda one: sign * getattr(one, ranking))
    shown = list(page_of(ranked, "hard"))
    names = run_patients.names([one.row for one in shown])
    heads = [say("Patient"), *numbers_heads(bool(classes))]
    rows = [
        [name + _mark(marks.get(int(places[one.row]))), *_numbers(one, classes)]
        for name, one in zip(names, shown, strict=True)
    ]
    widgets.table(heads, rows)
    widgets.aside(
        say("Risks are out of fold. A low label score says that the recorded outcome fits badly; it proves nothing.")
    )
    called = {one.row: name for one, name in zip(shown, names, strict=True)}
    by_row = {one.row: one for one in shown}
    key = f"{PREFIX}widget.hard.{ranking}"
    return by_row.get(st.selectbox(translate("Look at a patient"), list(called), format_func=called.get, key=key))


def _numbers(one: Hard, classes: tuple[str, ...]) -> list[str]:
    """Outcome, risk, of several classes the most likely one, log-loss and label score."""
    likely = [classes[one.likely]] if classes else []
    return [happened(classes)[one.outcome], percent(one.risk), *likely, number(one.loss, 2), number(one.label_score, 2)]


def _mark(one: Mark | None) -> str:
    """What stands below the name of a patient."""
    if one is None:
        return ""
    return "\n" + ": ".join(filter(None, (translate(KINDS[one.kind]), one.reason)))


def similar(one: Hard, cohort: Cohort, folder: Path, classes: tuple[str, ...] = ()) -> None:
    """The patient beside the most similar ones with the other outcome."""
    widgets.heading(
        say("Similar patients of another class") if classes else say("Similar patients with the other outcome")
    )

    def make() -> tuple[Opposite, ...]:
        return from_plain(tuple[Opposite, ...], ask("similar_patients", {"run": str(folder), "row": one.row}))

    try:
        found = once("similar", (folder.name, one.row), make)
    except MedtuneError as error:
        widgets.trouble(error)
        return
    people = [one.row, *(other.row for other in found)]
    heads = [say("Column"), *run_patients.names(people)]
    said = happened(classes)
    rows = [[translate("Outcome"), *(said[cohort.outcome[row]] for row in people)]]
    rows += [[translate("Distance"), "–", *(number(other.distance, 1) for other in found)]]
    for name in cohort.roles.predictors[:COLUMNS]:
        rows.append([name, *(_written(cohort.frame[name].iloc[row]) for row in people)])
    widgets.table(heads, rows)
    widgets.aside(say("Distance in standard deviations over all predictors; gaps are filled as in the preparation."))


def _written(cell: object) -> str:
    if cell is None or cell != cell:
        return translate("missing")
    return plain_number(float(cell)) if isinstance(cell, (int, float, np.number)) else str(cell)


def marking(one: Hard, cohort_folder: Path, places: np.ndarray) -> None:
    """The reader's own judgement of the patient; nothing is left out by it until a run is told to."""
    place = int(places[one.row])
    now = read_marks(cohort_folder).get(place)
    kinds = ["", *KINDS]
    key = f"{PREFIX}widget.mark.{state.cohort_id}.{place}"
    first, second, third = st.columns([2, 3, 1], vertical_alignment="bottom")
    kind = first.selectbox(
        translate("Your mark"), kinds, index=kinds.index(now.kind) if now else 0, key=key,
        format_func=lambda kind: translate(KINDS[kind]) if kind else translate("(none)"),
    )  # fmt: skip
    reason = second.text_input(translate("Reason"), value=now.reason if now else "", max_chars=200, key=key + ".reason")

    def keep() -> None:
        with state.troubles_kept():
            mark(cohort_folder, [place], st.session_state[key] or None, st.session_state[key + ".reason"])

    third.button(translate("Keep"), on_click=keep, key=key + ".keep", width="stretch", disabled=kind == "" and not now)
    if kind == "exclude" and not reason:
        widgets.aside(say("Give a reason for leaving a patient out."))


def error_map(found: Review, classes: tuple[str, ...] = ()) -> None:
    """Where errors gather."""
    widgets.heading(say("Where errors gather"))
    if not found.groups:
        widgets.aside(say("With fewer than 100 patients no groups can be told apart."))
        return
    if len(found.groups) == 1:
        widgets.aside(say("Errors gather nowhere in particular: no column tells where the model is more wrong."))
        return
    rows = _groups(found)
    widgets.table(group_heads(bool(classes)), rows)
    unsettled = UNSETTLED if found.groups[0].loss.low <= found.groups[-1].loss.high else None
    widgets.aside(
        *filter(None, [unsettled]),
        say("Groups were found on one half of the patients and measured on the other, so the numbers are fair."),
        say("A log-loss is higher where classes are about equally likely, also for a model that is right.")
        if classes
        else say("A log-loss is higher where risks are near one half, also for a model that is right."),
    )


def _groups(found: Review) -> list[list[str]]:
    """Each group in words, its size, events, mean risk and log-loss."""
    rows = []
    for group in found.groups:
        words = [translate(RELATIONS[way].template, column=name, value=value) for name, way, value in group.conditions]
        low, high = wilson(group.events, group.n)
        share = stacked(Estimate(group.events / group.n, float(low), float(high)), 1, as_percent=True)
        rows.append([", ".join(words), number(group.n), share, percent(group.risk), stacked(group.loss, 2)])
    return rows


def download(
    found: Review, marks: dict[int, Mark], places: np.ndarray, result: RunResult | ClassResult
) -> None:  # fmt: skip
    """The review as a page to keep: marks with their reasons, who is left, where errors gather."""
    classes = getattr(result, "classes", ())

    def make() -> bytes:
        by_place = {int(places[one.row]): one for one in found.hard}
        told = {place: _numbers(one, classes) for place, one in by_place.items()}
        blank = [""] * len(numbers_heads(bool(classes)))
        rows = {int(place): row for row, place in enumerate(places)}
        here = [place for place in marks if place in rows]
        names = dict(zip(here, run_patients.names([rows[place] for place in here]), strict=True))
        gone = translate("left out of this run")
        marked = [
            (names.get(place, gone), translate(KINDS[one.kind]), one.reason, *told.get(place, blank))
            for place, one in sorted(marks.items())
        ]
        left = [(place, one) for place, one in by_place.items() if place not in marks]
        waiting = [
            (name, *told[place])
            for (place, _), name in zip(left, run_patients.names([one.row for _, one in left]), strict=True)
        ]
        notes = (
            say(
                "Risks are out of fold. A low label score says that the recorded outcome fits badly; it proves nothing."
            ),
            say("A mark changes nothing by itself; patients are left out only by a run that is told to."),
        )
        sheet = ReviewSheet(
            translate("Review of hard patients"),
            translate(answer(found, classes)),
            translate(caption(result)),
            marked,
            waiting,
            _groups(found) if len(found.groups) > 1 else (),
            [translate(note) for note in notes],
            bool(classes),
        )
        return review_sheet(sheet, translate)

    st.download_button(
        translate("Report of this review (HTML)"), make, file_name="review.html", mime="text/html",
        icon=":material/download:", on_click="ignore", key="review_report",
        help=translate("It names patients; keep it where their records are kept."),
    )  # fmt: skip
