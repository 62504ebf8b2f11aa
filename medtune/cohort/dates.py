"""Dates that lie where they cannot: measurements made after the outcome had happened."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from medtune.cohort.doubts import Finding, Remedy, View
from medtune.cohort.values import as_dates
from medtune.cohort.vocabulary import AFTERWARDS, BIRTH, NOT_ADMISSION, words_of
from medtune.foundation.words import counted

OF_OUTCOME = (AFTERWARDS | NOT_ADMISSION | {"event", "outcome", "exitus", "relapse", "recurrence"}) - BIRTH - {"born"}
EVENTS, OTHERS = 0.8, 0.2  # shares with a date among patients with and without the event that make it the outcome's
TOO_LATE = (
    "1 row in which '{first}' lies after '{second}' was left out.",
    "{count} rows in which '{first}' lies after '{second}' were left out.",
)


def later_than(first: pd.Series, second: pd.Series) -> np.ndarray:
    """In which rows a date lies after another; not where one of them is missing.

    Parameters
    ----------
    first, second : Series of shape (n,)
        Dates, or text that is read as dates.

    Returns
    -------
    ndarray of bool, shape (n,)
        By days: the time of the day does not count.
    """
    days = [as_dates(series).dt.floor("D") for series in (first, second)]
    return (days[0] > days[1]).to_numpy(dtype=bool)


def after_outcome(view: View) -> Iterator[Finding]:
    """Dates that lie after the date of the outcome: what was measured then may follow from it."""
    if not view.roles.outcome:
        return
    names = [name for name, column in view.columns.items() if column.kind == "date"]
    of_outcome = [name for name in names if _tells_the_outcome(view, name)]
    for name in names:
        if name in of_outcome or words_of(name) & BIRTH:
            continue
        for end in of_outcome:
            late = int(later_than(view.frame[name], view.frame[end]).sum())
            if not late:
                continue
            one = "In 1 row '{name}' lies after '{end}'; what was measured then may follow from the outcome."
            many = "In {count} rows '{name}' lies after '{end}'; what was measured then may follow from the outcome."
            said = counted(late, one, many, name=name, end=end)
            yield Finding("warn", (name, end), late, said, Remedy("drop_late_rows", (name, end)), "after_outcome")
            break


def _tells_the_outcome(view: View, name: str) -> bool:
    """Whether a date is that of the outcome: by its name, or because only patients with the event have one."""
    if name == view.roles.date:
        return False
    if words_of(name) & OF_OUTCOME:
        return True
    if view.y is None or view.classes:
        return False
    known = view.frame[name].notna().to_numpy()
    events, others = known[view.y == 1], known[view.y == 0]
    return bool(events.size and others.size) and events.mean() > EVENTS and others.mean() < OTHERS
