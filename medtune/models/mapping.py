"""A local table brought to the columns of a model: its names, its units, its codes; and what is doubtful about that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.units import CONVERSIONS, quantity_of, unit_in, unit_of_value
from medtune.cohort.values import as_levels, as_number, as_numbers, spoken
from medtune.foundation.errors import ModelError
from medtune.foundation.settings import Feed
from medtune.foundation.words import Sentence, listed, say
from medtune.models.terms import Formula

UNFED = (
    "No column feeds {predictors}: the model fills that for everyone by its own rule, so it cannot tell patients "
    "apart by it."
)
NEEDED = (
    "No column feeds {predictors}, and an equation needs that for everybody; name a column, or say what a gap "
    "counts as."
)
OUTSIDE = "{share:.0f}% of '{column}' lie outside the plausible range; look at its unit."
MANY = 0.05  # share outside the plausible range that is worth a word


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


def check_mapping(
    feeds: Sequence[Feed], columns: Sequence[Column], frame: pd.DataFrame, formula: Formula | None = None
) -> tuple[Fit, ...]:
    """What a user should know of each predictor before a model is applied.

    Parameters
    ----------
    feeds : sequence of Feed
    columns : sequence of Column
        What the model reads.
    frame : DataFrame of n rows
        The local table.
    formula : Formula, optional
        Of an equation: a level that it does not name is its reference, and a gap needs a value that stands for it.

    Returns
    -------
    tuple of Fit
        In the order of the columns.
    """
    told = {feed.predictor: feed for feed in feeds}
    return tuple(
        _fit(told.get(column.name, Feed(column.name, column.name)), column, frame, formula) for column in columns
    )


def _fit(feed: Feed, column: Column, frame: pd.DataFrame, formula: Formula | None) -> Fit:
    fills = formula.fills if formula is not None else {}
    if not feed.column or feed.column not in frame.columns:
        return Fit(feed, 1.0, math.nan, (), (_absent(feed, formula is not None, fills.get(feed.predictor, "")),))
    cells = feed_column(replace(feed, fill=""), column.kind, frame)
    outside, strange = math.nan, ()
    if column.kind == "number":
        missing, outside, doubts = _number(feed, column, cells)
    else:
        missing, strange, doubts = _category(feed, column, cells, formula is not None)
    unit = _unsaid_unit(feed, column, cells) if formula is not None else ""
    if unit:
        template = (
            "The equation does not say its unit of '{predictor}'; '{column}' seems to be in {unit}: compare them."
        )
        doubts.append(say(template, predictor=feed.predictor, column=feed.column, unit=unit))
    if formula is not None and missing and not (feed.fill or fills.get(feed.predictor)):
        template = "{share:.1f}% lack '{column}', and an equation needs it for everybody; say what a gap counts as."
        doubts.append(say(template, share=100 * missing, column=feed.column))
    return Fit(feed, missing, outside, strange, tuple(doubts))


def _unsaid_unit(feed: Feed, column: Column, cells: pd.Series) -> str:
    """The local unit, where the model's is unknown, nothing is converted, and several are common."""
    quantity = quantity_of(feed.predictor, feed.column) if column.kind == "number" else None
    if quantity is None or not math.isfinite(quantity.typical) or feed.conversion or unit_in(feed.predictor, quantity):
        return ""
    values = as_numbers(cells)[0]
    middle = float(np.nanmedian(values)) if np.isfinite(values).any() else math.nan
    return unit_in(feed.column, quantity) or unit_of_value(middle, quantity)


def _number(feed: Feed, column: Column, cells: pd.Series) -> tuple[float, float, list[Sentence]]:
    """Share missing, share outside the plausible range, doubts."""
    doubts = []
    values, refused = as_numbers(cells)
    known = values[~np.isnan(values)]
    if refused:
        template = "{count} cells of '{column}' are not numbers, and '{predictor}' is one; give their codes."
        doubts.append(say(template, count=refused, column=feed.column, predictor=feed.predictor))
    low, high = plausible(feed, column)
    outside = math.nan
    if len(known) and (math.isfinite(low) or math.isfinite(high)):
        outside = float(np.mean((known < low) | (known > high)))
    if outside >= MANY:
        doubts.append(say(OUTSIDE, share=100 * outside, column=feed.column))
    return 1 - len(known) / max(1, len(values)), outside, doubts


def _category(
    feed: Feed, column: Column, cells: pd.Series, has_reference: bool
) -> tuple[float, tuple[str, ...], list[Sentence]]:
    """Share missing, levels that the model does not know, doubts."""
    texts = as_levels(cells)
    here = sorted(pd.unique(texts.dropna()))
    missing = float(texts.isna().mean()) if len(texts) else 0.0
    if has_reference:
        nobody = [level for level in column.levels if spoken(level) not in map(spoken, here)]
        template = "Nobody here has {levels} in '{column}'; if it is written differently, give its code."
        return missing, (), [say(template, levels=listed(nobody), column=feed.column)] if nobody else []
    levels = {spoken(level) for level in column.levels}
    strange = tuple(level for level in here if spoken(level) not in levels) if levels else ()
    names = listed([level[:40] for level in strange])
    template = "The model does not know {levels} of '{column}'; give their codes, or they count as rare."
    return missing, strange, [say(template, levels=names, column=feed.column)] if strange else []


def _absent(feed: Feed, needed: bool, fill: str) -> Sentence:
    fill = feed.fill or fill
    if fill:
        return say("No column feeds '{predictor}': everybody counts with {fill}.", predictor=feed.predictor, fill=fill)
    return say(NEEDED if needed else UNFED, predictors=listed([feed.predictor]))


def doubts_of(fits: Sequence[Fit]) -> tuple[Sentence, ...]:
    """All that a user should look at; predictors that nothing feeds share one sentence.

    Parameters
    ----------
    fits : sequence of Fit

    Returns
    -------
    tuple of Sentence
    """
    doubts = [(fit.feed.predictor, doubt) for fit in fits for doubt in fit.doubts]
    shared = {
        template: [predictor for predictor, doubt in doubts if doubt.template == template]
        for template in (NEEDED, UNFED)
    }
    together = [say(template, predictors=listed(names)) for template, names in shared.items() if names]
    return (*together, *(doubt for _, doubt in doubts if doubt.template not in shared))


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
