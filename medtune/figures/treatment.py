"""Treatment options compared: differences, benefit by risk, balance, and what treating by benefit would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import row_heading
from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.theme import BAND, PLOT_HEIGHT, ROW_HEIGHT, SMALL, Theme, faded
from medtune.figures.wording import Translate, interval, number, percent, plain, shortened
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.treatment.balance import Balance
    from medtune.treatment.benefit import PolicyCurve, RiskQuarter
    from medtune.treatment.record import Contrast

UNBALANCED = 0.1
MOST_ROWS = 20


def options_apart(contrasts: Sequence[Contrast], reference: str, theme: Theme, translate: Translate = str) -> go.Figure:
    """Difference in event rate of each option from the reference, a row each.

    Parameters
    ----------
    contrasts : sequence of Contrast
    reference : str
        The option they are compared with.
    theme : Theme
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Left of zero there are fewer events.
    """
    points = [contrast.effect.scaled(100) for contrast in contrasts]
    texts = [interval(p, 1, translate, sign=True) for p in points]
    rows = "; ".join(f"{plain(c.option)} {text}" for c, text in zip(contrasts, texts, strict=True))
    words = say(
        "Difference in event rate from “{reference}”, in points: {rows}.", reference=plain(reference), rows=rows
    )
    sheet = Sheet(theme, 66 + ROW_HEIGHT * len(points), translate(words), margin={"l": 12, "r": 12, "t": 4, "b": 52})
    for place, (contrast, difference, text) in enumerate(zip(contrasts, points, texts, strict=True)):
        sure = difference.excludes(0)
        color = theme.accent if sure and difference.value < 0 else theme.event if sure else theme.muted
        row_heading(sheet, -place, plain(contrast.option), f"<b>{text}</b>", theme, color=color)
        _interval_row(sheet, -place, difference, color, f"<b>{plain(contrast.option)}</b><br>{text}")
    sheet.rule(theme.muted, dash="dash", x=0)
    reach = 1.1 * max(max(abs(e) for e in (p.low, p.value, p.high) if e == e) for p in points)
    title = translate(say("Difference from “{reference}”, points (fewer events ←)", reference=plain(reference)))
    sheet.arrange(
        xaxis={"range": [-reach, reach], "title": {"text": title}, "nticks": 5},
        yaxis=hidden_axis((-len(points) + 0.55, 0.75)),
    )
    return sheet.figure()


def _interval_row(sheet: Sheet, y: float, value: Estimate, color: str, hover: str) -> None:
    if value.bounded:
        sheet.scatter(x=[value.low, value.high], y=[y, y], mode="lines", line={"color": color, "width": 2})
    symbol = "diamond" if value.excludes(0) else "circle-open"
    marker = {"symbol": symbol, "size": 10, "color": color, "line": {"width": 2, "color": color}}
    sheet.scatter(x=[value.value], y=[y], mode="markers", marker=marker, hovertemplate=hover + "<extra></extra>")


def benefit_by_risk(quarters: Sequence[RiskQuarter], theme: Theme, translate: Translate = str) -> go.Figure:
    """Predicted and observed difference by quarter of the risk without the treatment.

    Parameters
    ----------
    quarters : sequence of RiskQuarter
        From the lowest risk to the highest.
    theme : Theme
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Observed differences with their intervals; open diamonds are what the model predicts.
    """
    names = [f"{percent(q.low)}–{percent(q.high)}" for q in quarters]
    observed = [q.observed.scaled(100) for q in quarters]
    texts = [
        translate(
            say(
                "Risk {risk}, n = {n}<br>observed {observed}<br>predicted {predicted} points",
                risk=name,
                n=number(q.n, 0),
                observed=interval(o, 1, translate, sign=True),
                predicted=number(100 * q.predicted, 1, sign=True),
            )
        )
        for name, q, o in zip(names, quarters, observed, strict=True)
    ]
    alt = translate(
        say("Difference by quarter of risk: {rows}.", rows="; ".join(t.replace("<br>", ", ") for t in texts))
    )
    sheet = Sheet(theme, PLOT_HEIGHT, alt, margin={"l": 56, "r": 10, "t": 24, "b": 64})
    places = list(range(len(quarters)))
    for place, value in zip(places, observed, strict=True):
        if value.bounded:
            line = {"color": theme.ink, "width": 2}
            sheet.scatter(x=[place, place], y=[value.low, value.high], mode="lines", line=line)
    marks = (
        ([o.value for o in observed], "circle", theme.ink, say("observed")),
        ([100 * q.predicted for q in quarters], "diamond-open", theme.accent, say("predicted")),
    )
    for values, symbol, color, name in marks:
        sheet.scatter(
            x=places,
            y=values,
            mode="markers",
            name=translate(name),
            marker={"symbol": symbol, "size": 11, "color": color, "line": {"width": 2, "color": color}},
            customdata=texts,
            hovertemplate="%{customdata}<extra></extra>",
        )
    words = f"● {translate(say('observed'))}  <span style='color:{theme.accent}'>◇ {translate(say('predicted'))}</span>"
    where = {"xref": "x domain", "yref": "y domain", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
    sheet.write(words, font={"size": SMALL, "color": theme.ink}, **where)
    sheet.rule(theme.muted, dash="dash", y=0)
    sheet.arrange(
        xaxis={
            "tickvals": places,
            "ticktext": names,
            "range": [-0.5, len(places) - 0.5],
            "title": {"text": translate(say("Risk without the treatment, by quarter"))},
        },
        yaxis={"title": {"text": translate(say("Difference in event rate, points"))}},
    )
    return sheet.figure()


def balance_plot(balances: Sequence[Balance], theme: Theme, translate: Translate = str) -> go.Figure:
    """Standardised differences between two options, as the patients are and weighted; the largest first.

    Parameters
    ----------
    balances : sequence of Balance
    theme : Theme
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        At most twenty rows; those beyond 0.1 are unbalanced.
    """
    shown = sorted(balances, key=lambda b: -max(abs(b.before), abs(b.after)))[:MOST_ROWS]
    worst = max((abs(b.after) for b in balances), default=0.0)
    alt = translate(say("Standardised differences; after weighting the largest is {worst}.", worst=number(worst, 2)))
    sheet = Sheet(theme, 70 + 22 * max(len(shown), 1), alt, margin={"l": 150, "r": 12, "t": 26, "b": 46})
    rows = [-place for place in range(len(shown))]
    series = (
        ([abs(b.before) for b in shown], "circle-open", theme.muted, say("as they are")),
        ([abs(b.after) for b in shown], "diamond", theme.accent, say("weighted")),
    )
    for values, symbol, color, name in series:
        sheet.scatter(
            x=values,
            y=rows,
            mode="markers",
            name=translate(name),
            marker={"symbol": symbol, "size": 9, "color": color},
            customdata=[
                f"<b>{plain(b.name)}</b><br>{translate(name)}: {number(v, 2)}"
                for b, v in zip(shown, values, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    words = (
        f"<span style='color:{theme.muted}'>○ {translate(say('as they are'))}</span>  "
        f"<span style='color:{theme.accent}'>◆ {translate(say('weighted'))}</span>"
    )
    where = {"xref": "x domain", "yref": "y domain", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
    sheet.write(words, font={"size": SMALL}, **where)
    sheet.rule(theme.muted, dash="dash", x=UNBALANCED)
    top = max([2 * UNBALANCED, *(abs(b.before) for b in shown), *(abs(b.after) for b in shown)])
    sheet.arrange(
        xaxis={"range": [0, 1.08 * top], "title": {"text": translate(say("Difference between the options, SDs"))}},
        yaxis={
            "tickvals": rows,
            "ticktext": [plain(shortened(b.name)) for b in shown],
            "range": [-len(shown) + 0.4, 0.6],
        },
    )
    return sheet.figure()


def policy(curve: PolicyCurve, theme: Theme, translate: Translate = str) -> go.Figure:
    """What treating those with a predicted benefit above a limit would do to the event rate.

    Parameters
    ----------
    curve : PolicyCurve
    theme : Theme
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Below zero there are fewer events than when nobody is treated.
    """
    x, y = 100 * curve.threshold, 100 * curve.value
    low, high = 100 * np.asarray(curve.low), 100 * np.asarray(curve.high)
    everybody = interval(curve.everybody.scaled(100), 1, translate, sign=True)
    alt = translate(say("Treating everybody changes the event rate by {points} points.", points=everybody))
    sheet = Sheet(theme, PLOT_HEIGHT, alt, margin={"l": 56, "r": 10, "t": 24, "b": 50})
    sheet.scatter(
        x=[*x, *x[::-1]],
        y=[*high, *low[::-1]],
        mode="lines",
        fill="toself",
        fillcolor=faded(theme.accent, 0.15),
        line={"width": 0},
        meta=BAND,
    )
    texts = [
        translate(
            say(
                "Benefit above {limit} points: {share} treated<br>{effect} points",
                limit=number(limit, 1),
                share=percent(share),
                effect=interval(Estimate(*map(float, three)), 1, translate, sign=True),
            )
        )
        for limit, share, *three in zip(x, curve.treated, y, low, high, strict=True)
    ]
    sheet.scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": theme.accent, "width": 3},
        customdata=texts,
        hovertemplate="%{customdata}<extra></extra>",
    )
    sheet.rule(theme.muted, dash="dash", y=0)
    sheet.rule(theme.original, dash="dot", y=100 * curve.everybody.value)
    for level, words in ((0.0, say("treat nobody")), (100 * curve.everybody.value, say("treat everybody"))):
        sheet.write(
            translate(words),
            xref="x domain",
            x=1,
            y=level,
            xanchor="right",
            yanchor="bottom",
            font={"size": SMALL, "color": theme.muted},
        )
    sheet.arrange(
        xaxis={"title": {"text": translate(say("Treated when the predicted benefit exceeds, points"))}},
        yaxis={"title": {"text": translate(say("Change in event rate, points"))}},
    )
    return sheet.figure()
