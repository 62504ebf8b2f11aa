"""Precision over recall: what a flag is worth when most patients with the event shall be found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import percent_axis, stacked_labels
from medtune.figures.sheet import Sheet
from medtune.figures.theme import PLOT_HEIGHT, Theme, band, model_style
from medtune.figures.wording import Translate, interval, worded
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.evaluation.precision_recall import PrecisionRecallCurve

ROOM_BELOW = 0.25
Line = tuple[str, "Sentence | str", "PrecisionRecallCurve", bool]


def precision_recall(curves: Sequence[Line], theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Precision-recall curves with their bands; a model that knows nothing stays at the event rate.

    Parameters
    ----------
    curves : sequence of (key, title, PrecisionRecallCurve, chosen)
        In the order of the candidates, all on the same patients.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high.
    """
    areas = {key: curve.average or Estimate(curve.average_precision) for key, _, curve, _ in curves}
    titles = {key: worded(title, translate) for key, title, *_ in curves}
    alt = "; ".join(f"{titles[key]} {interval(area, 2, translate)}" for key, area in areas.items())
    sheet = Sheet(theme, PLOT_HEIGHT, translate(say("Precision over recall, average precision {areas}.", areas=alt)))
    if curves:
        sheet.rule(theme.muted, dash="dot", y=float(curves[0][2].prevalence))
    labels = {}
    for key, _, curve, chosen in sorted(curves, key=lambda line: line[-1]):
        style = model_style(key, chosen, theme)
        if np.size(curve.low) == np.size(curve.recall):
            sheet.draw(band(curve.recall, curve.low, curve.high, style.color, 0.16 if chosen else 0.1))
        sheet.draw(_curve(curve, style, titles[key], translate))
        labels[key] = (f"{style.stroke} {titles[key]} <b>{interval(areas[key], 2, translate)}</b>", style.color)
    sheet.arrange(
        margin={"t": 26},
        xaxis=percent_axis(translate(say("Recall (sensitivity), %"))),
        yaxis=percent_axis(translate(say("Precision (PPV), %"))),
    )
    # Below the event rate no curve runs; where the event is rare there is no room, but the curves stay low.
    corner = "bottom left" if curves and curves[0][2].prevalence > ROOM_BELOW else "top right"
    stacked_labels(sheet, [(translate(say("Average precision")), theme.muted), *labels.values()], theme, corner)
    return sheet.figure()


def _curve(curve: PrecisionRecallCurve, style, title: str, translate: Translate) -> dict:
    hover = say(
        "<b>{title}</b><br>When {recall} of patients with the event are flagged,<br>{precision} of flags are right",
        title=title,
        recall="%{x:.0%}",
        precision="%{y:.1%}",
    )
    return {
        "type": "scatter",
        "mode": "lines",
        "name": title,
        # At a recall of 0 nobody is flagged, and a precision there would be that of a single patient.
        "x": np.asarray(curve.recall)[2:],
        "y": np.asarray(curve.precision)[2:],
        "line": style.line,
        "hovertemplate": translate(hover) + "<extra></extra>",
    }
