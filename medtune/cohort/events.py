"""Which rows of the outcome count as the event, or as which class, and what to ask when that is not settled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from medtune.cohort.columns import propose_event
from medtune.cohort.roles import Event, Roles
from medtune.cohort.values import as_levels, as_numbers, holds_any, in_order, spoken
from medtune.foundation.errors import RolesError
from medtune.foundation.words import Sentence, listed, say


def settle_event(outcome: pd.Series, roles: Roles) -> Event:
    """The chosen event, or the natural one of two values.

    Raises
    ------
    RolesError
        When no event is chosen and none is natural, or the chosen one never occurs.
    """
    levels = in_order(pd.unique(as_levels(outcome)))
    event = roles.event
    if event.chosen:
        if event.at_least is None and len(levels) > 1 and not set(event.values) & set(levels):
            raise RolesError(
                "Outcome '{outcome}' never has the value {value} that counts as the event; choose one of {levels}.",
                outcome=roles.outcome,
                value=" or ".join(event.values),
                levels=", ".join(levels[:6]) + (" ..." if len(levels) > 6 else ""),
            )
        return event
    if len(levels) == 1:
        raise RolesError(
            "Outcome '{outcome}' has the same value ({value}) in every row, so there is nothing to predict; "
            "choose another outcome.",
            outcome=roles.outcome,
            value=levels[0],
        )
    proposed = propose_event(levels) if len(levels) == 2 else Event()
    if proposed.chosen or not levels:
        return proposed
    raise RolesError.of(_choose_event(roles.outcome, levels))


FEWEST_CLASSES, MOST_CLASSES = 3, 8


def settle_classes(outcome: pd.Series, roles: Roles) -> tuple[str, ...]:
    """The chosen classes that occur, in the order chosen.

    Parameters
    ----------
    outcome : Series of n cells
        None of them missing.
    roles : Roles
        With `classes`.

    Returns
    -------
    tuple of str

    Raises
    ------
    RolesError
        When the outcome has a value that is none of the classes, or too few or too many occur.
    """
    levels = in_order(pd.unique(as_levels(outcome)))
    strange = [level for level in levels if level not in roles.classes]
    if strange:
        raise RolesError(
            "Outcome '{outcome}' also has the value {value}, which is none of the classes; "
            "mark it as missing or make it a class.",
            outcome=roles.outcome,
            value=listed(strange, limit=3),
        )
    there = tuple(name for name in roles.classes if name in levels)
    if not FEWEST_CLASSES <= len(there) <= MOST_CLASSES:
        raise RolesError(
            "Outcome '{outcome}' has {count} values here; between {fewest} and {most} can be told apart as classes. "
            "Choose an event instead.",
            outcome=roles.outcome,
            count=len(there),
            fewest=FEWEST_CLASSES,
            most=MOST_CLASSES,
        )
    return there


def class_numbers(outcome: pd.Series, classes: Sequence[str]) -> np.ndarray:
    """The place of each cell among the classes.

    Parameters
    ----------
    outcome : Series of n cells
    classes : sequence of str

    Returns
    -------
    ndarray of shape (n,), int
    """
    places = {name: place for place, name in enumerate(classes)}
    return as_levels(outcome).map(places).to_numpy(dtype=np.int64)


_WORDS = ("", "one value", "two values", "three values", "four values", "five values", "six values")
MISSING_LIKE = frozenset(
    (
        *("-1", "-9", "9", "99", "-99", "999", "-999", "8", "88", "unknown", "unk", "unclear", "not known", "missing"),
        *("na", "lost", "lost to follow-up", "lost to follow up", "unbekannt", "unbek.", "unklar", "inconnu"),
        *("desconocido", "不详", "未知", "失访"),
    )
)


def _choose_event(outcome: str, levels: Sequence[str]) -> Sentence:
    if len(levels) > 6:
        return say(
            "Outcome '{outcome}' has {count} different values. Choose the value from which on it counts as the event.",
            outcome=outcome,
            count=len(levels),
        )
    doubtful = [level for level in levels if spoken(level) in MISSING_LIKE]
    fields = {"outcome": outcome, "count": _WORDS[len(levels)], "values": ", ".join(levels)}
    if doubtful and len(levels) > 2:
        return say(
            "Outcome '{outcome}' has {count} ({values}). Choose which one counts as the event, "
            "or mark {code} as missing.",
            **fields,
            code=doubtful[-1],
        )
    return say("Outcome '{outcome}' has {count} ({values}). Choose which one counts as the event.", **fields)


def happened(outcome: pd.Series, event: Event) -> np.ndarray:
    """Which rows have the event; bool array of shape (n,).

    Raises
    ------
    RolesError
        When the event is "at least" a number and the outcome is not one.
    """
    if event.at_least is None:
        return holds_any(outcome, event.values)
    numbers, refused = as_numbers(outcome)
    if refused:
        raise RolesError(
            "Outcome '{outcome}' has {count} rows that are not numbers, so no event can be counted "
            "from {at_least:g} on; choose the event by its value.",
            outcome=outcome.name,
            count=refused,
            at_least=event.at_least,
        )
    return numbers >= event.at_least
