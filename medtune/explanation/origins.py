"""Which of the user's columns each prepared feature comes from, for any transformer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def as_matrix(features: Any) -> np.ndarray:
    """Features as a dense float array, whatever a transformer gave."""
    dense = features.toarray() if hasattr(features, "toarray") else features
    return np.asarray(dense, dtype=float)


def membership(transformer: Any, frame: pd.DataFrame) -> np.ndarray | None:
    """Say which column each feature comes from.

    Parameters
    ----------
    transformer : fitted transformer or None
        None when the columns are the features themselves.
    frame : DataFrame of shape (n, columns)
        Rows to look at where the transformer does not tell.

    Returns
    -------
    ndarray of shape (features, columns) or None
        1 where the feature comes from the column, else 0; None when a feature mixes columns.
        A feature that is the same in all rows of `frame` belongs to no column: it cannot tell patients apart.

    Notes
    -----
    A transformer of medtune's own knows. Of any other it is found out by exchanging the cells of one
    column between rows: a feature comes from the one column whose exchange changes it.
    """
    names = list(frame.columns)
    if transformer is None:
        return np.eye(len(names))
    from medtune.cohort.expression import Expression
    from medtune.cohort.preparation import Preparation, feature_origins

    steps = [
        step for _, step in getattr(transformer, "steps", [("", transformer)]) if step not in (None, "passthrough")
    ]
    if len(steps) == 1 and isinstance(steps[0], (Expression, Preparation)):
        place = {name: at for at, name in enumerate(names)}
        known = np.zeros((len(steps[0].keys_), len(names)))
        for row, origin in enumerate(feature_origins(steps[0])):
            known[row, place[origin]] = 1
        return known
    return _by_exchange(transformer, frame)


def _by_exchange(transformer: Any, frame: pd.DataFrame) -> np.ndarray | None:
    before = as_matrix(transformer.transform(frame))
    found = np.zeros((before.shape[1], frame.shape[1]))
    for at, name in enumerate(frame.columns):
        for shift in {1, max(1, len(frame) // 2)}:
            moved = frame.copy()
            moved[name] = frame[name].array.take(np.roll(np.arange(len(frame)), shift))
            after = as_matrix(transformer.transform(moved))
            changed = ~((after == before) | (np.isnan(after) & np.isnan(before))).all(axis=0)
            found[changed, at] = 1
    varies = ~((before == before[:1]) | np.isnan(before) & np.isnan(before[:1])).all(axis=0)
    owners = found.sum(axis=1)
    return found if (owners <= 1).all() and (owners[varies] == 1).all() else None
