"""Genes: a table turned or joined on the Data page, and how genes are made ready on the Prepare page."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from medtune.cohort.genes import gene_names, reads_genes
from medtune.cohort.reading import Table
from medtune.cohort.table import Cohort
from medtune.cohort.turning import Turned, joined, rows_are_genes, turned
from medtune.foundation.settings import Family, Genes
from medtune.foundation.words import Sentence, say
from medtune.images.labels import PICTURE
from medtune.ui import choices, navigation, preparation_choices, reading_choices, wide_tables, widgets
from medtune.ui.binding import bind
from medtune.ui.memory import once
from medtune.ui.state import PREFIX, state
from medtune.ui.text import number, translate

OUTCOMES = PREFIX + "widget.outcomes"
PLACE = "settings.genes."
USES: dict[str, Sentence] = {
    "auto": say("By the number of columns"),
    "yes": say("Numbers are genes"),
    "no": say("Numbers are no genes"),
}
LOGS: dict[str, Sentence] = {
    "auto": say("Where the values look as if none was taken"),
    "log2": say("Always: log2(1 + x)"),
    "none": say("Never"),
}


def shape() -> None:
    """Offer to turn a table whose rows are genes, and to join outcomes to a wide one."""
    table = state.table
    if PICTURE in table.frame:
        return
    if once("rows_are_genes", state.edition, lambda: rows_are_genes(table.frame)):
        with st.container(border=True, key="rows_are_genes"):
            widgets.aside(say("Each row of this table looks like a gene and each column like a patient."))
            st.button(translate("Turn the table"), type="primary", on_click=_turn)
        return
    if not wide_tables.wide(choices.view().columns):
        return
    with st.expander(translate("Outcomes from a second table"), icon=":material/join_inner:"):
        st.file_uploader(
            translate("A table with the same sample ids and the outcome of each; it stays on this computer"),
            key=OUTCOMES,
            on_change=_join,
        )


def _turn() -> None:
    with state.troubles_kept():
        _take(turned(state.table.frame))


def _join() -> None:
    upload = st.session_state[OUTCOMES]
    if upload is None:
        return
    with state.troubles_kept():
        second = reading_choices.read_with_bar(upload.getvalue(), upload.name)
        _take(joined(state.table.frame, second.frame))


def _take(made: Turned) -> None:
    """Put the new table in place of the old one, so that a reload finds it too."""
    old = state.table
    table = replace(old, frame=made.frame, report=(*old.report, *made.report), form="")
    if state.table_id:
        from medtune.cohort.wishes import Wishes
        from medtune.runs.tables import renew_table

        renew_table(state.store.place, state.table_id, table, state.table_name, state.wishes or Wishes())
    choices.take_table(Table(made.frame, table.report), state.table_name, state.upload)


def in_use(cohort: Cohort | None) -> bool:
    """Whether the numbers of these patients are taken for genes."""
    return cohort is not None and reads_genes(cohort.predictor_columns, state.settings.genes, cohort.n)


def propose(cohort: Cohort) -> None:
    """For genes a family that can choose among them, unless another than the usual one was chosen."""
    if in_use(cohort) and state.settings.family == Family():
        state.change(family=Family("elastic_net_path"))


def draw() -> None:
    """One widget for each setting of genes."""
    cohort = state.cohort
    _select("use", say("The numbers"), USES, say("By itself, at least 200 numbers and more than patients are genes."))
    if not in_use(cohort):
        return
    _select("log", say("Logarithm of genes"), LOGS, say("Expression on the raw scale is skewed; log2 evens it out."))
    first, second = st.columns(2)
    low, high = Genes.limits("keep")
    first.number_input(
        translate("Keep so many genes that vary most"),
        min_value=low,
        max_value=high,
        step=500,
        help=translate("Chosen in each training fold, without looking at the outcome."),
        **bind(PLACE + "keep", then=_changed),
    )
    low, high = Genes.limits("ranked")
    second.number_input(
        translate("Of these, the best by outcome"),
        min_value=low,
        max_value=high,
        step=50,
        help=translate("0 keeps all. Ranked by Welch's t in each training fold; outside it would flatter beyond use."),
        **bind(PLACE + "ranked", then=_changed),
    )
    columns = cohort.columns
    batches = [name for name, c in wide_tables.offered(columns).items() if c.kind == "category" and c.distinct > 1]
    batches = [name for name in batches if name != cohort.roles.outcome]
    st.selectbox(
        translate("Centre genes by batch"),
        ["", *batches],
        format_func=lambda name: name or translate("(do not)"),
        help=translate("Learnt in each training fold. A patient of a new batch stays as measured."),
        **bind(PLACE + "batch", show=lambda name: name if name in batches else "", then=_changed),
    )
    clinical = list(dict.fromkeys((*_clinical_offered(cohort), *state.settings.genes.clinical)))
    st.multiselect(
        translate("Numbers that are no genes, such as age"),
        clinical,
        **bind(PLACE + "clinical", show=list, read=tuple, then=_changed),
    )


def _clinical_offered(cohort: Cohort) -> list[str]:
    """Numbers that may be clinical: the first and last columns, where tables keep them, and those with few values."""
    names = gene_names(cohort.predictor_columns)
    few = [name for name in names if cohort.columns[name].distinct <= wide_tables.FEW_VALUES][:50]
    return list(dict.fromkeys((*names[:25], *names[-25:], *few)))


def shown() -> bool:
    """Whether the table in use has so many numbers that they are prepared together."""
    return state.cohort is not None and wide_tables.wide(state.cohort.columns)


def page(place: DeltaGenerator) -> None:
    """The Prepare page of a table of genes: its settings, what will happen, and the way on.

    Parameters
    ----------
    place : DeltaGenerator
        Where the answer of the page goes.
    """
    settings, told = st.columns([3, 2], gap="large")
    with settings:
        draw()
        genes = in_use(state.cohort)
        with st.expander(translate("Columns that are no genes") if genes else translate("Columns")):
            preparation_choices.draw()
    with place:
        widgets.say_answer(answer() if genes else say("The numbers are prepared like those of any other table."))
    with told:
        widgets.heading(say("What will happen"))
        widgets.bullets(steps() if genes else [say("Gaps are filled and numbers scaled, learnt in each fold.")])
    if state.prepared:
        widgets.aside(say("This preparation is in use."))
        navigation.link("fine_tune", say("Go on: fine-tune a model"))
    else:
        st.button(translate("Prepare like this"), type="primary", on_click=preparation_choices.accept)
    widgets.reading(
        say("Genes are chosen anew in each training fold, so patients who are scored have no say in it."),
        say("Which genes vary most is a property of the measurements; which differ by outcome can be chance."),
        say("Centring takes differences between batches away, and with them what differs between their patients."),
    )


def answer() -> Sentence:
    """What the settings amount to."""
    genes, cohort = state.settings.genes, state.cohort
    count = len(gene_names(cohort.predictor_columns, genes.clinical, genes.batch))
    return say(
        "{count} columns are genes; each training fold keeps the {kept} that vary most.",
        count=number(count),
        kept=number(min(genes.keep, count)),
    )


def steps() -> list[Sentence]:
    """What happens in each training fold, in order."""
    genes = state.settings.genes
    said = [say("Every step is learnt inside each training fold, so patients who are scored take no part in it.")]
    said += [say("Logarithm: {choice}.", choice=LOGS[genes.log])]
    if genes.batch in state.cohort.columns:
        said.append(say("Each gene is centred within ‘{batch}’; a new batch stays as measured.", batch=genes.batch))
    said.append(say("The genes that vary most are kept, scaled to mean 0 and standard deviation 1; gaps take medians."))
    if genes.ranked:
        said.append(say("Of these the {count} that differ most between the outcomes are kept.", count=genes.ranked))
    return said


def _select(name: str, label: Sentence, words: dict[str, Sentence], help_: Sentence) -> None:
    st.selectbox(
        translate(label),
        list(words),
        format_func=lambda choice: translate(words[choice]),
        help=translate(help_),
        **bind(PLACE + name, then=_changed),
    )


def _changed() -> None:
    state.prepared = False
