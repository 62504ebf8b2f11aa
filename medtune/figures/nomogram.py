"""A logistic model as a nomogram: a scale of points for each column, and the risk below the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.theme import SIZE, SMALL, Theme
from medtune.figures.wording import Translate, clipped, compact, percent, plain, shortened
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.nomogram import Nomogram, Scale

ROW = 66  # pixels
APART = 0.13  # of a telephone's width, for six letters; names nearer than that take turns above and below the line


def nomogram(shown: Nomogram, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Points of every value, to be added up, and the risk that belongs to the sum.

    Parameters
    ----------
    shown : Nomogram
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Points from 0 to 100 on top, one line a column, total and risk at the foot.
    """
    rows = len(shown.scales) + 3
    alt = say(
        "Nomogram of {count} columns; the longest is {column}.", count=len(shown.scales), column=shown.scales[0].column
    )
    margin = {"l": 12, "r": 16, "t": 10, "b": 10}
    sheet = Sheet(theme, ROW * rows + 20, translate(alt), margin=margin)
    step = np.arange(0, 101, 10.0)
    _line(sheet, 0, translate(say("Points")), [(compact(value), value / 100) for value in step], theme, strong=True)
    for row, scale in enumerate(shown.scales, start=1):
        _line(sheet, row, plain(shortened(scale.column, 30)), _marks(scale, translate), theme, turn=not scale.numeric)
    total = _round(shown.total)
    marks = [(compact(value), value / shown.total) for value in total]
    _line(sheet, rows - 2, translate(say("Sum of points")), marks, theme, strong=True)
    risks = [
        (percent(risk, 1 if risk < 0.01 or risk > 0.99 else 0), points / shown.total) for risk, points in shown.risks
    ]
    _line(sheet, rows - 1, translate(say("Estimated risk")), risks, theme, strong=True)
    sheet.arrange(
        xaxis={"visible": False, "fixedrange": True, "range": [-0.02, 1.02]}, yaxis=hidden_axis((rows - 0.35, -0.7))
    )
    return sheet.figure()


def _marks(scale: Scale, translate: Translate) -> list[tuple[str, float]]:
    letters = 12
    missing = translate(say("missing"))
    return [
        (plain(clipped(mark.name, letters)) if mark.name else f"<i>{missing}</i>", mark.points / 100)
        for mark in scale.marks
    ]


def _round(total: float) -> np.ndarray:
    step = next(size for size in (5, 10, 20, 25, 50, 100, 200, 500, 1000, 1e4, 1e6) if total / size <= 12)
    return np.arange(0, total + 1e-9, step)


def _line(
    sheet: Sheet, row: int, name: str, marks: list[tuple[str, float]], theme: Theme, *, strong: bool = False,
    turn: bool = False,
) -> None:  # fmt: skip
    """One scale: its name, the line from the first mark to the last, the marks with their names."""
    places = [place for _, place in marks]
    color = theme.ink if strong else theme.single
    where = {"xref": "x", "yref": "y"}
    bold = f"<b>{name}</b>" if strong else name
    sheet.write(
        bold, x=0, y=row, xanchor="left", yanchor="bottom", yshift=17, font={"size": SIZE, "color": theme.ink}, **where
    )
    sheet.scatter(
        x=[min(places), max(places)], y=[row, row], mode="lines", line={"color": color, "width": 2 if strong else 1.6}
    )
    sheet.scatter(
        x=places,
        y=[row] * len(marks),
        mode="markers",
        marker={"symbol": "line-ns", "size": 9, "line": {"width": 1.6, "color": color}, "color": color},
        customdata=[f"{name}: {text}" if strong else f"{name} = {text}" for text, _ in marks],
        text=[compact(round(100 * place, 1)) for place in places],
        hovertemplate="<b>%{customdata}</b>" + ("" if strong else "<br>%{text}") + "<extra></extra>",
        cliponaxis=False,
    )
    last = {False: (-1.0, 0), True: (-1.0, 0)}
    for text, place in sorted(marks, key=lambda mark: mark[1]):
        letters = len(text.replace("<i>", "").replace("</i>", ""))
        touches = {way: place - at < APART * max(3, (letters + before) / 2) / 6 for way, (at, before) in last.items()}
        above = touches[False]
        if all(touches.values()):
            continue  # the hover still tells it
        last[above] = (place, letters)
        sheet.write(
            text, x=place, y=row, xanchor="center", yanchor="bottom" if above else "top", yshift=3 if above else -5,
            font={"size": SMALL, "color": theme.muted}, **where,
        )  # fmt: skip
