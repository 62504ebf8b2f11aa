"""What each column does by itself in a model that is no sum: curves, and how much of the model they tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from medtune.cohort.columns import describe
from medtune.evaluation.logistic import RISK_FLOOR, logit
from medtune.explanation.contributions import Explanation
from medtune.explanation.effects import grid, spread_over
from medtune.foundation.estimate import Estimate

COLUMNS, PATIENTS, RESAMPLES = 12, 120, 300


@dataclass(frozen=True, eq=False)
class MainEffect:
    """The effect of one column, averaged over patients, from its own mean.

    Attributes
    ----------
    column : str
    values : ndarray of shape (k,)
        Of a number; empty for a category.
    levels : tuple of str
        Of a category; empty for a number.
    effect : ndarray of shape (k,)
        In log-odds, or in risk.
    low, high : ndarray of shape (k,)
        95% interval of `effect`, over patients.
    least, most : ndarray of shape (k,)
        Between these the curves of eight in ten patients lie; a wide gap says that other columns have a say.
    """

    column: str
    values: np.ndarray
    levels: tuple[str, ...]
    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    most: np.ndarray


@dataclass(frozen=True, eq=False)
class MainEffects:
    """Main effects of a model.

    Attributes
    ----------
    effects : tuple of MainEffect
        The most important column first.
    share : Estimate
        Of the variance of the model's predictions, the share that the sum of these curves tells.
    scale : {"log-odds", "probability"}
    n : int
        Patients averaged over.
    """

    effects: tuple[MainEffect, ...]
    share: Estimate
    scale: str
    n: int


def main_effects(model: Any, frame: pd.DataFrame, told: Explanation | None = None, seed: int = 0) -> MainEffects:
    """What each column does by itself.

    Parameters
    ----------
    model : ClinicalModel or fitted classifier
    frame : DataFrame of shape (n, columns)
        The patients.
    told : Explanation, optional
        Says which columns matter most; the first ones of the model when None.
    seed : int
        Of the sample of patients and of the bootstrap.

    Returns
    -------
    MainEffects
        Centred partial dependence (Friedman 2001 Ann Stat 29:1189) in log-odds; in risk where some risks are 0 or 1.
    """
    frame = model.check(frame).frame if hasattr(model, "check") else frame
    rng = np.random.default_rng(seed)
    size = min(len(frame), PATIENTS)
    patients = frame.iloc[np.sort(rng.choice(len(frame), size, replace=False))].reset_index(drop=True)
    risk = _risk(model, patients)
    scale = "probability" if ((risk <= RISK_FLOOR) | (risk >= 1 - RISK_FLOOR)).any() else "log-odds"
    found, parts = [], []
    for column in _columns(model, frame, told):
        places = grid(frame[column.name], column)
        if len(places) < 2:
            continue
        table = spread_over(patients, column.name, places)
        curves = _said(model, table, scale).reshape(len(places), size)
        found.append(_effect(column, places, curves, rng))
        parts.append(_read_off(found[-1], patients[column.name]))
    return MainEffects(tuple(found), _share(_said(model, patients, scale), np.array(parts), rng), scale, size)


def _columns(model: Any, frame: pd.DataFrame, told: Explanation | None):
    known = {column.name: column for column in getattr(model, "columns", None) or describe(frame)}
    names = list(known)
    if told is not None:
        names = sorted(told.columns, key=lambda name: -told.importance[name].value)
    usable = [known[name] for name in names if name in known and name in frame]
    return [column for column in usable if column.kind in ("number", "category")][:COLUMNS]


def _risk(model: Any, frame: pd.DataFrame) -> np.ndarray:
    return np.asarray(model.predict_proba(frame), dtype=float)[:, 1]


def _said(model: Any, frame: pd.DataFrame, scale: str) -> np.ndarray:
    risk = _risk(model, frame)
    return risk if scale == "probability" else logit(risk)


def _effect(column, places: list, curves: np.ndarray, rng: np.random.Generator) -> MainEffect:
    curves = curves - curves.mean(axis=0)
    n = curves.shape[1]
    draws = curves @ (rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).T / n)
    low, high = np.quantile(draws, [0.025, 0.975], axis=1)
    least, most = np.quantile(curves, [0.1, 0.9], axis=1)
    numeric = column.kind == "number"
    values = np.asarray(places, dtype=float) if numeric else np.empty(0)
    levels = () if numeric else tuple(map(str, places))
    return MainEffect(column.name, values, levels, curves.mean(axis=1), low, high, least, most)


def _read_off(effect: MainEffect, cells: pd.Series) -> np.ndarray:
    """The curve at each patient's value; 0 where it is missing or no level of the curve."""
    if effect.levels:
        at = dict(zip(effect.levels, effect.effect.tolist(), strict=True))
        return np.array([at.get(str(cell), 0.0) for cell in cells])
    values = cells.to_numpy(dtype=float)
    return np.where(np.isnan(values), 0.0, np.interp(np.nan_to_num(values), effect.values, effect.effect))


def _share(said: np.ndarray, parts: np.ndarray, rng: np.random.Generator) -> Estimate:
    """Squared correlation of the sum of curves with the model's own prediction."""
    total = parts.sum(axis=0) if parts.size else np.zeros(len(said))

    def of(rows: np.ndarray) -> float:
        one, two = said[rows], total[rows]
        if not np.ptp(one) or not np.ptp(two):
            return np.nan
        return float(np.corrcoef(one, two)[0, 1] ** 2)

    n = len(said)
    return Estimate.from_draws(of(np.arange(n)), np.array([of(rng.integers(0, n, n)) for _ in range(RESAMPLES)]))
