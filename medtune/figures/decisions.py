"""What follows from a threshold: confusion matrix, net benefit, and the measures against the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import percent_axis, stacked_labels, threshold_line
from medtune.figures.theme import LARGE, PLOT_HEIGHT, SIZE, SMALL, Theme, band, base_figure, faded, model_style
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
    figure = base_figure(theme, PLOT_HEIGHT, translate(alt), margin={"l": 8, "r": 8, "t": 8, "b": 8})
    for left, heading in ((0.0, say("Risk {risk} or more", risk=risk)), (1.0, say("Risk below {risk}", risk=risk))):
        _words(figure, left + 0.5, 2.66, f"<b>{translate(heading)}</b>", theme.ink, SIZE)
    for place, (truth, flagged, spared, total, color) in enumerate(rows):
        bottom = 1.3 - 1.3 * place
        head = translate(say("<b>{truth}</b>, n = {total}", truth=translate(truth), total=number(total, 0)))
        _words(figure, 0.02, bottom + 1.13, head, color, SIZE, "left")
        for left, count in ((0.0, flagged), (1.0, spared)):
            _cell(figure, left, bottom, count, total, color, theme)
    note = translate(say("Rows: what happened. Columns: the model at this threshold. Percentages of the row."))
    note = note.replace(". ", ".<br>", 1) if len(note) > 60 else note
    _words(figure, 1.0, -0.2, note, theme.muted, SMALL)
    hidden = {"visible": False, "fixedrange": True}
    return figure.update_layout(xaxis={"range": [0, 2], **hidden}, yaxis={"range": [-0.38, 2.8], **hidden})


def _row(first: float, second: float) -> tuple[int, int, int]:
    """Two mean counts as whole patients that add up to the row's whole number."""
    total = round(float(first) + float(second))
    return round(float(first)), total - round(float(first)), total


def _words(figure: go.Figure, x: float, y: float, text: str, color: str, size: int, anchor: str = "center") -> None:
    figure.add_annotation(
        x=x, y=y, xref="x", yref="y", text=text, xanchor=anchor, align=anchor, font={"size": size, "color": color}
    )


def _cell(figure: go.Figure, left: float, bottom: float, count: int, total: int, color: str, theme: Theme) -> None:
    share = count / total if total else float("nan")
    gap = 0.02
    figure.add_shape(
        type="rect",
        xref="x",
        yref="y",
        x0=left + gap,
        x1=left + 1 - gap,
        y0=bottom,
        y1=bottom + 1,
        line={"width": 1, "color": theme.line},
        # The fuller a cell is of its row, the stronger its tint; words stay ink and so legible.
        fillcolor=faded(color, 0.05 + 0.25 * (share if np.isfinite(share) else 0)),
        layer="below",
    )
    _words(figure, left + 0.5, bottom + 0.58, f"<b>{number(count, 0)}</b>", theme.ink, LARGE)
    _words(figure, left + 0.5, bottom + 0.2, percent(share), theme.ink, SIZE)


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
    figure = base_figure(theme, PLOT_HEIGHT, translate(say("Net benefit of each model against the threshold.")))
    labels, ends, peak = [], [0.2], 0.0
    for key, title, table, chosen in sorted(curves, key=lambda line: line[-1]):
        style, name = model_style(key, chosen, theme), worded(title, translate)
        x, (benefit, low, high) = np.asarray(table.threshold), np.asarray(table.measures["net_benefit"])
        figure.add_trace(band(x, low, high, style.color, 0.13 if chosen else 0.08))
        figure.add_trace(_benefit(x, benefit, style.line, name, translate))
        labels.append((f"{style.stroke} {name}", style.color))
        ends.append(x[np.nonzero(np.nan_to_num(benefit, nan=0.0) > 0.002)[0][-1]] if np.any(benefit > 0.002) else 0)
        peak = max(peak, float(np.nanmax(benefit, initial=0)))
    labels.reverse()
    if curves:
        x, everyone = _treat_all(curves[0][2])
        line = {"color": theme.reference, "width": 1.6, "dash": "solid"}
        figure.add_trace(_benefit(x, everyone, line, translate(say("Treat all")), translate))
        figure.add_trace(_benefit(x, 0 * x, {**line, "dash": "dot"}, translate(say("Treat none")), translate))
        labels.append((f"── {translate(say('Treat all'))}", theme.muted))
        labels.append((f"┈┈ {translate(say('Treat none'))}", theme.muted))
    upper = upper or min(1.0, np.ceil(max(ends) * 10 + 1e-9) / 10)
    peak = peak or 0.1
    figure.update_layout(
        margin={"l": 62, "t": 26},
        xaxis=percent_axis(translate(say("Threshold at which one would act, %")), float(upper)),
        yaxis={
            "title": {"text": translate(say("Net benefit"))},
            "range": [-0.15 * peak, 1.12 * peak],
            "nticks": 6,
        },
    )
    stacked_labels(figure, labels, theme, "top right")
    if threshold is not None and threshold <= upper:
        anchor = "left" if threshold < 0.2 * upper else "right" if threshold > 0.8 * upper else "center"
        threshold_line(figure, threshold, theme, translate, xanchor=anchor)
    return figure


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
    figure = base_figure(theme, PLOT_HEIGHT, translate(alt))
    for key, words, color, dash in lines:
        name = translate(words)
        figure.add_trace(band(x, values[key][1], values[key][2], color, 0.08))
        figure.add_trace(_measure(x, values[key], index, {"color": color, "dash": dash, "width": 2}, name, translate))
    for (_, words, color, _), (left, height) in zip(lines, _label_places(x, list(values.values())), strict=True):
        if np.isfinite(height):
            label = {"x": left, "y": height, "text": translate(words), "font": {"size": SMALL, "color": color}}
            figure.add_annotation(xref="x", yref="y", bgcolor=theme.paper, opacity=0.9, borderpad=1, **label)
    figure.update_layout(
        margin={"t": 26},
        xaxis=percent_axis(translate(say("Threshold of the risk, %"))),
        yaxis=percent_axis(translate(say("Share of patients, %"))),
    )
    threshold_line(figure, float(x[index]), theme, translate)
    return figure


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
    """A place on each curve, left to right, where the other curves are far away."""
    heights = np.vstack([curve[0] for curve in curves])
    inside = (x > 0.2) & (x < 0.8)
    places = []
    for own in range(len(heights)):
        others = np.delete(heights, own, axis=0)
        apart = np.nanmin(np.abs(np.nan_to_num(others, nan=-1.0) - heights[own]), axis=0)
        apart = np.where(inside & np.isfinite(heights[own]), apart, -1)
        for left, height in places:
            close = (np.abs(x - left) < 0.35) & (np.abs(heights[own] - height) < 0.12)
            apart = np.where(close, -1, apart)
        best = int(np.argmax(apart))
        places.append((float(x[best]), float(heights[own][best]) if apart[best] >= 0 else float("nan")))
    return places
