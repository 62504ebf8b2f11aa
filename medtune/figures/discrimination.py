"""How well risks rank patients: the ROC curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.axes import LINE_HEIGHT, UPPER_PART, diagonal, square_axes, stacked_labels
from medtune.figures.sheet import Sheet
from medtune.figures.theme import SMALL, SQUARE_HEIGHT, Theme, band, model_style
from medtune.figures.wording import Translate, interval, percent, worded
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.evaluation.decisions import ThresholdTable
    from medtune.evaluation.discrimination import RocCurve

Line = tuple[str, "Sentence | str", "RocCurve", Estimate, bool]


def roc(
    curves: Sequence[Line],
    theme: Theme,
    *,
    marks: Sequence[tuple[str, ThresholdTable, int]] = (),
    translate: Translate = str,
) -> go.Figure:
    """ROC curves with their bands on a square, AUROC written beside the name.

    Parameters
    ----------
    curves : sequence of (key, title, RocCurve, auroc, chosen)
        In the order of the candidates; the chosen one is drawn on top.
    theme : Theme
        Light or dark.
    marks : sequence of (key, ThresholdTable, index), optional
        Where the curves of these keys stand at a threshold.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        ``SQUARE_HEIGHT`` high.
    """
    titles = {key: worded(title, translate) for key, title, *_ in curves}
    styles = {key: model_style(key, chosen, theme) for key, _, _, _, chosen in curves}
    shown = [
        translate(say("{title}: AUROC {auroc}", title=titles[key], auroc=interval(auroc, 2, translate)))
        for key, _, _, auroc, _ in curves
    ]
    sheet = Sheet(
        theme, SQUARE_HEIGHT, translate(say("ROC curves, 95% CI in brackets. {curves}.", curves="; ".join(shown)))
    )
    sheet.draw(diagonal(theme))
    for key, _, curve, _, chosen in sorted(curves, key=lambda line: line[-1]):
        alpha = 0.16 if chosen else 0.10
        sheet.draw(band(curve.false_positive_rate, curve.low, curve.high, styles[key].color, alpha))
        sheet.draw(_curve(curve, styles[key], titles[key], translate))
    for key, table, index in marks:
        sheet.draw(_mark(table, index, styles[key], titles[key], theme, translate))
    _marks_in_words(sheet, marks, styles, translate)
    square_axes(
        sheet,
        translate(say("1 − specificity, %")),
        translate(say("Sensitivity, %")),
        # As high as the square of the calibration plot, which has its histogram where the words stand here.
        UPPER_PART,
    )
    labels = [(translate(say("AUROC (95% CI)")), theme.muted)]
    labels += [
        (f"{styles[key].stroke} {titles[key]} <b>{interval(auroc, 2, translate)}</b>", styles[key].color)
        for key, _, _, auroc, _ in curves
    ]
    stacked_labels(sheet, labels, theme, "bottom right")
    return sheet.figure()


def _curve(curve: RocCurve, style, title: str, translate: Translate) -> dict:
    hover = say(
        "<b>{title}</b><br>Flags {found} of patients with the event<br>and {mistaken} of those without",
        title=title,
        found="%{y:.1%}",
        mistaken="%{x:.1%}",
    )
    return {
        "type": "scatter",
        "mode": "lines",
        "name": title,
        "x": np.asarray(curve.false_positive_rate),
        "y": np.asarray(curve.sensitivity),
        "line": style.line,
        "cliponaxis": False,
        "hovertemplate": translate(hover) + "<extra></extra>",
    }


def _marks_in_words(sheet: Sheet, marks, styles: dict, translate: Translate) -> None:
    for place, (key, table, index) in enumerate(marks):
        text = say(
            "at {threshold}: sensitivity {sensitivity}, specificity {specificity}",
            threshold=percent(float(table.threshold[index])),
            sensitivity=percent(float(table.measures["sensitivity"][0, index])),
            specificity=percent(float(table.measures["specificity"][0, index])),
        )
        sheet.write(
            f"{styles[key].glyph} {translate(text)}",
            xref="x domain",
            yref="y domain",
            x=0.5,
            y=0,
            yanchor="top",
            yshift=-46 - LINE_HEIGHT * place,
            font={"size": SMALL - 1, "color": styles[key].color},
        )


def _mark(table: ThresholdTable, index: int, style, title: str, theme: Theme, translate: Translate) -> dict:
    sensitivity = float(table.measures["sensitivity"][0, index])
    specificity = float(table.measures["specificity"][0, index])
    hover = say(
        "<b>{title}</b> at the threshold {threshold}<br>Sensitivity {sensitivity}, specificity {specificity}",
        title=title,
        threshold=percent(float(table.threshold[index])),
        sensitivity=percent(sensitivity),
        specificity=percent(specificity),
    )
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "threshold",
        "x": [1 - specificity],
        "y": [sensitivity],
        "marker": {
            "symbol": style.symbol,
            "size": 10,
            "color": style.color,
            "line": {"color": theme.paper, "width": 1.5},
        },
        "cliponaxis": False,
        "hovertemplate": translate(hover) + "<extra></extra>",
    }
