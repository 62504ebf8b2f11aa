"""Every patient's contribution, column by column: the beeswarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.contributions import (
    factor_of,
    height_of,
    name_axis,
    point_looks,
    rank_share,
    ranked,
    shown_value,
    unit_of,
)
from medtune.figures.sheet import Sheet
from medtune.figures.theme import LEVEL_GLYPHS, SMALL, Theme
from medtune.figures.wording import Translate, plain, shortened
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.contributions import Explanation


def swarm(x: np.ndarray, bins: int = 90, most: float = 0.42) -> np.ndarray:
    """Vertical places that keep points of similar x apart, as bees would.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Where the points stand.
    bins : int
        Points within one such part of the range share a stack.
    most : float
        Largest distance from the middle, reached by the fullest stack.

    Returns
    -------
    ndarray of shape (n,)
        Stacks grow to both sides in turn; n log n.
    """
    x = np.asarray(x, dtype=float)
    if x.size == 0:
        return np.zeros(0)
    low, high = np.nanmin(x), np.nanmax(x)
    part = (
        np.zeros(x.size, dtype=int) if high <= low else np.floor((x - low) / (high - low) * (bins - 1e-9)).astype(int)
    )
    order = np.argsort(part, kind="stable")
    ordered = part[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.arange(x.size) - np.repeat(starts, np.diff(np.r_[starts, x.size]))
    place = np.empty(x.size)
    place[order] = np.ceil(rank / 2) * np.where(rank % 2, 1, -1)
    # A row of few patients need not fill its height: 0.05 is about the width of one marker.
    return place * min(0.05, most / max(np.abs(place).max(), 1))


def beeswarm(explanation: Explanation, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Every patient's contribution for each column; colour tells the value of the column.

    Parameters
    ----------
    explanation : Explanation
        Of up to about 1,000 patients.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Numbers run through one hue from low to high by rank; levels have a colour and a marker of their own,
        named beside the row; missing values are open grey circles. ``customdata`` holds the place of the
        patient in the explanation, so that a click can open that patient.
    """
    shown, rest = ranked(explanation)
    factor, (unit, digits) = factor_of(explanation), unit_of(explanation)
    labels = []
    patients = len(explanation.risk)
    alt = say("Contributions of {count} columns for {patients} patients.", count=len(shown), patients=patients)
    sheet = Sheet(theme, height_of(len(shown)) + 50, translate(alt))
    sheet.rule(theme.muted, x=0)
    for row, place in enumerate(shown):
        column = explanation.columns[place]
        levels = explanation.levels.get(column, ())
        labels.append(plain(shortened(column)) + _level_key(levels, theme))
        sheet.draw(_bees(explanation, place, row, factor, digits, theme, translate))
    scale = [[0, theme.low], [1, theme.high]]
    bar = {
        "orientation": "h",
        "thickness": 7,
        "len": 0.5,
        "x": 1,
        "xanchor": "right",
        "y": 1,
        "yanchor": "bottom",
        "outlinewidth": 0,
        "ticks": "",
        "tickvals": [0.04, 0.96],
        "ticktext": [translate(say("low")), translate(say("high"))],
        "tickfont": {"size": SMALL, "color": theme.muted},
        "title": {"text": translate(say("Value of the column")), "side": "top", "font": {"size": SMALL}},
    }
    sheet.arrange(
        coloraxis={"cmin": 0, "cmax": 1, "colorscale": scale, "colorbar": bar},
        margin={"l": 10, "t": 58},
        xaxis={"title": {"text": _lowers_raises(translate(unit), translate)}, "nticks": 6},
        yaxis=name_axis(labels),
    )
    if rest:
        text = translate(say("{count} further columns are not drawn.", count=len(rest)))
        where = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
        sheet.write(text=text, font={"color": theme.muted, "size": SMALL}, **where)
    return sheet.figure()


def _lowers_raises(unit: str, translate: Translate) -> str:
    return translate(say("← lowers the risk · {unit} · raises it →", unit=unit))


def _level_key(levels, theme: Theme) -> str:
    """The levels of a category with their markers, on a second line beside the row."""
    if not levels:
        return ""
    named = [
        f'<span style="color:{theme.level(place)}">{LEVEL_GLYPHS[place]}</span> {plain(shortened(level, 9))}'
        for place, level in enumerate(levels[:3])
    ]
    more = f" +{len(levels) - 3}" if len(levels) > 3 else ""
    return f'<br><span style="font-size:11px">{" ".join(named)}{more}</span>'


def _bees(explanation: Explanation, place: int, row: int, factor: float, digits: int, theme: Theme, translate) -> dict:
    column = explanation.columns[place]
    levels = explanation.levels.get(column)
    values = np.asarray(explanation.values[:, place], dtype=float)
    x = np.asarray(explanation.contributions[:, place], dtype=float) * factor
    marker: dict = {"size": 5, "opacity": 0.85, "line": {"width": 0}}
    if not levels and np.isfinite(values).all():
        marker |= {"color": rank_share(values), "coloraxis": "coloraxis"}
    else:
        marker["color"], marker["symbol"] = point_looks(values, levels, theme)
    hover = say(
        "<b>{column} = {value}</b><br>Contribution {contribution}<br>Patient in row {row}",
        column=plain(column),
        value="%{text}",
        contribution=f"%{{x:+.{digits}f}}",
        row="%{customdata[1]}",
    )
    return {
        "type": "scattergl" if len(values) > 300 else "scatter",
        "mode": "markers",
        "name": plain(column),
        "x": x,
        "y": row + swarm(x),
        "marker": marker,
        "text": [shown_value(explanation, patient, place, None, translate) for patient in range(len(values))],
        "customdata": np.column_stack([np.arange(len(values)), np.asarray(explanation.rows)]),
        "hovertemplate": translate(hover) + "<extra></extra>",
    }
