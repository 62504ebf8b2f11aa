"""How the cells of one column become features: read, fill, clip, scale, spell out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from medtune.cohort.shapes import shaped
from medtune.cohort.values import level_codes
from medtune.cohort.wide import numeric_places

RARE, MISSING = "(rare)", "(missing)"  # in brackets, so that no real level is called the same


def centre_and_spread(known: np.ndarray, fill: float, gaps: int, scale: str) -> tuple[float, float]:
    """Middle and width of a column with its gaps filled, as the scalers of scikit-learn would see it."""
    n = known.size + gaps
    if scale == "robust":
        filled = np.concatenate([known, np.full(gaps, fill)])
        low, middle, high = np.quantile(filled, [0.25, 0.5, 0.75])
        if high > low:
            return middle, high - low
    mean = (known.sum() + gaps * fill) / n
    spread = np.sqrt((((known - mean) ** 2).sum() + gaps * (fill - mean) ** 2) / n)
    return mean, spread if spread > 1e-12 * max(abs(mean), 1e-300) else 1.0


@dataclass(frozen=True)
class Reading:
    """How the cells of one column are read, which nothing has to be learnt for.

    Attributes
    ----------
    name : str
    kind : "number" or "category"
        What comes of it: a category with `ranks` is read as a number.
    ranks : tuple of str
        Levels of a category in their order, where it enters as the place of its level.
    unit : tuple of (factor, offset, target), or empty
        Conversion of a number: value x factor + offset.
    """

    name: str
    kind: str
    ranks: tuple[str, ...] = ()
    unit: tuple[float, float, str] | tuple[()] = ()

    @property
    def facts(self) -> dict:
        """What of it belongs among what is learnt."""
        if not self.unit:
            return {}
        return {"unit": dict(zip(("factor", "offset", "target"), self.unit, strict=True))}


def reading_of(learnt: dict) -> Reading:
    """How a column was read in `fit`, from what was learnt of it."""
    unit = learnt.get("unit")
    told = (unit["factor"], unit["offset"], unit["target"]) if unit else ()
    return Reading(learnt["column"], learnt["kind"], tuple(learnt.get("ranks", ())), told)


class Cells:
    """A table whose columns have been read, so that any of its rows are at hand at the speed of arrays.

    Parameters
    ----------
    readings : list of Reading
    columns : list
        What `read_cells` gives for each.
    index : Index of length n
        Of the rows.
    """

    def __init__(self, readings: list[Reading], columns: list, index: pd.Index) -> None:
        self.readings, self.columns, self.index = readings, columns, index

    @classmethod
    def of(cls, frame: pd.DataFrame, readings: list[Reading]) -> Cells:
        """Read every column of a table, the plain numbers of a wide one together."""
        plain = [
            place for place in numeric_places(frame) if (one := readings[place]).kind == "number" and not one.ranks
        ]
        values = np.asfortranarray(frame.iloc[:, plain].to_numpy(dtype=np.float64, na_value=np.nan, copy=True))
        values[np.isinf(values)] = np.nan
        at_hand = {place: _in_unit(values[:, at], readings[place]) for at, place in enumerate(plain)}
        columns = [
            at_hand[place] if place in at_hand else read_cells(frame, place, one) for place, one in enumerate(readings)
        ]
        return cls(readings, columns, frame.index)

    def __len__(self) -> int:
        return len(self.index)

    def take(self, rows: np.ndarray) -> Cells:
        """Some of the rows, numbered anew; levels keep their places, whether or not a row has them."""
        some = [
            column[rows] if reading.kind == "number" else (column[0][rows], column[1])
            for reading, column in zip(self.readings, self.columns, strict=True)
        ]
        return Cells(self.readings, some, pd.RangeIndex(len(rows)))


def read_cells(frame: pd.DataFrame, place: int, reading: Reading) -> np.ndarray | tuple[np.ndarray, list[str]]:
    """The cells of a column: floats of a number or a rank, codes and levels of a category."""
    series = frame.iloc[:, place]
    if reading.kind != "number":
        return level_codes(series)
    if reading.ranks:
        codes, levels = level_codes(series)
        rank = {level: float(at) for at, level in enumerate(reading.ranks)}
        return np.array([*(rank.get(level, np.nan) for level in levels), np.nan])[codes]
    values = series.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    values[np.isinf(values)] = np.nan
    return _in_unit(values, reading)


def _in_unit(values: np.ndarray, reading: Reading) -> np.ndarray:
    """Numbers in the unit wanted."""
    return values * reading.unit[0] + reading.unit[1] if reading.unit else values


def write_number(block: np.ndarray, learnt: dict, values: np.ndarray, filled: np.ndarray | None) -> None:
    """Fill, clip, bend and scale a number into its features; gaps take `filled` where a model filled them."""
    gaps = np.isnan(values)
    values = np.clip(values, learnt["low"], learnt["high"])
    values[gaps] = learnt["fill"] if filled is None else filled[gaps]
    features = shaped(values, learnt)
    centre, spread = np.asarray(learnt["centre"]), np.asarray(learnt["spread"])
    if np.any(spread != 1) or np.any(centre != 0):
        features = (features - centre) / spread
    block[:, : features.shape[1]] = features
    if learnt["indicator"]:
        block[:, -1] = gaps


def write_category(block: np.ndarray, learnt: dict, codes: np.ndarray, levels: list[str]) -> None:
    """Spell a category out into its columns of the features, one a level."""
    place = {level: at for at, level in enumerate(learnt["spelled"], start=-int(learnt["dropped"]))}
    unseen = place.get(RARE, -1) if learnt["grouped"] else -1
    kept = set(learnt["levels"])
    target = [place[level] if level in kept else unseen for level in levels]
    spelled = np.array([*target, place[learnt["fill"]]], dtype=np.intp)[codes]
    rows = np.flatnonzero(spelled >= 0)
    block[rows, spelled[rows]] = 1.0
    if learnt["indicator"]:
        block[:, -1] = codes < 0
