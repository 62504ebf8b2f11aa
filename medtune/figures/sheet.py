"""What a figure is drawn on: traces, words and lines gathered as plain dicts and checked by plotly once, at the end.

Plotly checks a whole list again with every `add_annotation`; a figure of twenty words took 80 ms that way
and takes a few now, which a slider notices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from medtune.figures.theme import Theme, template


class Sheet:
    """An empty figure of the house, to be drawn on.

    Parameters
    ----------
    theme : Theme
        Light or dark.
    height : int
        In pixels; the width follows the page.
    alt : str
        What the figure shows, in words, for readers who cannot see it; kept in ``layout.meta["alt"]``.
    **layout : object
        Anything else of plotly's layout.
    """

    def __init__(self, theme: Theme, height: int, alt: str, **layout) -> None:
        meta = {"alt": alt, "paper": theme.paper, "muted": theme.muted}
        self.theme = theme
        self._layout: dict = {"template": template(theme), "height": height, "meta": meta, **layout}
        self._traces: list[Mapping] = []
        self._words: list[dict] = []
        self._shapes: list[dict] = []

    def draw(self, *traces: Mapping) -> None:
        """Add traces, the last on top."""
        self._traces.extend(traces)

    def scatter(self, **trace) -> None:
        """Add points or a line; hover is off unless a template is given."""
        self.draw({"type": "scatter", "hoverinfo": None if "hovertemplate" in trace else "skip", **trace})

    def bars(self, **trace) -> None:
        """Add bars."""
        self.draw({"type": "bar", **trace})

    def write(self, text: str, **where) -> None:
        """Add words at a place; see plotly's annotations."""
        self._words.append({"text": text, "showarrow": False, **where})

    def rule(self, color: str, *, dash: str = "solid", x: float | None = None, y: float | None = None) -> None:
        """Draw a hairline behind the data through the whole plot: upright at `x`, or level at `y`."""
        upright = {"xref": "x", "yref": "y domain", "x0": x, "x1": x, "y0": 0, "y1": 1}
        level = {"xref": "x domain", "yref": "y", "x0": 0, "x1": 1, "y0": y, "y1": y}
        self.shape("line", line={"color": color, "width": 1, "dash": dash}, **(level if x is None else upright))

    def shape(self, kind: str, **where) -> None:
        """Add a shape behind the data; see plotly's shapes."""
        self._shapes.append({"type": kind, "layer": "below", **where})

    def arrange(self, **layout) -> None:
        """Set parts of the layout; what was set inside the same part before stays."""
        self._layout = _merged(self._layout, layout)

    def figure(self) -> go.Figure:
        """The finished figure."""
        return go.Figure(
            data=list(self._traces), layout={**self._layout, "annotations": self._words, "shapes": self._shapes}
        )


def _merged(old: Mapping, new: Mapping) -> dict:
    result = dict(old)
    for key, value in new.items():
        inside = result.get(key)
        both = isinstance(inside, Mapping) and isinstance(value, Mapping)
        result[key] = _merged(inside, value) if both else value
    return result


def hidden_axis(limits: Sequence[float]) -> dict:
    """An axis that only gives places to words and lines."""
    return {"visible": False, "fixedrange": True, "range": list(limits)}
