"""The numbers that a figure draws, as a table: one row for each point of each line, marker or bar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from medtune.figures.theme import BAND, COUNTS
from medtune.figures.wording import Translate
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say

if TYPE_CHECKING:
    from medtune.evaluation.decisions import ThresholdTable

FEWEST = 5
SUPPRESSED = "<5"
Table = tuple[list[str], list[list[object]]]


def numbers(figure: go.Figure, translate: Translate = str) -> Table:
    """Headings and rows of what a figure shows.

    Parameters
    ----------
    figure : go.Figure
        Made by this room.
    translate : callable
        Sentence to text.

    Returns
    -------
    heads : list of str
    rows : list of list
        Line, horizontal value, vertical value, limits of its band where there is one. Shares on axes in per cent
        are given in per cent. Counts of patients from 1 to 4 are written as "<5".
    """
    x, y = (_title(figure.layout[axis]) for axis in ("xaxis", "yaxis"))
    heads = [
        translate(say("Line")),
        x or "x",
        y or "y",
        translate(say("Lower 95% limit")),
        translate(say("Upper 95% limit")),
    ]
    rows: list[list[object]] = []
    limits: dict[float, tuple[float, float]] = {}
    for trace in figure.data:
        if trace.meta == BAND:
            limits = _limits(trace)
        elif trace.meta == COUNTS:
            rows += _counted(trace, _factor(x), translate)
        elif trace.name and trace.x is not None and trace.y is not None:
            factors = _factor(x), _factor(y)
            rows += [_point(trace.name, *point, limits, factors) for point in zip(trace.x, trace.y, strict=False)]
            limits = {}
    if all(row[3] == "" for row in rows):
        heads, rows = heads[:3], [row[:3] for row in rows]
    return heads, rows


def of_classes(names: Sequence[str], counts: np.ndarray, translate: Translate = str) -> Table:
    """Truth by most likely class, a row for each pair of classes; counts of patients from 1 to 4 are written as "<5".

    Parameters
    ----------
    names : sequence of str
        Of the K classes.
    counts : ndarray of shape (K, K)
        Truth as rows.
    translate : callable
        Sentence to text.

    Returns
    -------
    heads : list of str
    rows : list of list
    """
    heads = [translate(words) for words in (say("Truth"), say("Most likely class"), say("Patients"))]
    return heads, [
        [truth, taken, suppressed(counts[i, j])] for i, truth in enumerate(names) for j, taken in enumerate(names)
    ]


def suppressed(count: float) -> object:
    """A count of patients as it may leave the house: small ones are not told."""
    return SUPPRESSED if 0 < round(float(count), 6) < FEWEST else round(float(count), 2)


def _title(axis) -> str:
    text = (axis.title.text or "") if axis is not None else ""
    return re.sub(r"<[^>]*>", "", re.split(r"<br>", text)[0])


def _factor(title: str) -> float:
    return 100.0 if title.endswith("%") else 1.0


def _limits(trace) -> dict[float, tuple[float, float]]:
    x, y = np.asarray(trace.x, dtype=float), np.asarray(trace.y, dtype=float)
    half = x.size // 2
    return {
        float(a): (float(low), float(high)) for a, low, high in zip(x[:half], y[half:][::-1], y[:half], strict=True)
    }


def _point(name: str, x: object, y: object, limits: dict, factors: tuple[float, float]) -> list[object]:
    low, high = limits.get(float(x), ("", "")) if _is_number(x) else ("", "")
    values = [_scaled(x, factors[0]), *(_scaled(value, factors[1]) for value in (y, low, high))]
    return [re.sub(r"<[^>]*>", "", name), *values]


def _scaled(value: object, factor: float) -> object:
    if not _is_number(value):
        return value if isinstance(value, str) else ""
    return round(float(value) * factor, 6) if np.isfinite(float(value)) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.number))


def _counted(trace, factor: float, translate: Translate) -> Iterable[list[object]]:
    """Bars that count patients: a bar is told by its ends, or by the level it stands for."""
    told = trace.customdata if trace.customdata is not None else trace.x
    for place, height in zip(told, trace.y, strict=True):
        cells = [place] if isinstance(place, str) else list(place)
        count = cells[2] if len(cells) > 2 else abs(height)
        if len(cells) > 1:
            low, high = (round(factor * float(end), 6) for end in cells[:2])
            cells = [translate(say("{low} to {high}", low=low, high=high))]
        which = translate(say("Patients, {which}", which=trace.name)) if trace.name else translate(say("Patients"))
        yield [which, str(cells[0]), suppressed(count), "", ""]


def of_estimates(names: Iterable[tuple[str, Estimate]], what: str, translate: Translate = str) -> Table:
    """Headings and rows of named estimates with their limits, for figures whose rows are words.

    Parameters
    ----------
    names : iterable of (str, Estimate)
    what : str
        Heading of the names.
    translate : callable
        Sentence to text.

    Returns
    -------
    heads : list of str
    rows : list of list
    """
    sentences = (say("Value"), say("Lower 95% limit"), say("Upper 95% limit"))
    rows = [[name, *(_scaled(x, 1.0) for x in (e.value, e.low, e.high))] for name, e in names]
    return [what, *(translate(sentence) for sentence in sentences)], rows


def of_confusion(table: ThresholdTable, index: int, translate: Translate = str) -> Table:
    """Headings and rows of the confusion matrix at one row of a threshold table.

    A row of the matrix with a cell of 1 to 4 patients is told by its total alone: from the total, or from a share,
    the small cell could be had.

    Parameters
    ----------
    table : ThresholdTable
    index : int
        Row of the table.
    translate : callable
        Sentence to text.

    Returns
    -------
    heads : list of str
    rows : list of list
    """
    heads = [say("What happened"), say("Flagged"), say("Not flagged"), say("All")]
    rows = []
    for truth, flagged, spared in ((say("Event"), table.tp, table.fn), (say("No event"), table.fp, table.tn)):
        cells = [suppressed(flagged[index]), suppressed(spared[index])]
        told = [SUPPRESSED, SUPPRESSED] if SUPPRESSED in cells else cells
        rows.append([translate(truth), *told, suppressed(flagged[index] + spared[index])])
    return [translate(head) for head in heads], rows
