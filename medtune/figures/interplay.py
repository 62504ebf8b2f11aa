"""Which pairs of columns act together, strongest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from medtune.figures.axes import labelled_bars
from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.theme import BAR_HEIGHT, Theme
from medtune.figures.wording import Translate, interval, plain, shortened
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.explanation.interplay import Interplay


def together(interplay: Interplay, scale: str, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Mean size of what two columns do together beyond each by itself, with intervals.

    Parameters
    ----------
    interplay : Interplay
        With at least one pair.
    scale : {"log-odds", "probability"}
        Of the contributions.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        One bar a pair.
    """
    factor, digits, unit = (1.0, 2, say("log-odds")) if scale == "log-odds" else (100.0, 1, say("risk, in points"))
    sizes = [pair.strength.scaled(factor) for pair in interplay.pairs]
    names = [f"{plain(pair.first)} × {plain(pair.second)}" for pair in interplay.pairs]
    labels = [f"{plain(shortened(p.first, 14))} × {plain(shortened(p.second, 14))}" for p in interplay.pairs]
    texts = [interval(size, digits, translate) for size in sizes]
    alt = say(
        "Pairs of columns that act together: {pairs}.",
        pairs="; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True)),
    )
    margin = {"l": 10, "r": 12, "t": 6, "b": 48}
    sheet = Sheet(theme, BAR_HEIGHT * len(names) + 62, translate(alt), margin=margin)
    high = labelled_bars(sheet, sizes, names, labels, texts, [theme.single] * len(sizes), theme)
    title = translate(say("Mean size of what they do together, {unit}", unit=translate(unit)))
    sheet.arrange(
        xaxis={"title": {"text": title}, "range": [0, 1.04 * (float(high.max(initial=0)) or 1.0)], "nticks": 5},
        yaxis=hidden_axis((len(names) - 0.6, -0.75)),
    )
    return sheet.figure()
