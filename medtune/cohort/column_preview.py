"""One column before and after a preparation, and the curve that a bent number may follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.features import RARE, write_number

if TYPE_CHECKING:
    from medtune.cohort.preparation import Preparation

PLACES = 61  # of a curve


@dataclass(frozen=True)
class Curve:
    """What a model sees of a bent number, by its value.

    Attributes
    ----------
    values : tuple of float, length k
        From the first to the last percentile of the column, as it stands in the table.
    terms : tuple of tuple of float, one for each feature
        The feature at each value.
    knots : tuple of float
        Where the pieces meet, in the unit of `values`.
    """

    values: tuple[float, ...]
    terms: tuple[tuple[float, ...], ...]
    knots: tuple[float, ...]


@dataclass(frozen=True)
class ColumnPreview:
    """One column before and after.

    Attributes
    ----------
    name, kind : str
        Of the column; `kind` is "number" or "category".
    before : tuple of float or str, one for each patient
        Number or level as it stands, None where missing.
    after : tuple of float or str, one for each patient
        The feature that came of a number or a rank, the level that a category was given; empty when it is left out.
    features : tuple of str
        Names of the features that came of it.
    levels : tuple of str
        Of a category with an order, the lowest first; empty for any other column.
    curve : Curve or None
        Of a bent number.
    """

    name: str
    kind: str
    before: tuple[object, ...]
    after: tuple[object, ...]
    features: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    curve: Curve | None = None


def one_column(fitted: Preparation, column: Column, raw: pd.Series, made: pd.DataFrame) -> ColumnPreview:
    """What a fitted preparation made of one column.

    Parameters
    ----------
    fitted : Preparation
    column : Column
    raw : Series of shape (n,)
        The column as it stands.
    made : DataFrame of shape (n, features)
        What came of the same rows.

    Returns
    -------
    ColumnPreview
    """
    learnt = next((one for one in fitted.features_ if one["column"] == column.name), None)
    levels = column.levels if column.ordered else ()
    if learnt is None:
        kind = "number" if column.kind == "number" else "category"
        return ColumnPreview(column.name, kind, _plain(raw), (), (), levels)
    keys = tuple(learnt["keys"])
    if learnt["kind"] != "number":
        return ColumnPreview(column.name, "category", _plain(raw), _plain(_levels_after(learnt, raw)), keys, levels)
    kind, after = "category" if learnt.get("ranks") else "number", _plain(made[keys[0]])
    return ColumnPreview(column.name, kind, _plain(raw), after, keys, levels, _curve(learnt, raw))


def _curve(learnt: dict, raw: pd.Series) -> Curve | None:
    knots = learnt.get("knots")
    if not knots:
        return None
    unit, log = learnt.get("unit") or {"factor": 1.0, "offset": 0.0}, learnt.get("log")
    values = np.linspace(*np.nanquantile(raw.to_numpy(dtype=float), [0.01, 0.99]), PLACES)
    block = np.empty((PLACES, len(learnt["keys"])))
    write_number(block, learnt, values * unit["factor"] + unit["offset"], None)
    places = np.asarray(knots) if log is None else np.exp(knots) - log["shift"]
    places = (places - unit["offset"]) / unit["factor"]
    terms = block[:, : len(knots) - 1].T
    return Curve(tuple(values.tolist()), tuple(tuple(term) for term in terms.tolist()), tuple(places.tolist()))


def _levels_after(learnt: dict, raw: pd.Series) -> pd.Series:
    return raw.where(raw.isna() | raw.isin(learnt["levels"]), RARE).fillna(learnt["fill"])


def _plain(values: Iterable) -> tuple[object, ...]:
    return tuple(None if pd.isna(value) else value for value in values)
