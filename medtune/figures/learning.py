"""The learning curve: what each method gains against the number of patients it learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.sheet import Sheet
from medtune.figures.theme import PLOT_HEIGHT, Theme, band, model_style
from medtune.figures.wording import Translate, interval, number, worded
from medtune.foundation.words import say
from medtune.tuning.candidates import TITLES

if TYPE_CHECKING:
    from medtune.tuning.learning import LearningCurve

LABEL_HEIGHT = 17


def learning(curve: LearningCurve, theme: Theme, *, translate: Translate = str) -> go.Figure:
    """Gain of each method at each number of patients, the judged method with its band.

    Parameters
    ----------
    curve : LearningCurve
        With gains.
    theme : Theme
        Light or dark.
    translate : callable
        Sentence to text.

    Returns
    -------
    go.Figure
        Patients in equal ratios; methods that do very badly with few patients leave the plot at its lower edge.
    """
    keys = [key for key in TITLES if key in curve.gains and key != curve.method] + [curve.method]
    reference = worded(TITLES[curve.reference], translate)
    alt = "; ".join(
        f"{worded(TITLES[key], translate)} {interval(curve.gains[key][-1], 3, translate, sign=True)}" for key in keys
    )
    title = translate(say("Gain in log-loss over “{reference}”", reference=reference))
    low, high = _range(curve)
    styles = {key: model_style(key, key == curve.method, theme) for key in reversed(keys)}
    # With the marker, since two lines of different colours may have the same dash.
    labels = [
        (f"{style.stroke}{style.glyph} {worded(TITLES[key], translate)}", style.color) for key, style in styles.items()
    ]
    below = LABEL_HEIGHT * len(labels)
    sheet = Sheet(
        theme,
        PLOT_HEIGHT + below,
        translate(say("Learning curve with all patients, 95% CI in brackets: {rows}.", rows=alt)),
        margin={"l": 62, "t": 14, "b": 56 + below},
    )
    patients = np.asarray(curve.patients, dtype=float)
    for key in keys:
        _line(sheet, curve, key, patients, theme, translate)
    sheet.rule(theme.original, dash="dash", y=0)
    sheet.arrange(xaxis=_patients_axis(patients, translate), yaxis={"title": {"text": title}, "range": [low, high],
                  "nticks": 6})  # fmt: skip
    _beneath(sheet, labels, theme)
    return sheet.figure()


def _line(sheet: Sheet, curve: LearningCurve, key: str, patients, theme: Theme, translate: Translate) -> None:
    gains, judged = curve.gains[key], key == curve.method
    style, name = model_style(key, judged, theme), worded(TITLES[key], translate)
    value, low, high = (np.array([getattr(gain, end) for gain in gains]) for end in ("value", "low", "high"))
    if judged:
        sheet.draw(band(patients, low, high, style.color, 0.16))
    hover = say(
        "<b>{name}</b><br>Learnt from {patients} patients,<br>{events} with the event<br>{gain}",
        name=name,
        patients="%{x:.0f}",
        events="%{customdata[0]:.0f}",
        gain="%{customdata[1]}",
    )
    texts = [interval(gain, 3, translate, sign=True) for gain in gains]
    sheet.scatter(
        x=patients,
        y=value,
        mode="lines+markers",
        name=name,
        line=style.line,
        marker={"symbol": style.symbol, "size": 8 if judged else 6, "color": style.color},
        customdata=list(zip(np.asarray(curve.events, dtype=float).tolist(), texts, strict=True)),
        hovertemplate=translate(hover) + "<extra></extra>",
    )


def _patients_axis(patients: np.ndarray, translate: Translate) -> dict:
    edge = 0.04 * (np.log10(patients[-1] / patients[0]) or 1.0)
    return {
        "type": "log",
        "title": {"text": translate(say("Patients learnt from"))},
        "tickvals": patients.tolist(),
        "ticktext": [number(count, 0) for count in patients],
        "range": [float(np.log10(patients[0]) - edge), float(np.log10(patients[-1]) + edge)],
    }


def _range(curve: LearningCurve) -> tuple[float, float]:
    """Limits that show the judged method with its band and what lies near it."""
    gains = curve.gains[curve.method]
    ends = [end for gain in gains for end in (gain.value, gain.low, gain.high) if np.isfinite(end)] + [0.0]
    span = max(ends) - min(ends) or 0.01
    values = [gain.value for other in curve.gains.values() for gain in other if np.isfinite(gain.value)]
    low = max(min(ends + values), min(ends) - 0.8 * span)
    high = min(max(ends + values), max(ends) + 0.8 * span)
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


def _beneath(sheet: Sheet, labels: list[tuple[str, str]], theme: Theme) -> None:
    """The names of the lines under the axis, where no line can run through them."""
    for place, (text, color) in enumerate(labels):
        sheet.write(
            text,
            xref="x domain",
            yref="y domain",
            x=0,
            y=0,
            xanchor="left",
            yanchor="top",
            yshift=-50 - LABEL_HEIGHT * place,
            font={"color": color},
        )
