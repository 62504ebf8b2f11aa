"""What a preparation does to one column: before above, after below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from medtune.figures.bins import bin_edges
from medtune.figures.sheet import Sheet
from medtune.figures.theme import COUNTS, PLOT_HEIGHT, SMALL, Theme
from medtune.figures.wording import Translate, clipped, compact, number, percent, plain
from medtune.foundation.words import say

MOST_LEVELS = 8


def before_after(
    before: Sequence, after: Sequence, theme: Theme, *, name: str = "", unit: str = "", translate: Translate = str
) -> go.Figure:
    """Two small panels for one column, with the missing share of each in words.

    Parameters
    ----------
    before, after : sequence of shape (n,)
        Values of the column, before and after; NaN and None are missing. Numbers become histograms (each
        with an axis of its own, because scaling changes the unit), anything else bars by level.
    theme : Theme
        Light or dark.
    name, unit : str
        Of the column; the unit holds before only, for scaling changes it.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high.
    """
    panels = ((say("Before"), before, theme.original, ""), (say("After"), after, theme.single, "2"))
    alt = say("{column} before and after the preparation.", column=plain(name))
    sheet = Sheet(theme, PLOT_HEIGHT, translate(alt), margin={"l": 50, "t": 24, "b": 44})
    numeric = [_as_numbers(values) for _, values, _, _ in panels]
    levels = _levels([values for _, values, _, _ in panels]) if any(n is None for n in numeric) else []
    for (words, values, color, axis), numbers in zip(panels, numeric, strict=True):
        if levels:
            trace, x_axis, missing = _level_bars(values, levels, translate)
        else:
            trace, x_axis, missing = _histogram(numbers, translate)
        trace |= {"name": translate(words)}
        sheet.draw({**trace, "marker": {"color": color, "opacity": 0.85}, "xaxis": f"x{axis}", "yaxis": f"y{axis}"})
        panel = translate(words) if axis or not unit else translate(say("Before, in {unit}", unit=plain(unit)))
        share = _missing(missing, len(values), translate)
        heading = say("<b>{panel}</b>: {missing}", panel=panel, missing=share)
        where = {"xref": f"x{axis} domain", "yref": f"y{axis} domain", "x": 0, "y": 1}
        sheet.write(text=translate(heading), xanchor="left", yanchor="bottom", yshift=2, **where)
        sheet.arrange(**{f"xaxis{axis}": x_axis, f"yaxis{axis}": {"rangemode": "tozero", "nticks": 4}})
    title = plain(name)
    count = {"title": {"text": translate(say("Patients"))}}
    sheet.arrange(
        bargap=0.04 if not levels else 0.3,
        xaxis={"anchor": "y"},
        yaxis={"domain": [0.6, 1], "anchor": "x", **count},
        xaxis2={"anchor": "y2", "title": {"text": title}},
        yaxis2={"domain": [0, 0.4], "anchor": "x2", **count},
    )
    return sheet.figure()


def _missing(missing: int, n: int, translate: Translate) -> str:
    if not missing:
        return translate(say("nothing missing, n = {n}", n=number(n, 0)))
    share = percent(missing / n)
    return translate(say("{share} missing ({missing} of {n})", share=share, missing=number(missing, 0), n=number(n, 0)))


def _absent(value: object) -> bool:
    return value is None or value != value


def _as_numbers(values: Sequence) -> np.ndarray | None:
    """The values as floats, or None when one of them is not a number."""
    try:
        return np.array([np.nan if _absent(value) else value for value in values], dtype=float)
    except (TypeError, ValueError):
        return None


def _histogram(values: np.ndarray, translate: Translate) -> tuple[dict, dict, int]:
    known = values[np.isfinite(values)]
    counts, edges = np.histogram(known, bins=bin_edges(known))
    hover = say(
        "{low} to {high}: {count} patients",
        low="%{customdata[0]:.4~g}",
        high="%{customdata[1]:.4~g}",
        count="%{y}",
    )
    trace = {
        "type": "bar",
        "meta": COUNTS,
        "x": (edges[:-1] + edges[1:]) / 2,
        "y": counts,
        "width": np.diff(edges) * 0.94,
        "customdata": np.column_stack([edges[:-1], edges[1:]]),
        "hovertemplate": translate(hover) + "<extra></extra>",
    }
    return trace, {"nticks": 7}, int(values.size - known.size)


def _levels(panels: Sequence[Sequence]) -> list[str]:
    """Levels of both panels, the commonest first, so that their bars stand above one another."""
    counts = Counter(_word(value) for values in panels for value in values if not _absent(value))
    return sorted(counts, key=lambda level: (-counts[level], level))


def _word(value: object) -> str:
    return compact(float(value)) if isinstance(value, (int, float, np.number)) else str(value)


def _level_bars(values: Sequence, levels: list[str], translate: Translate) -> tuple[dict, dict, int]:
    found = Counter(_word(value) for value in values if not _absent(value))
    counts = [found[level] for level in levels[:MOST_LEVELS]]
    names = [clipped(level, 10) for level in levels[:MOST_LEVELS]]
    if len(levels) > MOST_LEVELS:
        counts.append(found.total() - sum(counts))
        names.append(translate(say("other {count}", count=len(levels) - MOST_LEVELS)))
    full = [plain(level) for level in levels[:MOST_LEVELS]] + names[MOST_LEVELS:]
    hover = say("{level}: {count} patients", level="%{customdata}", count="%{y}")
    trace = {
        "type": "bar",
        "meta": COUNTS,
        "x": list(range(len(counts))),
        "y": counts,
        "customdata": full,
        "hovertemplate": translate(hover) + "<extra></extra>",
    }
    ticks = {"tickvals": list(range(len(counts))), "ticktext": [plain(name) for name in names], "tickangle": 0}
    axis = {**ticks, "range": [-0.6, len(counts) - 0.4], "ticks": "", "tickfont": {"size": SMALL}}
    return trace, axis, len(values) - found.total()
