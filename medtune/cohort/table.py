"""The cohort: a checked table of patients with the roles of its columns; `make_cohort` is the only gate."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from medtune.cohort.checks import check_columns, check_enough, check_outcome, check_predictors, check_roles
from medtune.cohort.cleaning import clean_columns, left_as_they_are
from medtune.cohort.columns import Column, describe
from medtune.cohort.events import class_numbers, happened, settle_classes, settle_event
from medtune.cohort.fingerprints import fingerprint_of
from medtune.cohort.frame_file import read_frame, write_frame
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.rows import rows_used
from medtune.cohort.scales import in_given_order
from medtune.cohort.values import as_dates, as_levels, as_numbers
from medtune.cohort.wide import MANY, alike, copies, numbers_of
from medtune.foundation.errors import TableError
from medtune.foundation.records import from_json, to_json
from medtune.foundation.words import Sentence, counted

__all__ = ["Cleaning", "Cohort", "Event", "Roles", "clean", "make_cohort", "open_cohort", "save_cohort"]

EXACT = (
    "1 row is an exact copy of another and was left out.",
    "{count} rows are exact copies of others and were left out.",
)
NEAR = (
    "1 row is nearly a copy of another and was left out.",
    "{count} rows are nearly copies of others and were left out.",
)


@dataclass(frozen=True, eq=False)
class Cohort:
    """A table of patients that has passed every check. Made by `make_cohort`.

    Attributes
    ----------
    name : str
    frame : DataFrame of shape (n, columns)
        Cleaned: numbers float64 with NaN, categories text (`str` dtype) with NaN, dates datetime64.
    roles : Roles
        With the event spelled out.
    cleaning : Cleaning
    columns : mapping of str to Column
        What each column of `frame` is.
    notes : tuple of Sentence
        What was done to the rows and cells on the way in.
    rows : ndarray of int, shape (n,)
        Where each row stood in the table it came from, counted from 0.
    """

    name: str
    frame: pd.DataFrame
    roles: Roles
    cleaning: Cleaning
    columns: Mapping[str, Column]
    notes: tuple[Sentence, ...]
    rows: np.ndarray

    @property
    def predictors(self) -> pd.DataFrame:
        """The predictor columns, shape (n, predictors)."""
        return self.frame[list(self.roles.predictors)]

    @property
    def predictor_columns(self) -> tuple[Column, ...]:
        """What each predictor is, in the order of `predictors`."""
        return tuple(self.columns[name] for name in self.roles.predictors)

    @cached_property
    def outcome(self) -> np.ndarray:
        """1 where the event happened, else 0, or the number of the class; int array of shape (n,)."""
        if self.classes:
            return class_numbers(self.frame[self.roles.outcome], self.classes)
        return happened(self.frame[self.roles.outcome], self.roles.event).astype(int)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of their numbers; empty when the outcome is an event or not."""
        return self.roles.classes

    @property
    def counts(self) -> tuple[int, ...]:
        """Patients of each class; without and with the event where there are no classes."""
        sizes = np.bincount(self.outcome, minlength=len(self.classes) or 2)
        return tuple(int(size) for size in sizes)

    @property
    def patients(self) -> np.ndarray | None:
        """Patient ids as text, shape (n,); a row without one is a patient of its own. None without a patient column."""
        if self.roles.patient is None:
            return None
        ids = as_levels(self.frame[self.roles.patient]).to_numpy(dtype=object, copy=True)
        unknown = pd.isna(ids)
        ids[unknown] = [f"(row {row + 1})" for row in self.rows[unknown]]
        return ids.astype(str)

    @property
    def site(self) -> np.ndarray | None:
        """Site of each patient as text, "(unknown)" where it is missing. None without a site column."""
        if self.roles.site is None:
            return None
        return as_levels(self.frame[self.roles.site]).fillna("(unknown)").to_numpy(dtype=object).astype(str)

    @property
    def date(self) -> np.ndarray | None:
        """Date of each row as datetime64, NaT where missing. None without a date column."""
        return None if self.roles.date is None else as_dates(self.frame[self.roles.date]).to_numpy()

    @property
    def score(self) -> np.ndarray | None:
        """The existing risk as float, NaN where missing. None without a score column."""
        return None if self.roles.score is None else as_numbers(self.frame[self.roles.score])[0]

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.frame)

    @property
    def events(self) -> int | None:
        """How many rows with the event; None where each value is a class of its own."""
        return None if self.classes else int(self.outcome.sum())

    @property
    def event_rate(self) -> float | None:
        """Share of rows with the event; None where each value is a class of its own."""
        return None if self.classes else self.events / self.n

    @cached_property
    def fingerprint(self) -> str:
        """A hash of content, roles and cleaning; the same on any machine."""
        return fingerprint_of(self.frame, self.columns, self.roles, self.cleaning)

    def take(self, rows: Sequence[int] | np.ndarray) -> Cohort:
        """The cohort of some of its rows.

        Parameters
        ----------
        rows : array of int or of bool
            Positions, or which rows to keep.
        """
        rows = np.asarray(rows)
        places = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(int)
        frame = self.frame.iloc[places].reset_index(drop=True)
        return replace(self, frame=frame, columns=_described(frame, self.columns), rows=self.rows[places])

    def copies(self, how: str = "drop") -> np.ndarray:
        """Which rows repeat an earlier one.

        Parameters
        ----------
        how : {"drop", "near", "keep"}
            Exact copies; also rows that agree in every predictor and the outcome, where at least half of these are
            known, and of very many columns of numbers rows that agree in nearly all; or none.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        if how == "keep":
            return np.zeros(self.n, dtype=bool)
        exact = copies(self.frame)
        if how == "drop":
            return exact
        some = self.frame[[*self.roles.predictors, self.roles.outcome]]
        near = exact | (copies(some) & (some.notna().mean(axis=1) > 0.5).to_numpy())
        numbers = [name for name in self.roles.predictors if self.columns[name].kind == "number"]
        if len(numbers) >= MANY:
            near[alike(numbers_of(self.frame, numbers))[:, 1]] = True
        return near

    def without_duplicates(self, how: str = "drop") -> Cohort:
        """The cohort without rows that repeat an earlier one, see `copies`; notes say how many went."""
        exact, repeats = self.copies("drop" if how == "near" else how), self.copies(how)
        if not repeats.any():
            return self
        notes = list(self.notes)
        for count, one, many in ((exact.sum(), *EXACT), ((repeats & ~exact).sum(), *NEAR)):
            notes += [counted(int(count), one, many)] if count else []
        return replace(self.take(~repeats), notes=tuple(notes))


Cleaned = tuple[pd.DataFrame, dict[str, Column], np.ndarray, list[Sentence]]


def make_cohort(
    frame: pd.DataFrame, roles: Roles, cleaning: Cleaning | None = None, name: str = "", cleaned: Cleaned | None = None
) -> Cohort:
    """Check a table and the roles of its columns, clean it, and make it a cohort.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
        As read; it is not changed.
    roles : Roles
        Without an event the natural one of two values is taken (1, "yes", "died").
    cleaning : Cleaning, optional
        Chosen kinds, missing codes, rows to keep.
    name : str
        What to call it.
    cleaned : tuple, optional
        What `clean` made of the same table, where that is at hand.

    Returns
    -------
    Cohort
        Rows whose outcome is missing are left out and counted in its notes.

    Raises
    ------
    RolesError
        With one sentence: a column that is not there, an outcome that has one class or no chosen event,
        no usable predictor, too few patients.
    """
    cleaning = cleaning or Cleaning()
    frame = frame.set_axis([str(column) for column in frame.columns], axis=1)
    check_columns(frame, roles, cleaning)
    frame, columns, rows, notes = cleaned or clean(frame, cleaning)
    notes = list(notes)
    check_roles(roles, columns)
    known = frame[roles.outcome].notna().to_numpy()
    if not known.all():
        notes.append(
            counted(
                (~known).sum(),
                "1 row has no outcome in '{outcome}' and was left out.",
                "{count} rows have no outcome in '{outcome}' and were left out.",
                outcome=roles.outcome,
            )
        )
        frame, rows = frame[known].reset_index(drop=True), rows[known]
        columns = _described(frame, columns)
    roles = _settled(frame[roles.outcome], roles)
    check_predictors(roles, columns)
    return Cohort(name, frame, roles, cleaning, columns, tuple(notes), rows)


def _settled(outcome: pd.Series, roles: Roles) -> Roles:
    """The roles with event or classes spelled out, and enough patients of each."""
    check_enough(roles, len(outcome))
    if roles.classes:
        return replace(roles, event=Event(), classes=settle_classes(outcome, roles))
    roles = replace(roles, event=settle_event(outcome, roles))
    check_outcome(roles, happened(outcome, roles.event))
    return roles


def clean(frame: pd.DataFrame, cleaning: Cleaning) -> Cleaned:
    """Apply missing codes, kinds and the row filter to a table.

    Parameters
    ----------
    frame : DataFrame
        As read.
    cleaning : Cleaning

    Returns
    -------
    frame : DataFrame
        Cleaned rows, numbered anew from 0.
    columns : dict of str to Column
    rows : ndarray of int
        Position of each row in the table given.
    notes : list of Sentence
    """
    columns = [_as_chosen(column, cleaning) for column in describe(frame, cleaning.kinds, cleaning.missing)]
    rows, notes = rows_used(frame, {column.name: column for column in columns}, cleaning)
    same = left_as_they_are(frame, columns) if rows.size == len(frame) else frozenset()
    if rows.size < len(frame):
        frame = frame.iloc[rows]
    tidy, more = clean_columns(frame, columns, cleaning)
    notes += more
    tidy = tidy.reset_index(drop=True)
    return tidy, _described(tidy, {column.name: column for column in columns}, same), rows, notes


def _described(
    frame: pd.DataFrame, columns: Mapping[str, Column], same: Collection[str] = frozenset()
) -> dict[str, Column]:
    """Facts of a cleaned frame, kinds and codes as they were settled; those that are the `same` are not looked at."""
    rest = frame[[name for name in frame.columns if name not in same]] if same else frame
    fresh = {column.name: column for column in describe(rest, {name: columns[name].type for name in rest.columns})}
    return {n: _in_keeping(fresh[n], columns[n]) if n in fresh else columns[n] for n in frame.columns}


def _in_keeping(fresh: Column, settled: Column) -> Column:
    """Facts of cleaned cells with what was settled before: codes, the order of levels, the other unit."""
    levels = in_given_order(fresh.levels, settled.levels) if fresh.ordered else fresh.levels
    if (levels, settled.codes, settled.other_unit) == (fresh.levels, fresh.codes, fresh.other_unit):
        return fresh
    return replace(fresh, levels=levels, codes=settled.codes, other_unit=settled.other_unit)


def _as_chosen(column: Column, cleaning: Cleaning) -> Column:
    """A column with the order and the unit that the user chose for it."""
    order, rule = cleaning.order.get(column.name), cleaning.other_unit.get(column.name, ())
    if column.kind == "number":
        return replace(column, other_unit=rule) if rule else column
    if order and column.ordered:
        return replace(column, levels=in_given_order(column.levels, order))
    return column


@dataclass(frozen=True)
class _Label:
    """What `save_cohort` writes beside the table."""

    name: str
    roles: Roles
    cleaning: Cleaning
    columns: tuple[Column, ...]
    notes: tuple[Sentence, ...]
    fingerprint: str
    order: tuple[str, ...] = field(default=())


def save_cohort(cohort: Cohort, folder: str | Path) -> Path:
    """Write a cohort into a folder: `cohort.parquet` and `cohort.json`, each written aside and then renamed.

    Parameters
    ----------
    cohort : Cohort
    folder : path
        Made when it is not there; a cohort in it is replaced.

    Returns
    -------
    Path
        The folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"cohort.{os.getpid()}.partial"
    write_frame(cohort.frame.set_axis(pd.Index(cohort.rows, dtype="int64"), axis=0), aside)
    os.replace(aside, folder / "cohort.parquet")
    label = _Label(
        cohort.name,
        cohort.roles,
        cohort.cleaning,
        tuple(cohort.columns.values()),
        cohort.notes,
        cohort.fingerprint,
        tuple(cohort.frame.columns),
    )
    # Indented, for people, where a person might read it.
    aside.write_text(to_json(label, indent=1 if len(label.columns) < MANY else None), encoding="utf-8")
    os.replace(aside, folder / "cohort.json")
    return folder


def open_cohort(folder: str | Path) -> Cohort:
    """Read the cohort that `save_cohort` wrote.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Cohort

    Raises
    ------
    TableError
        When the folder holds no whole cohort.
    """
    folder = Path(folder)
    try:
        label = from_json(_Label, (folder / "cohort.json").read_text(encoding="utf-8"))
        frame = read_frame(folder / "cohort.parquet")
    except (OSError, ValueError, KeyError, TypeError) as trouble:
        raise TableError(
            "The stored cohort in folder '{folder}' cannot be read; upload the table again.", folder=folder.name
        ) from trouble
    damaged = TableError(
        "The stored cohort in folder '{folder}' was changed or damaged after it was saved; upload the table again.",
        folder=folder.name,
    )
    if list(frame.columns) != list(label.order):
        raise damaged
    rows, columns = frame.index.to_numpy(dtype=np.int64), {column.name: column for column in label.columns}
    known = [columns[name] for name in label.order]
    known = [replace(one, codes=(), other_unit=()) if one.codes or one.other_unit else one for one in known]
    frame = clean_columns(frame, known, Cleaning())[0].reset_index(drop=True)
    cohort = Cohort(label.name, frame, label.roles, label.cleaning, columns, label.notes, rows)
    if cohort.fingerprint != label.fingerprint:
        raise damaged
    return cohort
