"""Which columns drive the risk: importance here, and the other figures of an explanation gathered beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.contributions import factor_of, height_of, name_axis, ranked, unit_of
from medtune.figures.dependence import dependence
from medtune.figures.sheet import Sheet
from medtune.figures.swarm import beeswarm
from medtune.figures.theme import Theme
from medtune.figures.waterfall import waterfall
from medtune.figures.wording import Translate, interval, number, plain, shortened
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.contributions import Explanation

__all__ = ["beeswarm", "dependence", "importance", "waterfall"]


def importance(explanation: Explanation, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Mean size of the contribution of each of the user's columns, largest on top, with intervals.

    Parameters
    ----------
    explanation : Explanation
        Of a group of patients.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        At most `MOST` bars; the last one holds all other columns together and has no interval.
    """
    shown, rest = ranked(explanation)
    factor, (unit, digits) = factor_of(explanation), unit_of(explanation)
    estimates = [explanation.importance[explanation.columns[place]].scaled(factor) for place in shown]
    names = [explanation.columns[place] for place in shown]
    labels = [plain(shortened(name)) for name in names]
    if rest:
        together = sum(explanation.importance[explanation.columns[place]].value for place in rest)
        estimates.append(Estimate(together * factor))
        names.append(translate(say("other {count} columns", count=len(rest))))
        labels.append(f"<i>{names[-1]}</i>")
    hover = [
        f"<b>{plain(name)}</b><br>{interval(e, digits, translate)}" for name, e in zip(names, estimates, strict=True)
    ]
    alt = "; ".join(f"{plain(name)} {number(e.value, digits)}" for name, e in zip(names, estimates, strict=True))
    sheet = Sheet(
        theme,
        height_of(len(names)),
        translate(say("Mean size of the contribution to the risk: {columns}.", columns=alt)),
    )
    values = np.array([e.value for e in estimates])
    high = np.array([e.high if e.bounded else e.value for e in estimates])
    low = np.array([e.low if e.bounded else e.value for e in estimates])
    sheet.bars(
        orientation="h",
        x=values,
        y=np.arange(len(names)),
        width=0.62,
        marker={"color": [theme.no_event] * len(shown) + [theme.reference] * bool(rest), "line": {"width": 0}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": high - values,
            "arrayminus": values - low,
            "color": theme.ink,
            "thickness": 1.2,
            "width": 3,
        },
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
    )
    for place, (value, end) in enumerate(zip(values, high, strict=True)):
        text = number(value, digits)
        sheet.write(x=end, y=place, text=text, xanchor="left", xshift=5, font={"color": theme.muted})
    top = float(high.max(initial=0)) or 1.0
    sheet.arrange(
        xaxis={
            "title": {"text": translate(say("Mean size of contribution, {unit}", unit=translate(unit)))},
            "range": [0, 1.22 * top],
            "nticks": 5,
        },
        yaxis=name_axis(labels),
        margin={"l": 10, "t": 6},
    )
    return sheet.figure()
