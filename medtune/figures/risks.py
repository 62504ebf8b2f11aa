"""How the risks of new patients, whose outcome nobody knows yet, are spread."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import percent_axis, threshold_line
from medtune.figures.sheet import Sheet
from medtune.figures.theme import COUNTS, Theme
from medtune.figures.wording import Translate
from medtune.foundation.words import say

HEIGHT = 260  # lower than its kin: it stands alone in its row, above the table


def risks(counts: np.ndarray, theme: Theme, *, threshold: float | None = None, translate: Translate = str) -> go.Figure:
    """Histogram of estimated risks with the threshold.

    Parameters
    ----------
    counts : ndarray of shape (steps,)
        Patients in equal steps of risk from 0 to 1.
    theme : Theme
        Light or dark.
    threshold : float, optional
        Marked when given, 0 to 1.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``HEIGHT`` high.
    """
    counts = np.asarray(counts, dtype=float)
    edges = np.linspace(0.0, 1.0, len(counts) + 1)
    occupied = np.flatnonzero(counts)
    upper = min(1.0, np.ceil(edges[occupied[-1] + 1] * 10) / 10) if occupied.size else 1.0
    upper = float(max(upper, min(1.0, 1.2 * (threshold or 0))))
    sheet = Sheet(theme, HEIGHT, translate(say("Number of patients by estimated risk.")))
    hover = say("Risk {low} to {high}<br>{count} patients", low="%{customdata[0]:.1%}", high="%{customdata[1]:.1%}",
                count="%{y:.0f}")  # fmt: skip
    sheet.bars(
        meta=COUNTS,
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts,
        width=np.diff(edges) * 0.92,
        marker={"color": theme.accent, "line": {"width": 0}, "opacity": 0.85},
        customdata=np.column_stack([edges[:-1], edges[1:]]),
        hovertemplate=translate(hover) + "<extra></extra>",
    )
    sheet.arrange(
        margin={"t": 26},
        xaxis=percent_axis(translate(say("Estimated risk, %")), upper),
        yaxis={"title": {"text": translate(say("Patients"))}, "rangemode": "tozero", "tickformat": ",d"},
    )
    if threshold is not None:
        threshold_line(sheet, threshold, theme, translate, upper=upper)
    return sheet.figure()
