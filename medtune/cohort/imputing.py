"""Gaps in numbers filled by a model of the other numbers."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge

ROUNDS = 5  # of the iterative imputer
MOST_FITTED = 5000  # rows, evenly spread, that the iterative imputer learns from


def numbers_of(cells: list[np.ndarray], learnt: list[dict]) -> np.ndarray:
    """The number columns side by side, clipped as learnt, gaps left open.

    Parameters
    ----------
    cells : list of ndarray of shape (n,)
        The numbers.
    learnt : list of dict
        What was learnt of each, with its limits "low" and "high".

    Returns
    -------
    ndarray of shape (n, numbers)
    """
    return np.clip(np.column_stack(cells), [f["low"] for f in learnt], [f["high"] for f in learnt])


def fit_imputer(raw: np.ndarray) -> tuple[object, np.ndarray, np.ndarray]:
    """Learn to fill each number from the others, each in its own spread so that units do not matter.

    Parameters
    ----------
    raw : ndarray of shape (n, numbers)
        With gaps, no column empty.

    Returns
    -------
    imputer : IterativeImputer
    middle, width : ndarray of shape (numbers,)
        What it measures each number from, and in.

    Notes
    -----
    Chained equations (van Buuren 2011 J Stat Softw 45:3) by ridge regression, without random draws.
    """
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    middle, width = np.nanmean(raw, axis=0), np.nanstd(raw, axis=0)
    width[width <= 1e-12 * np.abs(middle)] = 1.0
    scaled = (raw - middle) / width
    step = -(-len(scaled) // MOST_FITTED)
    imputer = IterativeImputer(
        Ridge(alpha=1.0),
        max_iter=ROUNDS,
        tol=1e-2,
        random_state=0,
        imputation_order="roman",
        min_value=np.nanmin(scaled, axis=0) - 1e-9,
        max_value=np.nanmax(scaled, axis=0) + 1e-9,
        keep_empty_features=True,
    )
    with warnings.catch_warnings():  # five rounds are meant: that they do not converge is no news
        warnings.simplefilter("ignore", ConvergenceWarning)
        imputer.fit(scaled[::step])
    return imputer, middle, width


def filled(raw: np.ndarray, imputer: object, middle: np.ndarray, width: np.ndarray) -> np.ndarray:
    """The numbers with their gaps filled, in place.

    Parameters
    ----------
    raw : ndarray of shape (n, numbers)
    imputer, middle, width
        From `fit_imputer`.

    Returns
    -------
    ndarray of shape (n, numbers)
    """
    gaps = np.isnan(raw).any(axis=1)
    if gaps.any():
        raw[gaps] = imputer.transform((raw[gaps] - middle) / width) * width + middle
    return raw
