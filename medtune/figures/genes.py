"""Genes of a run: the volcano of their differences, the heat map of the most telling ones, one gene by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.sheet import Sheet
from medtune.figures.theme import PLOT_HEIGHT, SMALL, Theme
from medtune.figures.wording import Translate, clipped, number, plain
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.genes.record import GeneResult

NAMED = 6
ROW = 17
FAINT = 3_000  # genes that are drawn beside those of interest


def volcano(found: GeneResult, theme: Theme, used: Sequence[str] = (), translate: Translate = str) -> go.Figure:
    """Difference of each gene against how surely it is none by chance.

    Parameters
    ----------
    found : GeneResult
    theme : Theme
    used : sequence of str
        Genes of the model.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``customdata[0]`` is the place of a gene.
    """
    height = -np.log10(np.maximum(found.p_value, 1e-300))
    differs, inside = found.q_value < 0.05, np.isin(found.names, list(used))
    words = say("Genes by difference and by p-value: {count} of {all} differ at a false discovery rate of 5%.",
                count=found.differing, all=len(found.names))  # fmt: skip
    sheet = Sheet(theme, PLOT_HEIGHT, translate(words), showlegend=True, legend={"orientation": "h", "y": 1.12, "x": 0})
    kinds = (
        (say("not reported"), ~differs & ~inside, theme.muted, "circle", 5, 0.45),
        (say("false discovery rate below 5%"), differs & ~inside, theme.event, "circle", 6, 0.75),
        (say("in the model"), inside, theme.accent, "diamond", 9, 1.0),
    )
    for name, some, color, symbol, size, opacity in kinds:
        places = np.flatnonzero(some)
        places = places[np.argsort(-height[places], kind="stable")[:FAINT]]
        sheet.scatter(
            x=found.difference[places].tolist(),
            y=height[places].tolist(),
            mode="markers",
            name=translate(name),
            marker={"color": color, "symbol": symbol, "size": size, "opacity": opacity},
            customdata=[[int(at), plain(found.names[at]), number(float(found.q_value[at]), 4)] for at in places],
            hovertemplate="<b>%{customdata[1]}</b><br>"
            + translate(say("difference {x}, false discovery rate {q}", x="%{x:.2f}", q="%{customdata[2]}"))
            + "<extra></extra>",
        )
    for at in _apart(found.difference, height):
        x, y = float(found.difference[at]), float(height[at])
        sheet.write(clipped(plain(found.names[at]), 18), x=x, y=y, yshift=10, font={"size": SMALL})
    several = len(found.classes) > 2
    title = say("Largest minus smallest mean of a class") if several else say("Mean with the event minus mean without")
    unit = translate(say("{title}, log2", title=title)) if found.logged else translate(title)
    sheet.arrange(xaxis={"title": {"text": unit}}, yaxis={"title": {"text": translate(say("−log10 of the p-value"))}})
    return sheet.figure()


def _apart(x: np.ndarray, y: np.ndarray) -> list[int]:
    """Places of the highest points whose names do not lie on each other."""
    wide, tall = max(float(np.ptp(x)), 1e-9), max(float(np.ptp(y)), 1e-9)
    named: list[int] = []
    for at in np.argsort(-y, kind="stable")[: 5 * NAMED].tolist():
        free = all(abs(x[at] - x[other]) > 0.16 * wide or abs(y[at] - y[other]) > 0.07 * tall for other in named)
        if free and len(named) < NAMED:
            named.append(at)
    return named


def heat_map(found: GeneResult, theme: Theme, translate: Translate = str) -> go.Figure:
    """The most telling genes in every patient, patients ordered by outcome.

    Parameters
    ----------
    found : GeneResult
    theme : Theme
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
    """
    names = [clipped(plain(found.names[at]), 22) for at in found.shown]
    score = found.values[:, 0] if found.values.shape[1] else np.zeros(len(found.outcome))
    order = np.lexsort((score, found.outcome))
    values = found.values[order].T
    words = say("The {count} most telling genes in {n} patients, ordered by outcome.", count=len(names), n=len(order))
    sheet = Sheet(theme, max(PLOT_HEIGHT, 90 + ROW * len(names)), translate(words), margin={"l": 150, "t": 40})
    middle = theme.paper
    sheet.draw(
        {
            "type": "heatmap",
            "z": values.tolist(),
            "y": names,
            "zmid": 0,
            "zmin": -3,
            "zmax": 3,
            "colorscale": [[0, theme.no_event], [0.5, middle], [1, theme.event]],
            "colorbar": {"title": {"text": translate(say("SD"))}, "thickness": 12},
            "hovertemplate": "%{y}: %{z:.1f}" + "<extra></extra>",
        }
    )
    outcome = found.outcome[order]
    for place, name in enumerate(found.classes):
        rows = np.flatnonzero(outcome == place)
        if rows.size:
            sheet.write(clipped(plain(name), 14), x=float(rows.mean()), y=1.0, yref="paper", yanchor="bottom",
                        font={"size": SMALL})  # fmt: skip
            if rows[0]:
                sheet.shape("line", xref="x", yref="paper", x0=rows[0] - 0.5, x1=rows[0] - 0.5, y0=0, y1=1.04,
                            line={"color": theme.ink, "width": 1}, layer="above")  # fmt: skip
    sheet.arrange(
        xaxis={"title": {"text": translate(say("Patients, by outcome"))}, "showticklabels": False, "showgrid": False},
        yaxis={"autorange": "reversed", "showgrid": False, "tickfont": {"size": SMALL}},
    )
    return sheet.figure()


def by_class(
    values: np.ndarray, outcome: np.ndarray, classes: Sequence[str], theme: Theme, name: str, translate: Translate = str
) -> go.Figure:
    """One gene in the patients of each class.

    Parameters
    ----------
    values : ndarray of shape (n,)
    outcome : ndarray of int, shape (n,)
    classes : sequence of str
    theme : Theme
    name : str
        Of the gene.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
    """
    words = say("{gene} in the patients of each class.", gene=plain(name))
    sheet = Sheet(theme, PLOT_HEIGHT, translate(words), showlegend=False)
    two = len(classes) == 2
    for place, label in enumerate(classes):
        color = (theme.no_event, theme.event)[place] if two else theme.level(place)
        some = values[outcome == place]
        sheet.draw(
            {
                "type": "box",
                "y": some[np.isfinite(some)].tolist(),
                "name": f"{clipped(plain(label), 16)}<br>n = {len(some)}",
                "boxpoints": "all",
                "jitter": 0.4,
                "pointpos": 0,
                "marker": {"color": color, "size": 5, "opacity": 0.6},
                "line": {"color": color, "width": 2},
                "hoverinfo": "skip",
            }
        )
    sheet.arrange(yaxis={"title": {"text": plain(name)}})
    return sheet.figure()
