"""One patient: the estimated risk, how it follows each column, and the smallest changes that would move it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.values import holds_any
from medtune.explanation.contributions import Explanation, explain
from medtune.explanation.effects import spread_over
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

FINE, COARSE, STEPS = 41, 13, 60  # values of a column alone, in a pair, and steps of several together
BACKGROUND, SHOWN = 200, 5
TRIED = 4  # digits of the values that are tried, so that they can be written and typed as they were


@dataclass(frozen=True, eq=False)
class Seen:
    """What the models say of one patient.

    Attributes
    ----------
    risk : Estimate
        With a 95% interval where the method has one: the uncertainty of the update, the original counts as known.
    before : float
        Risk under the original; NaN without one.
    notes : tuple of Sentence
        Values that the model has not met, and gaps.
    explanation : Explanation
        Of this one patient, against a sample of the local patients.
    """

    risk: Estimate
    before: float
    notes: tuple[Sentence, ...]
    explanation: Explanation


@dataclass(frozen=True)
class Changeable:
    """A column that may be changed, within limits.

    Attributes
    ----------
    column : str
    low, high : float
        Plausible values of a number; passed over for a category.
    way : {"either", "lower", "higher"}
        In which direction a number may be changed.
    levels : tuple of str
        Levels that a category may take.
    sd : float
        What a change of a number is measured in.
    """

    column: str
    low: float = np.nan
    high: float = np.nan
    way: str = "either"
    levels: tuple[str, ...] = ()
    sd: float = 1.0


@dataclass(frozen=True)
class Counterfactual:
    """Changes that move a patient across the threshold.

    Attributes
    ----------
    changes : mapping of str to float or str
        New value of each changed column.
    risk : float
        The model's risk with these values.
    cost : float
        Size of the changes: standard deviations of numbers, 1 for a category, summed.
    """

    changes: Mapping[str, float | str]
    risk: float
    cost: float


def one_row(values: Mapping[str, object], columns: Sequence[Column]) -> pd.DataFrame:
    """A table of one patient as a model reads it.

    Parameters
    ----------
    values : mapping of str to object
        By column; None is missing.
    columns : sequence of Column

    Returns
    -------
    DataFrame of one row
    """
    cells = {}
    for column in columns:
        value = values.get(column.name)
        if column.kind == "number":
            cells[column.name] = np.array([np.nan if value is None else float(value)])
        else:
            cells[column.name] = pd.Series([value if value is None else str(value)], dtype="str")
    return pd.DataFrame(cells)


def look(model: Any, original: Any, patient: pd.DataFrame, others: pd.DataFrame, seed: int = 0) -> Seen:
    """Estimate and explain the risk of one patient.

    Parameters
    ----------
    model : ClinicalModel
    original : ClinicalModel or None
    patient : DataFrame of one row
    others : DataFrame
        Local patients to compare with.
    seed : int
        For the sample of them.

    Returns
    -------
    Seen
    """
    risk = float(model.risk(patient)[0])
    # An update of very many columns has no covariance, and so no interval.
    known = hasattr(model.estimator, "covariance_")
    interval = getattr(model.estimator, "risk_interval", None) if known else None
    value = Estimate(risk)
    if interval is not None:
        ready = model.check(patient).frame[[column.name for column in model.columns]]
        low, high = interval(ready)[0]
        value = Estimate(risk, float(low), float(high))
    told = explain(model, patient, others, limit=BACKGROUND, seed=seed)
    before = float(original.risk(patient)[0]) if original is not None else np.nan
    return Seen(value, before, strange(model.columns, patient), told)


def strange(columns: Sequence[Column], patient: pd.DataFrame) -> tuple[Sentence, ...]:
    """What of one patient the model has not met: gaps, new categories, values outside the training range.

    Parameters
    ----------
    columns : sequence of Column
        As the model knows them.
    patient : DataFrame of one row

    Returns
    -------
    tuple of Sentence
    """
    notes = []
    for column in columns:
        cell = patient[column.name].iloc[0]
        if pd.isna(cell):
            notes.append(say("'{column}' is missing; the model fills it by its own rule.", column=column.name))
        elif column.codes and holds_any(patient[column.name], column.codes).any():
            words = "This value of '{column}' stands for missing; the model fills it by its own rule."
            notes.append(say(words, column=column.name))
        elif column.kind == "number" and not column.low <= cell <= column.high and column.low == column.low:
            notes.append(
                say(
                    "'{column}' is outside the training range, {low:g} to {high:g}: the risk is an extrapolation.",
                    column=column.name,
                    low=column.low,
                    high=column.high,
                )
            )
        elif column.kind == "category" and column.levels and str(cell) not in column.levels:
            notes.append(say("'{column}' has a category that the model has never seen.", column=column.name))
    return tuple(notes)


def curve(models: Sequence[Any], patient: pd.DataFrame, column: str, places: list) -> np.ndarray:
    """Risk of one patient if one column had other values (individual conditional expectation, Goldstein 2015).

    Parameters
    ----------
    models : sequence of ClinicalModel
    patient : DataFrame of one row
    column : str
    places : list
        Values to put in.

    Returns
    -------
    ndarray of shape (models, places)
    """
    table = spread_over(patient, column, places)
    return np.array([model.risk(table) for model in models])


def counterfactuals(
    model: Any, patient: pd.DataFrame, changeable: Sequence[Changeable], threshold: float, columns: Sequence[Column]
) -> tuple[Counterfactual, ...]:
    """Smallest changes of the columns given that bring a patient to the other side of the threshold.

    Parameters
    ----------
    model : ClinicalModel
    patient : DataFrame of one row
    changeable : sequence of Changeable
        Columns whose value is missing here are passed over.
    threshold : float
        A risk equal to it counts as flagged.
    columns : sequence of Column
        Say which numbers are whole.

    Returns
    -------
    tuple of Counterfactual
        Fewest columns first, then the smallest change; each was predicted with exactly these values. Empty when none
        is found within the limits: one column is searched finely, two on a grid, more by the steepest steps.
    """
    search = _Search(model, patient, changeable, threshold, {column.name: column for column in columns})
    found = search.alone()
    if len(found) < SHOWN:
        found += search.pairs({next(iter(one.changes)) for one in found})
    if not found:
        found = search.together()
    order = sorted(found, key=lambda one: (len(one.changes), one.cost))
    return tuple(order[:SHOWN])


class _Search:
    """Asks the model about many versions of one patient at a time."""

    def __init__(self, model, patient, changeable, threshold, columns) -> None:
        self.model, self.patient, self.threshold, self.columns = model, patient, threshold, columns
        self.now = {one.column: patient[one.column].iloc[0] for one in changeable}
        self.open = [one for one in changeable if not pd.isna(self.now[one.column])]
        self.down = float(model.risk(patient)[0]) >= threshold

    def alone(self) -> list[Counterfactual]:
        """The nearest value of each column that suffices by itself."""
        tried = [{one.column: value} for one in self.open for value in self._places(one, FINE)]
        found: dict[str, Counterfactual] = {}
        for made in self._reaching(tried):
            (name,) = made.changes
            if name not in found or made.cost < found[name].cost:
                found[name] = made
        return list(found.values())

    def pairs(self, settled: set[str]) -> list[Counterfactual]:
        """The nearest two values of each pair of which neither column suffices."""
        best = []
        for one, two in combinations([c for c in self.open if c.column not in settled], 2):
            tried = [
                {one.column: a, two.column: b} for a in self._places(one, COARSE) for b in self._places(two, COARSE)
            ]
            found = self._reaching(tried)
            best += [min(found, key=lambda made: made.cost)] if found else []
        return best

    def together(self) -> list[Counterfactual]:
        """From where the patient is, always the step that changes the risk most for its size, until it suffices."""
        made: dict[str, float | str] = {}
        here = float(self._risks([made])[0])
        for _ in range(STEPS):
            options = [{**made, one.column: value} for one in self.open for value in self._next(one, made)]
            if not options:
                return []
            # All that can be done next is asked about at once; of each column only the better way is taken.
            risks = self._risks(options)
            gain = here - risks if self.down else risks - here
            size = np.array([max(self._cost(step) - self._cost(made), 1e-9) for step in options])
            owner = [next(name for name in step if step[name] != made.get(name)) for step in options]
            ways = [
                max((at for at, name in enumerate(owner) if name == one), key=gain.__getitem__) for one in set(owner)
            ]
            best = max(sorted(ways), key=lambda at: gain[at] / size[at])
            if gain[ways].max() <= 0:
                return []
            made, here = options[best], float(risks[best])
            if self._suffices(here):
                return [Counterfactual(made, here, self._cost(made))]
        return []

    def _next(self, one: Changeable, made: Mapping) -> list[float | str]:
        """The next values of a column from where it is now, either way, or the other levels."""
        at = made.get(one.column, self.now[one.column])
        if one.levels:
            return [level for level in one.levels if level != at] if one.column not in made else []
        places = sorted(self._places(one, COARSE))
        sides = [[p for p in places if p < at][-1:], [p for p in places if p > at][:1]]
        options = [side[0] for side in sides if side]
        if one.column in made:  # never back
            options = [p for p in options if abs(p - self.now[one.column]) > abs(at - self.now[one.column])]
        return options

    def _places(self, one: Changeable, count: int) -> list:
        """Values a column may take, other than the present one."""
        now = self.now[one.column]
        if one.levels:
            return [level for level in one.levels if level != now]
        low = one.low if one.way != "higher" else max(one.low, now)
        high = one.high if one.way != "lower" else min(one.high, now)
        if not low < high:
            return []
        values = np.linspace(low, high, count)
        column = self.columns.get(one.column)
        whole = column is not None and column.integer
        values = np.unique(np.round(values) if whole else [float(f"{value:.{TRIED}g}") for value in values])
        return [float(value) for value in values if value != now and low <= value <= high]

    def _reaching(self, tried: list[dict]) -> list[Counterfactual]:
        if not tried:
            return []
        risks = self._risks(tried)
        return [
            Counterfactual(values, float(risk), self._cost(values))
            for values, risk in zip(tried, risks, strict=True)
            if self._suffices(risk)
        ]

    def _suffices(self, risk: float) -> bool:
        return risk < self.threshold if self.down else risk >= self.threshold

    def _risks(self, versions: list[dict]) -> np.ndarray:
        table = self.patient.iloc[np.zeros(len(versions), dtype=int)].reset_index(drop=True)
        for name in {name for values in versions for name in values}:
            table[name] = pd.Series([values.get(name, self.now[name]) for values in versions], dtype=table[name].dtype)
        return self.model.risk(table)

    def _cost(self, values: Mapping) -> float:
        by_name = {one.column: one for one in self.open}
        return sum(
            1.0 if by_name[name].levels else abs(float(value) - float(self.now[name])) / (by_name[name].sd or 1.0)
            for name, value in values.items()
        )
