"""What a preparation learns of one column in the rows it is fitted to: fills, limits, shapes, scales and levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medtune.cohort.features import MISSING, RARE, centre_and_spread
from medtune.cohort.shapes import FEW_VALUES, learn_knots, learn_log, names_of, shaped
from medtune.cohort.wide import AT_ONCE, MANY

if TYPE_CHECKING:
    from medtune.cohort.features import Cells
    from medtune.cohort.preparation import Preparation


def medians_of(table: Cells) -> dict[int, float]:
    """Medians of very many columns of numbers, worked out together.

    Parameters
    ----------
    table : Cells

    Returns
    -------
    dict of int to float
        By place, of the columns without a gap; empty where columns are few.
    """
    if len(table.columns) < MANY:
        return {}
    plain = [
        at for at, one in enumerate(table.readings) if one.kind == "number" and not np.isnan(table.columns[at]).any()
    ]
    found: dict[int, float] = {}
    for start in range(0, len(plain) if len(table) else 0, AT_ONCE):
        some = plain[start : start + AT_ONCE]
        middles = np.median(np.array([table.columns[at] for at in some]), axis=1)
        found |= dict(zip(some, middles.tolist(), strict=True))
    return found


def learn_number(
    wish: Preparation, column: str, values: np.ndarray, given: float | str | None, middle: float | None = None
) -> dict:
    """Fill, limits, shape and scale of a number.

    Parameters
    ----------
    wish : Preparation
        What is asked for.
    column : str
    values : ndarray of shape (n,)
        In the unit wanted, NaN where missing, at least one known.
    given : float, str or None
        What gaps are filled with instead of what these rows would say.
    middle : float, optional
        The median, where it is known.

    Returns
    -------
    dict
    """
    known = values[~np.isnan(values)]
    gaps = values.size - known.size
    low, high = -np.inf, np.inf
    if wish.clip > 0 and np.unique(known).size > FEW_VALUES:
        low, high = np.quantile(known, [wish.clip, 1 - wish.clip])
        known = np.clip(known, low, high)
    fill = middle
    if fill is None:
        fill = known.mean() if wish.numbers == "mean" else np.median(known)
    fill = given if isinstance(given, (int, float)) and np.isfinite(given) else fill
    learnt = {"low": float(low), "high": float(high), "fill": float(fill), "indicator": bool(wish.indicators and gaps)}
    return learnt | _shape(wish, column, known, gaps, learnt)


def learn_rank(wish: Preparation, values: np.ndarray, levels: tuple[str, ...], given: float | str | None) -> dict:
    """Fill and scale of a category with an order, which enters as the place of its level.

    Parameters
    ----------
    wish : Preparation
    values : ndarray of shape (n,)
        Places in `levels`, NaN where missing or unknown.
    levels : tuple of str
        The lowest first.
    given : float, str or None
        See `learn_number`; a level here.

    Returns
    -------
    dict
        Gaps take the middle level, the lower of two. Where a missing category is to be a level of its own, which a
        rank cannot be, a further feature tells that it was missing.
    """
    known = values[~np.isnan(values)]
    gaps = values.size - known.size
    fill = np.quantile(known, 0.5, method="lower")
    if given in levels:
        fill = float(levels.index(given))
    marked = wish.indicators or wish.categories == "level"
    learnt = {"low": -np.inf, "high": np.inf, "fill": float(fill), "indicator": bool(marked and gaps)}
    return learnt | {"ranks": list(levels)} | _scales(wish, known, gaps, learnt)


def _shape(wish: Preparation, column: str, known: np.ndarray, gaps: int, learnt: dict) -> dict:
    """Logarithm and knots, as asked for in general or for this column, and the scale of what comes of them."""
    shape = dict(wish.shapes).get(column)
    found: dict = {}
    if shape == "log" or (shape is None and wish.skewed == "log"):
        log = learn_log(known, always=shape == "log")
        found |= {"log": log} if log else {}
    if shape == "spline" or (shape is None and wish.curves == "spline"):
        knots = learn_knots(shaped(known, found)[:, 0], wish.knots)
        found |= {"knots": knots} if knots else {}
    return found | _scales(wish, known, gaps, learnt | found)


def _scales(wish: Preparation, known: np.ndarray, gaps: int, learnt: dict) -> dict:
    """Middle and width of each feature of a number: floats, or lists where there are several."""
    if wish.scale == "none":
        count = max(1, len(learnt.get("knots", ())) - 1)
        pairs = [(0.0, 1.0)] * count
    else:
        features, fill = shaped(known, learnt), shaped(np.array([learnt["fill"]]), learnt)[0]
        pairs = [centre_and_spread(f, at, gaps, wish.scale) for f, at in zip(features.T, fill, strict=True)]
    centre, spread = [float(c) for c, _ in pairs], [float(s) for _, s in pairs]
    return {"centre": centre[0], "spread": spread[0]} if len(pairs) == 1 else {"centre": centre, "spread": spread}


def learn_category(wish: Preparation, codes: np.ndarray, levels: list[str], given: float | str | None) -> dict:
    """Levels, which of them are rare, and what gaps become.

    Parameters
    ----------
    wish : Preparation
    codes : ndarray of int, shape (n,)
        Places in `levels`, -1 where missing.
    levels : list of str
    given : float, str or None
        See `learn_number`.

    Returns
    -------
    dict
    """
    tally = np.bincount(codes + 1, minlength=len(levels) + 1)
    gaps, known = int(tally[0]), int(tally[1:].sum())
    counts = {level: count for level, count in zip(levels, tally[1:].tolist(), strict=True) if count}
    rare = {level for level, count in counts.items() if count < wish.rare_below * known}
    rare = rare if len(rare) > 1 else set()
    own_level = wish.categories == "level" and gaps > 0
    most = max(counts.values())
    mode = given if given in counts else min(level for level, count in counts.items() if count == most)
    kept = sorted(counts.keys() - rare)
    spelled = [*kept, *([RARE] if rare else []), *([MISSING] if own_level else [])]
    dropped = len(spelled) > 1 and (wish.drop == "first" or len(spelled) == 2)
    return {
        "levels": kept,
        "spelled": spelled,
        "dropped": dropped,
        "grouped": bool(rare),
        "fill": MISSING if own_level else (RARE if mode in rare else mode),
        "indicator": bool(wish.indicators and gaps and not own_level),
    }


def feature_names(learnt: dict) -> list[str]:
    """Names of the features of a column: "age", "chest_pain=4", "age is missing"."""
    name = learnt["column"]
    if learnt["kind"] == "number":
        keys = names_of(name, learnt)
    else:
        keys = [f"{name}={level}" for level in learnt["spelled"][int(learnt["dropped"]) :]]
    return [*keys, f"{name} is missing"] if learnt["indicator"] else keys


def as_given(learnt: dict) -> float | str:
    """A fill as the table has it: a level in place of its rank, a number in the unit of the table."""
    if learnt.get("ranks"):
        return learnt["ranks"][int(learnt["fill"])]
    unit = learnt.get("unit")
    return (learnt["fill"] - unit["offset"]) / unit["factor"] if unit else learnt["fill"]
