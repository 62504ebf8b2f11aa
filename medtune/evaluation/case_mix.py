"""What the case mix alone lets a model reach."""

from __future__ import annotations

import math

import numpy as np


def model_based_concordance(p: np.ndarray) -> float:
    """AUROC to expect among these patients if their risks were right: case mix without the model's faults.

    Parameters
    ----------
    p : array-like of shape (n,)
        Risks.

    Returns
    -------
    float
        NaN when no pair of patients could differ in outcome.

    Notes
    -----
    van Klaveren 2016 Stat Med 35:4136: pairs (i, j) weighted by p_i (1 - p_j), in n log n steps.
    """
    p = np.sort(np.asarray(p, dtype=float))
    rest = 1 - p
    running = np.append(0, np.cumsum(rest))
    below = running[np.searchsorted(p, p, "left")]
    not_above = running[np.searchsorted(p, p, "right")]
    # A patient is no pair with itself: its own half tie is taken out above, its weight below.
    own = p @ rest
    pairs = p.sum() * rest.sum() - own
    return float((p @ (below + not_above) / 2 - own / 2) / pairs) if pairs > 0 else math.nan
