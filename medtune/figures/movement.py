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
    from medtune.evaluation.class_reclassification import ClassReclassification
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
    moved = np.zeros(len(y), dtype=bool)
    moved[np.concatenate([found.up, found.down])] = True
    count = int(moved.sum())
    words = say("Risk before against risk after of {n} patients; {moved} change side.", n=len(y), moved=count)
    outcomes = translate(say("without the event")), translate(say("with the event"))
    sheet = _points(found.before, found.after, moved, y, names, outcomes, translate(words), theme, translate)
    for where in ({"x": found.threshold}, {"y": found.threshold}):
        sheet.rule(theme.ink, dash="dash", **where)
    return sheet.figure()


def class_movement(
    found: ClassReclassification, y: np.ndarray, place: int, name: str, names: Sequence[str], theme: Theme, *,
    translate: Translate = str,
) -> go.Figure:  # fmt: skip
    """The same for the risk of one class; whoever is newly or no longer taken for it stands out.

    Parameters
    ----------
    found : ClassReclassification
        With the risks.
    y : ndarray of shape (n,)
        Class numbers.
    place, name : int and str
        The class.
    names : sequence of str
        What the patients are called.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        As `movement`, without a threshold.
    """
    moved = (found.likely_before == place) != (found.likely_after == place)
    words = say(
        "Risk of {name} before against after of {n} patients; {moved} are newly or no longer taken for it.",
        name=name, n=len(y), moved=int(moved.sum()),
    )  # fmt: skip
    outcomes = translate(say("another class")), plain(name)
    risks, there = (found.before[:, place], found.after[:, place]), (np.asarray(y) == place).astype(int)
    return _points(*risks, moved, there, names, outcomes, translate(words), theme, translate).figure()


def _points(before, after, moved, y, names, outcomes, words: str, theme: Theme, translate: Translate) -> Sheet:
    """A point for each patient, those who move in front of the others."""
    n = len(y)
    sheet = Sheet(theme, SQUARE_HEIGHT, words, margin={"l": 56, "r": 14, "t": 30, "b": 52})
    sheet.draw(diagonal(theme))
    stay = np.flatnonzero(~moved)
    if n > SHOWN:
        stay = stay[np.unique(np.linspace(0, len(stay) - 1, min(len(stay), SHOWN)).astype(int))] if len(stay) else stay
    hover = say(
        "<b>{name}</b>, {outcome}<br>Before {before}, after {after}",
        name="%{customdata[1]}", outcome="%{customdata[2]}", before="%{x:.1%}", after="%{y:.1%}",
    )  # fmt: skip
    for rows, clear in ((stay, False), (np.flatnonzero(moved), True)):
        for value in (0, 1):
            some = rows[np.asarray(y)[rows] == value]
            color = theme.event if value else theme.no_event
            sheet.scatter(
                x=before[some],
                y=after[some],
                mode="markers",
                marker={"symbol": EVENT if value else NO_EVENT, "size": 9 if clear else 6, "color": color,
                        "opacity": 0.95 if clear else 0.28, "line": {"width": 1 if clear else 0, "color": theme.paper}},
                customdata=[[int(row), plain(names[row]), outcomes[value]] for row in some],
                hovertemplate=translate(hover) + "<extra></extra>",
                unselected={"marker": {"opacity": 0.95 if clear else 0.28}},
            )  # fmt: skip
    legend = f"◆ {outcomes[1]}   ● {outcomes[0]}"
    place = {"xref": "x domain", "yref": "y domain", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
    sheet.write(legend, font={"size": SMALL, "color": theme.muted}, yshift=4, **place)
    sheet.arrange(
        xaxis=percent_axis(translate(say("Risk before, %")), constrain="domain"),
        yaxis=percent_axis(translate(say("Risk after, %")), scaleanchor="x", constrain="domain"),
    )
    return sheet
