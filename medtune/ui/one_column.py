"""One predictor looked at closely: its values by outcome, and where they are missing."""

from __future__ import annotations

import numpy as np
import streamlit as st

from medtune.cohort.gaps import Gap, Gaps, gap_of, gaps_between
from medtune.cohort.table import Cohort
from medtune.figures.columns import GROUPS, by_outcome
from medtune.foundation.words import Sentence, say
from medtune.ui import choices, look, navigation, wide_tables, widgets
from medtune.ui.memory import once
from medtune.ui.state import PREFIX, state
from medtune.ui.text import estimate as written
from medtune.ui.text import number, percent, translate

DRAWN = 20_000  # patients of whom the picture is made


def draw(cohort: Cohort | None) -> None:
    """The picture and, beside it, the missing values."""
    if cohort is None:
        widgets.aside(say("Choose the outcome below first: a column is shown by outcome."))
        return
    names = wide_tables.portion(list(cohort.roles.predictors), "one_column")
    if not names:
        return
    first, second = st.columns(2)
    with first:
        name = st.selectbox(translate("Look at"), names, key=PREFIX + "widget.one_column", persist_state="session")
    with second:
        place = _class(cohort)
    sides = GROUPS if not cohort.classes else (cohort.classes[place], say("All other classes"))
    y = cohort.outcome == place if cohort.classes else cohort.outcome == 1
    picture, table = st.columns([3, 2], gap="large")
    with picture:
        _picture(cohort, name, y, sides)
    with table:
        _missing(cohort, name, y, sides)
    if choices.in_use(cohort):
        navigation.link("prepare", say("See this column before and after preparation"))


def _class(cohort: Cohort) -> int:
    """The class that is set against all others; the event where there are no classes."""
    if not cohort.classes:
        return 1
    return st.selectbox(
        translate("Class against all others"),
        range(len(cohort.classes)),
        format_func=lambda at: cohort.classes[at],
        key=f"{PREFIX}widget.one_column.class.{hash(cohort.classes)}",
    )


def _picture(cohort: Cohort, name: str, y: np.ndarray, sides: tuple) -> None:
    column, rows = cohort.columns[name], np.arange(cohort.n)
    if cohort.n > DRAWN:
        rows = np.linspace(0, cohort.n - 1, DRAWN).astype(int)
    values = cohort.frame[name].iloc[rows].tolist()
    levels = column.levels if column.kind == "category" else ()
    told = {"name": name, "levels": levels, "groups": sides, "translate": translate}
    widgets.plot(by_outcome(values, y[rows].astype(int), look.theme(), **told), "by_outcome", "by-outcome")
    if len(rows) < cohort.n:
        counts = {"some": number(len(rows)), "n": number(cohort.n)}
        widgets.aside(say("Drawn from {some} of {n} patients, evenly spread over the table.", **counts))


def _missing(cohort: Cohort, name: str, y: np.ndarray, sides: tuple) -> None:
    absent = cohort.frame[name].isna().to_numpy()
    if not absent.any():
        widgets.aside(say("'{name}' is known of all {n} patients.", name=name, n=number(cohort.n)))
        return
    first, second = (translate(side) if isinstance(side, Sentence) else side for side in sides)
    masks = {first: y, second: ~y}
    given = (state.edition, state.roles, state.cleaning, name, first)
    outcome = once("gaps.outcome", given, lambda: gaps_between(absent, masks))
    groups, sentences = [*outcome.groups], [_by_outcome(outcome)]
    if cohort.site is not None and len(set(cohort.site)) > 1:
        sites = once("gaps.site", given, lambda: gaps_between(absent, _sites(cohort.site)))
        groups += sites.groups
        sentences.append(_by_site(sites))
    widgets.table(
        [say("Missing in '{name}'", name=name), say("Patients"), say("Share, 95% CI")],
        [_row(gap) for gap in (gap_of(absent, translate("All patients")), *groups)],
    )
    widgets.aside(*sentences)


def _sites(site: np.ndarray) -> dict[str, np.ndarray]:
    return {str(name): site == name for name in np.unique(site)}


def _row(gap: Gap) -> list[str]:
    value, _, rest = written(gap.share, 1, as_percent=True).partition(" (")
    return [gap.group, f"{number(gap.missing)}\n{translate('of {n}', n=number(gap.n))}", f"{value}\n({rest}"]


def _by_outcome(gaps: Gaps) -> Sentence:
    if not gaps.beyond_chance:
        return say("No clear sign that gaps depend on the outcome.")
    return say("Gaps are more frequent in “{group}”: a missing value may itself tell of the outcome.",
               group=gaps.ends[1].group)  # fmt: skip


def _by_site(gaps: Gaps) -> Sentence:
    if not gaps.beyond_chance:
        return say("No clear sign that gaps differ between sites.")
    low, high = gaps.ends
    return say(
        "Gaps differ between sites beyond chance, from {low} at {first} to {high} at {last}.",
        low=percent(low.share.value),
        first=low.group,
        high=percent(high.share.value),
        last=high.group,
    )
