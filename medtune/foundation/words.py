"""Sentences a user meets: a template and its fields, kept apart so that the dashboard can translate them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

EMPTY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True)
class Sentence:
    """A sentence with named fields.

    Attributes
    ----------
    template : str
        English text with ``{name}`` places, as `str.format` understands them.
    fields : mapping of str to object
        What goes into the places: numbers, strings, or further sentences.
    """

    template: str
    fields: Mapping[str, object] = field(default_factory=lambda: EMPTY)

    def __str__(self) -> str:
        return self.template.format(**self.fields)

    def __hash__(self) -> int:
        return hash(str(self))


def say(template: str, /, **fields: object) -> Sentence:
    """Mark a sentence for translation where it is written.

    Parameters
    ----------
    template : str
        English text with ``{name}`` places.
    **fields : object
        What goes into the places.

    Returns
    -------
    Sentence
        The sentence; `str()` of it is the English text.
    """
    return Sentence(template, fields)


def counted(count: int, one: str, many: str, /, **fields: object) -> Sentence:
    """A sentence, or a part of one, that is right for any count.

    Parameters
    ----------
    count : int
        Goes into the place ``{count}``.
    one, many : str
        Templates for a count of one and for every other.
    **fields : object
        What goes into the other places.

    Returns
    -------
    Sentence
        For example "1 row" or "12 rows".
    """
    return Sentence(one if count == 1 else many, {"count": int(count), **fields})


def listed(names, limit: int = 6) -> str:
    """Join names for a sentence, naming at most `limit` and counting the rest.

    Parameters
    ----------
    names : iterable of str
        Names of columns, levels or files; never the values of a patient.
    limit : int
        How many are written out.

    Returns
    -------
    str
        For example ``'age', 'sex' and 3 more``.
    """
    names = [f"'{name}'" for name in names]
    shown, rest = names[:limit], len(names) - limit
    if rest > 0:
        return ", ".join(shown) + f" and {rest} more"
    if len(shown) < 2:
        return "".join(shown)
    return ", ".join(shown[:-1]) + " and " + shown[-1]
