"""All methods side by side: gain in log-loss over the original, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from medtune.figures.axes import row_heading
from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.theme import ROW_HEIGHT, Theme, model_style, model_symbol
from medtune.figures.wording import Translate, interval, worded
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.tuning.candidates import Candidate

AGAINST = {
    "original": say("Gain in log-loss over the original"),
    "prevalence": say("Gain in log-loss over the event rate alone"),
}


def forest(
    candidates: Sequence[Candidate],
    theme: Theme,
    *,
    chosen: str | None = None,
    against: Sentence | None = None,
    translate: Translate = str,
) -> go.Figure:
    """One row for each candidate, in the order given, right of zero where it beats the original.

    Parameters
    ----------
    candidates : sequence of Candidate
        Those without a comparison are the reference or say why they are not offered.
    theme : Theme
        Light or dark.
    chosen : str, optional
        Key of the chosen candidate; its name is bold. Its teal is kept for an interval above 0.
    against : Sentence, optional
        What the axis says, where it is neither the original nor the event rate.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Intervals that reach outside what the updates span end in an arrow; their numbers are printed.
    """
    gains = {c.key: c.comparison.gain for c in candidates if c.comparison is not None and c.key != "original"}
    title = against or AGAINST["original" if any(c.key == "original" for c in candidates) else "prevalence"]
    low, high = _range(gains)
    alt = "; ".join(f"{worded(c.title, translate)} {_text(c, gains, translate)}" for c in candidates)
    sheet = Sheet(
        theme,
        58 + ROW_HEIGHT * max(len(candidates), 1),
        translate(say("{gain}, 95% CI in brackets: {rows}.", gain=translate(title), rows=alt)),
        margin={"l": 12, "r": 12, "t": 4, "b": 50},
    )
    for place, candidate in enumerate(candidates):
        gain = gains.get(candidate.key)
        color = _color(candidate.key, candidate.key == chosen, gain, theme)
        words = worded(candidate.title, translate)
        text = _text(candidate, gains, translate)
        name = f"<b>{words}</b>" if candidate.key == chosen else words
        row_heading(sheet, -place, name, text, theme, color=color if gain is not None else theme.muted)
        if gain is not None and gain.known:
            _row(sheet, -place, gain, (low, high), color, candidate.key, f"<b>{words}</b><br>{text}")
    sheet.rule(theme.original, dash="dash", x=0)
    sheet.arrange(
        xaxis={
            "range": [low, high],
            "title": {"text": f"{translate(title)} ({translate(say('better'))} →)"},
            "nticks": 5,
        },
        yaxis=hidden_axis((-len(candidates) + 0.55, 0.75)),
    )
    return sheet.figure()


def _text(candidate: Candidate, gains: dict[str, Estimate], translate: Translate) -> str:
    if candidate.key in gains:
        return interval(gains[candidate.key], 3, translate, sign=True)
    if not candidate.offered:
        return translate(say("not offered"))
    return translate(say("reference"))


def _range(gains: dict[str, Estimate]) -> tuple[float, float]:
    """Limits that fit the updates; prevalence and from scratch, often far off, do not stretch them much."""
    ends = {key: [end for end in (g.low, g.value, g.high) if end == end] for key, g in gains.items()}
    near = [end for key, values in ends.items() if key not in ("prevalence", "scratch") for end in values]
    near = near or [end for values in ends.values() for end in values] or [0.01]
    span = max(max(near), 0) - min(min(near), 0) or 0.01
    everything = [end for values in ends.values() for end in values] + near
    low = max(min(min(everything), 0), min(min(near), 0) - span)
    high = min(max(max(everything), 0), max(max(near), 0) + span)
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


def _color(key: str, chosen: bool, gain: Estimate | None, theme: Theme) -> str:
    """A model keeps its colour, but teal must be earned by an interval above 0."""
    style = model_style(key, chosen, theme)
    if style.color == theme.accent and (gain is None or not (gain.excludes(0) and gain.low > 0)):
        return theme.muted
    return theme.muted if key == "prevalence" else style.color


def _row(sheet, y: float, gain: Estimate, limits: tuple[float, float], color: str, key: str, hover: str) -> None:
    low, high = limits
    if gain.bounded:
        ends = [min(max(end, low), high) for end in (gain.low, gain.high)]
        cut = [("triangle-left", gain.low < low), ("triangle-right", gain.high > high)]
        line = {"color": color, "width": 2}
        symbols = [symbol if outside else "line-ns" for symbol, outside in cut]
        sizes = [9 if outside else 0 for _, outside in cut]
        sheet.scatter(
            x=ends,
            y=[y, y],
            mode="lines+markers",
            line=line,
            marker={"symbol": symbols, "size": sizes, "color": color, "opacity": 1},
            cliponaxis=False,
        )
    if low <= gain.value <= high:
        # An open marker says that the interval contains 0, whatever the colour.
        symbol = model_symbol(key) + ("" if gain.excludes(0) else "-open")
        sheet.scatter(
            x=[gain.value],
            y=[y],
            mode="markers",
            name=key,
            marker={"symbol": symbol, "size": 10, "color": color, "line": {"width": 2, "color": color}},
            hovertemplate=hover + "<extra></extra>",
        )
