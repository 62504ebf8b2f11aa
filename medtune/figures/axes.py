"""Axes, labels and marks that several figures share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from medtune.figures.sheet import Sheet
from medtune.figures.theme import SIZE, SMALL, Theme
from medtune.figures.wording import Translate, percent
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say

LINE_HEIGHT = 17
# The part of the height that a square takes; the rest is for a histogram or for words.
UPPER_PART = (0.2, 1.0)
# Room for the axis title and two lines of small print, so that squares in a row are equally large; for the title alone.
SQUARE_BOTTOM, TITLE_BOTTOM = 76, 48


def percent_axis(title: str, upper: float = 1.0, **more) -> dict:
    """An axis of shares from 0 to `upper` (at most 1), labelled in per cent without repeating the sign."""
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if upper / step <= 7.001 or step == 0.2)
    ticks = np.arange(0, upper + step / 2, step)
    return {
        "title": {"text": title},
        "range": [0, upper],
        "tickvals": ticks.tolist(),
        "ticktext": [f"{100 * tick:.0f}" for tick in ticks],
        **more,
    }


def square_axes(
    sheet: Sheet, x_title: str, y_title: str, domain: tuple[float, float] = (0, 1), below: int = SQUARE_BOTTOM
) -> None:
    """Give the figure two axes from 0 to 1 of the same length, with room for words below them, in place."""
    sheet.arrange(
        margin={"b": below},
        xaxis=percent_axis(x_title, constrain="domain"),
        yaxis=percent_axis(
            y_title, scaleanchor="x", scaleratio=1, constrain="domain", constraintoward="top", domain=list(domain)
        ),
    )


def diagonal(theme: Theme) -> dict:
    """The line of no discrimination, or of perfect calibration."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": theme.muted, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
    }


def stacked_labels(
    sheet: Sheet, labels: Sequence[tuple[str, str]], theme: Theme, corner: str = "bottom right", **where
) -> None:
    """Write coloured lines of text into a corner that the curves leave free, in place.

    Parameters
    ----------
    sheet : Sheet
        To be written on.
    labels : sequence of (text, colour)
        From top to bottom.
    theme : Theme
        For the paper behind the words.
    corner : {"bottom right", "bottom left", "top right", "top left"}
        Of the plot's main axes.
    **where : object
        Other settings of the annotations.
    """
    vertical, horizontal = corner.split()
    for place, (text, color) in enumerate(labels):
        from_edge = place if vertical == "top" else len(labels) - 1 - place
        shift = 6 + LINE_HEIGHT * from_edge
        sheet.write(
            text,
            xref="x domain",
            yref="y domain",
            x=1 if horizontal == "right" else 0,
            y=1 if vertical == "top" else 0,
            xanchor=horizontal,
            yanchor=vertical,
            xshift=-4 if horizontal == "right" else 6,
            yshift=-shift if vertical == "top" else shift,
            align=horizontal,
            font={"size": SMALL, "color": color},
            bgcolor=theme.paper,
            opacity=0.92,
            borderpad=1,
            **where,
        )


def threshold_line(
    sheet: Sheet, threshold: float, theme: Theme, translate: Translate = str, *, upper: float = 1.0
) -> None:
    """Mark the decision threshold on a horizontal axis of risks that ends at `upper`, in place."""
    sheet.shape(
        "line",
        xref="x",
        yref="y domain",
        x0=threshold,
        x1=threshold,
        y0=0,
        y1=1,
        line={"color": theme.ink, "width": 1, "dash": "dash"},
        opacity=0.6,
        layer="above",
    )
    sheet.write(
        translate(say("threshold {risk}", risk=percent(threshold))),
        xref="x",
        yref="y domain",
        x=threshold,
        y=1,
        yanchor="bottom",
        # Near an end the words turn inwards, or they would be cut at 390 pixels.
        xanchor="left" if threshold < 0.2 * upper else "right" if threshold > 0.8 * upper else "center",
        font={"size": SMALL, "color": theme.muted},
    )


def row_heading(
    sheet: Sheet, y: float, left: str, right: str, theme: Theme, *, color: str | None = None, shift: int = 7
) -> None:
    """Write a row's name and its number on one line above the row, in place.

    Beside the row they would leave the data no room at 390 pixels.
    """
    shared = {"xref": "x domain", "yref": "y", "y": y, "yanchor": "bottom", "yshift": shift}
    shared |= {"bgcolor": theme.paper, "borderpad": 0}
    sheet.write(left, x=0, xanchor="left", align="left", font={"size": SIZE, "color": theme.ink}, **shared)
    if right:
        font = {"size": SMALL, "color": color or theme.muted}
        sheet.write(right, x=1, xanchor="right", align="right", font=font, **shared)


def labelled_bars(
    sheet: Sheet,
    estimates: Sequence[Estimate],
    names: Sequence[str],
    labels: Sequence[str],
    texts: Sequence[str],
    colors: Sequence[str],
    theme: Theme,
) -> np.ndarray:
    """Draw a horizontal bar with its interval for each row, and above it its label and its numbers.

    Returns
    -------
    ndarray of shape (rows,)
        Upper ends of the intervals, the value where there is none.
    """
    values = np.array([e.value for e in estimates])
    low = np.array([e.low if e.bounded else e.value for e in estimates])
    high = np.array([e.high if e.bounded else e.value for e in estimates])
    sheet.bars(
        orientation="h",
        x=values,
        y=np.arange(len(names)),
        width=0.26,
        marker={"color": list(colors), "line": {"width": 0}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": high - values,
            "arrayminus": values - low,
            "color": theme.ink,
            "thickness": 1.2,
            "width": 3,
        },
        customdata=[f"<b>{name}</b><br>{text}" for name, text in zip(names, texts, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )
    for row, (label, text) in enumerate(zip(labels, texts, strict=True)):
        row_heading(sheet, row, label, text, theme)
    return high


def round_ticks(low: float, high: float, most: int = 5) -> np.ndarray:
    """Round numbers between two limits, at most `most` of them (and one more at times)."""
    span = high - low
    if not span > 0:
        return np.array([low])
    power = 10.0 ** np.floor(np.log10(span / most))
    step = next((step * power for step in (1, 2, 2.5, 5) if span / (step * power) <= most), 10 * power)
    return np.round(np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step, 12)
