"""How steady risks are: their spread over refitted models, patients who change sides, and calibration of the refits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import TITLE_BOTTOM, diagonal, percent_axis, square_axes, stacked_labels, threshold_line
from medtune.figures.sheet import Sheet
from medtune.figures.theme import PLOT_HEIGHT, Theme, band, faded, model_style
from medtune.figures.wording import Translate, percent
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.tuning.instability import Instability


def spread(found: Instability, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Each patient's risk under the model against the range of risks under refitted models.

    Parameters
    ----------
    found : Instability
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high; an upright line for each patient, from the 2.5 to the 97.5 percentile.
    """
    color = theme.single
    widest = float(np.max(found.high - found.low, initial=0))
    alt = say("Range of each patient's risk over {count} refitted models, at most {widest} wide.",
              count=found.resamples, widest=percent(widest))  # fmt: skip
    sheet = Sheet(theme, PLOT_HEIGHT, translate(alt))
    sheet.draw(diagonal(theme))
    gap = np.full(len(found.risk), np.nan)
    sheet.scatter(
        x=np.column_stack([found.risk, found.risk, gap]).ravel(),
        y=np.column_stack([found.low, found.high, gap]).ravel(),
        mode="lines",
        line={"color": faded(color, 0.45 if len(found.risk) <= 400 else 0.2), "width": 1.4},
    )
    hover = say(
        "Risk {risk}<br>95% of refits: {low} to {high}",
        risk="%{x:.1%}",
        low="%{customdata[0]:.1%}",
        high="%{customdata[1]:.1%}",
    )
    sheet.scatter(
        x=found.risk,
        y=found.risk,
        mode="markers",
        name=translate(say("Patient")),
        marker={"size": 4, "color": color},
        customdata=np.column_stack([found.low, found.high]),
        hovertemplate=translate(hover) + "<extra></extra>",
    )
    square_axes(sheet, translate(say("Estimated risk, %")), translate(say("Risk under refitted models, %")),
                below=TITLE_BOTTOM)  # fmt: skip
    return sheet.figure()


def refitted_calibration(found: Instability, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Calibration of the model on the patients it was fitted to, with the band of the refitted models.

    Parameters
    ----------
    found : Instability
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high.
    """
    curve, style = found.calibration, model_style(found.method, True, theme)
    alt = say("Calibration of {count} refitted models on these patients: a band around the diagonal.",
              count=found.resamples)  # fmt: skip
    sheet = Sheet(theme, PLOT_HEIGHT, translate(alt))
    sheet.draw(diagonal(theme), band(curve.risk, curve.low, curve.high, style.color, 0.18))
    hover = say("Of patients given a risk of {risk},<br>{observed} had the event", risk="%{x:.1%}", observed="%{y:.1%}")
    name = translate(say("The model itself"))
    sheet.scatter(
        x=curve.risk,
        y=curve.observed,
        mode="lines" if len(curve.risk) > 1 else "markers",
        name=name,
        line=style.line,
        marker={"symbol": style.symbol, "size": 10, "color": style.color},
        hovertemplate=translate(hover) + "<extra></extra>",
    )
    square_axes(sheet, translate(say("Estimated risk, %")), translate(say("Observed share with the event, %")),
                below=TITLE_BOTTOM)  # fmt: skip
    words = translate(say("band: 95% of the refits"))
    corner = "bottom right" if np.nanmax(curve.risk, initial=0) < 0.6 else "top left"
    stacked_labels(sheet, [(f"{style.stroke} {name}", style.color), (words, style.color)], theme, corner)
    return sheet.figure()


def changing_sides(found: Instability, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Share of refitted models that put a patient on the other side of the threshold, against the risk.

    Parameters
    ----------
    found : Instability
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high; at most half of the models near the threshold, none far from it.
    """
    upper = float(min(1.0, np.ceil(max(np.max(found.risk, initial=0), 1.2 * found.threshold) * 10) / 10))
    alt = say("Share of refits that put each patient on the other side of the threshold of {threshold}.",
              threshold=percent(found.threshold))  # fmt: skip
    sheet = Sheet(theme, PLOT_HEIGHT, translate(alt))
    hover = say("Risk {risk}<br>on the other side in {share} of refits", risk="%{x:.1%}", share="%{y:.0%}")
    sheet.scatter(
        x=found.risk,
        y=found.flipped,
        mode="markers",
        name=translate(say("Patient")),
        marker={"size": 5, "color": faded(theme.single, 0.7)},
        hovertemplate=translate(hover) + "<extra></extra>",
    )
    tallest = float(max(0.5, np.max(found.flipped, initial=0))) * 1.06
    sheet.arrange(
        margin={"t": 26},
        xaxis=percent_axis(translate(say("Estimated risk, %")), upper),
        yaxis=percent_axis(translate(say("Refits on the other side, %")), tallest),
    )
    threshold_line(sheet, found.threshold, theme, translate, upper=upper)
    return sheet.figure()
