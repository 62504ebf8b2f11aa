"""How the mean estimated risk follows one column, under the original and the tuned model, in one plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import percent_axis
from medtune.figures.sheet import Sheet
from medtune.figures.theme import PLOT_HEIGHT, SMALL, Theme, band, model_style
from medtune.figures.wording import Translate, clipped, plain, worded
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.explanation.effects import Effect


def effect(
    shown: Effect,
    tuned: str,
    titles: tuple[Sentence | str, Sentence | str],
    theme: Theme,
    *,
    translate: Translate = str,
) -> go.Figure:
    """Two curves over a number, or two points for each level of a category; a band where limits are known.

    Parameters
    ----------
    shown : Effect
        Of one column.
    tuned : str
        Key of the tuned method.
    titles : pair of Sentence or str
        Names of the original and of the tuned model.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
    """
    words = say("Mean estimated risk by {column}, original and tuned model.", column=shown.column)
    sheet = Sheet(theme, PLOT_HEIGHT, translate(words), margin={"l": 60, "r": 16, "t": 40, "b": 60})
    x = np.arange(len(shown.levels), dtype=float) if shown.levels else np.asarray(shown.values, float)
    known = np.isfinite(shown.low)
    top = float(np.max(np.concatenate([shown.before, shown.after, shown.high[known]]), initial=0.05))
    styles = model_style("original", False, theme), model_style(tuned, True, theme)
    if known.any() and not shown.levels:
        sheet.draw(band(x, shown.low, shown.high, styles[1].color))
    hover = say("<b>{title}</b><br>{column} = {value}<br>Mean estimated risk {risk}", title="%{customdata}",
                column=plain(shown.column), value="%{text}", risk="%{y:.1%}")  # fmt: skip
    texts = [plain(level) for level in shown.levels] or [f"{value:.4g}" for value in x]
    for side, (risk, style, title) in enumerate(zip((shown.before, shown.after), styles, titles, strict=True)):
        name = worded(title, translate)
        bars = {}
        if shown.levels and side and known.any():
            bars = {"error_y": {"type": "data", "symmetric": False, "array": shown.high - risk,
                                "arrayminus": risk - shown.low, "color": style.color, "thickness": 1.2}}  # fmt: skip
        sheet.scatter(
            x=x + (0.08 * (2 * side - 1) if shown.levels else 0),
            y=risk,
            mode="markers" if shown.levels else "lines",
            line=style.line,
            marker={"symbol": style.symbol, "size": 9, "color": style.color},
            text=texts,
            customdata=[name] * len(x),
            hovertemplate=translate(hover) + "<extra></extra>",
            **bars,
        )
        mark = style.glyph if shown.levels else style.stroke
        font = {"size": SMALL, "color": style.color}
        where = {"xref": "x domain", "yref": "y domain", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
        sheet.write(f"{mark} {name}", font=font, yshift=4 + 17 * (1 - side), **where)
    axis = {"tickvals": x.tolist(), "ticktext": [plain(clipped(level, 14)) for level in shown.levels]}
    sheet.arrange(
        xaxis={"title": {"text": plain(shown.column)}, **(axis if shown.levels else {"nticks": 6})},
        yaxis=percent_axis(translate(say("Mean estimated risk, %")), min(1.0, 1.08 * top)),
    )
    if shown.levels:
        sheet.arrange(xaxis={"range": [-0.5, len(x) - 0.5]})
    return sheet.figure()
