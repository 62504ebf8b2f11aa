"""Pages with very many columns: only those that are no plain numbers are offered, the others are found by a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from medtune.cohort.columns import Column
from medtune.cohort.reading import Table
from medtune.cohort.wide import MANY
from medtune.foundation.words import Sentence
from medtune.ui.state import PREFIX, state
from medtune.ui.text import number, translate

FEW_VALUES = 10  # a number with so few different values may be an outcome or a group
PORTION = 100
TOO_MANY = 1_500  # columns of any kind
OFFERED = 200  # columns that are no plain numbers, offered by name


def patience(words: Sentence, table: Table | None = None) -> AbstractContextManager[None]:
    """Say what goes on while a table with very many columns takes seconds; nothing for any other.

    Parameters
    ----------
    words : Sentence
    table : Table, optional
        The one on the Data page unless given.
    """
    table = table or state.table
    if table is None or table.frame.shape[1] < MANY:
        return nullcontext()
    return st.spinner(translate(words))


def plain(column: Column) -> bool:
    """Whether a column is a number with many values, or a decimal one of few patients, of which a wide table has too
    many to choose among."""
    return column.kind == "number" and (column.distinct > FEW_VALUES or not column.integer)


def wide(columns: Mapping[str, Column]) -> bool:
    """Whether a table has too many columns of numbers, or of whatever few patients let them seem, to offer each."""
    return len(columns) >= MANY and (len(columns) >= TOO_MANY or sum(map(plain, columns.values())) >= MANY)


def offered(columns: Mapping[str, Column], now: object = None) -> dict[str, Column]:
    """The columns to choose among: all, or of a wide table those that are no plain numbers and the one chosen now.

    Parameters
    ----------
    columns : mapping of str to Column
    now : str, optional

    Returns
    -------
    dict of str to Column
    """
    if not wide(columns):
        return dict(columns)
    some = [name for name, column in columns.items() if not plain(column)][:OFFERED]
    return {name: columns[name] for name in dict.fromkeys([*some, *([now] if now in columns else [])])}


def portion(names: Sequence[str], key: str) -> list[str]:
    """A hundred names at a time, narrowed down by a search; all where they are few.

    Parameters
    ----------
    names : sequence of str
    key : str
        Tells this list from others.

    Returns
    -------
    list of str
    """
    if len(names) < MANY:
        return list(names)
    sought = st.text_input(
        translate("Find a column"), placeholder=translate("part of its name"), key=f"{PREFIX}widget.find.{key}"
    )
    sought = (sought or "").strip().casefold()
    found = [name for name in names if sought in name.casefold()] if sought else list(names)
    pages = -(-len(found) // PORTION)
    first = 0
    if pages > 1:
        chosen = st.pagination(pages, key=f"{PREFIX}widget.portion.{key}")
        first = (min(chosen, pages) - 1) * PORTION
    shown = found[first : first + PORTION]
    st.caption(
        translate("{shown} of {all} columns", shown=number(len(shown)), all=number(len(names)))
        if shown
        else translate("No column is called like this.")
    )
    return shown
