"""What a column is: its name, kind, levels, range and missing share, and what it is proposed for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import pandas as pd

from medtune.cohort.roles import Event, Roles
from medtune.cohort.scales import GRADED, ranked
from medtune.cohort.values import (
    as_levels,
    as_number,
    as_numbers,
    holds_any,
    in_order,
    looks_like_compact_date,
    looks_like_date,
    looks_like_time,
    spoken,
)
from medtune.cohort.vocabulary import (
    BIRTH,
    DATED,
    EVENT,
    LETTERS,
    NO_EVENT,
    NOT_ADMISSION,
    OUTCOME,
    PATIENT,
    SCORE,
    SEX,
    SITE,
    names_a_person,
    names_an_identifier,
    words_in,
    words_of,
)
from medtune.cohort.wide import MANY, facts_of, numeric_places

Kind = Literal["number", "category", "date", "text", "identifier"]
KINDS = ("number", "category", "ordinal", "date", "text", "identifier")  # what a user may say that a column is

FEW_DECIMALS = 12  # different values from which on decimal numbers with a few words among them are numbers
FEW_LEVELS = 30  # a text column with at most this many values is a category
MOST_LEVELS = 100  # ... or with this many, when they are few against the rows
SAMPLE = 500  # cells looked at to guess what a text column holds
LONG, DIFFERENT = 100_000, 20_000  # rows from which on different decimal numbers are not counted, but seen to be many


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table, as a model remembers it.

    Attributes
    ----------
    name : str
    kind : "number", "category", "date", "text" or "identifier"
    levels : tuple of str
        Values of a category, in reading order; numeric codes are written "1", not "1.0".
    low, high : float
        Range of a number, NaN for other kinds and where every cell is missing.
    missing : float
        Share of missing cells, 0 to 1.
    distinct : int
        How many different values there are; of decimal numbers in more than 100,000 rows, at least so many.
    codes : tuple of str
        Codes that stand for "missing" in this column.
    integer : bool
        Whether every number is whole.
    ordered : bool
        Whether the levels of a category stand in an order that means something, lowest first.
    other_unit : tuple of (cut, side, factor), or empty
        Which numbers are in another unit, see `medtune.cohort.mixtures`.
    """

    name: str
    kind: Kind
    levels: tuple[str, ...] = ()
    low: float = math.nan
    high: float = math.nan
    missing: float = 0.0
    distinct: int = 0
    codes: tuple[str, ...] = ()
    integer: bool = False
    ordered: bool = False
    other_unit: tuple[float, ...] = ()

    @property
    def type(self) -> str:
        """The kind as a user chooses it, one of `KINDS`."""
        return "ordinal" if self.ordered else self.kind

    def __eq__(self, other: object) -> bool:
        """Field by field; ranges that are not known are equal, which NaN by itself is not."""
        return self._key() == other._key() if isinstance(other, Column) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __deepcopy__(self, memo: dict) -> Column:
        # It cannot change, and scikit-learn's `clone` copies the columns of a preparation in every fold.
        return self

    def _key(self) -> tuple:
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(None if isinstance(value, float) and math.isnan(value) else value for value in values)


def describe(
    frame: pd.DataFrame,
    kinds: Mapping[str, str] | None = None,
    codes: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Column, ...]:
    """Say what each column of a table is.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
        Raw or cleaned.
    kinds : mapping of str to str, optional
        Kinds that are known already, by column; the rest is guessed.
    codes : mapping of str to tuple of str, optional
        Missing codes by column ("*" for every column); such cells count as missing.

    Returns
    -------
    tuple of Column
        In the order of the table.

    Notes
    -----
    Whole numbers with 3 to 6 different values are proposed as a category; a column with every cell
    missing is a number. Text that reads as numbers throughout is a number.
    """
    kinds, codes = kinds or {}, codes or {}
    known = _plain_numbers(frame, kinds, codes)
    described = []
    for place, name in enumerate(frame.columns):
        if place in known:
            described.append(known[place])
            continue
        series = frame.iloc[:, place]
        missing = tuple(dict.fromkeys((*codes.get("*", ()), *codes.get(name, ()))))
        if missing:
            series = series.mask(holds_any(series, missing))
        described.append(_describe(str(name), series, kinds.get(name), missing))
    return tuple(described)


def _plain_numbers(
    frame: pd.DataFrame, kinds: Mapping[str, str], codes: Mapping[str, tuple[str, ...]]
) -> dict[int, Column]:
    """Columns of a wide table that are numbers beyond doubt, by place; the others are looked at one by one."""
    if frame.shape[1] < MANY or codes.get("*"):
        return {}
    apart = [*(name for name, some in codes.items() if some), *(n for n, kind in kinds.items() if kind != "number")]
    plain, names = {}, [str(name) for name in frame.columns]
    for place, facts in facts_of(frame, numeric_places(frame, apart)).items():
        name = names[place]
        if name not in kinds and facts.integer:
            telling = words_of(name) & DATED or names_an_identifier(name)
            if 3 <= facts.distinct <= 6 or facts.in_a_row or telling:
                continue
        missing = 1 - facts.known / len(frame)
        more = {"missing": missing, "distinct": facts.distinct, "integer": facts.integer}
        plain[place] = Column(name, "number", low=facts.low, high=facts.high, **more)
    return plain


def _describe(name: str, series: pd.Series, kind: str | None, codes: tuple[str, ...]) -> Column:
    numeric = pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype)
    if not numeric and not pd.api.types.is_datetime64_any_dtype(series.dtype):
        if _reads_as_numbers(series, kind):
            series, numeric = pd.Series(as_numbers(series)[0], index=series.index), True
        else:
            series = as_levels(series)
    if kind in (None, "number") and (known_as := _surely_a_number(name, series, codes)) is not None:
        return known_as
    uniques = pd.unique(series.dropna())
    known = int(series.notna().sum())
    missing = 1 - known / len(series) if len(series) else 0.0
    integer = numeric and bool(np.all(np.mod(uniques[np.isfinite(uniques)], 1) == 0)) and known > 0
    guessed = kind is None
    if guessed:
        kind = _number_kind(name, uniques, known, integer) if numeric else _text_kind(name, series, uniques, known)
    facts = {"missing": missing, "distinct": len(uniques), "codes": codes, "integer": integer}
    if kind in ("category", "ordinal"):
        levels = in_order(as_levels(pd.Series(uniques)).dropna())
        rank = ranked(levels) if guessed or kind == "ordinal" else None
        graded = guessed and numeric and len(levels) > 2 and bool(words_of(name) & GRADED)
        return Column(name, "category", rank or levels, ordered=kind == "ordinal" or bool(rank) or graded, **facts)
    if kind == "number" and known:
        finite = np.asarray(uniques, dtype=float)
        finite = finite[np.isfinite(finite)]
        if finite.size:
            return Column(name, kind, low=float(finite.min()), high=float(finite.max()), **facts)
    return Column(name, kind, **facts)


def _surely_a_number(name: str, series: pd.Series, codes: tuple[str, ...]) -> Column | None:
    """A long column of decimal numbers, told without counting how many different ones there are; None for any other."""
    if len(series) <= LONG or series.dtype != np.float64:
        return None
    values = series.to_numpy()
    some = np.unique(values[:: max(1, len(values) // DIFFERENT)])
    some = some[np.isfinite(some)]
    if some.size < DIFFERENT // 4 or not (some % 1 != 0).any():
        return None
    missing = float(np.isnan(values).mean())
    low, high = np.nanmin(values), np.nanmax(values)
    if not np.isfinite([low, high]).all():
        return None
    return Column(name, "number", (), float(low), float(high), missing, int(some.size), codes)


def _reads_as_numbers(series: pd.Series, kind: str | None) -> bool:
    """Whether a text column holds numbers: all of them, or nearly all where there are many different ones."""
    if kind is not None:
        return kind == "number"
    if pd.api.types.is_bool_dtype(series.dtype):
        return False
    some = series.dropna()
    if some.empty:
        return True
    if not _mostly_numbers(some.iloc[:SAMPLE]):
        return False
    return _mostly_numbers(pd.Series(pd.unique(some)))


def _mostly_numbers(some: pd.Series) -> bool:
    if some.map(lambda cell: isinstance(cell, (bool, np.bool_))).any():
        return False
    numbers, refused = as_numbers(some)
    different, fractions = some.nunique(), bool((numbers[~np.isnan(numbers)] % 1 != 0).any())
    return refused == 0 or (refused <= 0.1 * len(some) and different > (FEW_DECIMALS if fractions else FEW_LEVELS))


def _number_kind(name: str, uniques: np.ndarray, known: int, integer: bool) -> Kind:
    if (
        integer
        and words_of(name) & DATED
        and known
        and all(looks_like_compact_date(str(int(x))) for x in uniques[:SAMPLE])
    ):
        return "date"
    if integer and 3 <= len(uniques) <= 6:
        return "category"
    if integer and known >= 20:
        all_differ = len(uniques) == known
        in_a_row = all_differ and uniques[0] in (0, 1) and bool(np.all(np.diff(uniques) == 1))  # a row number
        if in_a_row or (names_an_identifier(name) and len(uniques) > 0.5 * known):
            return "identifier"
    return "number"


def _text_kind(name: str, series: pd.Series, uniques: np.ndarray, known: int) -> Kind:
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return "date"
    if names_a_person(name):
        return "identifier"
    sample = [str(cell) for cell in series.dropna().iloc[:SAMPLE]]
    if sample and np.mean([looks_like_date(cell) for cell in sample]) > 0.9:
        return "date"
    if sample and np.mean([looks_like_time(cell) for cell in sample]) > 0.9:
        return "text"
    distinct = len(uniques)
    if names_an_identifier(name) and distinct > 0.5 * known and known >= 3:
        return "identifier"
    repeats = known < 20 or distinct <= 0.5 * known
    if (distinct <= FEW_LEVELS and repeats) or (distinct <= MOST_LEVELS and distinct <= 0.05 * known):
        return "category"
    one_word = np.mean([" " not in cell and len(cell) <= 40 for cell in sample])
    with_sign = np.mean([any(c.isdigit() or c == "@" for c in cell) for cell in sample])
    return "identifier" if distinct > 0.9 * known and one_word > 0.9 and with_sign > 0.9 else "text"


def propose_event(levels: Sequence[str]) -> Event:
    """Which value of an outcome most likely counts as the event; an empty `Event` when that is unclear.

    Parameters
    ----------
    levels : sequence of str
        The values of the outcome, as text.

    Returns
    -------
    Event
    """
    numbers = [as_number(level) for level in levels]
    if len(levels) > 2 and None not in numbers:
        staged = sorted(numbers) == list(range(len(levels)))  # a stage counted from "none" = 0
        return Event(at_least=1) if staged else Event()
    if len(levels) == 2 and None not in numbers:
        return Event(values=(levels[int(np.argmax(numbers))],)) if min(numbers) == 0 else _worded(levels)
    return _worded(levels)


def _worded(levels: Sequence[str]) -> Event:
    """The event by its word: the level that says it, however it is spelled, or of two the one that does not deny it."""
    alike: dict[str, list[str]] = {}
    for level in levels:
        alike.setdefault(spoken(level), []).append(level)
    for event, no_event in LETTERS:
        if set(alike) == {event, no_event}:
            return Event(values=tuple(alike[event]))
    words = {said: {said}.union(*map(words_in, ways)) for said, ways in alike.items()}
    for word in EVENT:
        saying = [said for said in alike if word in words[said]]
        if len(saying) == 1:
            return Event(values=tuple(alike[saying[0]]))
    rest = [said for said in alike if not words[said] & NO_EVENT]
    return Event(values=tuple(alike[rest[0]])) if len(alike) == 2 and len(rest) == 1 else Event()


def propose_roles(frame: pd.DataFrame, columns: Sequence[Column] | None = None, outcome: str | None = None) -> Roles:
    """Propose what each column is for, from names, kinds and values.

    Parameters
    ----------
    frame : DataFrame
        The table as read.
    columns : sequence of Column, optional
        What `describe` said of it.
    outcome : str, optional
        The outcome, where it is known already.

    Returns
    -------
    Roles
        `outcome` is "" where no column qualifies; a proposal may fail the checks of `make_cohort`.
    """
    columns = describe(frame) if columns is None else tuple(columns)
    outcome = _propose_outcome(columns) if outcome is None else outcome
    rest = [column for column in columns if column.name != outcome]
    patient = _first(
        rest, PATIENT, lambda c: c.kind in ("identifier", "text") and c.distinct > 1 and not names_a_person(c.name)
    )
    rest = [column for column in rest if column.name != patient]
    site = _first(rest, SITE, lambda c: c.kind == "category" and 1 <= c.distinct <= 200)
    score = _first(rest, SCORE, lambda c: c.kind == "number" and c.low >= 0 and c.high <= 1 and c.distinct > 2)
    dates = [c.name for c in rest if c.kind == "date" and not words_of(c.name) & (NOT_ADMISSION | BIRTH)]
    taken = {patient, site, score}
    from medtune.cohort.signs import identifies  # which itself needs to know what a column is

    fitting = [c for c in rest if c.kind in ("number", "category") and c.distinct > 1 and c.name not in taken]
    predictors = [c.name for c in fitting if not identifies(frame, c)]
    event = Event()
    if outcome in frame:
        levels = as_levels(frame[outcome]).dropna()
        chosen = next(c for c in columns if c.name == outcome)
        event = propose_event(in_order(pd.unique(levels[~holds_any(levels, chosen.codes)])))
    return Roles(outcome, event, tuple(predictors), patient, site, dates[0] if dates else None, None, score)


def _first(columns: Sequence[Column], words: frozenset[str], fits) -> str | None:
    return next((c.name for c in columns if words_of(c.name) & words and fits(c)), None)


def _propose_outcome(columns: Sequence[Column]) -> str:
    few = [c for c in columns if c.kind in ("number", "category") and 2 <= c.distinct <= 6]
    for enough in (lambda c: c.distinct == 2, lambda c: True):
        for word in OUTCOME:
            for column in few:
                if enough(column) and word in words_of(column.name):
                    return column.name
    same = [c.name for c in columns if c.distinct == 1 and c.kind != "date" and words_of(c.name) & set(OUTCOME)]
    binary = [c.name for c in few if c.distinct == 2 and not words_of(c.name) & SEX]
    return next(iter(same), binary[-1] if binary else "")  # of one with a single value it is said that it has no event
