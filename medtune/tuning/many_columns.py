"""Deviations on more columns than can be solved for directly, by way of the patients: the dual form of a ridge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ABOVE = 150  # columns from which the dual form is used; up to there one normal equation a column is quick
USUAL = 10  # columns of the transfers on which the prior half widths were tried


@dataclass(frozen=True)
class Scores:
    """Columns turned into as many scores as the patients span.

    Attributes
    ----------
    values : ndarray of shape (n, r)
        z = values @ weights', z the centred columns per SD.
    weights : ndarray of shape (q, r)
        Orthonormal.
    narrower : float
        What half widths of the prior of one deviation are multiplied by: sqrt(10 / q), so that all of them together
        may move a patient as far as ten usual columns may.
    """

    values: np.ndarray
    weights: np.ndarray
    narrower: float


def scores_of(z: np.ndarray) -> Scores:
    """Turn centred, scaled columns into scores.

    Parameters
    ----------
    z : ndarray of shape (n, q)

    Returns
    -------
    Scores

    Notes
    -----
    A ridge does not change when columns are rotated, and directions in which no patient differs get no deviation,
    so a fit on the scores under the same prior is the fit on the columns, exactly, at the cost of n^3 instead of q^3
    (Hastie & Tibshirani 2004 Biostatistics 5:329).
    """
    values, vectors = np.linalg.eigh(z @ z.T)
    kept = values > 1e-10 * max(values[-1], 1e-300)
    size = np.sqrt(values[kept])
    left = vectors[:, kept]
    return Scores(left * size, z.T @ (left / size), float(np.sqrt(USUAL / z.shape[1])))
