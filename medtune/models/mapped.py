"""A model together with how the local table feeds it, saved and applied as one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin

from medtune.cohort.columns import Column
from medtune.cohort.units import CONVERSIONS
from medtune.cohort.values import as_levels, as_number, as_numbers, spoken
from medtune.foundation.records import from_json, to_json
from medtune.foundation.settings import Feed
from medtune.foundation.words import Sentence, listed, say
from medtune.models.clinical import ClinicalModel
from medtune.models.mapping import apply_mapping, changes_nothing
from medtune.models.passport import Aggregates

NOT_HERE = "(not here) "


class MappedModel(ClassifierMixin, BaseEstimator):
    """A model that reads local columns: each is renamed, converted and recoded before the model sees it.

    Parameters
    ----------
    model : ClinicalModel
        As it came.
    feeds : sequence of Feed
        One for each of its predictors.
    """

    def __init__(self, model: ClinicalModel | None = None, feeds: Sequence[Feed] = ()):
        self.model = model
        self.feeds = feeds

    @property
    def classes_(self) -> np.ndarray:
        """Those of the model inside: no event, event, or the numbers of its classes."""
        return self.model.classes_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """The local columns it reads, each once."""
        return np.array(list(dict.fromkeys(feed.column for feed in self.feeds if feed.column)), dtype=object)

    def translated(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The table in the model's names, units and codes."""
        return apply_mapping(self.feeds, self.model.columns, frame)

    def fit(self, X: pd.DataFrame, y: Any = None) -> MappedModel:
        """Nothing is learnt: the model is as it came."""
        return self

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """Probability of no event and of the event, or of each class; shape (n, 2) or (n, K)."""
        return self.model.predict_proba(self.translated(frame))

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """1 where the risk is at least one half, else 0, or the number of the most likely class; shape (n,)."""
        return self.model.predict(self.translated(frame))

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __getstate__(self) -> dict[str, Any]:
        # The feeds as JSON text: a file then needs to trust no more than this class.
        return {"model": self.model, "feeds": to_json(tuple(self.feeds))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["model"], from_json(tuple[Feed, ...], state["feeds"]))


def mapped(model: ClinicalModel, feeds: Sequence[Feed], local: Mapping[str, Column]) -> ClinicalModel:
    """The model as it reads the local table.

    Parameters
    ----------
    model : ClinicalModel
    feeds : sequence of Feed
        How its predictors are fed; none, or one that changes nothing, gives the model itself.
    local : mapping of str to Column
        The local columns.

    Returns
    -------
    ClinicalModel
        With local columns in its passport, its aggregates in local names and units, and notes on what is done.
    """
    known = {column.name for column in model.columns}
    feeds = tuple(feed for feed in feeds if feed.predictor in known)
    if changes_nothing(feeds):
        return model
    told = {feed.predictor for feed in feeds}
    feeds += tuple(Feed(column.name, column.name) for column in model.columns if column.name not in told)
    by_name = {feed.predictor: feed for feed in feeds}
    columns: dict[str, Column] = {}
    for column in model.columns:
        feed = by_name[column.name]
        if feed.column and feed.column not in columns:
            columns[feed.column] = local_column(feed, column, local.get(feed.column))
    passport = model.passport.with_(
        columns=tuple(columns.values()),
        aggregates=local_aggregates(model.passport.aggregates, feeds),
        notes=(*model.passport.notes, *said_of(feeds)),
    )
    return ClinicalModel(MappedModel(model, feeds), passport)


def in_local_terms(frame: pd.DataFrame, feeds: Sequence[Feed]) -> pd.DataFrame:
    """A table in the model's names, units and codes, such as that of its own patients, brought to the local ones.

    Parameters
    ----------
    frame : DataFrame of m rows
        As the model itself reads it.
    feeds : sequence of Feed
        How local columns feed the model: turned round here.

    Returns
    -------
    DataFrame of m rows
        Columns that feed nothing stay as they are. Where two local codes stand for one of the model's, the first is
        taken; where a column feeds two predictors, the first of them.
    """
    made: dict[str, pd.Series] = {}
    for feed in feeds:
        if not feed.column or feed.predictor not in frame.columns or feed.column in made:
            continue
        cells = frame[feed.predictor]
        if feed.codes:
            back = {spoken(theirs): ours for ours, theirs in reversed(feed.codes)}
            levels = as_levels(cells)
            cells = levels.replace(
                {level: back[spoken(level)] for level in levels.dropna().unique() if spoken(level) in back}
            )
        if feed.conversion:
            undone = CONVERSIONS[feed.conversion].undo(as_numbers(cells)[0])
            cells = pd.Series(undone, index=frame.index)
        made[feed.column] = cells.rename(feed.column)
    replaced = {*made, *(feed.predictor for feed in feeds if feed.column)}
    return frame.drop(columns=[name for name in frame.columns if name in replaced]).assign(**made)


def local_column(feed: Feed, column: Column, here: Column | None) -> Column:
    """A predictor of the model as the local table has it.

    Parameters
    ----------
    feed : Feed
    column : Column
        As the model reads it.
    here : Column, optional
        As the local table describes it.

    Returns
    -------
    Column
        The model's range in local units, its levels in local codes, the missing codes of the local table.
    """
    kind = here.kind if here is not None and (feed.codes or here.kind == "category") else column.kind
    low, high = column.low, column.high
    if feed.conversion and math.isfinite(low):
        low, high = (float(CONVERSIONS[feed.conversion].undo(limit)) for limit in (low, high))
        low, high = low - 1e-9 * abs(low), high + 1e-9 * abs(high)  # there and back is not exact
    if feed.codes and column.kind == "number":
        low, high = math.nan, math.nan
    back = {theirs: ours for ours, theirs in feed.codes}
    levels = tuple(back.get(level, level) for level in column.levels)
    if kind == "category" and not levels and here is not None:
        levels = here.levels
    return replace(
        here if here is not None else column,
        name=feed.column,
        kind=kind,
        low=low if kind == "number" else math.nan,
        high=high if kind == "number" else math.nan,
        levels=levels if kind == "category" else (),
        codes=tuple(dict.fromkeys((*(here.codes if here is not None else ()), *column.codes))),
    )


def local_aggregates(known: Aggregates | None, feeds: Sequence[Feed]) -> Aggregates | None:
    """The source's spread in local names and units; the information is per SD and stays.

    Parameters
    ----------
    known : Aggregates or None
        In the model's names and units.
    feeds : sequence of Feed

    Returns
    -------
    Aggregates or None
        What no column feeds keeps a name that no local column has.
    """
    if known is None:
        return None
    by_name = {feed.predictor: feed for feed in feeds}
    names, sds, means = [], [], []
    for name, sd, mean in zip(known.features, known.sd, known.means, strict=True):
        column, rest = _split(name, by_name)
        feed = by_name.get(column)
        if feed is None or not feed.column:
            names, sds, means = [*names, NOT_HERE + name], [*sds, sd], [*means, mean]
            continue
        if feed.conversion and not rest:
            conversion = CONVERSIONS[feed.conversion]
            sd, mean = sd / abs(conversion.factor), conversion.undo(mean)
        if rest.startswith("="):
            back = {theirs: ours for ours, theirs in feed.codes}
            rest = "=" + back.get(rest[1:], rest[1:])
        names, sds, means = [*names, feed.column + rest], [*sds, float(sd)], [*means, float(mean)]
    fills = {
        feed.column: _local_fill(known.fills[feed.predictor], feed)
        for feed in feeds
        if feed.column and feed.predictor in known.fills
    }
    return replace(known, features=tuple(names), sd=tuple(sds), means=tuple(means), fills=fills)


def _split(feature: str, columns: Mapping[str, Feed]) -> tuple[str, str]:
    """Column and the rest of a feature's key: "age", "pain=4", "age is missing"."""
    if feature in columns:
        return feature, ""
    for name in sorted(columns, key=len, reverse=True):
        rest = feature[len(name) :]
        if feature.startswith(name) and (rest.startswith("=") or rest == " is missing"):
            return name, rest
    return feature, ""


def _local_fill(fill: float | str, feed: Feed) -> float | str:
    if feed.conversion and not isinstance(fill, str):
        return float(CONVERSIONS[feed.conversion].undo(fill))
    back = {theirs: ours for ours, theirs in feed.codes}
    local = back.get(f"{fill:g}" if isinstance(fill, float) else str(fill), fill)
    return local if isinstance(local, float) or as_number(str(local)) is None or isinstance(fill, str) else fill


def said_of(feeds: Sequence[Feed]) -> tuple[Sentence, ...]:
    """What the passport says of a mapping: one sentence for each kind of change.

    Parameters
    ----------
    feeds : sequence of Feed

    Returns
    -------
    tuple of Sentence
    """
    notes = []
    renamed = [f"{f.column} \N{RIGHTWARDS ARROW} {f.predictor}" for f in feeds if f.column and f.column != f.predictor]
    if renamed:
        notes.append(say("Local columns feed its predictors: {pairs}.", pairs=listed(renamed, limit=12)))
    notes += [
        say("Column '{column}' is converted ({conversion}).", column=feed.column, conversion=feed.conversion)
        for feed in feeds
        if feed.conversion
    ]
    notes += [
        say(
            "Levels of '{column}' are recoded: {codes}.",
            column=feed.column,
            codes=", ".join(f"{ours} \N{RIGHTWARDS ARROW} {theirs}" for ours, theirs in feed.codes[:12]),
        )
        for feed in feeds
        if feed.codes
    ]
    notes += [
        say("A missing '{column}' counts as {fill}.", column=feed.predictor, fill=feed.fill)
        for feed in feeds
        if feed.fill and feed.column
    ]
    absent = [feed.predictor for feed in feeds if not feed.column]
    if absent:
        notes.append(say("No local column feeds {names}; everybody counts with one value.", names=listed(absent)))
    return tuple(notes)
