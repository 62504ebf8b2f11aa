"""Why a column is taken for what it is, in one sentence a person can check."""

from __future__ import annotations

import numpy as np
import pandas as pd

from medtune.cohort.columns import SAMPLE, Column
from medtune.cohort.values import as_levels, level_text, looks_like_time, read_number
from medtune.cohort.vocabulary import YES_NO, names_a_person, names_an_identifier
from medtune.foundation.words import Sentence, counted, say


def evidence(series: pd.Series, column: Column, chosen: bool = False) -> Sentence:
    """Say what in a column speaks for its kind.

    Parameters
    ----------
    series : Series of shape (n,)
        As read.
    column : Column
        What `describe` said of it.
    chosen : bool
        Whether the user chose the kind.

    Returns
    -------
    Sentence
    """
    if chosen:
        return say("your choice")
    if column.missing == 1:
        return say("no value at all")
    say_why = {
        "number": _number,
        "category": _category,
        "date": _date,
        "identifier": _identifier,
        "text": _text,
    }
    return say_why[column.kind](series, column)


def written_otherwise(series: pd.Series) -> tuple[int, str, int]:
    """How numbers in a column of text are written.

    Parameters
    ----------
    series : Series of shape (n,)

    Returns
    -------
    limits : int
        Cells with a sign before the number, such as "<0.5".
    unit : str
        The unit that most cells carry, "" without any.
    others : int
        Cells with another unit.
    """
    if pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.is_datetime64_any_dtype(series.dtype):
        return 0, "", 0
    counts = series.value_counts()
    read = [(read_number(value), int(count)) for value, count in counts.items()]
    units: dict[str, int] = {}
    for one, count in read:
        if one.unit:
            units[one.unit] = units.get(one.unit, 0) + count
    unit = max(units, key=units.get, default="")
    limits = sum(count for one, count in read if one.sign and not np.isnan(one.number))
    return limits, unit, sum(count for name, count in units.items() if name != unit)


def _number(series: pd.Series, column: Column) -> Sentence:
    limits, unit, _ = written_otherwise(series)
    if limits and unit:
        return say("numbers with the unit {unit}; {count} at a limit such as <", unit=unit, count=limits)
    if unit:
        return say("numbers with the unit {unit}", unit=unit)
    if limits:
        return counted(limits, "numbers, {count} at a limit such as <", "numbers, {count} at a limit such as <")
    return say("whole numbers") if column.integer else say("numbers")


def _category(series: pd.Series, column: Column) -> Sentence:
    if column.ordered:
        return say("{count} levels with an order", count=len(column.levels))
    if len(column.levels) == 2 and frozenset(level.casefold() for level in column.levels) in YES_NO:
        return say("two opposites: {one} and {other}", one=column.levels[0], other=column.levels[1])
    if column.integer:
        return say("whole numbers with {count} different values", count=column.distinct)
    return counted(column.distinct, "{count} value throughout", "{count} values that come again and again")


def _date(series: pd.Series, _column: Column) -> Sentence:
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return say("dates in the file")
    cells = as_levels(series.dropna().iloc[:SAMPLE])
    first = pd.to_numeric(cells.str.extract(r"^(\d{1,2})[-/.]\d{1,2}[-/.]\d{2}", expand=False))
    second = pd.to_numeric(cells.str.extract(r"^\d{1,2}[-/.](\d{1,2})[-/.]\d{2}", expand=False))
    if (first > 12).any() or cells.str.match(r"\d{1,2}\.\d{1,2}\.\d{2}").any():
        return say("written as dates, day first")
    if (second > 12).any():
        return say("written as dates, month first")
    if first.notna().any():
        return say("written as dates; read month first, which no cell shows")
    return say("written as dates")


def _text(series: pd.Series, column: Column) -> Sentence:
    cells = as_levels(series.dropna().iloc[:SAMPLE])
    if len(cells) and cells.map(looks_like_time).mean() > 0.9:
        return say("times of the day")
    return say("{count} different texts", count=column.distinct)


def _identifier(series: pd.Series, column: Column) -> Sentence:
    if names_a_person(column.name):
        return say("its name says that it holds names or addresses")
    if names_an_identifier(column.name):
        return say("its name, and nearly every value differs")
    first = level_text(series.dropna().iloc[0]) if column.distinct else ""
    if column.integer and first in ("0", "1"):
        return say("it counts the rows")
    return say("nearly every value differs")


def notes_on_writing(series: pd.Series, name: str) -> list[Sentence]:
    """What was done with limits and units in a column of numbers.

    Parameters
    ----------
    series : Series of shape (n,)
        As read.
    name : str
        Of the column.

    Returns
    -------
    list of Sentence
    """
    limits, unit, others = written_otherwise(series)
    notes = []
    if limits:
        one = "1 value of '{name}' is given as below or above a limit; the limit is used."
        many = "{count} values of '{name}' are given as below or above a limit; the limit is used."
        notes.append(counted(limits, one, many, name=name))
    if others:
        one = "1 value of '{name}' is not in {unit} like the others and counts as missing; convert it in the file."
        many = "{count} values of '{name}' are not in {unit} like the others and count as missing; convert them."
        notes.append(counted(others, one, many, name=name, unit=unit))
    return notes
