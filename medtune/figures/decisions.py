"""What follows from a threshold: confusion matrix, net benefit, and the measures against the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import percent_axis, stacked_labels, threshold_line
from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.theme import LARGE, PLOT_HEIGHT, SIZE, SMALL, Theme, band, faded, model_style
from medtune.figures.wording import Translate, number, percent, worded
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.evaluation.decisions import ThresholdTable

Line = tuple[str, "Sentence | str", "ThresholdTable", bool]


def confusion(table: ThresholdTable, index: int, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """The four groups at one threshold as a two-by-two of large numbers.

    Parameters
    ----------
    table : ThresholdTable
        Counts per threshold, mean over repeats; they are shown rounded so that rows keep their sum.
    index : int
        Row of the table.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high; truth as rows, percentages of the row.
    """
    risk = percent(float(table.threshold[index]))
    rows = (
        (say("Event"), *_row(table.tp[index], table.fn[index]), theme.event),
        (say("No event"), *_row(table.fp[index], table.tn[index]), theme.no_event),
    )
    (_, tp, fn, *_), (_, fp, tn, *_) = rows
    alt = say(
        "At a threshold of {risk}: {tp} with the event flagged, {fn} missed; {fp} without it flagged, {tn} not.",
        **{"risk": risk, "tp": tp, "fn": fn, "fp": fp, "tn": tn},
    )
    sheet = Sheet(theme, PLOT_HEIGHT, translate(alt), margin={"l": 8, "r": 8, "t": 8, "b": 8})
    for left, heading in ((0.0, say("Risk {risk} or more", risk=risk)), (1.0, say("Risk below {risk}", risk=risk))):
        _words(sheet, left + 0.5, 2.66, f"<b>{translate(heading)}</b>", theme.ink, SIZE)
    for place, (truth, flagged, spared, total, share, color) in enumerate(rows):
        bottom = 1.3 - 1.3 * place
        head = translate(say("<b>{truth}</b>, n = {total}", truth=translate(truth), total=number(total, 0)))
        _words(sheet, 0.02, bottom + 1.13, head, color, SIZE, "left")
        for left, count, part in ((0.0, flagged, share), (1.0, spared, 1 - share)):
            _cell(sheet, left, bottom, count, part, color, theme)
    notes = (say("Rows: what happened. Columns: estimated risk."), say("Percentages are shares of the row."))
    _words(sheet, 1.0, -0.2, "<br>".join(translate(note) for note in notes), theme.muted, SMALL)
    sheet.arrange(xaxis=hidden_axis((0, 2)), yaxis=hidden_axis((-0.42, 2.8)))
    return sheet.figure()


def _row(first: float, second: float) -> tuple[int, int, int, float]:
    """Two mean counts as whole patients, their whole number, and the exact share of the first.

    The share is that of the mean counts before rounding, so that it equals sensitivity and specificity beside it.
    """
    exact = float(first) + float(second)
    total = round(exact)
    return round(float(first)), total - round(float(first)), total, float(first) / exact if exact else float("nan")


def _words(sheet: Sheet, x: float, y: float, text: str, color: str, size: int, anchor: str = "center") -> None:
    sheet.write(
        x=x, y=y, xref="x", yref="y", text=text, xanchor=anchor, align=anchor, font={"size": size, "color": color}
    )


def _cell(sheet: Sheet, left: float, bottom: float, count: int, share: float, color: str, theme: Theme) -> None:
    gap = 0.02
    sheet.shape(
        "rect",
        xref="x",
        yref="y",
        x0=left + gap,
        x1=left + 1 - gap,
        y0=bottom,
        y1=bottom + 1,
        line={"width": 1, "color": theme.line},
        # The fuller a cell is of its row, the stronger its tint; words stay ink and so legible.
        fillcolor=faded(color, 0.05 + 0.25 * (share if np.isfinite(share) else 0)),
    )
    _words(sheet, left + 0.5, bottom + 0.58, f"<b>{number(count, 0)}</b>", theme.ink, LARGE)
    _words(sheet, left + 0.5, bottom + 0.2, percent(share), theme.ink, SIZE)


def decision_curve(
    curves: Sequence[Line],
    theme: Theme,
    *,
    threshold: float | None = None,
    upper: float | None = None,
    translate: Translate = str,
) -> go.Figure:
    """Net benefit against the threshold, beside treating all and treating none.

    Parameters
    ----------
    curves : sequence of (key, title, ThresholdTable, chosen)
        In the order of the candidates, all on the same patients.
    theme : Theme
        Light or dark.
    threshold : float, optional
        Marked when given.
    upper : float, optional
        Right end of the axis; by default where no model has a benefit any more.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high.
    """
    sheet = Sheet(theme, PLOT_HEIGHT, translate(say("Net benefit of each model against the threshold.")))
    labels, peak = [], 0.0
    for key, title, table, chosen in sorted(curves, key=lambda line: line[-1]):
        style, name = model_style(key, chosen, theme), worded(title, translate)
        x, (benefit, low, high) = np.asarray(table.threshold), np.asarray(table.measures["net_benefit"])
        sheet.draw(band(x, low, high, style.color, 0.13 if chosen else 0.08))
        sheet.draw(_benefit(x, benefit, style.line, name, translate))
        labels.append((f"{style.stroke} {name}", style.color))
        peak = max(peak, float(np.nanmax(benefit, initial=0)))
    labels.reverse()
    if curves:
        x, everyone = _treat_all(curves[0][2])
        line = {"color": theme.reference, "width": 1.6, "dash": "solid"}
        sheet.draw(_benefit(x, everyone, line, translate(say("Treat all")), translate))
        sheet.draw(_benefit(x, 0 * x, {**line, "dash": "dot"}, translate(say("Treat none")), translate))
        labels.append((f"—— {translate(say('Treat all'))}", theme.muted))
        labels.append((f"···· {translate(say('Treat none'))}", theme.muted))
    upper = upper or end_of_use([table for _, _, table, _ in curves])
    peak = peak or 0.1
    sheet.arrange(
        margin={"l": 62, "t": 26},
        xaxis=percent_axis(translate(say("Threshold at which one would act, %")), float(upper)),
        yaxis={
            "title": {"text": translate(say("Net benefit"))},
            "range": [-0.15 * peak, 1.12 * peak],
            "nticks": 6,
        },
    )
    stacked_labels(sheet, labels, theme, "top right")
    if threshold is not None and threshold <= upper:
        threshold_line(sheet, threshold, theme, translate, upper=float(upper))
    return sheet.figure()


def end_of_use(tables: Sequence[ThresholdTable]) -> float:
    """The next tenth above the threshold from which no model is of use, 0.2 at least."""
    ends = [_end_of_benefit(np.asarray(t.threshold), np.asarray(t.measures["net_benefit"])[0]) for t in tables]
    return float(min(1.0, np.ceil(max([0.2, *ends]) * 10 + 1e-9) / 10))


def _end_of_benefit(x: np.ndarray, benefit: np.ndarray) -> float:
    """The first threshold at which the benefit is used up; what follows is noise around 0."""
    spent = np.flatnonzero(~(benefit > 0))
    return float(x[spent[0]]) if spent.size else 1.0


def _treat_all(table: ThresholdTable) -> tuple[np.ndarray, np.ndarray]:
    """The reference line of acting on everyone, which depends on the event rate alone."""
    events = float(table.tp[0] + table.fn[0])
    others = float(table.fp[0] + table.tn[0])
    x = np.asarray(table.threshold, dtype=float)
    x = x[x < 1]
    return x, (events - others * x / (1 - x)) / max(events + others, 1)


def _benefit(x, benefit, line: dict, name: str, translate: Translate) -> dict:
    hover = say(
        "<b>{title}</b> at {threshold}<br>Net benefit {benefit}", title=name, threshold="%{x:.0%}", benefit="%{y:.3f}"
    )
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": np.asarray(x),
        "y": np.asarray(benefit),
        "line": line,
        "hovertemplate": translate(hover) + "<extra></extra>",
    }


def threshold_curves(table: ThresholdTable, index: int, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Sensitivity, specificity and positive predictive value against the threshold, with a marker at one.

    Parameters
    ----------
    table : ThresholdTable
        Measures per threshold with their limits.
    index : int
        The row that is marked.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high.
    """
    lines = (
        ("sensitivity", say("Sensitivity"), theme.event, "solid"),
        ("specificity", say("Specificity"), theme.no_event, "dash"),
        ("ppv", say("Positive predictive value"), theme.ink, "dot"),
    )
    x = np.asarray(table.threshold, dtype=float)
    values = {key: np.asarray(table.measures[key], dtype=float) for key, *_ in lines}
    here = ", ".join(f"{translate(words)} {percent(values[key][0, index])}" for key, words, *_ in lines)
    alt = say("At a threshold of {risk}: {here}.", risk=percent(x[index]), here=here)
    sheet = Sheet(theme, PLOT_HEIGHT, translate(alt))
    for key, words, color, dash in lines:
        name = translate(words)
        sheet.draw(band(x, values[key][1], values[key][2], color, 0.08))
        sheet.draw(_measure(x, values[key], index, {"color": color, "dash": dash, "width": 2}, name, translate))
    for (_, words, color, _), (left, height) in zip(lines, _label_places(x, list(values.values())), strict=True):
        if np.isfinite(height):
            label = {"x": left, "y": height, "text": translate(words), "font": {"size": SMALL, "color": color}}
            sheet.write(xref="x", yref="y", bgcolor=theme.paper, opacity=0.9, borderpad=1, **label)
    sheet.arrange(
        margin={"t": 26},
        xaxis=percent_axis(translate(say("Threshold of the risk, %"))),
        yaxis=percent_axis(translate(say("Share of patients, %"))),
    )
    threshold_line(sheet, float(x[index]), theme, translate)
    return sheet.figure()


def _measure(x, values: np.ndarray, index: int, line: dict, name: str, translate: Translate) -> dict:
    hover = say(
        "<b>{measure}</b> at a threshold of {threshold}<br>{value} ({low} to {high})",
        measure=name,
        threshold="%{x:.0%}",
        value="%{y:.1%}",
        low="%{customdata[0]:.1%}",
        high="%{customdata[1]:.1%}",
    )
    size = np.zeros(len(x))
    size[index] = 10
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": x,
        "y": values[0],
        "line": line,
        "marker": {"color": line["color"], "size": size, "opacity": 1, "line": {"width": 0}},
        "customdata": values[1:].T,
        "cliponaxis": False,
        "hovertemplate": translate(hover) + "<extra></extra>",
    }


def _label_places(x: np.ndarray, curves: list[np.ndarray]) -> list[tuple[float, float]]:
    """A place on each curve where the other curves, and the labels placed before, are far away."""
    heights = np.vstack([curve[0] for curve in curves])
    inside = (x > 0.2) & (x < 0.8)
    places: list[tuple[float, float]] = []
    for own, height in enumerate(heights):
        others = np.nan_to_num(np.delete(heights, own, axis=0), nan=-1.0)
        apart = np.where(inside & np.isfinite(height), np.abs(others - np.nan_to_num(height)).min(axis=0), -1)
        for left, level in places:
            apart = np.where((np.abs(x - left) < 0.35) & (np.abs(height - level) < 0.12), -1, apart)
        best = int(np.argmax(apart))
        places.append((float(x[best]), float(height[best]) if apart[best] >= 0 else float("nan")))
    return places
