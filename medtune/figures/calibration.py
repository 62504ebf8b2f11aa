"""Whether risks mean what they say: observed share against predicted risk, with the risks beneath."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import SQUARE_BOTTOM, UPPER_PART, diagonal, square_axes, stacked_labels
from medtune.figures.sheet import Sheet
from medtune.figures.theme import COUNTS, SMALL, SQUARE_HEIGHT, Theme, band, model_style
from medtune.figures.wording import Translate, interval, number, worded
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.evaluation.calibration import CalibrationCurve
    from medtune.evaluation.decisions import RiskDistribution
    from medtune.evaluation.performance import Performance

Line = tuple[str, "Sentence | str", "Performance", bool]

UNKNOWN = Estimate(float("nan"))


def calibration(curves: Sequence[Line], theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Calibration curves with bands on a square; slope and intercept in words; risks of the chosen model below.

    Parameters
    ----------
    curves : sequence of (key, title, Performance, chosen)
        In the order of the candidates. Without a chosen one the last lends its risks to the histogram.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``SQUARE_HEIGHT`` high. The intercept is calibration-in-the-large, 0 at best; the slope is 1 at best.
    """
    drawn = sorted(curves, key=lambda line: line[-1])
    styles = {key: model_style(key, chosen, theme) for key, _, _, chosen in curves}
    texts = {key: _in_words(performance, translate) for key, _, performance, _ in curves}
    alt = "; ".join(f"{worded(title, translate)}: {', '.join(texts[key])}" for key, title, _, _ in curves)
    sheet = Sheet(theme, SQUARE_HEIGHT, translate(say("Calibration, 95% CI in brackets. {curves}.", curves=alt)))
    sheet.draw(diagonal(theme))
    for key, title, performance, chosen in drawn:
        curve, alpha = performance.calibration, 0.16 if chosen else 0.10
        sheet.draw(band(curve.risk, _unit(curve.low), _unit(curve.high), styles[key].color, alpha))
        sheet.draw(_curve(curve, styles[key], worded(title, translate), translate))
    title, lines = _risk_title(drawn, theme, translate)
    square_axes(sheet, title, translate(say("Observed share with the event, %")), UPPER_PART)
    sheet.arrange(margin={"b": max(SQUARE_BOTTOM, 48 + 14 * lines)})
    if drawn:
        _histogram(sheet, drawn[-1][2].distribution, theme, translate)
    labels = []
    for key, title, _, _ in curves:
        labels.append((f"{styles[key].stroke} <b>{worded(title, translate)}</b>", styles[key].color))
        labels += [(text, styles[key].color) for text in texts[key]]
    stacked_labels(sheet, labels, theme, _free_corner([line[2].calibration for line in curves]))
    return sheet.figure()


def _unit(values) -> np.ndarray:
    return np.clip(np.asarray(values, dtype=float), 0, 1)


def _in_words(performance: Performance, translate: Translate) -> tuple[str, str]:
    slope = performance.headline.get("slope", UNKNOWN)
    intercept = performance.headline.get("citl", UNKNOWN)
    return (
        translate(say("slope {slope}", slope=interval(slope, 2, translate))),
        translate(say("intercept {intercept}", intercept=interval(intercept, 2, translate))),
    )


def _risk_title(drawn: Sequence[Line], theme: Theme, translate: Translate) -> tuple[str, int]:
    """The axis title with the smoother beneath it in small print, and how many lines that takes."""
    methods = {worded(line[2].calibration.method, translate) for line in drawn}
    lines = [text for method in sorted(methods) for text in wrap(method, 46)]
    small = "<br>".join(lines)
    title = translate(say("Predicted risk, %"))
    return f'{title}<br><span style="font-size:11px;color:{theme.muted}">{small}</span>', len(lines)


def _curve(curve: CalibrationCurve, style, title: str, translate: Translate) -> dict:
    hover = say(
        "<b>{title}</b><br>Of patients given a risk of {risk},<br>{observed} had the event",
        title=title,
        risk="%{x:.1%}",
        observed="%{y:.1%}",
    )
    return {
        "type": "scatter",
        # A model that gives everybody the same risk has a point and no curve.
        "mode": "lines" if np.ptp(curve.risk) > 0 else "markers",
        "marker": {"symbol": style.symbol, "size": 10, "color": style.color},
        "name": title,
        "x": np.asarray(curve.risk),
        "y": _unit(curve.observed),
        "line": style.line,
        "cliponaxis": False,
        "hovertemplate": translate(hover) + "<extra></extra>",
    }


def _free_corner(curves: Sequence[CalibrationCurve]) -> str:
    """The corner with fewer points of the curves: over-predictions leave the upper one free, and the reverse."""
    risk = np.concatenate([np.asarray(curve.risk, dtype=float) for curve in curves] or [[]])
    observed = np.concatenate([np.asarray(curve.observed, dtype=float) for curve in curves] or [[]])
    upper = np.count_nonzero((risk < 0.6) & (observed > 0.68))
    lower = np.count_nonzero((risk > 0.4) & (observed < 0.32))
    return "top left" if upper <= lower else "bottom right"


def _patients(which: str) -> Sentence:
    return say(
        "Risk {low} to {high}<br>{which}: {count} patients",
        low="%{customdata[0]:.1%}",
        high="%{customdata[1]:.1%}",
        which=which,
        count="%{customdata[2]:.0f}",
    )


def _histogram(sheet: Sheet, distribution: RiskDistribution, theme: Theme, translate: Translate) -> None:
    edges = np.asarray(distribution.edges, dtype=float)
    events = np.asarray(distribution.events, dtype=float)
    others = np.asarray(distribution.no_events, dtype=float)
    tallest = max(events.max(initial=0), others.max(initial=0), 1e-9)
    rows = (
        (say("with the event"), events, events, theme.event),
        (say("without the event"), others, -others, theme.no_event),
    )
    for words, counts, heights, color in rows:
        which = translate(words)
        sheet.draw(
            {
                "type": "bar",
                "meta": COUNTS,
                "name": which,
                "x": (edges[:-1] + edges[1:]) / 2,
                "y": heights,
                "width": np.diff(edges) * 0.9,
                "marker": {"color": color, "line": {"width": 0}},
                "yaxis": "y2",
                "customdata": np.column_stack([edges[:-1], edges[1:], counts]),
                "hovertemplate": translate(_patients(which)) + "<extra></extra>",
            }
        )
    words = say("▲ with the event, n = {n}", n=number(events.sum(), 0))
    mirror = say("▼ without, n = {n}", n=number(others.sum(), 0))
    sheet.write(
        f'<span style="color:{theme.event}">{translate(words)}</span>   '
        f'<span style="color:{theme.no_event}">{translate(mirror)}</span>',
        xref="x domain",
        yref="y2 domain",
        x=0.5,
        y=1,
        xanchor="center",
        yanchor="bottom",
        font={"size": SMALL - 1},
    )
    sheet.arrange(
        barmode="overlay",
        xaxis={"anchor": "y2"},
        yaxis2={
            "domain": [0, 0.12],
            "range": [-1.05 * tallest, 1.05 * tallest],
            "anchor": "x",
            "showticklabels": False,
            "ticks": "",
            "showline": False,
            "zeroline": True,
            "zerolinecolor": theme.line,
            "fixedrange": True,
        },
    )
