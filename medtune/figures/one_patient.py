"""How the risk of one patient would follow one column, all else as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import percent_axis
from medtune.figures.sheet import Sheet
from medtune.figures.theme import PLOT_HEIGHT, SMALL, Theme, model_style
from medtune.figures.wording import Translate, clipped, plain, worded
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.runs.patient_questions import Curve


def individual(
    curve: Curve,
    column: str,
    value: object,
    chosen: str,
    titles: tuple[Sentence | str, Sentence | str],
    theme: Theme,
    *,
    translate: Translate = str,
) -> go.Figure:
    """The risk by value, with the model in use and with the original where that is another one.

    Parameters
    ----------
    curve : Curve
        The risks.
    column : str
        Which column varies.
    value : float, str or None
        What the patient has now; marked where it is within the curve.
    chosen : str
        Key of the model in use.
    titles : pair of Sentence or str
        Names of the original and of the model in use.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
    """
    words = say("Estimated risk of this patient by {column}.", column=column)
    sheet = Sheet(theme, PLOT_HEIGHT, translate(words), margin={"l": 60, "r": 16, "t": 40, "b": 60})
    levels = list(curve.levels)
    x = np.arange(len(levels), dtype=float) if levels else np.asarray(curve.values, float)
    texts = [plain(level) for level in levels] or [f"{v:.4g}" for v in x]
    hover = say("{column} = {value}<br>Estimated risk {risk}", column=plain(column), value="%{text}", risk="%{y:.1%}")
    lines = [(curve.risk, chosen, titles[1])]
    lines += [(curve.before, "original", titles[0])] if curve.before.size else []
    for place, (risk, key, title) in enumerate(lines):
        style = model_style(key, key == chosen, theme)
        sheet.scatter(
            x=x,
            y=risk,
            mode="markers" if levels else "lines",
            line=style.line,
            marker={"symbol": style.symbol, "size": 10, "color": style.color},
            text=texts,
            hovertemplate=translate(hover) + "<extra></extra>",
        )
        mark = style.glyph if levels else style.stroke
        where = {"xref": "x domain", "yref": "y domain", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
        font = {"size": SMALL, "color": style.color}
        sheet.write(f"{mark} {worded(title, translate)}", font=font, yshift=4 + 17 * place, **where)
    at = _place(levels, x, value)
    if at is not None:
        risk = float(np.interp(at, x, curve.risk))
        sheet.scatter(
            x=[at],
            y=[risk],
            mode="markers",
            marker={"symbol": "circle-open", "size": 16, "color": theme.ink, "line": {"width": 2}},
        )
    top = float(max([curve.risk.max(initial=0.05), *curve.before.tolist()]))
    axis = {"tickvals": x.tolist(), "ticktext": [plain(clipped(level, 14)) for level in levels],
            "range": [-0.5, len(x) - 0.5]}  # fmt: skip
    sheet.arrange(
        xaxis={"title": {"text": plain(column)}, **(axis if levels else {"nticks": 6})},
        yaxis=percent_axis(translate(say("Estimated risk, %")), min(1.0, 1.08 * top)),
    )
    return sheet.figure()


def _place(levels: list[str], x: np.ndarray, value: object) -> float | None:
    if value is None:
        return None
    if levels:
        return float(levels.index(str(value))) if str(value) in levels else None
    return float(value) if x.size and x[0] <= float(value) <= x[-1] else None
