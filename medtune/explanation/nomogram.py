"""A logistic model as a nomogram: a scale for each column, and one that turns the sum of points into a risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from medtune.evaluation.logistic import expit, logit
from medtune.explanation.additive import Additive, additive, has_gaps, levels_of

LONGEST = 100.0  # points of the column that moves the risk most
FINE, MARKS = 61, 6  # places a scale is followed at, and marks on it
RISKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, *(np.arange(1, 10) / 10).tolist(), 0.95, 0.98, 0.99, 0.995)
GAP = ""  # a mark of this name stands for a missing value


@dataclass(frozen=True)
class Mark:
    """One mark on a scale: its name ("" for a missing value) and its points."""

    name: str
    points: float


@dataclass(frozen=True)
class Scale:
    """The points of one column.

    Attributes
    ----------
    column : str
    marks : tuple of Mark
        In the order of the values, a missing value last.
    numeric : bool
    """

    column: str
    marks: tuple[Mark, ...]
    numeric: bool

    @property
    def low(self) -> float:
        """Fewest points."""
        return min(mark.points for mark in self.marks)

    @property
    def high(self) -> float:
        """Most points."""
        return max(mark.points for mark in self.marks)


@dataclass(frozen=True)
class Nomogram:
    """A model on paper.

    Attributes
    ----------
    scales : tuple of Scale
        The longest first.
    total : float
        Most points that can come together.
    risks : tuple of (risk, points)
        Which sum of points stands for which risk.
    per_point : float
        Log-odds of one point.
    """

    scales: tuple[Scale, ...]
    total: float
    risks: tuple[tuple[float, float], ...]
    per_point: float


def nomogram(model: Any, frame: pd.DataFrame) -> Nomogram:
    """Write a logistic model as a nomogram.

    Parameters
    ----------
    model : ClinicalModel or fitted classifier
        Its log-odds are a sum over columns.
    frame : DataFrame of n rows
        Patients: a scale reaches over the middle 98% of their values.

    Returns
    -------
    Nomogram
        Read off exactly, it gives the model's own risk (Kattan 1998 J Natl Cancer Inst 90:766).

    Raises
    ------
    ModelError
        When log-odds are not a sum over columns.
    """
    form = additive(model, frame)
    found = [(column, *told) for column, told in zip(form.columns, _terms(form), strict=True)]
    lowest = {column.name: float(min(fine.min(), min(term for _, term in marks))) for column, marks, fine in found}
    reach = [max(fine.max(), max(term for _, term in marks)) - lowest[column.name] for column, marks, fine in found]
    per_point = max(reach) / LONGEST
    scales = [
        Scale(
            column.name,
            tuple(Mark(name, float((term - lowest[column.name]) / per_point)) for name, term in marks),
            column.kind == "number",
        )
        for column, marks, _ in found
    ]
    order = np.argsort([-width for width in reach], kind="stable")
    start = form.constant + _rest(form) + sum(lowest.values())
    total = float(sum(reach) / per_point)
    risks = tuple(
        (risk, float(points))
        for risk in RISKS
        if -1e-9 <= (points := (float(logit(np.array(risk))) - start) / per_point) <= total + 1e-9
    )
    if len(risks) < 2:
        ends = expit(np.array([start, start + total * per_point]))
        risks = ((float(ends[0]), 0.0), (float(ends[1]), total))
    return Nomogram(tuple(scales[at] for at in order), total, risks, float(per_point))


def round_values(low: float, high: float, most: int, whole: bool) -> list[float]:
    """Round numbers between two limits, at most so many and evenly spaced; the limits where none are."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / most
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    step = max(1.0, np.ceil(step)) if whole else step
    values = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
    digits = max(0, 2 - int(np.floor(np.log10(step))))
    return [round(float(value), digits) + 0.0 for value in values] if len(values) > 1 else [low, high]


def _terms(form: Additive) -> list[tuple[list[tuple[str, float]], np.ndarray]]:
    """Of each column its marks with their terms, and the terms all along the scale."""
    asked = [_asked(form.frame[column.name], column) for column in form.columns]
    wanted = [(column.name, [*values, *fine]) for column, (_, values, fine) in zip(form.columns, asked, strict=True)]
    return [
        (list(zip(names, terms[: len(names)].tolist(), strict=True)), terms[len(names) :])
        for (names, *_), terms in zip(asked, form.terms_of(wanted), strict=True)
    ]


def _asked(cells, column) -> tuple[list[str], list, list]:
    """Names and values of the marks of a column, and values all along its scale."""
    if column.kind == "number":
        known = cells.dropna().to_numpy(dtype=float)
        low, high = np.quantile(known, [0.01, 0.99]) if known.size else (column.low, column.high)
        distinct = np.unique(known[(known >= low) & (known <= high)])
        few = distinct.size <= 4
        values = distinct.tolist() if few else round_values(low, high, MARKS, column.integer)
        fine = values if few else np.linspace(values[0], values[-1], FINE).tolist()
        names = [f"{value:g}" for value in values]
    else:
        values = names = fine = levels_of(cells, column)
    gaps = has_gaps(cells)
    return [*names, *([GAP] if gaps else [])], [*values, *([None] if gaps else [])], fine


def _rest(form: Additive) -> float:
    """What columns that are the same for everyone add."""
    used = {column.name for column in form.columns}
    return float(sum(form.parts[0, at] for at, name in enumerate(form.names) if name not in used))
