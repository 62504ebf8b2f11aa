"""What one column does by itself, with its interval and how far single patients differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.sheet import Sheet
from medtune.figures.theme import PLOT_HEIGHT, SMALL, Theme, band
from medtune.figures.wording import Translate, clipped, plain
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.main_effects import MainEffect


def main_effect(shown: MainEffect, scale: str, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """The curve of one column from its own mean; points for the levels of a category.

    Parameters
    ----------
    shown : MainEffect
    scale : {"log-odds", "probability"}
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        A dark band for the 95% interval of the curve, a pale one where eight in ten patients' own curves lie.
    """
    factor, unit = (1.0, say("log-odds")) if scale == "log-odds" else (100.0, say("risk, in points"))
    alt = say("Effect of {column} by itself.", column=plain(shown.column))
    margin = {"l": 60, "r": 16, "t": 30, "b": 60}
    sheet = Sheet(theme, PLOT_HEIGHT, translate(alt), margin=margin)
    x = np.arange(len(shown.levels), dtype=float) if shown.levels else shown.values
    low, high, least, most, y = (
        factor * part for part in (shown.low, shown.high, shown.least, shown.most, shown.effect)
    )
    sheet.rule(theme.muted, y=0)
    extra = {}
    if shown.levels:
        sheet.scatter(
            x=np.column_stack([x, x, np.full(len(x), np.nan)]).ravel(),
            y=np.column_stack([least, most, np.full(len(x), np.nan)]).ravel(),
            mode="lines",
            line={"color": theme.line, "width": 7},
        )
        ends = {"array": high - y, "arrayminus": y - low, "thickness": 1.4, "color": theme.ink}
        extra = {"error_y": {"type": "data", "symmetric": False, **ends}}
    else:
        sheet.draw(band(x, least, most, theme.single, 0.1), band(x, low, high, theme.single, 0.25))
    texts = [plain(level) for level in shown.levels] or [f"{value:.4g}" for value in x]
    hover = say(
        "<b>{column} = {value}</b><br>{effect}", column=plain(shown.column), value="%{text}", effect="%{y:+.2f}"
    )
    sheet.scatter(
        x=x,
        y=y,
        mode="markers" if shown.levels else "lines",
        line={"color": theme.single, "width": 2.5},
        marker={"size": 9, "color": theme.single},
        text=texts,
        hovertemplate=translate(hover) + "<extra></extra>",
        **extra,
    )
    sheet.write(
        translate(say("dark: 95% CI · pale: 8 in 10 patients")),
        xref="x domain", yref="y domain", x=0, y=1, xanchor="left", yanchor="bottom", yshift=5,
        font={"size": SMALL, "color": theme.muted},
    )  # fmt: skip
    title = translate(say("Effect by itself, {unit}", unit=translate(unit)))
    axis = {"nticks": 6}
    if shown.levels:
        names = [plain(clipped(level, 14)) for level in shown.levels]
        axis = {"tickvals": x.tolist(), "ticktext": names, "range": [-0.5, len(x) - 0.5]}
    sheet.arrange(xaxis={"title": {"text": plain(shown.column)}, **axis}, yaxis={"title": {"text": title}})
    return sheet.figure()
