"""What the figures of an explanation share: ranking of columns, units, values in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from medtune.figures.theme import Theme
from medtune.figures.wording import Translate, compact, plain
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.explanation.contributions import Explanation

MOST = 15


def ranked(explanation: Explanation) -> tuple[list[int], list[int]]:
    """Columns by importance, and those left over when there are more than `MOST` bars to draw."""
    weight = [explanation.importance[column].value for column in explanation.columns]
    order = sorted(range(len(weight)), key=lambda place: (-np.nan_to_num(weight[place]), place))
    return (order, []) if len(order) <= MOST else (order[: MOST - 1], order[MOST - 1 :])


def unit_of(explanation: Explanation) -> tuple[Sentence, int]:
    """What contributions are counted in, and how many decimals they deserve."""
    if explanation.scale == "probability":
        return say("risk, in points"), 1
    return say("log-odds"), 2


def predicted(explanation: Explanation, of: str = "") -> Sentence:
    """What contributions add up to: of the event, or of one class of several."""
    if explanation.scale != "log-odds":
        return say("Risk, %")
    return say("Log-odds of ‘{name}’", name=plain(of)) if of else say("Log-odds of the event")


def factor_of(explanation: Explanation) -> float:
    """What turns a contribution into that unit."""
    return 100.0 if explanation.scale == "probability" else 1.0


def shown_value(
    explanation: Explanation,
    patient: int,
    place: int,
    units: Mapping[str, str] | None = None,
    translate: Translate = str,
) -> str:
    """The value of one column of one patient as it is written: "71 y", "male", "missing"; safe for plotly."""
    column = explanation.columns[place]
    value = float(explanation.values[patient, place])
    if not np.isfinite(value):
        return translate(say("missing"))
    levels = explanation.levels.get(column)
    if levels:
        return plain(levels[int(value)])
    unit = (units or {}).get(column, "")
    return plain(f"{compact(value)} {unit}".strip())


def point_looks(values: np.ndarray, levels: Sequence[str] | None, theme: Theme) -> tuple[list[str], list[str]]:
    """Colour and marker of each patient's point by the value of a column.

    Parameters
    ----------
    values : ndarray of shape (patients,)
        Numbers, or indices of levels; NaN is missing and becomes an open quiet circle.
    levels : sequence of str or None
        None or empty for a number.
    theme : Theme
        Light or dark.

    Returns
    -------
    colours, symbols : list of str
    """
    known = np.isfinite(values)
    if levels:
        index = np.where(known, values, 0).astype(int)
        colors = [theme.level(place) for place in index]
        symbols = [theme.level_symbol(place) for place in index]
    else:
        colors, symbols = tones(rank_share(values), theme), ["circle"] * len(values)
    for place in np.flatnonzero(~known):
        colors[place], symbols[place] = theme.muted, "circle-open"
    return colors, symbols


def rank_share(values: np.ndarray) -> np.ndarray:
    """Place of each value between the lowest (0) and the highest (1); ties share one, outliers bleach nothing."""
    known = np.isfinite(values)
    result = np.full(values.shape, 0.5)
    distinct, inverse = np.unique(values[known], return_inverse=True)
    if distinct.size > 1:
        counts = np.bincount(inverse)
        middle = np.cumsum(counts) - (counts + 1) / 2
        result[known] = ((middle - middle[0]) / (middle[-1] - middle[0]))[inverse]
    return result


def tones(share: np.ndarray, theme: Theme) -> list[str]:
    """Colours between the ends of the sequential scale for shares between 0 and 1."""
    ends = np.array([[int(tone[i : i + 2], 16) for i in (1, 3, 5)] for tone in (theme.low, theme.high)])
    mixed = np.rint(ends[0] + share[:, None] * (ends[1] - ends[0])).astype(int)
    return [f"rgb({red},{green},{blue})" for red, green, blue in mixed]
