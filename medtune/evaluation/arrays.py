"""The one gate for outcomes and risks: shapes, missing values and limits are checked here and nowhere else."""

from __future__ import annotations

import numpy as np

from medtune.foundation.errors import MedtuneError

LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 0.01, 0.99


def checked(y: np.ndarray, risks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and risks in the shape every measure works on.

    Parameters
    ----------
    y : array-like of shape (n,)
        Outcomes: 0, 1, or False, True.
    risks : array-like of shape (n,) or (repeats, n)
        Predicted risks, from 0 to 1.

    Returns
    -------
    y : ndarray of shape (n,), int
    risks : ndarray of shape (repeats, n), float

    Raises
    ------
    MedtuneError
        No patients, lengths that differ, outcomes that are not 0 or 1, risks
        that are missing or outside 0 to 1.
    """
    y = checked_outcome(y)
    risks = np.atleast_2d(np.asarray(risks, dtype=float))
    if risks.ndim != 2 or risks.shape[1] != y.size or not risks.size:
        raise MedtuneError(
            "There are {n} outcomes but risks for {m}; give one risk for each patient.",
            n=y.size,
            m=risks.shape[-1] if risks.size else 0,
        )
    # A NaN fails both comparisons, so one pass finds every kind of trouble.
    if not ((risks >= 0) & (risks <= 1)).all():
        _refuse(risks)
    return y, risks


def _refuse(risks: np.ndarray) -> None:
    missing = int(np.isnan(risks).sum())
    if missing:
        raise MedtuneError(
            "{count} of {n} risks are missing; leave those patients out or fill in what the model needs for them.",
            count=missing,
            n=risks.size,
        )
    outside = int(((risks < 0) | (risks > 1)).sum())
    raise MedtuneError(
        "{count} of {n} risks are outside 0 to 1; a risk of 20% must be given as 0.2.", count=outside, n=risks.size
    )


def checked_outcome(y: np.ndarray) -> np.ndarray:
    """Outcomes as integers 0 and 1; MedtuneError when there are none or others."""
    given = np.asarray(y)
    if given.ndim != 1 or not given.size:
        raise MedtuneError("There are no patients to evaluate; give at least one outcome with its risk.")
    if given.dtype.kind not in "biuf":
        raise MedtuneError("Outcomes must be 0 or 1, but they are not numbers; choose which value counts as the event.")
    other = int(((given != 0) & (given != 1)).sum())
    if other:
        raise MedtuneError(
            "{count} of {n} outcomes are neither 0 nor 1; choose which value counts as the event or mark it missing.",
            count=other,
            n=given.size,
        )
    return given.astype(np.int64)


def checked_threshold(threshold: float | None, y: np.ndarray) -> float:
    """The threshold in use: the one given, or the event rate kept within .01 and .99.

    Raises
    ------
    MedtuneError
        A threshold that is not between 0 and 1, both excluded.
    """
    if threshold is None:
        return float(np.clip(np.mean(y), LOWEST_THRESHOLD, HIGHEST_THRESHOLD))
    if not 0 < threshold < 1:
        raise MedtuneError("The threshold must lie between 0 and 1; it is {threshold}.", threshold=threshold)
    return float(threshold)
