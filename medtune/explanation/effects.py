"""How the mean estimated risk follows one column, under the original and the tuned model, all else as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column

PATIENTS, FEWER, MANY = 100, 40, 12  # patients averaged over; fewer with many columns
STEPS, MOST = 20, 30  # places of a curve, and columns that get one
Z = 1.959964


@dataclass(frozen=True, eq=False)
class Effect:
    """Mean estimated risk if every patient had this value, by value.

    Attributes
    ----------
    column : str
    values : ndarray of shape (k,)
        Of a number; empty for a category.
    levels : tuple of str
        Of a category; empty for a number.
    before, after : ndarray of shape (k,)
        Under the original and the tuned model.
    low, high : ndarray of shape (k,)
        95% limits of `after`, NaN where the tuned model has no standard errors.
    """

    column: str
    values: np.ndarray
    levels: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def shift(self) -> float:
        """Largest distance between both curves, each taken from its own mean."""
        return float(np.max(np.abs((self.after - self.after.mean()) - (self.before - self.before.mean())), initial=0.0))


def effects(
    original: Any, tuned: Any, frame: pd.DataFrame, columns: tuple[Column, ...], seed: int = 0
) -> tuple[Effect, ...]:
    """Partial dependence (Friedman 2001 Ann Stat 29:1189) of both models, on the scale of the risk.

    Parameters
    ----------
    original, tuned : ClinicalModel
    frame : DataFrame of shape (n, columns)
        The local patients.
    columns : tuple of Column
        Those to follow, the most important first; at most `MOST` are.
    seed : int
        Of the sample of patients that is averaged over.

    Returns
    -------
    tuple of Effect
        Columns with fewer than two values are left out. The limits hold the original for known.
    """
    columns = [column for column in columns if column.kind in ("number", "category")][:MOST]
    size = min(len(frame), PATIENTS if len(columns) <= MANY else FEWER)
    rows = np.sort(np.random.default_rng(seed).choice(len(frame), size, replace=False))
    patients = frame.iloc[rows].reset_index(drop=True)
    found = []
    for column in columns:
        places = grid(frame[column.name], column)
        if len(places) < 2:
            continue
        table = spread_over(patients, column.name, places)
        before, after = (model.risk(table).reshape(len(places), size).mean(axis=1) for model in (original, tuned))
        low, high = _limits(tuned, table, after)
        numeric = column.kind == "number"
        values = np.asarray(places, dtype=float) if numeric else np.empty(0)
        levels = () if numeric else tuple(map(str, places))
        found.append(Effect(column.name, values, levels, before, after, low, high))
    return tuple(found)


def grid(cells: pd.Series, column: Column, steps: int = STEPS) -> list:
    """Where a column is looked at: levels of a category, else values between the 1st and 99th percentile.

    Parameters
    ----------
    cells : Series
        The column in the patients at hand.
    column : Column
        What it is.
    steps : int
        Values at most.

    Returns
    -------
    list
    """
    known = cells.dropna()
    if column.kind == "category":
        present = set(known.astype(str))
        return [level for level in column.levels if level in present] or sorted(present)
    values = known.to_numpy(dtype=float)
    if not values.size:
        return []
    low, high = np.quantile(values, [0.01, 0.99])
    distinct = np.unique(values[(values >= low) & (values <= high)])
    if distinct.size <= steps:
        return distinct.tolist()
    return np.unique(np.quantile(values, np.linspace(0.01, 0.99, steps))).tolist()


def spread_over(patients: pd.DataFrame, column: str, places: list) -> pd.DataFrame:
    """The same patients once for each value of one column, value by value.

    Parameters
    ----------
    patients : DataFrame of shape (m, columns)
    column : str
    places : list
        Values to put in.

    Returns
    -------
    DataFrame of shape (m * places, columns)
    """
    table = patients.iloc[np.tile(np.arange(len(patients)), len(places))].reset_index(drop=True)
    table[column] = np.repeat(np.asarray(places, dtype=object), len(patients))
    return table.infer_objects() if table[column].dtype == object else table


def _limits(tuned: Any, table: pd.DataFrame, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Delta method on the logit of the mean risk, from the covariance of the update's coefficients."""
    update, covariance = tuned.estimator, getattr(tuned.estimator, "covariance_", None)
    if covariance is None or not (hasattr(update, "slopes") or hasattr(update, "design")):
        nothing = np.full(len(after), np.nan)
        return nothing, nothing
    ready = tuned.check(table).frame[[column.name for column in tuned.columns]]
    slopes = update.slopes(ready) if hasattr(update, "slopes") else _slopes(update, ready)
    slope = slopes.reshape(len(after), -1, slopes.shape[1]).mean(axis=1)
    error = np.sqrt(np.einsum("ij,jk,ik->i", slope, covariance, slope).clip(0))
    mean = after.clip(1e-9, 1 - 1e-9)
    half = Z * error / (mean * (1 - mean))
    eta = np.log(mean / (1 - mean))
    return 1 / (1 + np.exp(-(eta - half))), 1 / (1 + np.exp(-(eta + half)))


def _slopes(update: Any, ready: pd.DataFrame) -> np.ndarray:
    """How the risk of an event follows each coefficient of its update; a class of several knows its own."""
    p = update.predict_proba(ready)[:, 1]
    return (p * (1 - p))[:, None] * update.design(ready)
