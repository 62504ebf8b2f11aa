"""What a finding about a table is: a doubt with its place, its count, a sentence and a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.roles import Roles
from medtune.foundation.words import Sentence

Severity = Literal["stop", "warn", "note"]


@dataclass(frozen=True)
class Remedy:
    """What a button can do about a finding.

    Attributes
    ----------
    action : str
        "leave_out" (of the predictors), "drop_duplicates", "mark_missing", "merge_levels", "choose_patient",
        "choose_event", "one_unit", "drop_near_copies", "drop_late_rows", "validate_only", "keep_first_row",
        "keep_last_row", "leave_out_level", "fix_threshold" or "weigh_consequences".
    columns : tuple of str
        On which columns.
    codes : tuple of str
        Which codes "mark_missing" marks; which level "leave_out_level" leaves out.
    rule : tuple of float
        Cut, side and factor of the values that "one_unit" multiplies, see `medtune.cohort.mixtures`; the threshold
        that "fix_threshold" chooses.
    """

    action: str
    columns: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    rule: tuple[float, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One doubt about a table.

    Attributes
    ----------
    severity : "stop", "warn" or "note"
        Whether the result would be wrong, may be, or only should be known.
    columns : tuple of str
    count : int
        Rows, cells or columns concerned, as the sentence says.
    sentence : Sentence
    remedy : Remedy or None
    key : str
        Which check found it.
    others : tuple of Remedy
        What else could be done about it.
    """

    severity: Severity
    columns: tuple[str, ...]
    count: int
    sentence: Sentence
    remedy: Remedy | None
    key: str
    others: tuple[Remedy, ...] = ()


@dataclass(frozen=True, eq=False)
class View:
    """A table as the checks look at it; `y` is None while no event is chosen."""

    frame: pd.DataFrame
    columns: dict[str, Column]
    roles: Roles
    predictors: tuple[str, ...]
    y: np.ndarray | None
    classes: tuple[str, ...] = ()
