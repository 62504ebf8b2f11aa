"""How the estimated risk of one patient comes about, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import row_heading
from medtune.figures.contributions import MOST, factor_of, predicted, shown_value, unit_of
from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.theme import BAR_HEIGHT, Theme
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
    of: str = "",
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
    of : str
        Name of the class that is explained, of several.
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
    risk, start_risk = float(explanation.risk[patient]), _start_risk(explanation)
    alt = say(
        "Estimated risk {risk}: {steps}.",
        risk=percent(risk),
        steps="; ".join(f"{label} {number(size, digits, True)}" for label, size in zip(labels, sizes, strict=True)),
    )
    rows = len(sizes) + 2
    sheet = Sheet(theme, BAR_HEIGHT * rows + 62, translate(alt), margin={"l": 10, "r": 10, "t": 6, "b": 48})
    _bars(sheet, ends, labels, sizes, digits, theme, translate)
    begin = say("Start for everyone")
    for row, words, value, risk_there in (
        (0, begin, start, start_risk),
        (rows - 1, say("Estimated risk"), ends[-1], risk),
    ):
        text = percent(risk_there)
        if explanation.scale == "log-odds":
            text = translate(say("log-odds {value}, risk {risk}", value=number(value, digits), risk=text))
        _end(sheet, row, value, translate(words), text, row > 0, theme)
    low, high = float(ends.min()), float(ends.max())
    room = 0.06 * ((high - low) or 1.0)
    title = translate(predicted(explanation, of))
    sheet.arrange(
        xaxis={"title": {"text": title}, "range": [low - room, high + room], "nticks": 6},
        yaxis=hidden_axis((rows - 0.6, -0.75)),
    )
    return sheet.figure()


def _label(explanation: Explanation, patient: int, place: int, units, translate: Translate) -> str:
    column = plain(shortened(explanation.columns[place], 20))
    return f"{column} = {shown_value(explanation, patient, place, units, translate)}"


def _start_risk(explanation: Explanation) -> float:
    """The baseline as a risk."""
    baseline = float(explanation.baseline)
    return baseline if explanation.scale == "probability" else float(1 / (1 + np.exp(-baseline)))


def _way(size: float, theme: Theme) -> tuple[str, str]:
    """Colour and sign of a contribution that raises or lowers the risk."""
    if size > 0:
        return theme.event, "▲"
    return (theme.no_event, "▼") if size < 0 else (theme.muted, "")


def _bars(sheet: Sheet, ends: np.ndarray, labels, sizes, digits: int, theme: Theme, translate: Translate) -> None:
    sizes = np.asarray(sizes)
    hover = say("<b>{column}</b><br>{change}", column="%{customdata[0]}", change="%{customdata[1]}")
    ways = {1.0: say("raises the risk"), -1.0: say("lowers the risk"), 0.0: say("changes nothing")}
    changes = [translate(ways[float(np.sign(size))]) for size in sizes]
    sheet.bars(
        orientation="h",
        base=ends[:-1].tolist(),
        x=sizes,
        y=np.arange(1, len(sizes) + 1),
        width=0.26,
        marker={"color": [_way(size, theme)[0] for size in sizes], "line": {"width": 0}},
        customdata=list(zip(labels, changes, strict=True)),
        hovertemplate=translate(hover) + "<extra></extra>",
    )
    for row, (label, size) in enumerate(zip(labels, sizes, strict=True), start=1):
        color, sign = _way(size, theme)
        row_heading(sheet, row, label, f"{number(size, digits, sign=True)} {sign}", theme, color=color)
    # Hairlines carry the running sum from one row to the next.
    for place, end in enumerate(ends):
        sheet.shape(
            "line",
            x0=end,
            x1=end,
            y0=place - (0.13 if place > 0 else 0),
            y1=place + 1 + (0.13 if place < len(sizes) else 0),
            line={"color": theme.muted, "width": 1, "dash": "dot"},
        )


def _end(sheet: Sheet, row: int, value: float, words: str, text: str, last: bool, theme: Theme) -> None:
    """Mark where everybody starts, or where this patient ends, with the risk beside the name."""
    bold, color = ("<b>{}</b>", theme.ink) if last else ("{}", theme.muted)
    row_heading(sheet, row, bold.format(words), bold.format(text), theme, color=color)
    sheet.scatter(
        x=[value],
        y=[row],
        mode="markers",
        marker={"symbol": "diamond" if last else "circle", "size": 10, "color": color},
        hovertemplate=f"<b>{words}</b><br>{text}<extra></extra>",
        cliponaxis=False,
    )
