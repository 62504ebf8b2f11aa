"""What a user decides about a table: the outcome and its event, the predictors, and how cells are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from medtune.cohort.values import level_text


@dataclass(frozen=True)
class Event:
    """Which values of the outcome count as the event.

    Attributes
    ----------
    at_least : float, optional
        The event is any number from this one on.
    values : tuple of str
        The event is any of these values ("1", "yes"); used when `at_least` is None.
    """

    at_least: float | None = None
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        values = (self.values,) if isinstance(self.values, str) else self.values
        object.__setattr__(self, "values", tuple(level_text(value) for value in values))
        if self.at_least is not None:
            object.__setattr__(self, "at_least", float(self.at_least))

    @property
    def chosen(self) -> bool:
        """Whether anything counts as the event yet."""
        return self.at_least is not None or bool(self.values)


@dataclass(frozen=True)
class Roles:
    """What each column is for.

    Attributes
    ----------
    outcome : str
        Column of what is predicted; "" in a proposal that found none.
    event : Event
        Which of its values count as the event.
    classes : tuple of str
        Values of the outcome when each is a class of its own (3 to 8), in order; empty when it is an event or not.
    predictors : tuple of str
        Columns a model may use.
    patient, site, date, treatment, score : str, optional
        Columns with the patient's id, the hospital, the date, the treatment given, and an existing risk (0 to 1).
    """

    outcome: str
    event: Event = field(default_factory=Event)
    predictors: tuple[str, ...] = ()
    patient: str | None = None
    site: str | None = None
    date: str | None = None
    treatment: str | None = None
    score: str | None = None
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "predictors", tuple(self.predictors))
        object.__setattr__(self, "classes", tuple(level_text(value) for value in self.classes))
        for name in ("patient", "site", "date", "treatment", "score"):
            object.__setattr__(self, name, getattr(self, name) or None)

    @property
    def named(self) -> dict[str, str]:
        """The single columns that have a role other than predictor, by role."""
        found = {name: getattr(self, name) for name in ("outcome", "patient", "site", "date", "treatment", "score")}
        return {role: column for role, column in found.items() if column}


@dataclass(frozen=True)
class Cleaning:
    """How the cells of a table are read.

    Attributes
    ----------
    kinds : mapping of str to str
        Kind chosen for a column where the guess was wrong.
    missing : mapping of str to tuple of str
        Codes that stand for "missing", by column; "*" holds for every column.
    only : tuple of (column, levels), optional
        Keep only the rows in which the column has one of the levels.
    merge : tuple of str
        Columns whose levels are taken as one when they differ only in case or spaces; the commonest spelling stays.
    order : mapping of str to tuple of str
        Levels of an ordered category, the lowest first, where the order guessed was wrong.
    other_unit : mapping of str to tuple of (cut, side, factor)
        Numbers beyond the cut (above it where `side` is 1, below where it is -1) are in another unit and multiplied
        by the factor, see `medtune.cohort.mixtures`.
    not_after : tuple of (date, later date)
        Rows in which the first date lies after the second are left out.
    one_row : tuple of (patient, "first" or "last", date), or empty
        Only the first or the last row of each patient is kept: by this date, or as they stand in the table where it
        is "".
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: tuple[str, tuple[str, ...]] | None = None
    merge: tuple[str, ...] = ()
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    other_unit: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    not_after: tuple[tuple[str, str], ...] = ()
    one_row: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        codes = {name: (c,) if isinstance(c, (str, int, float)) else c for name, c in self.missing.items()}
        tidy = {name: tuple(level_text(code) for code in some) for name, some in codes.items() if len(some)}
        object.__setattr__(self, "missing", tidy)
        object.__setattr__(self, "kinds", dict(self.kinds))
        object.__setattr__(self, "merge", tuple(self.merge))
        object.__setattr__(self, "order", {name: tuple(map(level_text, some)) for name, some in self.order.items()})
        object.__setattr__(self, "not_after", tuple((first, second) for first, second in self.not_after))
        object.__setattr__(self, "one_row", tuple(self.one_row))
        object.__setattr__(self, "other_unit", {name: tuple(rule) for name, rule in self.other_unit.items()})
        if self.only is not None:
            column, levels = self.only
            levels = (levels,) if isinstance(levels, (str, int, float, np.number)) else levels
            object.__setattr__(self, "only", (column, tuple(level_text(level) for level in levels)))

    def codes(self, column: str) -> tuple[str, ...]:
        """The missing codes that hold for one column, each once, in a stable order."""
        return tuple(dict.fromkeys((*self.missing.get("*", ()), *self.missing.get(column, ()))))
