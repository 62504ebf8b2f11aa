"""Which columns drive the risk: importance here, and the other figures of an explanation gathered beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from medtune.figures.axes import labelled_bars
from medtune.figures.contributions import factor_of, ranked, unit_of
from medtune.figures.dependence import dependence
from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.swarm import beeswarm
from medtune.figures.theme import BAR_HEIGHT, Theme
from medtune.figures.waterfall import waterfall
from medtune.figures.wording import Translate, interval, plain, shortened
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.contributions import Explanation

__all__ = ["beeswarm", "dependence", "importance", "waterfall"]

FAR_LONGER = 4.0  # times as much as the first column, from which all others together have a number and no bar


def importance(explanation: Explanation, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Mean size of the contribution of each of the user's columns, largest on top, with intervals.

    Parameters
    ----------
    explanation : Explanation
        Of a group of patients.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        At most `MOST` bars; the last one holds all other columns together and has no interval. Where it would leave
        nothing to be seen of the others, as of pictures and genes, it is a number only.
    """
    shown, rest = ranked(explanation)
    factor, (unit, digits) = factor_of(explanation), unit_of(explanation)
    estimates = [explanation.importance[explanation.columns[place]].scaled(factor) for place in shown]
    names = [plain(explanation.columns[place]) for place in shown]
    labels = [plain(shortened(explanation.columns[place], 24)) for place in shown]
    if rest:
        together = sum(explanation.importance[explanation.columns[place]].value for place in rest)
        estimates.append(Estimate(together * factor))
        names.append(translate(say("other {count} columns", count=len(rest))))
        labels.append(f"<i>{names[-1]}</i>")
    texts = [interval(estimate, digits, translate) for estimate in estimates]
    alt = "; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))
    if rest and together * factor > FAR_LONGER * max((one.value for one in estimates[:-1]), default=0.0):
        estimates[-1] = Estimate(0.0)  # its bar would leave nothing to be seen of the others
        texts[-1] = translate(say("{sum}, no bar", sum=texts[-1]))
    sheet = Sheet(
        theme,
        BAR_HEIGHT * len(names) + 62,
        translate(say("Mean size of the contribution to the risk, 95% CI in brackets: {columns}.", columns=alt)),
        margin={"l": 10, "r": 12, "t": 6, "b": 48},
    )
    colors = [theme.single] * len(shown) + [theme.reference] * bool(rest)
    high = labelled_bars(sheet, estimates, names, labels, texts, colors, theme)
    title = translate(say("Mean size of contribution, {unit}", unit=translate(unit)))
    sheet.arrange(
        xaxis={"title": {"text": title}, "range": [0, 1.04 * (float(high.max(initial=0)) or 1.0)], "nticks": 6},
        yaxis=hidden_axis((len(names) - 0.6, -0.75)),
    )
    return sheet.figure()
