"""Where the bars of a histogram begin and end."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

FEW_VALUES = 12


def bin_edges(known: np.ndarray, most: int = 30) -> np.ndarray:
    """Edges that suit a column: one bar for each value where there are few, else steps of equal width.

    Parameters
    ----------
    known : ndarray of shape (n,)
        Finite values.
    most : int
        Bars at most.

    Returns
    -------
    ndarray of shape (bars + 1,)
    """
    if known.size == 0:
        return np.array([0.0, 1.0])
    distinct = np.unique(known)
    if 1 < distinct.size <= FEW_VALUES:
        half = np.diff(distinct).min() / 2
        middles = [(low + high) / 2 for low, high in pairwise(distinct)]
        return np.array([distinct[0] - half, *middles, distinct[-1] + half])
    return np.histogram_bin_edges(known, bins=min(most, max(5, int(1.5 * np.sqrt(known.size)))))
