"""The way from where everybody starts to each patient's risk, column by column, one patient among the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import row_heading
from medtune.figures.contributions import factor_of, predicted, ranked, shown_value
from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.theme import BAR_HEIGHT, Theme, faded
from medtune.figures.wording import Translate, number, percent, plain, shortened
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.contributions import Explanation

OTHERS = 60


def decision_path(
    explanation: Explanation, patient: int, theme: Theme, *, of: str = "", translate: Translate = str
) -> go.Figure:  # fmt: skip
    """The decision path of one patient over those of others: the columns that matter least come first.

    Parameters
    ----------
    explanation : Explanation
        Of a group of patients.
    patient : int
        Place in the explanation.
    theme : Theme
        Light or dark.
    of : str
        Name of the class that is explained, of several.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Log-odds (or risk) along the axis; every patient takes the columns in the same order (Lundberg 2020).
    """
    shown, rest = ranked(explanation)
    order = shown[::-1]
    factor = factor_of(explanation)
    steps = np.asarray(explanation.contributions, dtype=float) * factor
    first = steps[:, rest].sum(axis=1, keepdims=True) if rest else np.zeros((len(steps), 1))
    ends = explanation.baseline * factor + np.cumsum(np.hstack([first, steps[:, order]]), axis=1)
    start = np.full((len(ends), 1), explanation.baseline * factor)
    ways = np.hstack([start, ends]) if rest else ends
    names = [translate(say("other {count} columns", count=len(rest)))] if rest else []
    for place in order:
        value = shown_value(explanation, patient, place, None, translate)
        names.append(f"{plain(shortened(explanation.columns[place], 18))} = {value}")
    risk = percent(float(explanation.risk[patient]))
    alt = say("Way of one patient to an estimated risk of {risk}, among those of others.", risk=risk)
    rows = ways.shape[1]
    sheet = Sheet(theme, BAR_HEIGHT * rows + 70, translate(alt), margin={"l": 10, "r": 10, "t": 6, "b": 48})
    sheet.rule(theme.muted, x=float(explanation.baseline * factor))
    y = np.arange(rows)
    others = np.argsort(explanation.risk, kind="stable")[np.linspace(0, len(ways) - 1, OTHERS).astype(int)]
    several = np.full((len(np.unique(others)), rows + 1), np.nan)
    several[:, :-1] = ways[np.unique(others)]
    sheet.scatter(
        x=several.ravel(),
        y=np.tile([*y.astype(float), np.nan], len(several)),
        mode="lines",
        line={"color": faded(theme.muted, 0.35), "width": 1},
    )
    own = ways[patient]
    sheet.scatter(
        x=own,
        y=y,
        mode="lines+markers",
        line={"color": theme.single, "width": 2.5},
        marker={"size": 6, "color": theme.single},
        customdata=[translate(say("Start for everyone")), *names],
        hovertemplate="<b>%{customdata}</b><br>%{x:.2f}<extra></extra>",
    )
    for row, (name, step) in enumerate(zip(names, np.diff(own), strict=True), start=1):
        row_heading(sheet, row - 0.5, name, number(float(step), 2 if factor == 1 else 1, sign=True), theme, shift=-6)
    title = predicted(explanation, of)
    sheet.arrange(xaxis={"title": {"text": translate(title)}, "nticks": 6}, yaxis=hidden_axis((-0.4, rows - 0.6)))
    return sheet.figure()
