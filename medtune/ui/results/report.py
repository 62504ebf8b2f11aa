"""The report of a run, to be saved, printed and handed on."""

from __future__ import annotations

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.settings import Settings
from medtune.foundation.words import Sentence, say
from medtune.report.run_sheet import RunSheet, run_sheet
from medtune.runs.class_record import ClassResult
from medtune.runs.folder import RunFolder
from medtune.runs.marks import KINDS, read_marks
from medtune.runs.record import RunResult
from medtune.ui import run_patients, widgets
from medtune.ui.results.shown import caption, titles
from medtune.ui.state import PREFIX, state
from medtune.ui.text import estimate, number, percent, translate

OF_EVENT = {"auroc": (say("AUROC"), 3), "slope": (say("Calibration slope"), 2),
            "oe": (say("Observed / expected"), 2), "brier": (say("Brier score"), 3)}  # fmt: skip
OF_CLASSES = {"hand_till": (say("AUROC over pairs"), 3), "brier": (say("Brier score"), 3),
              "accuracy": (say("Accuracy"), 3), "macro_f1": (say("F1, mean of classes"), 3)}  # fmt: skip


def report(run: RunFolder, result: RunResult | ClassResult) -> None:
    """The button, and whether patients shall be named."""
    widgets.heading(say("Report"))
    widgets.aside(say("One page: the verdict, every method with its intervals, what was done, and marked patients."))
    named = st.toggle(translate("With the ids of marked patients"), key=PREFIX + "widget.report_named")
    st.download_button(
        translate("Report of this run (HTML)"), lambda: made(run, result, named), file_name="report.html",
        mime="text/html", icon=":material/download:", on_click="ignore", key="run_report",
    )  # fmt: skip


def made(run: RunFolder, result: RunResult | ClassResult, named: bool) -> bytes:
    """The page."""
    said = result.verdict
    keys = [candidate.key for candidate in result.candidates]
    return run_sheet(
        RunSheet(
            title=translate(say("Report: {name}", name=run.job.name)),
            answer=translate(said.headline),
            about=translate(caption(result)),
            verdict=[translate(sentence) for sentence in (said.sentence, *said.details)],
            heads=_heads(result),
            methods=[_line(result, candidate) for candidate in result.candidates],
            chosen=keys.index(said.chosen) if said.chosen in keys else -1,
            done=_done(result),
            notes=[translate(note) for note in result.notes],
            marks=_marks(run, named),
        ),
        translate,
    )


def _measures(result: RunResult | ClassResult) -> dict[str, tuple[Sentence, int]]:
    return OF_CLASSES if getattr(result, "classes", ()) else OF_EVENT


def _heads(result: RunResult | ClassResult) -> list[Sentence]:
    return [say("Method"), say("Gain in log-loss"), *(name for name, _ in _measures(result).values())]


def _line(result: RunResult | ClassResult, candidate) -> list[str]:
    measures = _measures(result)
    if candidate.performance is None:
        why = candidate.why_not
        return [translate(candidate.title), translate(why) if why else "–", *["–"] * len(measures)]
    gain = candidate.comparison.gain if candidate.comparison else None
    told = translate("reference") if gain is None else estimate(gain, 3, sign=True)
    head = candidate.performance.headline
    return [translate(candidate.title), told, *(estimate(head[key], digits) for key, (_, digits) in measures.items())]


def _done(result: RunResult | ClassResult) -> list[tuple[str, str]]:
    classes = getattr(result, "classes", ())
    if classes:
        sizes = ", ".join(f"{name} {number(count)}" for name, count in zip(classes, result.counts, strict=True))
        patients = say("{cohort}: {n} patients ({sizes})", cohort=result.cohort, n=number(result.n), sizes=sizes)
    else:
        patients = say("{cohort}: {n} patients, {events} with the event", cohort=result.cohort, n=number(result.n),
                       events=number(result.events))  # fmt: skip
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    rows = [
        (say("Patients"), patients),
        (say("Outcome"), say("{name}", name=result.outcome)),
        (say("Starting model"), say("{name}", name=result.starting or translate("Trained from scratch"))),
        (say("Comparison"), result.design),
        (say("Model to use"), titles(result)[result.verdict.chosen]),
    ]
    if not classes:
        rows.append((say("Threshold"), say("flagged from a risk of {at} on", at=percent(result.threshold))))
    rows += [(say("Made"), say("{when} UTC", when=result.made[:16].replace("T", " "))),
             (say("Versions"), say("{versions}", versions=versions))]  # fmt: skip
    return [(translate(what), translate(how)) for what, how in rows]


def _marks(run: RunFolder, named: bool) -> list[list[str]]:
    """What readers wrote beside patients of the run's cohort, whether or not they took part."""
    try:
        marks = read_marks(state.store.cohort_folder(run.job.cohort))
    except MedtuneError as error:
        return [["–", "–", translate(error.sentence), "–"]]
    left, those = set(Settings.from_json(run.settings).left_out), run_patients.those()
    # A copy of another row is left out too, which only the patients themselves tell.
    here = None if those is None else set(those[1].tolist())
    rows = []
    for at, (row, one) in enumerate(sorted(marks.items()), start=1):
        took = row not in left if here is None else row in here
        part = translate("took part") if took else translate("left out")
        rows.append([_name(run, row, at, named), translate(KINDS[one.kind]), one.reason, part])
    return rows


def _name(run: RunFolder, row: int, at: int, named: bool) -> str:
    """The id where it is wanted and known, else a running number."""
    cohort = state.cohort
    if not named or cohort is None or run.job.cohort != state.cohort_id or row >= cohort.n:
        return number(at)
    if cohort.patients is not None:
        return str(cohort.patients[row])
    return translate("row {row}", row=number(int(cohort.rows[row]) + 1))
