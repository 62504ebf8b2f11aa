"""How one column is distributed among patients with and without the event."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from medtune.figures.bins import bin_edges
from medtune.figures.sheet import Sheet
from medtune.figures.theme import PLOT_HEIGHT, SMALL, Theme
from medtune.figures.wording import Translate, clipped, compact, number, percent, plain, worded
from medtune.foundation.words import Sentence, say

GROUPS = say("With the event"), say("Without the event")
BINS = 24
MOST_LEVELS = 8


def by_outcome(
    values: Sequence,
    outcome: Sequence[int],
    theme: Theme,
    *,
    name: str = "",
    unit: str = "",
    levels: Sequence[str] = (),
    groups: tuple[Sentence | str, Sentence | str] = GROUPS,
    translate: Translate = str,
) -> go.Figure:
    """Share of each outcome group along one column: events upwards, no events downwards.

    Parameters
    ----------
    values : sequence of shape (n,)
        The column; NaN and None are missing.
    outcome : sequence of int of shape (n,)
        1 with the event, 0 without.
    theme : Theme
        Light or dark.
    name, unit : str
        Of the column, for the axis title.
    levels : sequence of str
        Levels of a category in their order; empty for a number.
    groups : pair of Sentence or str
        What the patients with outcome 1 and those with outcome 0 are called.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high; missing values are counted in words.
    """
    event = np.asarray(outcome).astype(bool)
    absent = np.array([value is None or value != value for value in values], dtype=bool)
    named = [worded(words, translate) for words in groups]
    alt = say("{column}: {first} upwards, {second} downwards.", column=plain(name), first=named[0], second=named[1])
    sheet = Sheet(theme, PLOT_HEIGHT, translate(alt), margin={"t": 24}, barmode="overlay")
    centres, widths, labels, place, axis = _places(values, absent, levels, translate)
    sides = ((named[0], event, 1, theme.event), (named[1], ~event, -1, theme.no_event))
    tallest = 0.0
    for group, members, side, color in sides:
        inside = members & ~absent
        counts = np.bincount(place[inside], minlength=len(centres)).astype(float)
        shares = counts / max(inside.sum(), 1)
        tallest = max(tallest, float(shares.max(initial=0)))
        sheet.draw(_bars(centres, widths, labels, counts, side * shares, color, group, translate))
        _heading(sheet, group, int(members.sum()), int((members & absent).sum()), side, color, theme, translate)
    limit = 1.3 * tallest or 1.0
    step = next((step for step in (0.02, 0.05, 0.1, 0.2) if limit / step <= 4), 0.5)
    ticks = np.arange(-np.floor(limit / step), np.floor(limit / step) + 1) * step
    sheet.arrange(
        xaxis={"title": {"text": plain(f"{name}, {unit}" if unit else name)}, **axis},
        yaxis={
            "title": {"text": translate(say("Share of the group, %"))},
            "range": [-limit, limit],
            "tickvals": ticks.tolist(),
            "ticktext": [f"{100 * abs(tick):.0f}" for tick in ticks],
            "zeroline": True,
            "zerolinecolor": theme.muted,
        },
    )
    return sheet.figure()


def _places(values: Sequence, absent: np.ndarray, levels: Sequence[str], translate: Translate):
    """Where bars stand: centres, widths, words for the hover, the bar of each patient, and the axis."""
    if levels:
        return _level_places(values, absent, levels, translate)
    numbers = np.array([np.nan if gone else value for value, gone in zip(values, absent, strict=True)], dtype=float)
    known = numbers[~absent]
    edges = bin_edges(known, BINS)
    place = np.clip(np.searchsorted(edges, np.where(absent, edges[0], numbers), side="right") - 1, 0, len(edges) - 2)
    labels = [translate(say("{low} to {high}", low=compact(low), high=compact(high))) for low, high in pairwise(edges)]
    return (edges[:-1] + edges[1:]) / 2, np.diff(edges) * 0.94, labels, place, {"nticks": 7}


def _level_places(values: Sequence, absent: np.ndarray, levels: Sequence[str], translate: Translate):
    shown = list(levels[:MOST_LEVELS])
    index = {level: place for place, level in enumerate(shown)}
    place = np.array([0 if gone else index.get(str(v), len(shown)) for v, gone in zip(values, absent, strict=True)])
    labels = [plain(level) for level in shown]
    ticks = [plain(clipped(level, 10)) for level in shown]
    if len(levels) > len(shown) or place.max(initial=0) == len(shown):
        labels.append(translate(say("other {count}", count=max(1, len(levels) - len(shown)))))
        ticks.append(labels[-1])
    centres = np.arange(len(labels), dtype=float)
    axis = {"tickvals": centres.tolist(), "ticktext": ticks, "tickangle": 0, "ticks": "", "tickfont": {"size": SMALL}}
    return centres, np.full(len(labels), 0.6), labels, place, {**axis, "range": [-0.6, len(labels) - 0.4]}


def _bars(centres, widths, labels, counts, heights, color: str, group: str, translate: Translate) -> dict:
    hover = say(
        "<b>{value}</b><br>{which}: {count} patients, {share} of them",
        value="%{customdata[0]}",
        which=group,
        count="%{customdata[1]}",
        share="%{customdata[2]}",
    )
    shares = [percent(abs(float(height))) for height in heights]
    return {
        "type": "bar",
        "name": group,
        "x": centres,
        "y": heights,
        "width": widths,
        "marker": {"color": color, "opacity": 0.85, "line": {"width": 0}},
        "customdata": [[label, number(c, 0), share] for label, c, share in zip(labels, counts, shares, strict=True)],
        "hovertemplate": translate(hover) + "<extra></extra>",
    }


def _heading(sheet, group: str, n: int, missing: int, side: int, color: str, theme: Theme, translate) -> None:
    text = translate(say("<b>{which}</b>, n = {n}", which=group, n=number(n, 0)))
    if missing:
        text += translate(say(", {share} missing", share=percent(missing / n)))
    sheet.write(
        text=text,
        xref="x domain",
        yref="y domain",
        x=1,
        y=1 if side > 0 else 0,
        xanchor="right",
        yanchor="top" if side > 0 else "bottom",
        xshift=-2,
        font={"size": SMALL, "color": color},
        bgcolor=theme.paper,
        opacity=0.9,
    )
