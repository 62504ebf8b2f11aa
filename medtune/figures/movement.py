"""The risk of each patient before and after tuning; those who cross the threshold stand out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import diagonal, percent_axis
from medtune.figures.sheet import Sheet
from medtune.figures.theme import SMALL, SQUARE_HEIGHT, Theme
from medtune.figures.wording import Translate, plain
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.evaluation.reclassification import Reclassification

SHOWN = 3000  # points; more hide each other and make the page slow
EVENT, NO_EVENT = "diamond", "circle"


def movement(
    found: Reclassification, y: np.ndarray, names: Sequence[str], theme: Theme, *, translate: Translate = str
) -> go.Figure:
    """Risk before against risk after, one point for each patient; a click on a point tells who it is.

    Parameters
    ----------
    found : Reclassification
        With the risks.
    y : ndarray of shape (n,)
        Outcomes.
    names : sequence of str
        What the patients are called.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Place of the patient in ``customdata[0]``. Above `SHOWN` patients all that cross, and evenly spaced others.
    """
    n = len(y)
    moved = np.zeros(n, dtype=bool)
    moved[np.concatenate([found.up, found.down])] = True
    words = say("Risk before against risk after of {n} patients; {moved} change side.", n=n, moved=int(moved.sum()))
    sheet = Sheet(theme, SQUARE_HEIGHT, translate(words), margin={"l": 56, "r": 14, "t": 30, "b": 52})
    sheet.draw(diagonal(theme))
    stay = np.flatnonzero(~moved)
    if n > SHOWN:
        stay = stay[np.unique(np.linspace(0, len(stay) - 1, min(len(stay), SHOWN)).astype(int))] if len(stay) else stay
    hover = say(
        "<b>{name}</b>, {outcome}<br>Before {before}, after {after}",
        name="%{customdata[1]}", outcome="%{customdata[2]}", before="%{x:.1%}", after="%{y:.1%}",
    )  # fmt: skip
    outcomes = translate(say("without the event")), translate(say("with the event"))
    for rows, clear in ((stay, False), (np.flatnonzero(moved), True)):
        for value in (0, 1):
            some = rows[np.asarray(y)[rows] == value]
            color = theme.event if value else theme.no_event
            sheet.scatter(
                x=found.before[some],
                y=found.after[some],
                mode="markers",
                marker={"symbol": EVENT if value else NO_EVENT, "size": 9 if clear else 6, "color": color,
                        "opacity": 0.95 if clear else 0.28, "line": {"width": 1 if clear else 0, "color": theme.paper}},
                customdata=[[int(row), plain(names[row]), outcomes[value]] for row in some],
                hovertemplate=translate(hover) + "<extra></extra>",
                unselected={"marker": {"opacity": 0.95 if clear else 0.28}},
            )  # fmt: skip
    at = found.threshold
    for where in ({"x": at}, {"y": at}):
        sheet.rule(theme.ink, dash="dash", **where)
    legend = f"◆ {outcomes[1]}   ● {outcomes[0]}"
    place = {"xref": "x domain", "yref": "y domain", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
    sheet.write(legend, font={"size": SMALL, "color": theme.muted}, yshift=4, **place)
    sheet.arrange(
        xaxis=percent_axis(translate(say("Risk before, %")), constrain="domain"),
        yaxis=percent_axis(translate(say("Risk after, %")), scaleanchor="x", constrain="domain"),
    )
    return sheet.figure()
