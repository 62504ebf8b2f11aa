"""Usefulness against another yardstick: net benefit gained over the reference, and interventions avoided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import percent_axis, stacked_labels, threshold_line
from medtune.figures.sheet import Sheet
from medtune.figures.theme import PLOT_HEIGHT, Theme, band, model_style
from medtune.figures.wording import Translate, worded
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.evaluation.benefit import BenefitGain
    from medtune.evaluation.decisions import DecisionCurve

Line = tuple[str, "Sentence | str", "DecisionCurve", bool]


def benefit_gain(
    gain: BenefitGain,
    key: str,
    title: Sentence | str,
    theme: Theme,
    *,
    threshold: float | None = None,
    upper: float = 1.0,
    translate: Translate = str,
) -> go.Figure:
    """Net benefit of one model less that of the reference, with its paired interval, against the threshold.

    Parameters
    ----------
    gain : BenefitGain
    key, title : str, Sentence or str
        Of the model that gains or loses.
    theme : Theme
        Light or dark.
    threshold : float, optional
        Marked when given.
    upper : float
        Right end of the axis, that of the decision curve beside it.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high.
    """
    style, name = model_style(key, True, theme), worded(title, translate)
    x = np.asarray(gain.threshold, dtype=float)
    shown = x <= upper + 1e-9
    x, (value, low, high) = x[shown], np.asarray(gain.gain, dtype=float)[:, shown]
    sheet = Sheet(theme, PLOT_HEIGHT, translate(say("Net benefit gained over the reference against the threshold.")))
    sheet.rule(theme.muted, dash="dot", y=0)
    sheet.draw(band(x, low, high, style.color, 0.16))
    hover = say("<b>{title}</b> at {threshold}<br>Net benefit {gain} more than the reference", title=name,
                threshold="%{x:.0%}", gain="%{y:+.3f}")  # fmt: skip
    sheet.draw(_line(x, value, style.line, name, translate(hover)))
    sheet.arrange(
        margin={"l": 62, "t": 26},
        xaxis=percent_axis(translate(say("Threshold at which one would act, %")), upper),
        yaxis={"title": {"text": translate(say("Gain in net benefit"))}, "range": _limits(low, high), "nticks": 6},
    )
    if threshold is not None and threshold <= upper:
        threshold_line(sheet, threshold, theme, translate, upper=upper)
    return sheet.figure()


def avoided(
    curves: Sequence[Line],
    theme: Theme,
    *,
    threshold: float | None = None,
    upper: float = 1.0,
    translate: Translate = str,
) -> go.Figure:
    """Interventions avoided per 100 patients, against acting on everyone, without missing more events.

    Parameters
    ----------
    curves : sequence of (key, title, DecisionCurve, chosen)
        In the order of the candidates, all on the same patients.
    theme : Theme
        Light or dark.
    threshold : float, optional
        Marked when given.
    upper : float
        Right end of the axis.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high.
    """
    sheet = Sheet(theme, PLOT_HEIGHT, translate(say("Interventions avoided per 100 patients against the threshold.")))
    sheet.rule(theme.muted, dash="dot", y=0)
    labels = []
    for key, title, curve, chosen in sorted(curves, key=lambda line: line[-1]):
        style, name = model_style(key, chosen, theme), worded(title, translate)
        x, (value, low, high) = np.asarray(curve.threshold), np.asarray(curve.avoided, dtype=float)
        sheet.draw(band(x, low, high, style.color, 0.13 if chosen else 0.08))
        hover = say("<b>{title}</b> at {threshold}<br>{avoided} of 100 patients spared", title=name,
                    threshold="%{x:.0%}", avoided="%{y:.1f}")  # fmt: skip
        sheet.draw(_line(x, value, style.line, name, translate(hover)))
        labels.append((f"{style.stroke} {name}", style.color))
    sheet.arrange(
        margin={"l": 62, "t": 26},
        xaxis=percent_axis(translate(say("Threshold at which one would act, %")), upper),
        yaxis={"title": {"text": translate(say("Avoided per 100 patients"))}, "range": [-20, 105], "nticks": 6},
    )
    stacked_labels(sheet, labels[::-1], theme, "bottom right")
    if threshold is not None and threshold <= upper:
        threshold_line(sheet, threshold, theme, translate, upper=upper)
    return sheet.figure()


def _limits(low: np.ndarray, high: np.ndarray) -> list[float]:
    """A range that holds the interval where it means something, and 0 inside it."""
    ends = np.abs(np.concatenate([low, high]))
    ends = ends[np.isfinite(ends)]
    reach = float(np.quantile(ends, 0.95)) * 1.2 if ends.size else 0.1
    return [-(reach or 0.1), reach or 0.1]


def _line(x, y, line: dict, name: str, hover: str) -> dict:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": np.asarray(y),
        "line": line,
        "hovertemplate": hover + "<extra></extra>",
    }
