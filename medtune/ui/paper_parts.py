"""The model on paper: nomogram and points score of a logistic model, main effects of any other."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import streamlit as st

from medtune.figures.main_effects import main_effect
from medtune.figures.nomogram import nomogram
from medtune.foundation.errors import ModelError
from medtune.foundation.words import Sentence, say
from medtune.report.paper_sheet import line_in_words, paper_sheet
from medtune.runs.paper_record import MOST, Paper, read_main_effects, read_paper
from medtune.runs.record import RunResult
from medtune.runs.standby import ask
from medtune.tuning.candidates import TITLES
from medtune.ui import look, widgets
from medtune.ui.memory import once
from medtune.ui.results.shown import caption, stacked
from medtune.ui.state import PREFIX
from medtune.ui.text import estimate, number, percent, translate

SIZES = (10, MOST, 40)
MEASURES: dict[str, tuple[Sentence, int]] = {
    "auroc": (say("AUROC"), 3),
    "log_loss": (say("Log-loss"), 3),
    "slope": (say("Calibration slope"), 2),
    "citl": (say("Calibration in the large"), 2),
}


def on_paper(result: RunResult, folder: Path) -> None:
    """Nomogram and points where the model is a sum over columns; else its main effects and why."""
    key = PREFIX + "widget.most_points"
    most = st.session_state.get(key) or MOST
    try:
        paper = once("paper", (folder.name, most), lambda: _paper(folder, most))
    except ModelError as error:
        widgets.note(error.sentence)
        _main_effects(result, folder)
        return
    st.segmented_control(
        translate("Points that may come together, about"), SIZES, default=None if key in st.session_state else MOST,
        required=True, format_func=number, key=key,
    )  # fmt: skip
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _points(paper)
    with right:
        widgets.heading(say("What whole numbers cost"))
        _cost(paper)
        _sums(paper)
    widgets.heading(say("The exact model as a nomogram"))
    widgets.plot(
        nomogram(paper.nomogram, look.theme(), translate=translate), "nomogram", "nomogram", caption(result), False
    )
    widgets.aside(
        say("Read each value up to the points on top, add them, and read the risk below the sum: the model's own risk.")
    )
    _downloads(paper, result)


def _paper(folder: Path, most: int) -> Paper:
    known = read_paper(folder, most)
    if known is None:
        with st.spinner(translate("Writing the model down, and trying it without a part of the patients")):
            ask("paper_of_run", {"run": str(folder), "most": most}, timeout=240.0)
        known = read_paper(folder, most)
    return known


def _points(paper: Paper) -> None:
    widgets.heading(say("Points to add up"))
    rows = [
        [item.column if at == 0 else "", line_in_words(line, translate), str(line.points)]
        for item in paper.sheet.items
        for at, line in enumerate(item.lines)
    ]
    widgets.table([say("Column"), say("Value"), say("Points")], rows, words=2)
    if paper.sheet.dropped:
        words = say("Columns of the model that never reach one point: {names}.", names=", ".join(paper.sheet.dropped))
        widgets.aside(words)


def _sums(paper: Paper) -> None:
    risks = paper.sheet.risks
    step = max(1, -(-len(risks) // 14))
    rows = [[str(total), percent(risks[total])] for total in range(0, len(risks), step)]
    widgets.heading(say("From points to risk"))
    widgets.table([say("Sum of points"), say("Estimated risk")], rows, words=0)
    if step > 1:
        widgets.aside(say("The file has every sum."))


def _cost(paper: Paper) -> None:
    check = paper.check
    if check is not None:
        heads = [say("Measure (95% CI)"), say("Model"), say("Points"), say("Difference")]
        rows = [
            [
                translate(name),
                *(stacked(part[key], digits) for part in (check.model, check.sheet)),
                stacked(check.loss[key], digits, sign=True),
            ]
            for key, (name, digits) in MEASURES.items()
        ]
        widgets.table(heads, rows)
        widgets.aside(verdict(paper))
    widgets.aside(paper.note)


def verdict(paper: Paper) -> Sentence:
    """Whether whole numbers cost anything that these patients can show."""
    check = paper.check
    loss = check.loss["log_loss"]
    where = {"n": number(check.n), "loss": estimate(loss, 3, sign=True)}
    if not loss.excludes(0):
        return say("On {n} patients no loss by whole numbers can be shown: log-loss changes by {loss}.", **where)
    if loss.value > 0:
        return say("On {n} patients whole numbers cost accuracy: log-loss rises by {loss}.", **where)
    return say("On {n} patients whole numbers do better: log-loss changes by {loss}.", **where)


def _downloads(paper: Paper, result: RunResult) -> None:
    title = translate("Risk of “{outcome}” in points", outcome=result.outcome)
    about = translate(
        "{model}. {cohort}, n = {n}. {date}.",
        model=translate(TITLES[result.verdict.chosen]),
        cohort=result.cohort,
        n=number(result.n),
        date=result.made[:10],
    )

    def page() -> bytes:
        notes = [translate(paper.note)]
        if paper.check is not None:
            notes = [translate(verdict(paper)), *notes]
            notes += [
                translate(
                    "{measure}: model {model}, points {points}, difference {difference} (95% CI).",
                    measure=translate(name),
                    model=estimate(paper.check.model[key], digits),
                    points=estimate(paper.check.sheet[key], digits),
                    difference=estimate(paper.check.loss[key], digits, sign=True),
                )
                for key, (name, digits) in MEASURES.items()
            ]
        return paper_sheet(title, about, paper.sheet, paper.nomogram, notes, translate)

    with st.container(horizontal=True):
        st.download_button(
            translate("The page to print (HTML)"), page, file_name="points.html", mime="text/html",
            icon=":material/print:", on_click="ignore", key="paper_html",
        )  # fmt: skip
        st.download_button(
            translate("Points (CSV)"), lambda: points_csv(paper), file_name="points.csv", mime="text/csv",
            icon=":material/download:", on_click="ignore", key="paper_csv",
        )  # fmt: skip


def points_csv(paper: Paper) -> bytes:
    """Lines of the sheet and the risk of every sum, as a table; a leading sign cannot start a formula."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([translate("Column"), translate("Value"), translate("Points")])
    for item in paper.sheet.items:
        for line in item.lines:
            writer.writerow([_safe(item.column), _safe(line_in_words(line, translate)), line.points])
    writer.writerow([])
    writer.writerow([translate("Sum of points"), translate("Estimated risk")])
    for total, risk in enumerate(paper.sheet.risks):
        writer.writerow([total, f"{risk:.4f}"])
    return out.getvalue().encode("utf-8-sig")


def _safe(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _main_effects(result: RunResult, folder: Path) -> None:
    """What each column does by itself, one at a time."""

    def make():
        known = read_main_effects(folder)
        if known is None:
            with st.spinner(translate("Asking the model")):
                ask("main_effects_of_run", {"run": str(folder)}, timeout=180.0)
            known = read_main_effects(folder)
        return known

    found = once("main_effects", folder.name, make)
    widgets.heading(say("Main effects"))
    if not found.effects:
        widgets.aside(say("No column takes more than one value here."))
        return
    if found.share.known:
        widgets.aside(
            say(
                "These curves added up tell {share} of how the model's predictions vary; the rest is columns acting"
                " together.",
                share=estimate(found.share, 0, as_percent=True),
            )
        )
    names = [shown.column for shown in found.effects]
    chosen = st.selectbox(translate("Column, the most important first"), names, key=PREFIX + "widget.main_effect")
    shown = found.effects[names.index(chosen) if chosen in names else 0]
    figure = main_effect(shown, found.scale, look.theme(), translate=translate)
    widgets.plot(figure, "main_effect", f"main-effect-{shown.column}", caption(result))
    widgets.aside(
        say(
            "Mean over {n} patients of what the model says if they had this value, less its own mean.",
            n=number(found.n),
        )
    )
