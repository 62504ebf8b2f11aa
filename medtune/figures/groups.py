"""One measure in each group of patients, of the original and the tuned model, as a forest plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from medtune.figures.axes import row_heading
from medtune.figures.sheet import Sheet, hidden_axis
from medtune.figures.theme import Theme, model_style
from medtune.figures.wording import Translate, clipped, interval, number, plain, worded
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.runs.groups import GroupRow

HEIGHT = 62
NAMES = {
    "auroc": say("AUROC"),
    "oe": say("Observed / expected"),
    "slope": say("Calibration slope"),
    "sensitivity": say("Sensitivity"),
}
IDEAL = {"oe": 1.0, "slope": 1.0}


def group_forest(
    rows: Sequence[GroupRow],
    models: Sequence[tuple[str, Sentence | str, bool]],
    measure: str,
    theme: Theme,
    *,
    overall: float | None = None,
    translate: Translate = str,
) -> go.Figure:
    """A row for each group: its name and size, and the interval of each model.

    Parameters
    ----------
    rows : sequence of GroupRow
    models : sequence of (key, title, chosen)
        In the order of the candidates, the judged one last.
    measure : str
        A key of `NAMES`.
    theme : Theme
        Light or dark.
    overall : float, optional
        The judged model's value in all patients; marked where there is no ideal.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Groups with too few patients say so and have no mark.
    """
    styles = {key: model_style(key, chosen, theme) for key, _, chosen in models}
    titles = {key: worded(title, translate) for key, title, _ in models}
    judged = models[-1][0]
    texts = [interval(row.measures[judged][measure], 2, translate) if row.enough else "" for row in rows]
    alt = "; ".join(f"{plain(row.name)} {text or '–'}" for row, text in zip(rows, texts, strict=True))
    sheet = Sheet(
        theme,
        86 + HEIGHT * max(len(rows), 1),
        translate(say("{measure} by group, 95% CI in brackets: {rows}.", measure=translate(NAMES[measure]), rows=alt)),
        margin={"l": 12, "r": 12, "t": 30, "b": 52},
    )
    for place, (row, text) in enumerate(zip(rows, texts, strict=True)):
        size = say("n = {n}, {events} events", n=number(row.n, 0), events=number(row.events, 0))
        name = f'{plain(clipped(row.name, 22))} <span style="color:{theme.muted}">{translate(size)}</span>'
        told = text if row.enough else translate(say("too few"))
        row_heading(
            sheet, -place, name, told, theme, color=styles[judged].color if row.enough else theme.muted, shift=13
        )
        if row.enough:
            for step, (key, *_) in enumerate(models):
                level = -place + 0.12 * (len(models) - 1) / 2 - 0.12 * step
                said = (
                    f"<b>{plain(row.name)}</b><br>{titles[key]}: {interval(row.measures[key][measure], 2, translate)}"
                )
                _mark(sheet, level, row.measures[key][measure], styles[key], titles[key], said)
    reference = IDEAL.get(measure, overall)
    if reference is not None:
        sheet.rule(theme.muted, dash="dot", x=reference)
    _legend(sheet, [(f"{styles[key].glyph} {titles[key]}", styles[key].color) for key, *_ in models])
    sheet.arrange(
        xaxis={"range": _range(rows, [key for key, *_ in models], measure, reference), "nticks": 6,
               "title": {"text": translate(NAMES[measure])}},
        yaxis=hidden_axis((-len(rows) + 0.6, 0.62)),
    )  # fmt: skip
    return sheet.figure()


def _mark(sheet: Sheet, y: float, estimate: Estimate, style, title: str, hover: str) -> None:
    if estimate.bounded:
        line = {"color": style.color, "width": 2, "dash": "solid" if style.dash == "solid" else "dot"}
        sheet.scatter(x=[estimate.low, estimate.high], y=[y, y], mode="lines", line=line)
    if estimate.known:
        sheet.scatter(
            x=[estimate.value],
            y=[y],
            mode="markers",
            name=title,
            marker={"symbol": style.symbol, "size": 9, "color": style.color},
            hovertemplate=hover + "<extra></extra>",
        )


def _range(rows: Sequence[GroupRow], keys: Sequence[str], measure: str, reference: float | None) -> list[float]:
    """Room for every value and for intervals of ordinary width; a very wide one is cut by the rim."""
    shown = [row.measures[key][measure] for row in rows if row.enough for key in keys]
    values = [e.value for e in shown if e.known] + ([reference] if reference is not None else [])
    if not values:
        return [0.0, 1.0]
    ends = [end for e in shown if e.bounded for end in (e.low, e.high)]
    reach = 2.5 * max(max(values) - min(values), 0.2)
    low = max(min([*ends, *values]), min(values) - reach)
    high = min(max([*ends, *values]), max(values) + reach)
    pad = 0.04 * (high - low or 1)
    return [low - pad, high + pad]


def _legend(sheet: Sheet, entries: list[tuple[str, str]]) -> None:
    words = "   ".join(f'<span style="color:{color}">{text}</span>' for text, color in entries)
    sheet.write(words, xref="paper", yref="paper", x=0, y=1, xanchor="left", yanchor="bottom", yshift=8)
