"""Which rows of a table are used: those with chosen levels, in a possible order of dates, one of each patient."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.dates import TOO_LATE, later_than
from medtune.cohort.roles import Cleaning
from medtune.cohort.values import as_dates, as_levels, holds_any
from medtune.foundation.words import Sentence, counted, say

OTHER_ROWS = {
    "first": (
        "1 later row of a patient with a row before was left out.",
        "{count} later rows of patients with a row before were left out.",
    ),
    "last": (
        "1 earlier row of a patient with a row after it was left out.",
        "{count} earlier rows of patients with a row after them were left out.",
    ),
}


def rows_used(
    frame: pd.DataFrame, columns: Mapping[str, Column], cleaning: Cleaning
) -> tuple[np.ndarray, list[Sentence]]:
    """Choose rows.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
        As read.
    columns : mapping of str to Column
        What each column is.
    cleaning : Cleaning

    Returns
    -------
    rows : ndarray of int
        Positions of the rows that are used, rising.
    notes : list of Sentence
        How many are not, and why.
    """
    rows, notes = np.arange(len(frame)), []
    if cleaning.only is not None:
        column, levels = cleaning.only
        kept = holds_any(frame[column], levels)
        notes.append(
            say(
                "{count} of {total} rows are used, those where '{column}' is {levels}.",
                count=int(kept.sum()),
                total=len(frame),
                column=column,
                levels=" or ".join(levels),
            )
        )
        rows = rows[kept]
    for first, second in cleaning.not_after:
        kept = ~later_than(frame[first].iloc[rows], frame[second].iloc[rows])
        if not kept.all():
            notes.append(counted(int((~kept).sum()), *TOO_LATE, first=first, second=second))
            rows = rows[kept]
    if cleaning.one_row:
        patient, which, date = cleaning.one_row
        ids = frame[patient].iloc[rows]
        kept = one_of_each(
            as_levels(ids).mask(holds_any(ids, columns[patient].codes)), which, frame[date].iloc[rows] if date else None
        )
        if not kept.all():
            notes.append(counted(int((~kept).sum()), *OTHER_ROWS[which]))
            rows = rows[kept]
    return rows, notes


def one_of_each(ids: pd.Series, which: str, dates: pd.Series | None = None) -> np.ndarray:
    """The first or the last row of each patient.

    Parameters
    ----------
    ids : Series of shape (n,)
        Patient ids; a row without one is a patient of its own.
    which : {"first", "last"}
    dates : Series of shape (n,), optional
        The order of the rows of a patient; without it, and among equal dates, the order of the table. A row without
        a date is kept only where the patient has none with one.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    order = np.arange(len(ids))
    if dates is not None:
        days = as_dates(dates)
        order = np.argsort(days.to_numpy(), kind="stable")  # rows without a date last
        if which == "last":
            known = int(days.notna().sum())
            order = np.concatenate([order[known:], order[:known]])
    sorted_ids = ids.iloc[order]
    kept = ~sorted_ids.duplicated(keep=which).to_numpy() | sorted_ids.isna().to_numpy()
    found = np.zeros(len(ids), dtype=bool)
    found[order] = kept
    return found
