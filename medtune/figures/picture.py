"""A picture with a map over it: red where a part raises the risk, blue where it lowers it."""

from __future__ import annotations

import base64

import numpy as np
import plotly.graph_objects as go

from medtune.figures.sheet import Sheet
from medtune.figures.theme import PLOT_HEIGHT, Theme, faded
from medtune.figures.wording import Translate
from medtune.foundation.words import say

STRONGEST = 0.65  # opacity


def picture_map(
    png: bytes, parts: list[list[float]], ratio: float, theme: Theme, *, translate: Translate = str
) -> go.Figure:
    """A picture, and over it what each part adds to the log-odds.

    Parameters
    ----------
    png : bytes
        The picture.
    parts : list of list of float
        Rows from the top.
    ratio : float
        Height over width.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
    """
    values = np.asarray(parts, dtype=float)
    reach = float(np.abs(values).max()) or 1.0
    rows, columns = values.shape
    row, column = np.unravel_index(int(np.argmax(np.abs(values))), values.shape)
    alt = say(
        "The picture with a map over it; the part that matters most lies {x}% from the left and {y}% from the top.",
        x=round(100 * (column + 0.5) / columns),
        y=round(100 * (row + 0.5) / rows),
    )
    none = {"visible": False, "range": [0, columns], "fixedrange": True}
    sheet = Sheet(
        theme,
        PLOT_HEIGHT,
        translate(alt),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis=none,
        yaxis={**none, "range": [rows, 0], "scaleanchor": "x", "scaleratio": ratio * columns / rows},
        images=[
            {
                "source": "data:image/png;base64," + base64.b64encode(png).decode(),
                **{"xref": "x", "yref": "y", "x": 0, "y": 0, "sizex": columns, "sizey": rows},
                **{"sizing": "stretch", "layer": "below"},
            }
        ],
    )
    hover = translate(say("This part changes the log-odds by {value}", value="%{z:+.2f}"))
    sheet.draw(
        {
            "type": "heatmap",
            "z": values.tolist(),
            "x": (np.arange(columns) + 0.5).tolist(),
            "y": (np.arange(rows) + 0.5).tolist(),
            "zmin": -reach,
            "zmax": reach,
            "zsmooth": "best",
            "colorscale": [
                [0, faded(theme.no_event, STRONGEST)],
                [0.5, faded(theme.paper, 0.0)],
                [1, faded(theme.event, STRONGEST)],
            ],
            "showscale": False,
            "hovertemplate": hover + "<extra></extra>",
        }
    )
    return sheet.figure()
