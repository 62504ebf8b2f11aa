"""How a starting model reads the local table: which column feeds each predictor, in which unit and codes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from medtune.cohort.columns import Column
from medtune.cohort.genes import reads_genes
from medtune.cohort.values import as_number
from medtune.foundation.errors import ModelError
from medtune.foundation.settings import Feed
from medtune.foundation.words import Sentence, counted, listed, say
from medtune.models.mapping import MANY, OUTSIDE, Fit, changes_nothing, check_mapping, doubts_of, plausible
from medtune.models.matching import columns_to_feed, formula_of, offered_conversions, propose_mapping
from medtune.models.model_library import Library
from medtune.models.passport import Passport
from medtune.ui import wide_tables, widgets
from medtune.ui.memory import once
from medtune.ui.state import PREFIX, state
from medtune.ui.text import percent, translate

EDITOR = PREFIX + "widget.mapping"
FEW = 4  # doubts on the ranges of single columns
APART, BECOMES = ",", "="
NOTHING, NOT_HERE = "(none)", "(not here)"  # a cell cannot hold an empty choice


def passport_in_use() -> Passport | None:
    """Of the model of the library that fine-tuning starts from; None when there is none."""
    starting = state.settings.starting
    if starting.kind != "model" or not starting.model:
        return None
    try:
        return Library(state.store.place).passport(starting.model)
    except ModelError:
        return None


def settle() -> None:
    """Bring the settings draft in step: as the user left it for this model and these patients, else as proposed."""
    passport = passport_in_use()
    if passport is None or state.cohort is None:
        return
    feeds = state.mappings.of(_key(passport))
    if feeds is None:
        feeds = _proposed(passport)
    wanted = () if changes_nothing(feeds) else feeds
    if wanted != state.settings.starting.mapping:
        state.change(starting=replace(state.settings.starting, mapping=wanted))


def columns_read() -> set[str] | None:
    """Local columns that the model in use reads; None when there is no model."""
    passport = passport_in_use()
    if passport is None:
        return None
    feeds = {feed.predictor: feed.column for feed in state.settings.starting.mapping}
    return {feeds.get(column.name, column.name) for column in passport.columns} - {""}


def _key(passport: Passport) -> str:
    return f"{passport.id} {state.cohort_id}"


def _local() -> list[str]:
    """Local columns that may feed a model: neither the outcome nor an identifier."""
    cohort = state.cohort
    apart = {cohort.roles.outcome, cohort.roles.patient}
    passport = passport_in_use()
    theirs = {column.name for column in passport.columns} if passport is not None else set()
    few = {n: c for n, c in cohort.columns.items() if n in theirs} | wide_tables.offered(cohort.columns)
    usable = [name for name, c in few.items() if c.kind in ("number", "category") and name not in apart]
    there = set(usable)
    first = {name: None for name in cohort.roles.predictors if name in there}
    return [*first, *(name for name in usable if name not in first)]


def _proposed(passport: Passport) -> tuple[Feed, ...]:
    def make() -> tuple[Feed, ...]:
        known = passport.aggregates
        means = dict(zip(known.features, known.means, strict=True)) if known is not None else {}
        cohort = state.cohort
        columns = columns_to_feed(passport)
        return propose_mapping(columns, cohort.columns, cohort.frame, means=means, among=_local())

    return once("mapping.proposed", (passport.id, state.cohort_id), make)


def draw() -> None:
    """The table of the mapping, open when something does not match."""
    passport = passport_in_use()
    if passport is None:
        return
    columns, formula = columns_to_feed(passport), formula_of(passport)
    feeds = _feeds(passport)
    fits = once(
        "mapping.fits",
        (passport.id, state.cohort_id, feeds),
        lambda: check_mapping(feeds, columns, state.cohort.frame, formula),
    )
    doubts = doubts_of(fits)
    open_now = bool(doubts) or not changes_nothing(feeds)
    icon = ":material/warning:" if doubts else ":material/check:"
    with st.expander(translate("How this model reads your table"), expanded=open_now, icon=icon):
        widgets.aside(*_summary(passport, fits))
        _table(columns, fits)
        if doubts:
            widgets.bullets(in_short(doubts))
        if not changes_nothing(feeds):
            widgets.aside(say("Names, units and codes were guessed where they differ. Look at each line once."))
        if state.mappings.of(_key(passport)) is not None:
            st.button(translate("Back to what was proposed"), icon=":material/undo:", on_click=_reset, args=(passport,))


def in_short(doubts: Sequence[Sentence]) -> list[Sentence]:
    """Doubts on a mapping; those on the ranges of many columns, as of genes, in one sentence.

    Parameters
    ----------
    doubts : sequence of Sentence

    Returns
    -------
    list of Sentence
    """
    single = [doubt for doubt in doubts if doubt.template == OUTSIDE]
    if len(single) <= FEW:
        return list(doubts)
    worst = max(single, key=lambda doubt: doubt.fields["share"])
    told = say(
        "Of {count} columns more than {least}% lie outside the plausible range, most of '{column}' ({share:.0f}%); "
        "the last column of the table tells each.",
        count=len(single),
        least=round(100 * MANY),
        column=worst.fields["column"],
        share=worst.fields["share"],
    )
    return [told, *(doubt for doubt in doubts if doubt.template != OUTSIDE)]


def _feeds(passport: Passport) -> tuple[Feed, ...]:
    given = {feed.predictor: feed for feed in state.settings.starting.mapping}
    return tuple(given.get(column.name) or Feed(column.name, column.name) for column in passport.columns)


def _summary(passport: Passport, fits: Sequence[Fit]) -> list[Sentence]:
    fed = [fit for fit in fits if fit.missing < 1 or fit.feed.column]
    same = sum(changes_nothing([fit.feed]) for fit in fed)
    first = (
        say("All {count} predictors are found under their own names.", count=len(fits))
        if same == len(fits)
        else say("{fed} of {count} predictors are fed by a column here.", fed=len(fed), count=len(fits))
    )
    used = {fit.feed.column for fit in fits}
    new = [name for name in state.cohort.roles.predictors if name not in used]
    if not new:
        return [first]
    if reads_genes(state.cohort.predictor_columns, state.settings.genes, state.cohort.n):
        unread = "1 column here is unknown to this model and takes no part."
        return [first, counted(len(new), unread, "{count} columns here are unknown to this model and take no part.")]
    return [
        first,
        say(
            "New here, and so only for the extended and boosted revisions and the averaged update: {names}.",
            names=listed(new),
        ),
    ]


def _table(columns: Sequence[Column], fits: Sequence[Fit]) -> None:
    conversions = dict.fromkeys(
        key for fit in fits for key in (fit.feed.conversion, *offered_conversions(fit.feed.predictor, fit.feed.column))
    )
    text, choice = st.column_config.TextColumn, st.column_config.SelectboxColumn
    st.data_editor(
        pd.DataFrame([_cells(fit, column) for fit, column in zip(fits, columns, strict=True)]),
        key=EDITOR,
        on_change=_changed,
        args=([fit.feed for fit in fits],),
        hide_index=True,
        disabled=["predictor", "missing", "outside"],
        height=min(35 * (len(fits) + 1) + 3, 458),
        column_config={
            "predictor": text(translate("Predictor"), pinned=True),
            "column": choice(translate("Fed by"), options=[NOT_HERE, *_local()], format_func=_word, required=True),
            "conversion": choice(
                translate("Conversion"),
                options=[NOTHING, *filter(None, conversions)],
                format_func=_word,
                required=True,
                width="medium",
            ),
            "codes": text(
                translate("Codes"), help=translate("How levels are written here and in the model: M=male, F=female.")
            ),
            "missing": text(translate("Missing"), width="small"),
            "fill": text(
                translate("A gap counts as"),
                help=translate("In the model's unit. Left empty, the model fills gaps by its own rule."),
            ),
            "low": text(translate("Plausible from"), help=translate("In the model's unit.")),
            "high": text(translate("to"), width="small"),
            "outside": text(translate("Outside"), width="small"),
        },
    )


def _word(option: str) -> str:
    return {NOTHING: translate("(none)"), NOT_HERE: translate("(not here)")}.get(option, option)


def _cells(fit: Fit, column: Column) -> dict[str, str]:
    feed = fit.feed
    low, high = plausible(feed, column) if column.kind == "number" else (math.inf, math.inf)
    return {
        "predictor": feed.predictor,
        "column": feed.column or NOT_HERE,
        "conversion": feed.conversion or NOTHING,
        "codes": f"{APART} ".join(f"{ours}{BECOMES}{theirs}" for ours, theirs in feed.codes),
        "missing": percent(fit.missing),
        "fill": feed.fill,
        "low": f"{low:g}" if math.isfinite(low) else "",
        "high": f"{high:g}" if math.isfinite(high) else "",
        "outside": percent(fit.outside) if math.isfinite(fit.outside) else "",
    }


def _changed(feeds: list[Feed]) -> None:
    """Write the edited cells; a row fed by another column gets the conversion and codes that suit this one."""
    passport = passport_in_use()
    if passport is None:
        return
    for place, edits in st.session_state[EDITOR]["edited_rows"].items():
        feed = feeds[int(place)]
        if "column" in edits:
            feed = _fed_by(passport, feed, "" if edits["column"] == NOT_HERE else edits["column"])
        if "codes" in edits:
            feed = replace(feed, codes=read_codes(edits["codes"] or ""))
        if "conversion" in edits:
            feed = replace(feed, conversion="" if edits["conversion"] == NOTHING else edits["conversion"])
        if "fill" in edits:
            feed = replace(feed, fill=(edits["fill"] or "").strip())
        limits = {name: as_number(edits[name] or "") for name in ("low", "high") if name in edits}
        feeds[int(place)] = replace(feed, **limits)
    state.mappings = state.mappings.with_(_key(passport), feeds)


def _fed_by(passport: Passport, feed: Feed, column: str) -> Feed:
    """The predictor fed by another column, with the unit and codes that suit this one."""
    if not column:
        return replace(feed, column="", conversion="", codes=())
    wanted = next(c for c in columns_to_feed(passport) if c.name == feed.predictor)
    cohort = state.cohort
    here = replace(cohort.columns[column], name=wanted.name)
    renamed = cohort.frame[[column]].rename(columns={column: wanted.name})
    known = passport.aggregates
    means = dict(zip(known.features, known.means, strict=True)) if known is not None else {}
    found = propose_mapping([wanted], {wanted.name: here}, renamed, means=means)[0]
    return replace(feed, column=column, conversion=found.conversion, codes=found.codes)


def read_codes(text: str) -> tuple[tuple[str, str], ...]:
    """ "M=male, F=female" as pairs; what is not a pair is passed over."""
    pairs = [part.split(BECOMES, 1) for part in text.split(APART) if BECOMES in part]
    return tuple((ours.strip(), theirs.strip()) for ours, theirs in pairs if ours.strip() and theirs.strip())


def _reset(passport: Passport) -> None:
    chosen = {key: feeds for key, feeds in state.mappings.chosen.items() if key != _key(passport)}
    state.mappings = replace(state.mappings, chosen=chosen)
