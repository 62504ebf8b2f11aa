"""How the contribution of one column follows its value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import round_ticks
from medtune.figures.contributions import factor_of, point_looks, shown_value, unit_of
from medtune.figures.sheet import Sheet
from medtune.figures.swarm import level_key, swarm, tone_key
from medtune.figures.theme import PLOT_HEIGHT, SMALL, Theme
from medtune.figures.wording import Translate, clipped, compact, plain, shortened
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.contributions import Explanation


def dependence(
    explanation: Explanation,
    column: str,
    theme: Theme,
    *,
    units: Mapping[str, str] | None = None,
    by: str | None = None,
    translate: Translate = str,
) -> go.Figure:
    """Contribution of one column against its value: points for a number, a strip by level for a category.

    Parameters
    ----------
    explanation : Explanation
        Of a group of patients.
    column : str
        One of the user's columns.
    theme : Theme
        Light or dark.
    units : mapping of str to str, optional
        Unit of a column, for example ``{"age": "y"}``.
    by : str, optional
        A column whose value gives the colour, as the one that acts together with `column` most.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high. Missing values stand in a place of their own at the right.
    """
    place, levels = explanation.columns.index(column), explanation.levels.get(column)
    values = np.asarray(explanation.values[:, place], dtype=float)
    y = np.asarray(explanation.contributions[:, place], dtype=float) * factor_of(explanation)
    unit, digits = unit_of(explanation)
    alt = say("Contribution of {column} against its value, {patients} patients.", column=column, patients=len(y))
    sheet = Sheet(
        theme, PLOT_HEIGHT, translate(alt), margin={"l": 60, "r": 16, "t": 30 if by else 12, "b": 64 if levels else 48}
    )
    sheet.rule(theme.muted, y=0)
    x, axis = _levels_axis(values, y, levels, translate) if levels else _number_axis(values, translate)
    color, symbol = point_looks(values, levels, theme)
    if by:
        other = explanation.columns.index(by)
        color, symbol = point_looks(np.asarray(explanation.values[:, other], float), explanation.levels.get(by), theme)
        sheet.write(_key(explanation, by, theme, translate), **KEY, font={"size": SMALL, "color": theme.muted})
    elif not levels:  # the axis tells the value already
        color = [theme.single if np.isfinite(value) else theme.muted for value in values]
    hover = say(
        "<b>{column} = {value}</b><br>Contribution {contribution}<br>Risk {risk}",
        column=plain(column),
        value="%{text}",
        contribution=f"%{{y:+.{digits}f}}",
        risk="%{customdata[1]:.1%}",
    )
    sheet.scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"size": 6, "color": color, "symbol": symbol, "opacity": 0.65, "line": {"width": 0}},
        text=_hover(explanation, place, by, units, translate),
        customdata=np.column_stack([np.arange(len(y)), explanation.risk, explanation.rows]),
        hovertemplate=translate(hover) + "<extra></extra>",
    )
    name = f"{column}, {units[column]}" if units and column in units else column
    sheet.arrange(
        xaxis={"title": {"text": plain(name)}, **axis},
        yaxis={"title": {"text": translate(say("Contribution, {unit}", unit=translate(unit)))}},
    )
    return sheet.figure()


KEY = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 6}


def _key(explanation: Explanation, by: str, theme: Theme, translate: Translate) -> str:
    """What the colours mean, in one line."""
    levels = explanation.levels.get(by)
    name = plain(shortened(by, 20))
    return f"{name}: {level_key(levels, theme)}" if levels else tone_key(name, theme, translate)


def _hover(explanation: Explanation, place: int, by: str | None, units, translate: Translate) -> list[str]:
    patients = range(len(explanation.contributions))
    own = [shown_value(explanation, patient, place, units, translate) for patient in patients]
    if by is None:
        return own
    other, name = explanation.columns.index(by), plain(by)
    return [
        f"{value}, {name} = {shown_value(explanation, patient, other, units, translate)}"
        for patient, value in zip(patients, own, strict=True)
    ]


def _number_axis(values: np.ndarray, translate: Translate) -> tuple[np.ndarray, dict]:
    known = np.isfinite(values)
    low, high = (values[known].min(), values[known].max()) if known.any() else (0.0, 1.0)
    span = (high - low) or 1.0
    apart = high + 0.18 * span
    if known.all():
        return values, {"range": [low - 0.04 * span, high + 0.04 * span], "nticks": 6}
    ticks = [tick for tick in round_ticks(low, high, 4).tolist() if tick < apart - 0.15 * span]
    words = [compact(tick) for tick in ticks] + [translate(say("missing"))]
    axis = {"range": [low - 0.04 * span, apart + 0.1 * span], "tickvals": [*ticks, apart], "ticktext": words}
    return np.where(known, values, apart), axis


def _levels_axis(
    values: np.ndarray, y: np.ndarray, levels: Sequence[str], translate: Translate
) -> tuple[np.ndarray, dict]:
    """Strips side by side; within a strip the points step aside as in the beeswarm."""
    known = np.isfinite(values)
    base = np.where(known, values, len(levels))
    x = base.astype(float)
    for level in np.unique(base):
        own = base == level
        x[own] += swarm(y[own], bins=40, most=0.32)
    letters = max(4, 36 // max(1, len(levels) + (not known.all())))
    counts = [int((base == place).sum()) for place in range(len(levels) + 1)]
    names = [plain(clipped(level, letters)) for level in levels] + [translate(say("missing"))]
    used = len(levels) + (not known.all())
    text = [f"{name}<br>n = {count}" for name, count in zip(names, counts, strict=True)][:used]
    return x, {"tickvals": list(range(used)), "ticktext": text, "range": [-0.6, used - 0.4]}
