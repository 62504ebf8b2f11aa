"""How far apart the risks of patients with and without the event lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import percent_axis, threshold_line
from medtune.figures.sheet import Sheet
from medtune.figures.theme import COUNTS, PLOT_HEIGHT, SMALL, Theme
from medtune.figures.wording import Translate, number, percent
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.evaluation.decisions import RiskDistribution


def distribution(
    risks: RiskDistribution,
    theme: Theme,
    *,
    threshold: float | None = None,
    refer: tuple[float, float] | None = None,
    translate: Translate = str,
) -> go.Figure:
    """Mirrored histogram of risks: patients with the event upwards, without it downwards.

    Parameters
    ----------
    risks : RiskDistribution
        Counts in equal steps of risk; heights are shares of each group, so that a rare event stays visible.
    theme : Theme
        Light or dark.
    threshold : float, optional
        Marked when given, 0 to 1.
    refer : (float, float), optional
        Risks between which a patient is referred rather than scored; shaded when given.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high.
    """
    edges = np.asarray(risks.edges, dtype=float)
    groups = (
        (say("With the event"), np.asarray(risks.events, dtype=float), 1, theme.event, "top"),
        (say("Without the event"), np.asarray(risks.no_events, dtype=float), -1, theme.no_event, "bottom"),
    )
    sheet = Sheet(theme, PLOT_HEIGHT, translate(say("Risks of patients with and without the event.")))
    tallest = 0.0
    for words, counts, side, color, edge in groups:
        total, name = counts.sum(), translate(words)
        shares = counts / total if total else np.zeros_like(counts)
        tallest = max(tallest, float(shares.max(initial=0)))
        sheet.draw(_bars(edges, counts, shares, side, color, name, translate))
        sheet.write(
            text=translate(say("<b>{which}</b>, n = {count}", which=name, count=number(total, 0))),
            xref="x domain",
            yref="y domain",
            x=1,
            y=1 if side > 0 else 0,
            xanchor="right",
            yanchor=edge,
            xshift=-2,
            font={"size": SMALL, "color": color},
            bgcolor=theme.paper,
            opacity=0.9,
        )
    occupied = np.flatnonzero(groups[0][1] + groups[1][1])
    upper = min(1.0, np.ceil(edges[occupied[-1] + 1] * 10) / 10) if occupied.size else 1.0
    upper = max(upper, min(1.0, 1.2 * (threshold or 0)))
    sheet.arrange(
        barmode="overlay",
        margin={"t": 26},
        xaxis=percent_axis(translate(say("Predicted risk, %")), upper),
        yaxis=_mirrored_axis(tallest, theme, translate),
    )
    if refer is not None:
        _shade(sheet, sorted(refer), theme, translate)
    if threshold is not None:
        threshold_line(sheet, threshold, theme, translate, upper=float(upper))
    return sheet.figure()


def _shade(sheet: Sheet, limits: list[float], theme: Theme, translate: Translate) -> None:
    low, high = limits
    shading = {"fillcolor": theme.muted, "opacity": 0.16, "line": {"width": 0}}
    sheet.shape("rect", xref="x", yref="y domain", x0=low, x1=high, y0=0, y1=1, **shading)
    for limit in limits:
        sheet.rule(theme.muted, dash="dot", x=limit)
    sheet.write(
        translate(say("refer: {low} to {high}", low=percent(low), high=percent(high))),
        xref="x",
        yref="y domain",
        x=(low + high) / 2,
        y=1,
        yanchor="bottom",
        font={"size": SMALL, "color": theme.muted},
    )


def _bars(edges, counts, shares, side: int, color: str, name: str, translate: Translate) -> dict:
    hover = say(
        "Risk {low} to {high}<br>{which}: {count} patients, {share} of them",
        low="%{customdata[0]:.1%}",
        high="%{customdata[1]:.1%}",
        which=name,
        count="%{customdata[2]:.0f}",
        share="%{customdata[3]:.1%}",
    )
    return {
        "type": "bar",
        "meta": COUNTS,
        "name": name,
        "x": (edges[:-1] + edges[1:]) / 2,
        "y": side * shares,
        "width": np.diff(edges) * 0.92,
        "marker": {"color": color, "line": {"width": 0}, "opacity": 0.85},
        "customdata": np.column_stack([edges[:-1], edges[1:], counts, shares]),
        "hovertemplate": translate(hover) + "<extra></extra>",
    }


def _mirrored_axis(tallest: float, theme: Theme, translate: Translate) -> dict:
    """Shares upwards and downwards, both counted as positive."""
    limit = 1.25 * tallest or 1.0
    step = next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if limit / step <= 4), 0.5)
    ticks = np.arange(-np.floor(limit / step), np.floor(limit / step) + 1) * step
    return {
        "title": {"text": translate(say("Share of the group, %"))},
        "range": [-limit, limit],
        "tickvals": ticks.tolist(),
        "ticktext": [f"{100 * abs(tick):.0f}" for tick in ticks],
        "zeroline": True,
        "zerolinecolor": theme.muted,
        "zerolinewidth": 1,
    }
