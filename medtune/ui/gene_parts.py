"""The parts of the Genes page: volcano, one gene, heat map, table of genes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import streamlit as st

from medtune.cohort.values import as_numbers
from medtune.figures.genes import by_class, heat_map, volcano
from medtune.foundation.words import say
from medtune.genes.record import GeneResult
from medtune.runs.folder import RunFolder
from medtune.runs.gene_marks import GENES, read_genes
from medtune.runs.record import model_file
from medtune.ui import look, run_patients, wide_tables, widgets
from medtune.ui.memory import once
from medtune.ui.results.later import coming, worked_out
from medtune.ui.state import PREFIX
from medtune.ui.text import number, percent, translate


def found(folder: Path) -> GeneResult | None:
    """What is known of the genes of a run; None until it has been worked out."""
    return worked_out(folder, GENES, read_genes)


def wait(folder: Path) -> None:
    """Until it has been worked out."""
    coming(folder, GENES)


def draw(result: GeneResult, run: RunFolder, judged: object) -> None:
    """All parts.

    Parameters
    ----------
    result : GeneResult
    run : RunFolder
    judged : RunResult or ClassResult
        The result of the run.
    """
    used = _used(run.path, judged.verdict.chosen)
    _bound(result)
    theme = look.theme()
    first, second = st.columns([3, 2], gap="medium")
    with first:
        widgets.heading(say("Difference and certainty"))
        clicked = widgets.choosing(volcano(result, theme, used, translate), "volcano", "volcano")
        widgets.aside(say("Each point is a gene. Click one to see it in the patients."))
    with second:
        widgets.heading(say("One gene"))
        _one(result, clicked, theme)
    widgets.heading(say("The most telling genes in every patient"))
    figure = heat_map(result, theme, translate)
    widgets.plot(figure, "heat_map", "heat-map", numbers=False)
    widgets.aside(
        say("Chosen with the outcome in view, so they look clearer here than in new patients; patients are columns.")
    )
    widgets.heading(say("Genes"))
    _table(result, used)


def _bound(result: GeneResult) -> None:
    found = result.stability
    if found is None:
        widgets.aside(*result.notes)
        return
    widgets.aside(
        say(
            "{halves} half-samples, {wanted} genes chosen from each. Of the stable ones at most {bound} is expected to "
            "have no part in the outcome (Meinshausen & Bühlmann 2010; Shah & Samworth 2013).",
            halves=number(found.halves),
            wanted=number(found.wanted),
            bound=number(found.bound, 1),
        )
    )


def _used(folder: Path, key: str) -> list[str]:
    """Columns that the chosen model reads, from the passport beside its file."""
    path = model_file(folder, key).with_suffix(".json")
    if not path.exists():
        return []

    def read() -> list[str]:
        return [column["name"] for column in json.loads(path.read_text(encoding="utf-8"))["columns"]]

    return once("genes used", (folder.name, key), read)


def _one(result: GeneResult, clicked: int | None, theme) -> None:
    patients = run_patients.those()
    if patients is None:
        widgets.aside(say("The patients of this run are no longer kept, so no gene can be shown in them."))
        return
    cohort = patients[0]
    telling = [result.names[at] for at in result.shown]
    names = [result.names[clicked], *telling] if clicked is not None and clicked < len(result.names) else telling
    name = st.selectbox(
        translate("Gene"), list(dict.fromkeys(names)), key=f"{PREFIX}widget.gene.{clicked}", persist_state="session"
    )
    if name is None or name not in cohort.frame:
        return
    values = as_numbers(cohort.frame[name])[0]
    widgets.plot(
        by_class(values, cohort.outcome, result.classes, theme, name, translate), "one_gene", "gene", numbers=False
    )


def _table(result: GeneResult, used: list[str]) -> None:
    inside = set(used)
    order = np.lexsort((result.p_value, -result.chosen if result.chosen.size else np.zeros(len(result.names))))
    ranked = [result.names[at] for at in order]
    place = {name: at for at, name in enumerate(result.names)}
    shown = wide_tables.portion(ranked, "genes")[: wide_tables.PORTION]
    heads = [
        say("Gene"),
        say("Difference"),
        say("p-value"),
        say("False discovery rate"),
        say("Chosen from halves"),
        say("In the model"),
    ]
    rows = []
    for name in shown:
        at = place[name]
        rows.append(
            [
                name,
                number(float(result.difference[at]), 2),
                f"{result.p_value[at]:.1e}",
                f"{result.q_value[at]:.2g}",
                percent(float(result.chosen[at]), 0) if result.chosen.size else "–",
                translate("yes") if name in inside else "",
            ]
        )
    widgets.table(heads, rows)
