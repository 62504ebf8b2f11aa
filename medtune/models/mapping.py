"""A local table brought to the columns of a model: its names, its units, its codes; and what is doubtful about that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.values import as_levels, as_number, as_numbers, spoken
from medtune.foundation.errors import ModelError
from medtune.foundation.settings import Feed
from medtune.foundation.words import Sentence, listed, say
from medtune.models.units import CONVERSIONS


@dataclass(frozen=True)
class Fit:
    """How well one predictor is fed.

    Attributes
    ----------
    feed : Feed
    missing : float
        Share of patients without a value, 1 when no column feeds it.
    outside : float
        Share of known values outside the plausible range; NaN when there is no range.
    strange : tuple of str
        Local levels that the model does not know.
    doubts : tuple of Sentence
        What a user should look at.
    """

    feed: Feed
    missing: float
    outside: float
    strange: tuple[str, ...]
    doubts: tuple[Sentence, ...]


def feed_column(feed: Feed, kind: str, frame: pd.DataFrame) -> pd.Series:
    """The cells of one predictor, in the model's units and codes.

    Parameters
    ----------
    feed : Feed
    kind : str
        What the model reads it as.
    frame : DataFrame of n rows
        The local table.

    Returns
    -------
    Series of shape (n,)
        All missing where no column feeds it and nothing stands for that.

    Raises
    ------
    ModelError
        When the conversion is not known.
    """
    if not feed.column or feed.column not in frame.columns:
        cells = pd.Series(np.nan, index=frame.index, dtype="float64" if kind == "number" else "str")
    else:
        cells = frame[feed.column]
    if feed.conversion:
        if feed.conversion not in CONVERSIONS:
            raise ModelError(
                "The conversion “{key}” of '{column}' is not known; choose another one.",
                key=feed.conversion,
                column=feed.column,
            )
        converted = CONVERSIONS[feed.conversion].apply(as_numbers(cells)[0])
        cells = pd.Series(_to_ten_digits(converted), index=frame.index)
    if feed.codes:
        if pd.api.types.is_bool_dtype(cells.dtype):
            cells = cells.astype("float64")
        cells = as_levels(cells)
        told = {spoken(ours): theirs for ours, theirs in feed.codes}
        cells = cells.replace(
            {level: told[spoken(level)] for level in pd.unique(cells.dropna()) if spoken(level) in told}
        )
    if feed.fill:
        number = as_number(feed.fill)
        if kind == "number" and number is None:
            raise ModelError("What stands for a missing '{column}' must be a number; change it.", column=feed.predictor)
        cells = (
            pd.Series(as_numbers(cells)[0], index=frame.index).fillna(number)
            if kind == "number"
            else (as_levels(cells).fillna(feed.fill))
        )
    return cells.rename(feed.predictor)


def _to_ten_digits(values: np.ndarray) -> np.ndarray:
    """Without the last digits, which the conversion itself made up: they would put the smallest value out of range."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = 10.0 ** (9 - np.floor(np.log10(np.abs(values))))
        rounded = np.round(values * shift) / shift
    return np.where(values == 0, 0.0, rounded)


def apply_mapping(feeds: Sequence[Feed], columns: Sequence[Column], frame: pd.DataFrame) -> pd.DataFrame:
    """The table as the model expects it: its own names, units and codes.

    Parameters
    ----------
    feeds : sequence of Feed
    columns : sequence of Column
        What the model reads.
    frame : DataFrame of n rows
        The local table.

    Returns
    -------
    DataFrame of shape (n, columns)
    """
    told = {feed.predictor: feed for feed in feeds}
    ready = {c.name: feed_column(told.get(c.name, Feed(c.name, c.name)), c.kind, frame) for c in columns}
    return pd.DataFrame(ready, index=frame.index)


def check_mapping(feeds: Sequence[Feed], columns: Sequence[Column], frame: pd.DataFrame) -> tuple[Fit, ...]:
    """What a user should know of each predictor before a model is applied.

    Parameters
    ----------
    feeds : sequence of Feed
    columns : sequence of Column
        What the model reads.
    frame : DataFrame of n rows
        The local table.

    Returns
    -------
    tuple of Fit
        In the order of the columns.
    """
    told = {feed.predictor: feed for feed in feeds}
    return tuple(_fit(told.get(column.name, Feed(column.name, column.name)), column, frame) for column in columns)


def _fit(feed: Feed, column: Column, frame: pd.DataFrame) -> Fit:
    here = bool(feed.column) and feed.column in frame.columns
    if not here:
        return Fit(feed, 1.0, math.nan, (), (_absent(feed),))
    cells = feed_column(Feed(feed.predictor, feed.column, feed.conversion, feed.codes), column.kind, frame)
    doubts: list[Sentence] = []
    strange: tuple[str, ...] = ()
    outside = math.nan
    if column.kind == "number":
        values, refused = as_numbers(cells)
        missing = float(np.isnan(values).mean()) if len(values) else 0.0
        if refused:
            doubts.append(
                say(
                    "{count} cells of '{column}' are not numbers, and '{predictor}' is one; give their codes.",
                    count=refused,
                    column=feed.column,
                    predictor=feed.predictor,
                )
            )
        low, high = plausible(feed, column)
        known = values[~np.isnan(values)]
        if len(known) and (math.isfinite(low) or math.isfinite(high)):
            outside = float(np.mean((known < low) | (known > high)))
    else:
        texts = as_levels(cells)
        missing = float(texts.isna().mean()) if len(texts) else 0.0
        levels = {spoken(level) for level in column.levels}
        strange = tuple(sorted(v for v in pd.unique(texts.dropna()) if spoken(v) not in levels)) if levels else ()
    if strange:
        names = listed([level[:40] for level in strange])
        doubts.append(say("The model does not know {levels} of '{column}'.", levels=names, column=feed.column))
    if outside >= 0.05:
        template = "{share:.0f}% of '{column}' lie outside the plausible range; look at its unit."
        doubts.append(say(template, share=100 * outside, column=feed.column))
    return Fit(feed, missing, outside, strange, tuple(doubts))


def _absent(feed: Feed) -> Sentence:
    if feed.fill:
        return say(
            "No column feeds '{predictor}': every patient counts with {fill}.", predictor=feed.predictor, fill=feed.fill
        )
    return say(
        "No column feeds '{predictor}': the model fills it for everyone by its own rule, so it cannot tell patients "
        "apart by it.",
        predictor=feed.predictor,
    )


def plausible(feed: Feed, column: Column) -> tuple[float, float]:
    """The plausible range in the model's units: the user's, else what the model was made with.

    Parameters
    ----------
    feed : Feed
    column : Column
        As the model reads it.

    Returns
    -------
    tuple of float
        Low and high, infinite where unknown.
    """
    low = column.low if feed.low is None else feed.low
    high = column.high if feed.high is None else feed.high
    return (-math.inf if math.isnan(low) else low), (math.inf if math.isnan(high) else high)


def changes_nothing(feeds: Sequence[Feed]) -> bool:
    """Whether every predictor is read from the column of its own name as it is.

    Parameters
    ----------
    feeds : sequence of Feed

    Returns
    -------
    bool
    """
    return all(feed.column == feed.predictor and not (feed.conversion or feed.codes or feed.fill) for feed in feeds)


def mostly_absent(feeds: Sequence[Feed], columns: Sequence[Column]) -> bool:
    """Whether more than half of the predictors have no column: then the model cannot be used here.

    Parameters
    ----------
    feeds : sequence of Feed
    columns : sequence of Column
        What the model reads.

    Returns
    -------
    bool
    """
    absent = {feed.predictor for feed in feeds if not feed.column}
    return 2 * sum(column.name in absent for column in columns) > len(columns)
