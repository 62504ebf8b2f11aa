"""Bring any new table to the columns that a model expects, and say every difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.mixtures import in_one_unit, note_on
from medtune.cohort.values import as_dates, as_levels, as_numbers, holds_any, spoken
from medtune.foundation.errors import ColumnsError
from medtune.foundation.words import Sentence, counted, listed, say

# Sentences for one and for many, by which a page knows notes of one kind again.
OUTSIDE = (
    "1 value of '{column}' lies outside {low:g} to {high:g}, the range the model was made with.",
    "{count} values of '{column}' lie outside {low:g} to {high:g}, the range the model was made with.",
)
REFUSED = (
    "1 cell of '{column}' is not a number and is taken as missing.",
    "{count} cells of '{column}' are not numbers and are taken as missing.",
)
UNKNOWN = (
    "Column '{column}' has a category that the model has never seen, {levels} ({rows}); "
    "it counts as rare or as none of the known ones.",
    "Column '{column}' has categories that the model has never seen, {levels} ({rows}); "
    "they count as rare or as none of the known ones.",
)
TOGETHER = 20  # columns of numbers from which they are read together


@dataclass(frozen=True, eq=False)
class Conformed:
    """A table as a model expects it, and what had to be done.

    Attributes
    ----------
    frame : DataFrame of shape (n, columns)
        The expected columns in the expected order, index kept; numbers float64, categories text.
        Levels the model has never seen stay as they are.
    notes : tuple of Sentence
        One for each difference.
    missing : tuple of str
        Expected columns that the table does not have; all NaN in `frame`.
    unknown_levels : mapping of str to tuple of str
        New levels by column.
    outside : mapping of str to int
        By column, how many values lie outside the range the model was made with.
    refused, converted : mapping of str to ndarray of bool, shape (n,)
        By column, which cells are no numbers, and which were brought from another unit.
    """

    frame: pd.DataFrame
    notes: tuple[Sentence, ...] = ()
    missing: tuple[str, ...] = ()
    unknown_levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outside: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, np.ndarray] = field(default_factory=dict)
    converted: Mapping[str, np.ndarray] = field(default_factory=dict)


def conform(frame: pd.DataFrame, columns: Sequence[Column]) -> Conformed:
    """Bring a table to the given columns.

    Parameters
    ----------
    frame : DataFrame of shape (n, any columns)
        Raw or cleaned; it is not changed, further columns are passed over.
    columns : sequence of Column
        What is expected.

    Returns
    -------
    Conformed
        Doing it again changes nothing.

    Raises
    ------
    ColumnsError
        When more than half of the expected columns are not there; the sentence says which.

    Notes
    -----
    A column whose name differs only in case, spaces or punctuation is taken for the expected one, and
    a level that differs only in case or spaces for the known level; both are said.
    """
    found, notes = _find_columns(frame, columns)
    missing = tuple(column.name for column in columns if column.name not in found)
    if 2 * len(missing) > len(columns):
        raise ColumnsError.of(_difference(frame, columns, missing))
    if missing:
        notes.append(
            say("The table has no column {names}; the model takes them as missing for everyone.", names=listed(missing))
        )
    ready, unknown, outside, refused, converted = {}, {}, {}, {}, {}
    plain = _plain_numbers(frame, columns, found)
    for column in columns:
        if column.name in plain:
            ready[column.name], beyond = plain[column.name]
            outside |= _outside(beyond, column, notes)
            continue
        if column.name not in found:
            dtype = {"number": "float64", "date": "datetime64[ns]"}.get(column.kind, "str")
            ready[column.name] = pd.Series(np.nan, index=frame.index, dtype="float64").astype(dtype)
            continue
        series = frame[found[column.name]]
        if column.codes:
            series = series.mask(holds_any(series, column.codes))
        if column.kind == "number":
            ready[column.name], beyond, strange, moved = _numbers(series, column, notes)
            outside |= _outside(beyond, column, notes)
            refused |= {column.name: strange} if strange.any() else {}
            converted |= {column.name: moved} if moved.any() else {}
        elif column.kind == "category":
            ready[column.name], new = _categories(series, column, notes)
            unknown |= {column.name: new} if new else {}
        else:
            ready[column.name] = as_dates(series) if column.kind == "date" else as_levels(series)
    tidy = pd.DataFrame(ready, index=frame.index)
    return Conformed(tidy, tuple(notes), missing, unknown, outside, refused, converted)


def _find_columns(frame: pd.DataFrame, columns: Sequence[Column]) -> tuple[dict[str, object], list[Sentence]]:
    """The label in the table of each expected column: by its exact name, else by its name in plain letters."""
    labels = frame.columns.tolist()
    exact = {str(label): label for label in labels}
    expected = {column.name for column in columns}
    if expected <= exact.keys():  # names that differ are looked for only where one is absent: a table may be wide
        return {name: exact[name] for name in expected}, []
    plain: dict[str, list[object]] = {}
    for label in labels:
        if str(label) not in expected:
            plain.setdefault(_plain(str(label)), []).append(label)
    found, renamed = {}, {}
    for column in columns:
        near = plain.get(_plain(column.name), [])
        if column.name in exact:
            found[column.name] = exact[column.name]
        elif len(near) == 1:
            found[column.name] = near[0]
            renamed[column.name] = str(near.pop())
    notes = [
        say("Column '{given}' was taken for '{expected}'.", given=given, expected=name)
        for name, given in renamed.items()
    ]
    return found, notes


def _plain_numbers(
    frame: pd.DataFrame, columns: Sequence[Column], found: Mapping[str, object]
) -> dict[str, tuple[np.ndarray, int]]:
    """Of very many columns those that hold nothing but finite numbers and gaps, read together; and how many cells of
    each lie outside the known range."""
    if len(columns) < TOGETHER:
        return {}
    kinds = dict(zip(frame.columns.tolist(), frame.dtypes.tolist(), strict=True))
    some = [
        column
        for column in columns
        if column.kind == "number"
        and not (column.codes or column.other_unit)
        and column.name in found
        and kinds[found[column.name]] == np.float64
    ]
    if len(some) < TOGETHER or not frame.columns.is_unique:
        return {}
    values = np.asfortranarray(frame[[found[column.name] for column in some]].to_numpy(dtype=np.float64, copy=True))
    low, high = (np.array([getattr(column, end) for column in some], dtype=float) for end in ("low", "high"))
    beyond = ((values < low) | (values > high)).sum(axis=0)
    finite = ~np.isinf(values).any(axis=0)
    return {column.name: (values[:, at], int(beyond[at])) for at, column in enumerate(some) if finite[at]}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum()) or name


def _difference(frame: pd.DataFrame, columns: Sequence[Column], missing: tuple[str, ...]) -> Sentence:
    expected = {column.name for column in columns}
    others = [str(label) for label in frame.columns if str(label) not in expected]
    return say(
        "The table lacks {count} of the {total} columns that the model needs: {missing}. "
        "It has {others} instead; rename its columns or choose another table."
        if others
        else "The table lacks {count} of the {total} columns that the model needs: {missing}; choose another table.",
        count=len(missing),
        total=len(columns),
        missing=listed(missing, limit=12),
        others=listed(others, limit=12),
    )


def _numbers(series: pd.Series, column: Column, notes: list[Sentence]) -> tuple[pd.Series, int, np.ndarray, np.ndarray]:
    """The numbers, how many lie outside the known range, which cells were none, and which were in another unit."""
    numbers, refused = as_numbers(series)
    strange = _no_numbers(series, numbers) if refused else np.zeros(len(series), dtype=bool)
    if refused:
        notes.append(counted(refused, *REFUSED, column=column.name))
    numbers, moved = in_one_unit(numbers, column.other_unit)
    if moved.any():
        notes.append(note_on(column.name, column.other_unit, int(moved.sum())))
    beyond = int(((numbers < column.low) | (numbers > column.high)).sum())
    return pd.Series(numbers, index=series.index), beyond, strange, moved


def _outside(beyond: int, column: Column, notes: list[Sentence]) -> dict[str, int]:
    """How many cells of a column lie outside its known range, which is said; nothing where none does."""
    if not beyond:
        return {}
    notes.append(counted(beyond, *OUTSIDE, column=column.name, low=column.low, high=column.high))
    return {column.name: beyond}


def _no_numbers(series: pd.Series, numbers: np.ndarray) -> np.ndarray:
    """Which cells hold something, but no number."""
    held = series.notna().to_numpy(copy=True)
    if not pd.api.types.is_numeric_dtype(series.dtype):
        held &= np.array([not (isinstance(cell, str) and not cell.strip()) for cell in series], dtype=bool)
    return held & np.isnan(numbers)


def _categories(series: pd.Series, column: Column, notes: list[Sentence]) -> tuple[pd.Series, tuple[str, ...]]:
    known = set(column.levels)
    if pd.api.types.is_bool_dtype(series.dtype) and known & {"0", "1"}:
        series = series.astype("float64")
    levels = as_levels(series)
    strange = [level for level in pd.unique(levels.dropna()) if level not in known]
    if not strange or not known:
        return levels, ()
    plain: dict[str, list[str]] = {}
    for level in column.levels:
        plain.setdefault(spoken(level), []).append(level)
    same = {level: plain[spoken(level)][0] for level in strange if len(plain.get(spoken(level), ())) == 1}
    if same:
        levels = levels.replace(same)
        notes.append(
            say(
                "Categories {given} of '{column}' were taken for {expected}.",
                given=listed(same),
                column=column.name,
                expected=listed(same.values()),
            )
        )
    new = tuple(sorted(level for level in strange if level not in same))
    if new:
        rows = int(levels.isin(new).sum())
        notes.append(
            say(
                UNKNOWN[0] if len(new) == 1 else UNKNOWN[1],
                column=column.name,
                levels=listed([level[:40] for level in new]),
                rows=counted(rows, "1 row", "{count} rows"),
            )
        )
    return levels, new
