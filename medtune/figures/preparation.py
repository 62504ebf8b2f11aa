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
    before: Sequence,
    after: Sequence,
    theme: Theme,
    *,
    name: str = "",
    unit: str = "",
    order: Sequence[str] = (),
    translate: Translate = str,
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
    order : sequence of str
        Levels in the order they have; by how common they are when empty.
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
    worded = [values for (_, values, _, _), numbers in zip(panels, numeric, strict=True) if numbers is None]
    # A number beside words is a level too, unless levels with an order were turned into numbers.
    ranked = numeric[0] is None and numeric[1] is not None and bool(order)
    levels = _levels(worded if ranked else [values for _, values, _, _ in panels], order) if worded else []
    for (words, values, color, axis), numbers in zip(panels, numeric, strict=True):
        if levels and not (ranked and axis):
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


def curve(
    before: Sequence,
    values: Sequence[float],
    terms: Sequence[Sequence[float]],
    knots: Sequence[float],
    theme: Theme,
    *,
    name: str = "",
    translate: Translate = str,
) -> go.Figure:
    """A bent number: how its values are spread, and under it what a model sees at each value.

    Parameters
    ----------
    before : sequence of shape (n,)
        The column as it stands; NaN and None are missing.
    values : sequence of shape (k,)
        Where the terms are told.
    terms : sequence of shape (terms, k)
        The straight term first, then one for each bend.
    knots : sequence of float
        Where the pieces of the curve meet; marked by dotted lines.
    theme, name, translate
        As in `before_after`.

    Returns
    -------
    go.Figure
        ``PLOT_HEIGHT`` high.
    """
    alt = say("{column} and the terms of its curve, with {count} knots.", column=plain(name), count=len(knots))
    sheet = Sheet(theme, PLOT_HEIGHT, translate(alt), margin={"l": 50, "r": 70, "t": 24, "b": 44})
    numbers = _as_numbers(before)
    trace, _, missing = _histogram(numbers, translate)
    sheet.draw({**trace, "name": translate(say("Before")), "marker": {"color": theme.original, "opacity": 0.85}})
    dashes, apart = ("solid", "dash", "dot", "dashdot"), _apart([term[-1] for term in terms], terms)
    for place, term in enumerate(terms):
        words = translate(say("straight") if not place else say("bend {place}", place=place))
        color = theme.single if not place else theme.level(place - 1)
        line = {"color": color, "width": 2, "dash": dashes[place % len(dashes)]}
        hover = translate(say("{column} {value}: {feature}", column=plain(name), value="%{x:.4~g}", feature="%{y:.3f}"))
        where = {"mode": "lines", "x": list(values), "y": list(term), "yaxis": "y2", "name": words, "line": line}
        sheet.scatter(**where, hovertemplate=hover + f"<extra>{words}</extra>")
        where = {"x": values[-1], "y": term[-1], "yref": "y2", "xanchor": "left", "xshift": 4, "yshift": apart[place]}
        sheet.write(text=words, font={"color": color}, **where)
    for knot in knots:
        line = {"color": theme.muted, "width": 1, "dash": "dot"}
        sheet.shape("line", xref="x", yref="paper", x0=knot, x1=knot, y0=0, y1=1, line=line)
    share = _missing(missing, len(before), translate)
    heads = ((say("Before"), share, ""), (say("After"), translate(say("what the model sees, by value")), "2"))
    for panel, rest, axis in heads:
        where = {"xref": "paper", "yref": f"y{axis} domain", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
        words = say("<b>{panel}</b>: {missing}", panel=translate(panel), missing=rest)
        sheet.write(text=translate(words), yshift=2, **where)
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    sheet.arrange(
        bargap=0.04,
        showlegend=False,
        xaxis={"anchor": "y2", "title": {"text": plain(name)}, "range": [low, high], "nticks": 7},
        yaxis={"domain": [0.64, 1], "nticks": 3, "title": {"text": translate(say("Patients"))}},
        yaxis2={"domain": [0, 0.5], "nticks": 4, "title": {"text": translate(say("Feature"))}},
    )
    return sheet.figure()


def _apart(ends: Sequence[float], terms: Sequence[Sequence[float]], pixels: float = 140.0, line: float = 14.0) -> list:
    """How many pixels each label has to move up so that labels at the ends of lines do not cover one another."""
    lowest, highest = min(map(min, terms)), max(map(max, terms))
    scale = pixels / ((highest - lowest) or 1.0)
    moved, floor = [0.0] * len(ends), -np.inf
    for place in sorted(range(len(ends)), key=lambda at: ends[at]):
        at = max(ends[place] * scale, floor)
        moved[place], floor = at - ends[place] * scale, at + line
    return moved


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


def _levels(panels: Sequence[Sequence], order: Sequence[str]) -> list[str]:
    """Levels of both panels, in their order or the commonest first, so that their bars stand above one another."""
    counts = Counter(_word(value) for values in panels for value in values if not _absent(value))
    place = {level: at for at, level in enumerate(order)}
    return sorted(counts, key=lambda level: (place.get(level, len(place)), -counts[level], level))


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
