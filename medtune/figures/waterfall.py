"""How the estimated risk of one patient comes about, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.contributions import MOST, factor_of, height_of, name_axis, shown_value, unit_of
from medtune.figures.sheet import Sheet
from medtune.figures.theme import SMALL, Theme
from medtune.figures.wording import Translate, number, percent, plain, shortened
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.contributions import Explanation


def waterfall(
    explanation: Explanation,
    patient: int,
    theme: Theme,
    *,
    units: Mapping[str, str] | None = None,
    most: int = MOST,
    translate: Translate = str,
) -> go.Figure:
    """From where everybody starts to the estimated risk of one patient, largest contribution first.

    Parameters
    ----------
    explanation : Explanation
        Of a group of patients.
    patient : int
        Place in the explanation (not the row of the cohort).
    theme : Theme
        Light or dark.
    units : mapping of str to str, optional
        Unit of a column, for example ``{"age": "y"}``.
    most : int
        Bars at most; the last one gathers the columns that are left.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Log-odds along the axis (or points of risk), the risk beside start and end.
    """
    factor, (_, digits) = factor_of(explanation), unit_of(explanation)
    steps = np.asarray(explanation.contributions[patient], dtype=float) * factor
    order = np.argsort(-np.abs(steps), kind="stable")
    shown, rest = (order, order[:0]) if len(order) <= most else (order[: most - 1], order[most - 1 :])
    labels = [_label(explanation, patient, int(place), units, translate) for place in shown]
    sizes = [float(steps[place]) for place in shown]
    if rest.size:
        labels.append(f"<i>{translate(say('other {count} columns', count=rest.size))}</i>")
        sizes.append(float(steps[rest].sum()))
    start = float(explanation.baseline) * factor
    ends = start + np.cumsum([0.0, *sizes])
    risk = float(explanation.risk[patient])
    alt = say(
        "Estimated risk {risk}: {steps}.",
        risk=percent(risk),
        steps="; ".join(f"{label} {number(size, digits, True)}" for label, size in zip(labels, sizes, strict=True)),
    )
    sheet = Sheet(theme, height_of(len(sizes) + 2) + 6, translate(alt))
    _bars(sheet, ends, labels, sizes, digits, theme, translate)
    _ends(sheet, ends, _start_risk(explanation), risk, theme)
    names = [translate(say("Start for everyone")), *labels, f"<b>{translate(say('Estimated risk'))}</b>"]
    low, high = min(ends.min(), start), max(ends.max(), start)
    room = (high - low) or 1.0
    title = translate(say("Log-odds of the event")) if explanation.scale == "log-odds" else translate(say("Risk, %"))
    sheet.arrange(
        margin={"l": 10, "t": 6, "r": 10},
        xaxis={"title": {"text": title}, "range": [low - 0.28 * room, high + 0.28 * room], "nticks": 6},
        yaxis=name_axis(names),
    )
    return sheet.figure()


def _label(explanation: Explanation, patient: int, place: int, units, translate: Translate) -> str:
    column = plain(shortened(explanation.columns[place], 16))
    return f"{column} = {shown_value(explanation, patient, place, units, translate)}"


def _start_risk(explanation: Explanation) -> float:
    """The baseline as a risk."""
    baseline = float(explanation.baseline)
    return baseline if explanation.scale == "probability" else float(1 / (1 + np.exp(-baseline)))


def _bars(sheet: Sheet, ends: np.ndarray, labels, sizes, digits: int, theme: Theme, translate: Translate) -> None:
    sizes = np.asarray(sizes)
    hover = say("<b>{column}</b><br>{change}", column="%{customdata[0]}", change="%{customdata[1]}")
    changes = [
        translate(
            say("raises the risk") if size > 0 else say("lowers the risk") if size < 0 else say("changes nothing")
        )
        for size in sizes
    ]
    sheet.bars(
        orientation="h",
        base=ends[:-1],
        x=sizes,
        y=np.arange(1, len(sizes) + 1),
        width=0.62,
        marker={"color": [theme.event if size > 0 else theme.no_event for size in sizes], "line": {"width": 0}},
        customdata=list(zip(labels, changes, strict=True)),
        hovertemplate=translate(hover) + "<extra></extra>",
    )
    for place, size in enumerate(sizes, start=1):
        raises = size >= 0
        sheet.write(
            x=ends[place],
            y=place,
            text=number(size, digits, sign=True),
            xanchor="left" if raises else "right",
            xshift=4 if raises else -4,
            font={"size": SMALL, "color": theme.event if raises else theme.no_event},
        )
    # Hairlines carry the running sum from one row to the next.
    for place, end in enumerate(ends):
        sheet.shape(
            "line",
            x0=end,
            x1=end,
            y0=place - (0.31 if place > 0 else 0),
            y1=place + 1 + (0.31 if place < len(sizes) else 0),
            line={"color": theme.muted, "width": 1, "dash": "dot"},
        )


def _ends(sheet: Sheet, ends: np.ndarray, start_risk: float, risk: float, theme: Theme) -> None:
    """Mark start and end, with the risk beside them, on the side where there is room."""
    last = len(ends)
    for x, y, value, bold, color in (
        (ends[0], 0, start_risk, False, theme.muted),
        (ends[-1], last, risk, True, theme.ink),
    ):
        sheet.scatter(
            x=[x],
            y=[y],
            mode="markers",
            marker={"symbol": "diamond" if bold else "circle", "size": 10, "color": color},
            hovertemplate=f"<b>{percent(value)}</b><extra></extra>",
            cliponaxis=False,
        )
        left_half = x - ends.min() <= ends.max() - x
        sheet.write(
            x=x,
            y=y,
            text=f"<b>{percent(value)}</b>" if bold else percent(value),
            xanchor="left" if left_half else "right",
            xshift=9 if left_half else -9,
            font={"size": SMALL, "color": color},
        )
