"""Frozen dataclasses to JSON and back: the one way settings, results and passports are stored."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, TypeVar

import numpy as np

from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence

Record = TypeVar("Record")


def to_plain(thing: Any) -> Any:
    """Turn a tree of dataclasses, arrays and sentences into what JSON can hold.

    NaN and infinity become null, arrays become lists, tuples become lists.
    """
    if isinstance(thing, np.generic):
        thing = thing.item()
    if thing is None or isinstance(thing, (str, bool, int)):
        return thing  # before anything else, since most things are
    if isinstance(thing, float):
        return thing if math.isfinite(thing) else None
    kind = type(thing)
    if hasattr(kind, "__dataclass_fields__"):
        return {name: to_plain(getattr(thing, name)) for name in _names(kind)}
    if isinstance(thing, Mapping):
        return {str(key): to_plain(value) for key, value in thing.items()}
    if isinstance(thing, np.ndarray):
        return _list(thing)
    if isinstance(thing, (list, tuple)):
        return [to_plain(item) for item in thing]
    raise TypeError(f"a record cannot hold {kind.__name__}")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _list(array: np.ndarray) -> Any:
    """An array as lists; whole arrays at once, since curves and tables are most of a result."""
    if array.dtype.kind == "f":
        finite = np.isfinite(array)
        return array.tolist() if finite.all() else np.where(finite, array, None).tolist()
    return array.tolist() if array.dtype.kind in "biuU" else to_plain(array.tolist())


def from_plain(kind: Any, plain: Any) -> Any:
    """Rebuild what `to_plain` wrote, guided by the type it had.

    Parameters
    ----------
    kind : type or typing construct
        A dataclass, or what a dataclass's field is annotated with.
    plain : object
        What JSON gave.

    Returns
    -------
    object
        An instance of `kind`; unknown keys of a dataclass are passed over, so
        that a newer file can be read, and missing ones take their default.
    """
    return _reader(kind)(plain)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How what a type was written as is read; found once for each type, since a wide table has very many columns."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return partial(_one_of, type(None) in inside, [choice for choice in inside if choice is not type(None)])
    if origin is tuple and not (len(inside) == 2 and inside[1] is Ellipsis):
        return lambda plain: tuple(from_plain(k, item) for k, item in zip(inside, plain, strict=True))
    if origin in (tuple, list):
        return lambda plain: origin(map(_reader(inside[0]), plain))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return lambda plain: {key: from_plain(inside[1], value) for key, value in plain.items()}
    if kind is float:
        return lambda plain: math.nan if plain is None else float(plain)
    if kind is np.ndarray:
        return _array
    if kind is Sentence:
        return _sentence
    if dataclasses.is_dataclass(kind):
        return partial(_record, kind)
    return lambda plain: plain


def _one_of(optional: bool, choices: list[Any], plain: Any) -> Any:
    if plain is None and optional:
        return None
    fitting = [c for c in choices if isinstance(c, type) and c is not float and isinstance(plain, c)]
    return from_plain((fitting or choices)[0], plain)


def _record(kind: type[Record], plain: Mapping[str, Any]) -> Record:
    return kind(**{name: read(plain[name]) for name, read in _readers(kind).items() if name in plain})


def _sentence(plain: Mapping[str, Any]) -> Sentence:
    return Sentence(plain["template"], {name: _field(value) for name, value in plain["fields"].items()})


def _field(plain: Any) -> Any:
    """What stood in a place of a sentence: sentences and estimates know how to write themselves, so they return."""
    if isinstance(plain, Mapping):
        for kind in (Sentence, Estimate):
            if set(plain) == {f.name for f in dataclasses.fields(kind)}:
                return from_plain(kind, plain)
    return plain


@cache
def _readers(kind: type) -> dict[str, Callable[[Any], Any]]:
    hints = typing.get_type_hints(kind)
    return {f.name: _reader(hints[f.name]) for f in dataclasses.fields(kind) if f.init}


def _array(plain: list) -> np.ndarray:
    array = np.asarray(plain)
    return np.asarray(plain, dtype=float) if array.dtype == object else array


def to_json(thing: Any, indent: int | None = None) -> str:
    """The JSON text of a record, keys in a stable order.

    Parameters
    ----------
    thing : object
        A dataclass, or what `to_plain` takes.
    indent : int, optional
        Spaces a level, for people to read.

    Returns
    -------
    str
    """
    return json.dumps(to_plain(thing), sort_keys=True, ensure_ascii=False, indent=indent, allow_nan=False)


def from_json(kind: type[Record], text: str) -> Record:
    """The record that `to_json` wrote.

    Parameters
    ----------
    kind : type
        Its dataclass.
    text : str
        JSON.

    Returns
    -------
    object
        An instance of `kind`.
    """
    return from_plain(kind, json.loads(text))
