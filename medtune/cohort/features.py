"""How the cells of one column become features: read, fill, clip, scale, spell out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from medtune.cohort.values import level_codes

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


class Cells:
    """A table whose columns have been read, so that any of its rows are at hand at the speed of arrays.

    Parameters
    ----------
    kinds : list of (name, "number" or "category")
    columns : list
        What `read_cells` gives for each.
    index : Index of length n
        Of the rows.
    """

    def __init__(self, kinds: list[tuple[str, str]], columns: list, index: pd.Index) -> None:
        self.kinds, self.columns, self.index = kinds, columns, index

    @classmethod
    def of(cls, frame: pd.DataFrame, kinds: list[tuple[str, str]]) -> Cells:
        """Read every column of a table."""
        return cls(kinds, [read_cells(frame, place, kind) for place, (_, kind) in enumerate(kinds)], frame.index)

    def __len__(self) -> int:
        return len(self.index)

    def take(self, rows: np.ndarray) -> Cells:
        """Some of the rows, numbered anew; levels keep their places, whether or not a row has them."""
        some = [
            column[rows] if kind == "number" else (column[0][rows], column[1])
            for (_, kind), column in zip(self.kinds, self.columns, strict=True)
        ]
        return Cells(self.kinds, some, pd.RangeIndex(len(rows)))


def read_cells(frame: pd.DataFrame, place: int, kind: str) -> np.ndarray | tuple[np.ndarray, list[str]]:
    """The cells of a column: floats of a number, codes and levels of a category."""
    series = frame.iloc[:, place]
    if kind != "number":
        return level_codes(series)
    values = series.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    values[np.isinf(values)] = np.nan
    return values


def write_number(block: np.ndarray, learnt: dict, values: np.ndarray, filled: np.ndarray | None) -> None:
    """Fill, clip and scale a number into its columns of the features; gaps take `filled` where a model filled them."""
    gaps = np.isnan(values)
    values = np.clip(values, learnt["low"], learnt["high"])
    values[gaps] = learnt["fill"] if filled is None else filled[gaps]
    if learnt["spread"] != 1 or learnt["centre"] != 0:
        values = (values - learnt["centre"]) / learnt["spread"]
    block[:, 0] = values
    if learnt["indicator"]:
        block[:, 1] = gaps


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
