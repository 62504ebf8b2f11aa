"""What tuning changed about a model: its coefficients, the effect of each column, the contributions of each patient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from medtune.explanation.contributions import CAVEAT, Explanation, explain, importance, whom_explained
from medtune.explanation.effects import Effect, effects
from medtune.explanation.exact import spread
from medtune.explanation.linear_form import LinearForm, linear_form
from medtune.explanation.one_class import class_line, one_class
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

PATIENTS = 1000
SAME = 1e-9
NOTHING = 0.05  # standard errors of the tuned coefficient below which the original's is next to nothing


@dataclass(frozen=True)
class CoefficientChange:
    """One coefficient in both models, in log-odds per unit of the column as uploaded.

    Attributes
    ----------
    name : str
        "intercept", or a column or level.
    before : float
        NaN when the original does not read it.
    after : Estimate
    ratio : Estimate
        After over before: how much of the original's effect is left; NaN where that is none or next to nothing.
    """

    name: str
    before: float
    after: Estimate
    ratio: Estimate


@dataclass(frozen=True, eq=False)
class Changes:
    """The original against the tuned model on the same patients.

    Attributes
    ----------
    coefficients : tuple of CoefficientChange
        Where both are linear in the columns as uploaded; else empty.
    effects : tuple of Effect
        Curves of the columns whose contributions change most, these first.
    difference : Explanation
        Its contributions are those in the tuned model less those in the original, in log-odds, against the same
        patients; `baseline` is the change of the mean log-odds, `risk` that of the tuned model.
    before : ndarray of shape (patients,)
        Risk under the original of the same patients.
    note : Sentence
        How the contributions were had.
    against : int
        Number of the class that the coefficients are against; -1 for an event.
    """

    coefficients: tuple[CoefficientChange, ...]
    effects: tuple[Effect, ...]
    difference: Explanation
    before: np.ndarray
    note: Sentence
    against: int = -1


def changes(original: Any, tuned: Any, frame: pd.DataFrame, seed: int = 0) -> Changes:
    """Compare two models in the user's own columns.

    Parameters
    ----------
    original, tuned : ClinicalModel
    frame : DataFrame of shape (n, columns)
        The local patients.
    seed : int
        For samples.

    Returns
    -------
    Changes
    """
    told, before = contribution_changes(original, tuned, frame, seed=seed)
    order = sorted(told.columns, key=lambda name: -told.importance[name].value)
    known = {column.name: column for column in (*original.columns, *tuned.columns)}
    columns = tuple(known[name] for name in order if name in known and name in frame)
    curves = effects(original, tuned, frame, columns, seed)
    return Changes(coefficient_changes(original, tuned), curves, told, before, told.note)


def class_changes(original: Any, tuned: Any, frame: pd.DataFrame, place: int, seed: int = 0) -> Changes:
    """Compare what two models of the same classes say of one class.

    Parameters
    ----------
    original, tuned : ClinicalModel
        Of several classes.
    frame : DataFrame of shape (n, columns)
        The local patients.
    place : int
        Of the class.
    seed : int
        For samples.

    Returns
    -------
    Changes
        Of its risk against all other classes; its coefficients are of the log-odds against the class `against`,
        since those against all others are no line.
    """
    told = changes(one_class(original, place), one_class(tuned, place), frame, seed)
    one, two = class_line(original, place), class_line(tuned, place)
    if one is None or two is None:
        return told
    return replace(told, coefficients=_between(one[0], two[0]), against=two[1])


def contribution_changes(
    original: Any, tuned: Any, frame: pd.DataFrame, rows: np.ndarray | None = None, seed: int = 0
) -> tuple[Explanation, np.ndarray]:
    """Contributions in the tuned model less those in the original, of the same patients, in log-odds.

    Parameters
    ----------
    original, tuned : ClinicalModel
    frame : DataFrame of shape (n, columns)
        The local patients.
    rows : ndarray of int, optional
        Whom to explain, against all others; a sample of at most 1,000 against itself when None.
    seed : int

    Returns
    -------
    difference : Explanation
        See `Changes`.
    before : ndarray of shape (patients,)
        Their risks under the original.
    """
    background = None if rows is None else frame
    given = np.arange(len(frame)) if rows is None else np.asarray(rows, dtype=int)
    some, wanted = frame.iloc[given], len(given)
    one = explain(original, some, background, limit=PATIENTS, seed=seed, additive=True)
    if len(one.rows) < len(given):  # the method affords fewer: both models tell of the same
        given, some = given[one.rows], some.iloc[one.rows]
    two = explain(tuned, some, background, limit=PATIENTS, seed=seed, additive=True)
    if len(two.rows) < len(given):
        given, some = given[two.rows], some.iloc[two.rows]
        one = explain(original, some, background, limit=PATIENTS, seed=seed, additive=True)
    columns = tuple(dict.fromkeys((*two.columns, *one.columns)))
    change = spread(two.contributions, two.columns, columns) - spread(one.contributions, one.columns, columns)
    values = np.full((len(given), len(columns)), np.nan)
    for side in (one, two):
        for at, name in enumerate(side.columns):
            values[:, columns.index(name)] = side.values[:, at]  # noqa: PD011
    told = replace(
        two,
        columns=columns,
        contributions=change,
        values=values,
        levels={**one.levels, **two.levels},
        baseline=two.baseline - one.baseline,
        rows=given,
        importance=importance(columns, change, seed),
        note=say(
            "{method} {whom}, measured against the mean of {others} patients. {caveat}",
            method=_method_of_both(one.note.fields["method"], two.note.fields["method"]),
            whom=whom_explained(len(given), wanted),
            others=min(PATIENTS, len(given) if background is None else len(background)),
            caveat=CAVEAT,
        ),
    )
    return told, one.risk


def _method_of_both(one: Sentence, two: Sentence) -> Sentence:
    """How contributions were had: once where both models were asked alike, of the less certain one if by sampling."""
    if str(one) == str(two):
        return one
    errors = [method.fields.get("error") for method in (one, two)]
    if None not in errors and one.template == two.template:
        return one if errors[0] >= errors[1] else two
    return say("Of the original: {one} Of the tuned model: {two}", one=one, two=two)


def coefficient_changes(original: Any, tuned: Any) -> tuple[CoefficientChange, ...]:
    """Every coefficient before and after; empty unless both models are linear in the columns as uploaded.

    Parameters
    ----------
    original, tuned : ClinicalModel

    Returns
    -------
    tuple of CoefficientChange
        The limits hold the original for known; they are NaN where the method has no standard errors.
    """
    one, two = linear_form(original), linear_form(tuned)
    return () if one is None or two is None else _between(one, two)


def _between(one: LinearForm, two: LinearForm) -> tuple[CoefficientChange, ...]:
    error = np.nan if two.errors is None else float(two.errors[0])
    rows = [_change("intercept", one.intercept, two.intercept, error)]
    for key in dict.fromkeys((*one.keys, *two.keys)):
        before = one.of(key)[0] if key in one.keys else np.nan
        rows.append(_change(key, before, *two.of(key)))
    return tuple(rows)


def _change(name: str, before: float, after: float, error: float) -> CoefficientChange:
    half = 1.959964 * error
    later = Estimate(after, after - half, after + half) if np.isfinite(error) else Estimate(after)
    least = SAME if not np.isfinite(error) else max(SAME, NOTHING * error)
    fixed = np.isfinite(before) and abs(before) > least and name != "intercept"
    return CoefficientChange(name, float(before), later, later.scaled(1 / before) if fixed else Estimate(np.nan))


def reason(told: Explanation, patient: int) -> tuple[str, float]:
    """The column that moved a patient's risk most, in the direction in which it moved.

    Parameters
    ----------
    told : Explanation
        The difference of two models, see `Changes`.
    patient : int
        Place in it.

    Returns
    -------
    column, change : str and float
        "" and 0 when no column moved it that way: then it moved with all patients, by `told.baseline`.
    """
    parts = told.contributions[patient]
    way = np.sign(told.baseline + parts.sum())
    best = int(np.argmax(parts * way)) if parts.size else -1
    if best < 0 or parts[best] * way <= SAME:
        return "", 0.0
    return told.columns[best], float(parts[best])
