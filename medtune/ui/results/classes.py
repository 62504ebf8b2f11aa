"""The Results page of a run with several classes: methods, one class against the rest, and who is taken for whom."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.evaluation.class_performance import ClassPerformance
from medtune.figures.calibration import calibration
from medtune.figures.candidates import forest
from medtune.figures.discrimination import roc
from medtune.figures.numbers import of_classes
from medtune.foundation.words import Sentence, say
from medtune.runs.class_record import ClassResult
from medtune.tuning.classes.candidates import CLASS_MEANINGS, NOT_FOR_CLASSES
from medtune.ui import look, widgets
from medtune.ui.results.keep import keep
from medtune.ui.results.notes import notes
from medtune.ui.results.shown import caption, compared_with, stacked
from medtune.ui.results.verdict import verdict
from medtune.ui.text import number, percent, translate

NOT_OFFERED = say(
    "With several classes there is no threshold: decision curves and subgroups are not offered. "
    "They are there when one value is chosen as the event."
)


def page(result: ClassResult, folder: Path) -> None:
    """Everything below the title."""
    verdict(result)
    if result.verdict.state == "too few":
        widgets.note(say("Nothing was fitted; below, the starting model is measured on these patients as it is."))
    methods(result)
    one_class(result)
    most_likely(result)
    more(result, folder)
    keep(result, folder)


def methods(result: ClassResult) -> None:
    """The table of candidates on the same patients."""
    widgets.heading(say("Methods compared on the same patients"))
    heads = [say("Method"), say("Gain in log-loss"), say("AUROC over pairs"), say("Brier score"), say("Accuracy"),
             say("Recall, mean of classes"), say("F1, mean of classes")]  # fmt: skip
    rows, marks = [], []
    for candidate in result.candidates:
        title = translate(candidate.title)
        if candidate.performance is None:
            why = candidate.why_not or NOT_FOR_CLASSES
            rows.append([f"{title}\n{translate(why)}", *["–"] * 6])
            marks.append("faint")
            continue
        head = candidate.performance.headline
        gain = candidate.comparison.gain if candidate.comparison else None
        rows.append(
            [
                f"{title}\n{translate(CLASS_MEANINGS[candidate.key])}",
                stacked(gain, 3, sign=True) if gain else translate("reference"),
                *(stacked(head[name], 3) for name in ("hand_till", "brier", "accuracy", "macro_recall", "macro_f1")),
            ]
        )
        marks.append("chosen" if candidate.key == result.verdict.chosen else "")
    widgets.table(heads, rows, marks=marks)
    sizes = zip(result.classes, result.counts, strict=True)
    widgets.aside(
        say(
            "{n} patients by class ({classes}). Brackets: 95% CI. Gain above 0 is better.",
            n=number(result.scored),
            classes=", ".join(f"{name}: {number(count)}" for name, count in sizes),
        )
    )


@st.fragment
def one_class(result: ClassResult) -> None:
    """ROC and calibration of one class against all others; only this part is drawn when another is chosen."""
    widgets.heading(say("One class against all others"))
    name = st.segmented_control(
        translate("Class"), list(result.classes), default=result.classes[0], required=True, key="class_in_view"
    )
    place, theme, shown = result.classes.index(name), look.theme(), compared_with(result)
    if result.verdict.from_scratch and len(shown) > 1:
        shown = shown[1:]  # the shares of the classes rank nobody and have no slope
    last = shown[-1].key
    first, second = st.columns(2, gap="medium")
    with first:
        lines = [(c.key, c.title, one.roc, one.headline["auroc"], c.key == last) for c, one in _of(shown, place)]
        widgets.plot(roc(lines, theme, translate=translate), "roc", f"roc-{name}", caption(result))
        widgets.aside(say("The further above the diagonal, the better patients of class ‘{name}’ are told.", name=name))
    with second:
        lines = [(c.key, c.title, one, c.key == last) for c, one in _of(shown, place)]
        widgets.plot(calibration(lines, theme, translate=translate), "calibration", f"calibration-{name}",
                     caption(result))  # fmt: skip
        widgets.aside(say("Points above the diagonal: the risks of this class are too low; below: too high."))


def _of(shown, place: int):
    return [(candidate, candidate.performance.each[place]) for candidate in shown]


def most_likely(result: ClassResult) -> None:
    """Who is taken for whom when the most likely class is believed, and what is said of each class."""
    performance = compared_with(result)[-1].performance
    title = translate(compared_with(result)[-1].title)
    widgets.heading(say("When the most likely class is taken: “{method}”", method=title))
    left, right = st.columns(2, gap="medium")
    with left:
        _matrix(performance)
    with right:
        _each(performance)
    widgets.aside(
        say("The most likely class hides how sure the risks are; rare classes are seldom the most likely one.")
    )


def _matrix(performance: ClassPerformance) -> None:
    heads: list[Sentence] = [say("Truth"), *(say("{name}", name=name) for name in performance.classes)]
    rows = []
    for place, name in enumerate(performance.classes):
        counts = performance.confusion[place]
        total = counts.sum()
        share = [percent(count / total) if total else "–" for count in counts]
        cells = [f"{number(count, 0)}\n{part}" for count, part in zip(counts, share, strict=True)]
        rows.append([translate("{name}\nn = {n}", name=name, n=number(total, 0)), *cells])
    widgets.table(heads, rows)
    widgets.aside(
        say(
            "Rows: what happened. Columns: the most likely class. Percentages are of the row; "
            "counts are means over the repeats."
        )
    )
    widgets.numbers_button(
        "matrix", "confusion-matrix", lambda: of_classes(performance.classes, performance.confusion, translate)
    )


def _each(performance: ClassPerformance) -> None:
    heads = [say("Class"), say("Recall"), say("Precision"), say("Observed / expected")]
    rows = [
        [
            one.name,
            stacked(one.headline["recall"], 2),
            stacked(one.headline["precision"], 2),
            stacked(one.headline["oe"], 2),
        ]
        for one in performance.each
    ]
    widgets.table(heads, rows)
    widgets.aside(
        say("Recall: of the patients of a class, the share that is found. Precision: of those taken for it, the share "
            "that is of it.")
    )  # fmt: skip


def more(result: ClassResult, folder: Path) -> None:
    """What stands behind: the gains of all methods, the update, the notes."""
    names = (say("All methods"), say("The update"), say("Notes"))
    tabs = st.tabs([translate(name) for name in names], on_change="rerun", key="more_of_classes")
    for tab, draw in zip(tabs, (_gains, _update, notes), strict=True):
        if tab.open:
            with tab:
                draw(result, folder)
    widgets.aside(NOT_OFFERED)


def _gains(result: ClassResult, folder: Path) -> None:
    against = say("Gain in log-loss over the shares of the classes") if result.verdict.from_scratch else None
    figure = forest(result.candidates, look.theme(), chosen=result.verdict.chosen, against=against, translate=translate)
    widgets.plot(figure, "gains", "methods", caption(result))
    widgets.aside(say("An interval that contains 0 settles nothing: these patients are too few to tell."))


def _update(result: ClassResult, folder: Path) -> None:
    if not result.support:
        widgets.aside(say("This method is not an average over changes."))
        return
    words = {
        "unchanged": say("The model unchanged"),
        "intercept": say("A shift of the risks of classes"),
        "slope": say("A stretch or shrinkage of risks"),
        "predictors": say("Predictors acting differently here"),
    }
    rows = [[translate(words[key]), number(result.support[key], 2)] for key in words]
    widgets.table([say("What the patients support"), say("Weight")], rows)
    widgets.aside(say("Weights lie between 0 and 1; they are judged for each kind of change on its own."))
