"""Patients whom a model gets wrong: how far off it is, whether the label may be wrong, who resembles them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.evaluation.logistic import clip_risk
from medtune.foundation.estimate import Estimate
from medtune.foundation.settings import Preparation

LISTED = 100
FEWEST, LEAVES, DEPTH = 100, 4, 2


@dataclass(frozen=True)
class Hard:
    """One patient of the review list.

    Attributes
    ----------
    row : int
        Position among those who took part.
    outcome : int
        1 with the event, 0 without it; or the number of the class.
    risk : float
        Out of fold, the mean over repeats; of the recorded class where there are several.
    loss : float
        Log-loss of this risk.
    label_score : float
        Between 0 and 1; low where the recorded outcome is unlikely to be right.
    likely : int
        Number of the most likely class; -1 for an event.
    """

    row: int
    outcome: int
    risk: float
    loss: float
    label_score: float
    likely: int = -1


@dataclass(frozen=True)
class Opposite:
    """A similar patient who had the other outcome; `distance` in standard deviations over all columns."""

    row: int
    distance: float


@dataclass(frozen=True)
class ErrorGroup:
    """A group of patients and how wrong the model is about them.

    Attributes
    ----------
    conditions : tuple of (column, relation, value)
        Relation is "up to", "above", "is", "is not"; all of them hold.
    n, events : int
        Patients of the half that measures, and events among them; of several classes, those whose most likely class
        is the recorded one.
    risk : float
        Their mean risk; of several classes, that of the recorded one.
    loss : Estimate
        Their mean log-loss, 95% interval.
    """

    conditions: tuple[tuple[str, str, str], ...]
    n: int
    events: int
    risk: float
    loss: Estimate


def hard_patients(y: np.ndarray, risk: np.ndarray, rows: np.ndarray) -> tuple[Hard, ...]:
    """The patients farthest from their risk, and those whose label is the most doubtful.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    risk : ndarray of shape (n,)
        Out-of-fold risks, never in-sample ones.
    rows : ndarray of shape (n,)
        Positions of these patients.

    Returns
    -------
    tuple of Hard
        The first `LISTED` of each ranking, the largest log-loss first. The label score is cleanlab's self-confidence,
        adjusted for how sure the model is of each outcome (Northcutt 2021 JAIR 70:1373).
    """
    p = clip_risk(risk)
    loss = -np.where(y == 1, np.log(p), np.log1p(-p))
    order, score = _listed(y, np.column_stack([1 - p, p]), loss)
    return tuple(Hard(int(rows[at]), int(y[at]), float(risk[at]), float(loss[at]), float(score[at])) for at in order)


def hard_class_patients(y: np.ndarray, risks: np.ndarray, rows: np.ndarray) -> tuple[Hard, ...]:
    """The same for several classes.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Class numbers from 0.
    risks : ndarray of shape (n, K)
        Out-of-fold risks.
    rows : ndarray of shape (n,)
        Positions of these patients.

    Returns
    -------
    tuple of Hard
        As `hard_patients`.
    """
    p = clip_risk(risks)
    own = p[np.arange(len(y)), y]
    order, score = _listed(y, p / p.sum(axis=1, keepdims=True), -np.log(own))
    likely = risks.argmax(axis=1)
    return tuple(
        Hard(int(rows[at]), int(y[at]), float(own[at]), float(-np.log(own[at])), float(score[at]), int(likely[at]))
        for at in order
    )


def _listed(y: np.ndarray, risks: np.ndarray, loss: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Who comes on the list, the largest log-loss first, and the label score of everybody."""
    from cleanlab.rank import get_label_quality_scores

    adjust = len(np.unique(y)) == risks.shape[1]
    score = get_label_quality_scores(y.astype(int), risks, method="self_confidence", adjust_pred_probs=adjust)
    first = set(np.argsort(-loss, kind="stable")[:LISTED]) | set(np.argsort(score, kind="stable")[:LISTED])
    return sorted(first, key=lambda place: -loss[place]), score


def opposites(
    frame: pd.DataFrame, columns: Sequence[Column], y: np.ndarray, row: int, count: int = 3
) -> tuple[Opposite, ...]:
    """The most similar patients who had the other outcome.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
        Predictors.
    columns : sequence of Column
    y : ndarray of shape (n,)
    row : int
        Whose like is looked for.
    count : int

    Returns
    -------
    tuple of Opposite
        By Euclidean distance of prepared, standardised columns; gaps are filled.
    """
    from medtune.cohort.preparation import make_preparation

    prepared = make_preparation(tuple(columns), Preparation())
    T = np.asarray(prepared.fit_transform(frame[[column.name for column in columns]]), dtype=float)
    others = np.flatnonzero(y != y[row])
    distance = np.sqrt(((T[others] - T[row]) ** 2).sum(axis=1))
    nearest = np.argsort(distance, kind="stable")[:count]
    return tuple(Opposite(int(others[at]), float(distance[at])) for at in nearest)


def error_map(
    frame: pd.DataFrame, columns: Sequence[Column], y: np.ndarray, risk: np.ndarray, seed: int = 0
) -> tuple[ErrorGroup, ...]:
    """Where errors gather: a shallow tree of the log-loss, grown on one half and measured on the other.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
        Predictors.
    columns : sequence of Column
    y, risk : ndarray of shape (n,)
        Outcomes and out-of-fold risks.
    seed : int
        Of the halves.

    Returns
    -------
    tuple of ErrorGroup
        The largest mean log-loss first; empty below 100 patients. Honest trees: Athey & Imbens 2016 PNAS 113:7353.
    """
    p = clip_risk(risk)
    return _gathered(frame, columns, -np.where(y == 1, np.log(p), np.log1p(-p)), y, risk, seed)


def class_error_map(
    frame: pd.DataFrame, columns: Sequence[Column], y: np.ndarray, risks: np.ndarray, seed: int = 0
) -> tuple[ErrorGroup, ...]:
    """Where errors about several classes gather, as `error_map`.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
        Predictors.
    columns : sequence of Column
    y : ndarray of shape (n,)
        Class numbers from 0.
    risks : ndarray of shape (n, K)
        Out-of-fold risks.
    seed : int
        Of the halves.

    Returns
    -------
    tuple of ErrorGroup
    """
    own = risks[np.arange(len(y)), y]
    right = (risks.argmax(axis=1) == y).astype(int)
    return _gathered(frame, columns, -np.log(clip_risk(own)), right, own, seed)


def _gathered(
    frame: pd.DataFrame, columns: Sequence[Column], loss: np.ndarray, y: np.ndarray, risk: np.ndarray, seed: int
) -> tuple[ErrorGroup, ...]:
    from sklearn.tree import DecisionTreeRegressor

    from medtune.cohort.preparation import feature_keys, make_preparation

    n = len(y)
    if n < FEWEST:
        return ()
    prepared = make_preparation(tuple(columns), Preparation(scale="none"))
    T = np.asarray(prepared.fit_transform(frame[[column.name for column in columns]]), dtype=float)
    order = np.random.default_rng(seed).permutation(n)
    grow, measure = order[: n // 2], order[n // 2 :]
    leaf = max(15, len(grow) // 10)
    tree = DecisionTreeRegressor(max_leaf_nodes=LEAVES, max_depth=DEPTH, min_samples_leaf=leaf, random_state=seed)
    tree.fit(T[grow], loss[grow])
    at = tree.apply(T[measure])
    ways = _ways(tree.tree_, list(feature_keys(prepared)), {column.name for column in columns})
    groups = []
    for node, conditions in ways.items():
        some = measure[at == node]
        if len(some) < 2:
            continue
        mean, error = float(loss[some].mean()), float(loss[some].std(ddof=1) / np.sqrt(len(some)))
        limits = Estimate(mean, max(0.0, mean - 1.96 * error), mean + 1.96 * error)
        groups.append(ErrorGroup(conditions, len(some), int(y[some].sum()), float(risk[some].mean()), limits))
    return tuple(sorted(groups, key=lambda group: -group.loss.value))


def _ways(tree, keys: list[str], names: set[str]) -> dict[int, tuple[tuple[str, str, str], ...]]:
    """The conditions that lead to each leaf."""
    found, waiting = {}, [(0, ())]
    while waiting:
        node, conditions = waiting.pop()
        if tree.children_left[node] < 0:
            found[node] = conditions
            continue
        key, limit = keys[tree.feature[node]], float(tree.threshold[node])
        low, high = _told(key, limit, names)
        waiting += [(tree.children_left[node], (*conditions, low)), (tree.children_right[node], (*conditions, high))]
    return found


def _told(key: str, limit: float, names: set[str]) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    if key in names:
        value = f"{limit:.4g}"
        return (key, "up to", value), (key, "above", value)
    column, _, level = key.partition("=") if "=" in key else (key.removesuffix(" is missing"), "", "missing")
    return (column, "is not", level), (column, "is", level)
