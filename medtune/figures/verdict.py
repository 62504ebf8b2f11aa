"""The verdict's number line: by how much the update differs from the original, against zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go

from medtune.figures.axes import row_heading
from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.theme import ROW_HEIGHT, SMALL, Theme
from medtune.figures.wording import Translate, interval
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

# Key -> (name, +1 where more is better and -1 where less is, decimals). The order is the order of the rows.
MEASURES: dict[str, tuple[Sentence, int, int]] = {
    "log_loss": (say("Log-loss"), -1, 3),
    "auroc": (say("AUROC"), 1, 3),
    "hand_till": (say("AUROC over pairs of classes"), 1, 3),
    "slope_distance": (say("Slope, distance from 1"), -1, 2),
    "net_benefit": (say("Net benefit"), 1, 3),
    "brier": (say("Brier score"), -1, 3),
    "macro_recall": (say("Recall, mean of classes"), 1, 3),
}


@dataclass(frozen=True)
class Tone:
    """How a difference is drawn: its colour, its marker and the word for it."""

    color: str
    symbol: str
    words: Sentence


def tone(gain: Estimate, theme: Theme) -> Tone:
    """Teal only for a gain whose interval lies above 0, red for one below, quiet ink for all others.

    Parameters
    ----------
    gain : Estimate
        More than 0 is better.
    theme : Theme
        Light or dark.

    Returns
    -------
    Tone
        The marker differs too: a filled diamond, a filled triangle to the left, an open circle.
    """
    if not gain.excludes(0):
        return Tone(theme.muted, "circle-open", say("the interval contains 0"))
    if gain.low > 0:
        return Tone(theme.accent, "diamond", say("better"))
    return Tone(theme.event, "triangle-left", say("worse"))


def number_line(differences: Mapping[str, Estimate], theme: Theme, *, translate: Translate = str) -> go.Figure:
    """One row for each measure: name and difference in words, below them the interval against one zero.

    Parameters
    ----------
    differences : mapping of str to Estimate
        Update minus original, as in `Comparison.differences`; unknown keys are left out.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Each row has a scale of its own, turned so that better lies on the right; the printed numbers
        keep the sign of "update minus original".
    """
    keys = [key for key in MEASURES if key in differences]
    rows = [(key, MEASURES[key], differences[key]) for key in keys]
    texts = {key: interval(difference, digits, translate, sign=True) for key, (_, _, digits), difference in rows}
    alt = "; ".join(f"{translate(name)} {texts[key]}" for key, (name, _, _), _ in rows)
    sheet = Sheet(
        theme,
        44 + ROW_HEIGHT * max(len(rows), 1),
        translate(say("Update minus original, 95% CI in brackets: {rows}.", rows=alt)),
        margin={"l": 6, "r": 6, "t": 26, "b": 18},
    )
    for place, (key, (name, direction, _), difference) in enumerate(rows):
        gain = difference.scaled(direction)
        look = tone(gain, theme)
        heading = f'{translate(name)} <span style="color:{theme.muted}">{"↑" if direction > 0 else "↓"}</span>'
        row_heading(sheet, -place, heading, f"<b>{texts[key]}</b>", theme, color=look.color)
        _row(sheet, -place, gain, look, f"<b>{translate(name)}</b><br>{texts[key]}: {translate(look.words)}")
    _directions(sheet, len(rows), theme, translate)
    return sheet.figure()


def _row(sheet: Sheet, y: float, gain: Estimate, look: Tone, hover: str) -> None:
    """Draw one interval, stretched so that its farthest end touches the rim."""
    reach = max((abs(end) for end in (gain.value, gain.low, gain.high) if end == end), default=0) or 1.0
    if gain.bounded:
        line = {"color": look.color, "width": 2}
        ends = [gain.low / reach, gain.high / reach]
        sheet.scatter(x=ends, y=[y, y], mode="lines", line=line)
    if gain.known:
        sheet.scatter(
            x=[gain.value / reach],
            y=[y],
            mode="markers",
            name=look.words.template,
            marker={"symbol": look.symbol, "size": 11, "color": look.color, "line": {"width": 2, "color": look.color}},
            hovertemplate=hover + "<extra></extra>",
        )


def _directions(sheet: Sheet, rows: int, theme: Theme, translate: Translate) -> None:
    ends = (
        (0, "left", f"← {translate(say('worse'))}"),
        (0.5, "center", translate(say("no difference"))),
        (1, "right", f"{translate(say('better'))} →"),
    )
    for x, anchor, text in ends:
        where = {"xref": "x domain", "yref": "y domain", "x": x, "y": 1, "xanchor": anchor, "yanchor": "bottom"}
        sheet.write(text=text, yshift=6, font={"size": SMALL, "color": theme.muted}, **where)
    note = translate(say("↓ less, ↑ more is better. Each row has its own scale."))
    where = {"xref": "x domain", "yref": "y domain", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top"}
    sheet.write(text=note, font={"size": SMALL, "color": theme.muted}, **where)
    sheet.rule(theme.muted, x=0)
    sheet.arrange(xaxis=hidden_axis((-1.06, 1.06)), yaxis=hidden_axis((-rows + 0.62, 0.68)))
