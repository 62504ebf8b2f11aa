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
from medtune.figures.wording import Translate, clipped, number, plain, shortened
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.contributions import Explanation

# Plain SVG, because WebGL is switched off on many hospital desktops and plotly then draws an error in place of
# the figure; a browser draws this many SVG points in about half a second.
POINTS_DRAWN = 4_500


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
        Of any number of patients; `POINTS_DRAWN` limits how many are drawn, and the figure says so.
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
    unit, _ = unit_of(explanation)
    patients, who = len(explanation.risk), _drawn(explanation.risk, len(shown))
    alt = say("Contributions of {count} columns for {patients} patients.", count=len(shown), patients=patients)
    notes = [tone_key(translate(say("Value of the column")), theme, translate)]
    if len(who) < patients:
        few, all_of_them = number(len(who), 0), number(patients, 0)
        notes.append(translate(say("{few} of {all} patients drawn, evenly over the risk.", few=few, all=all_of_them)))
    if rest:
        notes.append(translate(say("{count} columns of less weight are not drawn.", count=len(rest))))
    above = 8 + 17 * len(notes)
    margin = {"l": 10, "r": 12, "t": above, "b": 48}
    sheet = Sheet(theme, SWARM_HEIGHT * len(shown) + above + 56, translate(alt), margin=margin)
    sheet.rule(theme.muted, x=0)
    for row, place in enumerate(shown):
        column = explanation.columns[place]
        sheet.draw(_bees(explanation, who, place, row, theme, translate))
        key = level_key(explanation.levels.get(column, ()), theme)
        row_heading(sheet, row, plain(shortened(column, 16 if key else 26)), key, theme, shift=15)
    where = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "align": "left"}
    sheet.write("<br>".join(notes), yshift=6, font={"color": theme.muted, "size": SMALL}, **where)
    sheet.arrange(
        coloraxis={"cmin": 0, "cmax": 1, "colorscale": [[0, theme.low], [1, theme.high]], "showscale": False},
        xaxis={"title": {"text": _lowers_raises(translate(unit), translate)}, "nticks": 7},
        yaxis=hidden_axis((len(shown) - 0.6, -0.72)),
    )
    return sheet.figure()


def tone_key(name: str, theme: Theme, translate: Translate) -> str:
    """What the colours of numbers mean, in one line.

    Parameters
    ----------
    name : str
        Of what has the value, safe for plotly.
    theme : Theme
    translate : callable

    Returns
    -------
    str
    """
    steps = "".join(f'<span style="color:{tone}">●</span>' for tone in tones(np.linspace(0, 1, 6), theme))
    return translate(say("{name}: low {steps} high, ○ missing", name=name, steps=steps))


def _lowers_raises(unit: str, translate: Translate) -> str:
    return translate(say("← lowers the risk · {unit} · raises it →", unit=unit))


def level_key(levels: Sequence[str], theme: Theme) -> str:
    """The levels of a category with their markers, to stand beside the column's name."""
    letters = {1: 12, 2: 8}.get(len(levels), 5)
    named = [
        f'<span style="color:{theme.level(place)}">{LEVEL_GLYPHS[place]}</span> {plain(clipped(level, letters))}'
        for place, level in enumerate(levels[:3])
    ]
    return "  ".join(named) + (f"  +{len(levels) - 3}" if len(levels) > 3 else "")


def _drawn(risk: np.ndarray, rows: int) -> np.ndarray:
    """The patients that are drawn: all of them, or as many as a browser draws at once, evenly over the risk."""
    most = max(100, POINTS_DRAWN // max(rows, 1))
    order = np.argsort(risk, kind="stable")
    if len(order) <= most:
        return np.arange(len(order))
    return np.sort(order[np.linspace(0, len(order) - 1, most).round().astype(int)])


def _bees(explanation: Explanation, who: np.ndarray, place: int, row: int, theme: Theme, translate: Translate) -> dict:
    column, (_, digits) = explanation.columns[place], unit_of(explanation)
    levels = explanation.levels.get(column)
    values = np.asarray(explanation.values[:, place], dtype=float)
    x = np.asarray(explanation.contributions[who, place], dtype=float) * factor_of(explanation)
    marker: dict = {"size": 5, "opacity": 0.85, "line": {"width": 0}}
    seen, trace = [who, np.asarray(explanation.rows)[who]], {}
    if not levels and np.isfinite(values).all():
        marker |= {"color": rank_share(values)[who].astype(np.float32), "coloraxis": "coloraxis"}
        seen.append(values[who])  # a third of the size that words would have
    else:
        colors, symbols = point_looks(values, levels, theme)
        marker |= {"color": [colors[i] for i in who], "symbol": [symbols[i] for i in who]}
        trace["text"] = [shown_value(explanation, patient, place, None, translate) for patient in who]
    hover = say(
        "<b>{column} = {value}</b><br>Contribution {contribution}",
        column=plain(column),
        value="%{text}" if trace else "%{customdata[2]:.4~g}",
        contribution=f"%{{x:+.{digits}f}}",
    )
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(column),
        "x": x.astype(np.float32),
        "y": (row + swarm(x)).astype(np.float32),
        "marker": marker,
        "customdata": np.column_stack(seen).astype(np.float32),
        "hovertemplate": translate(hover) + "<extra></extra>",
        **trace,
    }
