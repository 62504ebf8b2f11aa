"""Every patient's contribution, column by column: the beeswarm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import row_heading
from medtune.figures.contributions import (
    factor_of,
    point_looks,
    rank_share,
    ranked,
    shown_value,
    tones,
    unit_of,
)
from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.theme import LEVEL_GLYPHS, SMALL, SWARM_HEIGHT, Theme
from medtune.figures.wording import Translate, clipped, plain, shortened
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.contributions import Explanation


def swarm(x: np.ndarray, bins: int = 90, most: float = 0.28) -> np.ndarray:
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
    # A row of few patients need not fill its height: 0.06 is about half a marker.
    return place * min(0.06, most / max(np.abs(place).max(), 1))


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
    patients = len(explanation.risk)
    alt = say("Contributions of {count} columns for {patients} patients.", count=len(shown), patients=patients)
    above = 44 if rest else 26
    margin = {"l": 10, "r": 12, "t": above, "b": 48}
    sheet = Sheet(theme, SWARM_HEIGHT * len(shown) + above + 56, translate(alt), margin=margin)
    sheet.rule(theme.muted, x=0)
    for row, place in enumerate(shown):
        column = explanation.columns[place]
        sheet.draw(_bees(explanation, place, row, factor, digits, theme, translate))
        key = _level_key(explanation.levels.get(column, ()), theme)
        row_heading(sheet, row, plain(shortened(column, 24)), key, theme, shift=15)
    notes = [_value_key(theme, translate)]
    if rest:
        notes.append(translate(say("{count} columns of less weight are not drawn.", count=len(rest))))
    where = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "align": "left"}
    sheet.write("<br>".join(notes), yshift=6, font={"color": theme.muted, "size": SMALL}, **where)
    sheet.arrange(
        coloraxis={"cmin": 0, "cmax": 1, "colorscale": [[0, theme.low], [1, theme.high]], "showscale": False},
        xaxis={"title": {"text": _lowers_raises(translate(unit), translate)}, "nticks": 7},
        yaxis=hidden_axis((len(shown) - 0.6, -0.72)),
    )
    return sheet.figure()


def _value_key(theme: Theme, translate: Translate) -> str:
    """What the colours of numbers mean, in one line."""
    steps = "".join(f'<span style="color:{tone}">●</span>' for tone in tones(np.linspace(0, 1, 6), theme))
    return translate(say("Value of the column: low {steps} high, ○ missing", steps=steps))


def _lowers_raises(unit: str, translate: Translate) -> str:
    return translate(say("← lowers the risk · {unit} · raises it →", unit=unit))


def _level_key(levels: Sequence[str], theme: Theme) -> str:
    """The levels of a category with their markers, to stand beside the column's name."""
    letters = max(4, 22 // max(1, min(3, len(levels))))
    named = [
        f'<span style="color:{theme.level(place)}">{LEVEL_GLYPHS[place]}</span> {plain(clipped(level, letters))}'
        for place, level in enumerate(levels[:3])
    ]
    return "  ".join(named) + (f"  +{len(levels) - 3}" if len(levels) > 3 else "")


def _bees(explanation: Explanation, place: int, row: int, factor: float, digits: int, theme: Theme, translate) -> dict:
    column = explanation.columns[place]
    levels = explanation.levels.get(column)
    values = np.asarray(explanation.values[:, place], dtype=float)
    x = np.asarray(explanation.contributions[:, place], dtype=float) * factor
    marker: dict = {"size": 5, "opacity": 0.85, "line": {"width": 0}}
    if not levels and np.isfinite(values).all():
        marker |= {"color": rank_share(values).astype(np.float32), "coloraxis": "coloraxis"}
    else:
        marker["color"], marker["symbol"] = point_looks(values, levels, theme)
    hover = say(
        "<b>{column} = {value}</b><br>Contribution {contribution}<br>Patient in row {row}",
        column=plain(column),
        value="%{customdata[2]:.4~g}" if not levels and np.isfinite(values).all() else "%{text}",
        contribution=f"%{{x:+.{digits}f}}",
        row="%{customdata[1]}",
    )
    seen = [np.arange(len(values)), np.asarray(explanation.rows)]
    trace: dict = {}
    if not levels and np.isfinite(values).all():
        seen.append(values)  # a third of the size that words would have
    else:
        trace["text"] = [shown_value(explanation, patient, place, None, translate) for patient in range(len(values))]
    return {
        # Above some hundred patients plain SVG takes seconds to draw.
        "type": "scattergl" if len(values) > 300 else "scatter",
        "mode": "markers",
        "name": plain(column),
        "x": x.astype(np.float32),
        "y": (row + swarm(x)).astype(np.float32),
        "marker": marker,
        "customdata": np.column_stack(seen).astype(np.float32),
        "hovertemplate": translate(hover) + "<extra></extra>",
        **trace,
    }
