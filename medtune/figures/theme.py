"""How every figure looks: colours in light and dark, fonts, the style of each model, the empty figure."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cache
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go

from medtune.figures.wording import plain

FONT = (
    "'Source Sans', 'Source Sans 3', 'Source Sans Pro', system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif"
)
SIZE, SMALL, LARGE = 13, 12, 28

# What a trace is, where that does not show from its kind: the band of the line drawn next, or counts of patients.
BAND, COUNTS = "band", "counts"

# Heights in pixels; figures that share a row share a height.
SQUARE_HEIGHT, PLOT_HEIGHT = 490, 360
# A line of text with an interval, a bar or a swarm under it.
ROW_HEIGHT, BAR_HEIGHT, SWARM_HEIGHT = 50, 38, 48


@dataclass(frozen=True)
class Theme:
    """The colours of one appearance, as hexadecimal strings.

    Attributes
    ----------
    name : str
        "light" or "dark".
    paper, panel, ink, muted, line, accent : str
        Page, raised surface, text, quiet text, hairlines, the one accent (also the chosen model).
    original, recalibrated, refit, scratch, reference : str
        Models that were not chosen; `reference` serves prevalence, treat all and treat none.
    event, no_event : str
        Patients with and without the outcome; also what raises and what lowers a risk.
    single : str
        Data that belong to no group and no model.
    low, high : str
        Ends of the sequential scale (one hue).
    levels : tuple of str
        Okabe-Ito colours for the levels of a category, the palest ones last.
    """

    name: str
    paper: str
    panel: str
    ink: str
    muted: str
    line: str
    accent: str
    original: str
    recalibrated: str
    refit: str
    scratch: str
    reference: str
    event: str
    no_event: str
    single: str
    low: str
    high: str
    levels: tuple[str, ...]

    def level(self, index: int) -> str:
        """Colour of the level with this index; colours repeat after eight levels."""
        return self.levels[int(index) % len(self.levels)]

    def level_symbol(self, index: int) -> str:
        """Marker of the level with this index, so that colour is never alone."""
        return LEVEL_SYMBOLS[int(index) % len(LEVEL_SYMBOLS)]


LEVEL_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x", "star")
LEVEL_GLYPHS = ("●", "■", "◆", "▲", "▼", "✚", "✖", "★")

LIGHT = Theme(
    name="light",
    paper="#FFFFFF",
    panel="#F6F8FA",
    ink="#17212B",
    muted="#5B6875",
    line="#D8DEE4",
    accent="#0F766E",
    original="#64748B",
    recalibrated="#2563EB",
    refit="#7C3AED",
    scratch="#C2570C",
    reference="#A9B4C0",
    event="#B91C1C",
    no_event="#1D4ED8",
    single="#4A6FA5",
    low="#9DBAE6",
    high="#0B2A66",
    levels=("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#4D4D4D", "#F0E442"),
)

# The same hues one step lighter: the light theme's tones fall below AA on the dark paper.
DARK = Theme(
    name="dark",
    paper="#10161D",
    panel="#18212B",
    ink="#E6EBF0",
    muted="#93A1AF",
    line="#2C3844",
    accent="#2DD4BF",
    original="#94A3B8",
    recalibrated="#60A5FA",
    refit="#A78BFA",
    scratch="#FB923C",
    reference="#5F6E7D",
    event="#F87171",
    no_event="#7FA6FF",
    single="#86A8DA",
    low="#35588F",
    high="#D3E4FF",
    levels=("#3C9BD6", "#E69F00", "#18B98A", "#CC79A7", "#F07A2B", "#8FD0F5", "#C9D1D9", "#F0E442"),
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


@dataclass(frozen=True)
class ModelStyle:
    """How the line and the marker of one model are drawn."""

    color: str
    dash: str
    width: float
    symbol: str

    @property
    def line(self) -> dict:
        """What plotly wants as `line`."""
        return {"color": self.color, "dash": self.dash, "width": self.width}

    @property
    def glyph(self) -> str:
        """The marker as a sign to set before words."""
        return _GLYPHS[self.symbol]

    @property
    def stroke(self) -> str:
        """A piece of text that resembles the line, to set before a direct label."""
        strokes = {"dash": "– –", "dot": "····", "dashdot": "–·–", "longdash": "— —", "longdashdot": "—·—"}
        return strokes.get(self.dash, "——")


_GLYPHS = {
    "circle": "●",
    "diamond": "◆",
    "square": "■",
    "triangle-up": "▲",
    "triangle-down": "▼",
    "cross": "✚",
    "x": "✖",
    "star": "★",
}
_MODELS = {
    "original": ("original", "dash", "circle"),
    "averaged": ("recalibrated", "solid", "diamond"),
    "intercept": ("recalibrated", "dot", "square"),
    "recalibration": ("recalibrated", "dashdot", "triangle-up"),
    "revision": ("recalibrated", "longdash", "triangle-down"),
    "extension": ("recalibrated", "longdashdot", "star"),
    "boosted": ("recalibrated", "dash", "x"),
    "boosted_searched": ("recalibrated", "longdash", "x"),
    "refit": ("refit", "solid", "triangle-down"),
    "pooled": ("refit", "dash", "square"),
    "scratch": ("scratch", "solid", "cross"),
    "searched": ("scratch", "longdash", "star"),
    "augmented": ("scratch", "dash", "cross"),
    "hard_examples": ("scratch", "dot", "x"),
    "network": ("scratch", "longdashdot", "diamond"),
    "prevalence": ("reference", "solid", "x"),
}


def model_style(key: str, chosen: bool, theme: Theme) -> ModelStyle:
    """Colour, dash, width and marker of a model, the same on every figure.

    Parameters
    ----------
    key : str
        Key of the candidate, for example "recalibration"; one that is not known is drawn as a recalibration.
    chosen : bool
        The chosen model is teal, solid and thick. The original stays slate and dashed even then (only
        thicker): it is the yardstick of every figure.
    theme : Theme
        Light or dark.

    Returns
    -------
    ModelStyle
        Two models of the same colour differ in dash and marker.
    """
    color, dash, symbol = _MODELS.get(key, _MODELS["recalibration"])
    if key == "original":
        return ModelStyle(theme.original, dash, 3.0 if chosen else 2.0, symbol)
    if chosen:
        return ModelStyle(theme.accent, "solid", 3.2, symbol)
    return ModelStyle(getattr(theme, color), dash, 1.6, symbol)


def model_symbol(key: str) -> str:
    """The marker of a model, which is the same in every theme and chosen or not."""
    return _MODELS.get(key, _MODELS["recalibration"])[2]


def faded(color: str, alpha: float) -> str:
    """The hexadecimal colour with an opacity, as plotly reads it."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


@cache
def template(theme: Theme) -> go.layout.Template:
    """What all figures of a theme have in common."""
    axis = {
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "linecolor": theme.line,
        "linewidth": 1,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": theme.line,
        "tickangle": 0,
        "tickfont": {"size": SMALL, "color": theme.muted},
        "title": {"standoff": 8, "font": {"size": SIZE, "color": theme.ink}},
        "fixedrange": True,
        "separatethousands": True,
    }
    layout = {
        "font": {"family": FONT, "size": SIZE, "color": theme.ink},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 54, "r": 18, "t": 14, "b": 48},
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": theme.panel,
            "bordercolor": theme.line,
            "align": "left",
            "namelength": 0,
            "font": {"family": FONT, "size": SIZE, "color": theme.ink},
        },
        "dragmode": False,
        "separators": ".\N{NARROW NO-BREAK SPACE}",
        "showlegend": False,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": SMALL}},
        "colorway": list(theme.levels),
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": theme.muted, "activecolor": theme.accent},
        "annotationdefaults": {"showarrow": False, "font": {"size": SMALL, "color": theme.ink}},
        "xaxis": axis,
        "yaxis": axis,
    }
    return go.layout.Template(layout=layout)


def config(name: str, picture: str = "png") -> dict:
    """Plotly's own settings for a figure on a page: one button, which saves a named picture.

    Parameters
    ----------
    name : str
        File name without ending; anything but letters, digits, - and _ becomes "_".
    picture : {"png", "svg"}
        Format of the saved picture.
    """
    safe = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in name) or "figure"
    return {
        "displaylogo": False,
        "responsive": True,
        "scrollZoom": False,
        "doubleClick": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": picture, "filename": safe, "scale": 2},
    }


# Letters in a line of a caption, which fit 360 pixels; how many lines there are, and the room they take.
CAPTION_LETTERS, CAPTION_LINES, CAPTION_HEIGHT = 50, 3, 56


def caption(figure: go.Figure, text: str) -> go.Figure:
    """The same figure as a picture that can stand alone: a caption beneath it, on opaque paper.

    The page hides the lowest ``CAPTION_HEIGHT`` pixels, so that only the saved picture carries the caption.

    Parameters
    ----------
    figure : go.Figure
        Made by this room.
    text : str
        Cohort, model and date in one sentence.
    """
    lines = wrap(text, CAPTION_LETTERS, max_lines=CAPTION_LINES, placeholder=" …")
    below = CAPTION_HEIGHT
    result = copy.deepcopy(figure)
    margin = result.layout.margin.b
    bottom = margin if margin is not None else result.layout.template.layout.margin.b
    meta = result.layout.meta or {}
    height = (result.layout.height or PLOT_HEIGHT) + below
    result.update_layout(
        height=height,
        margin={"b": bottom + below},
        paper_bgcolor=meta.get("paper"),
        title={
            "text": "<br>".join(plain(line) for line in lines),
            "font": {"size": SMALL, "color": meta.get("muted"), "weight": 400},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": (below - 14) / height,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 8},
        },
    )
    return result


def band(x, low, high, color: str, alpha: float = 0.14, **where) -> dict:
    """A trace that fills the room between two limits, without hover; gaps in the limits are left out."""
    x, low, high = (np.asarray(values, dtype=float) for values in (x, low, high))
    known = np.isfinite(x) & np.isfinite(low) & np.isfinite(high)
    x, low, high = x[known], low[known], high[known]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([high, low[::-1]]),
        "fill": "toself",
        "fillcolor": faded(color, alpha),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": BAND,
        **where,
    }
