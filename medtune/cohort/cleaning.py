"""Clean the cells of columns by what each column is: numbers, dates, levels, codes for "missing"."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.evidence import notes_on_writing
from medtune.cohort.mixtures import in_one_unit, note_on
from medtune.cohort.roles import Cleaning
from medtune.cohort.values import as_dates, as_levels, as_numbers, holds_any, merge_spellings
from medtune.cohort.wide import cleaned_numbers, numeric_places, together, untouched_numbers
from medtune.foundation.words import Sentence, counted, listed


def clean_columns(
    frame: pd.DataFrame, columns: Sequence[Column], cleaning: Cleaning
) -> tuple[pd.DataFrame, list[Sentence]]:
    """Every column by its kind, plain numbers of a wide table as one block.

    Parameters
    ----------
    frame : DataFrame of n rows
    columns : sequence of Column
        What each is.
    cleaning : Cleaning

    Returns
    -------
    frame : DataFrame
        The columns in their order.
    notes : list of Sentence
        What was done to their cells.
    """
    notes, cleaned, marked = [], {}, {}
    apart = [column.name for column in columns if column.kind != "number" or column.codes or column.other_unit]
    places = numeric_places(frame, apart)
    block, endless = cleaned_numbers(frame, places)
    inside = set(block.columns)
    for column in columns:
        coded, refused = 0, endless.get(column.name, 0)
        if column.name not in inside:
            series = frame[column.name]
            cleaned[column.name], refused, coded = _clean_column(series, column, merge=column.name in cleaning.merge)
        marked |= {column.name: coded} if coded else {}
        if refused:
            one = "1 cell of '{column}' is not a number and counts as missing."
            many = "{count} cells of '{column}' are not numbers and count as missing."
            notes.append(counted(refused, one, many, column=column.name))
        if column.kind == "number" and column.name not in inside:
            notes += notes_on_writing(frame[column.name], column.name)
            moved = in_one_unit(as_numbers(frame[column.name])[0], column.other_unit)[1].sum()
            notes += [note_on(column.name, column.other_unit, int(moved))] if moved else []
    if marked:
        one = "1 cell with a code for missing counts as missing (in {columns})."
        many = "{count} cells with a code for missing count as missing (in {columns})."
        notes.append(counted(sum(marked.values()), one, many, columns=listed(marked)))
    return together(block, cleaned, [column.name for column in columns]), notes


def left_as_they_are(frame: pd.DataFrame, columns: Sequence[Column]) -> frozenset[str]:
    """Of very many columns of numbers those that cleaning does not change, so that what is known of them stays true.

    Parameters
    ----------
    frame : DataFrame of n rows
    columns : sequence of Column
        What each is, in the order of the table.

    Returns
    -------
    frozenset of str
    """
    there = [columns[place] for place in untouched_numbers(frame)]
    return frozenset(c.name for c in there if c.kind == "number" and not c.codes and not c.other_unit)


def _clean_column(series: pd.Series, column: Column, merge: bool = False) -> tuple[pd.Series, int, int]:
    """A column by its kind, how many cells were no numbers, and how many held a code for missing."""
    coded = 0
    if column.codes:
        hits = holds_any(series, column.codes)
        series, coded = series.mask(hits), int(hits.sum())
    if column.kind == "number":
        numbers, refused = as_numbers(series)
        return pd.Series(in_one_unit(numbers, column.other_unit)[0], index=series.index), refused, coded
    if column.kind == "date":
        return as_dates(series), 0, coded
    levels = as_levels(series)
    return (merge_spellings(levels) if merge else levels), 0, coded
