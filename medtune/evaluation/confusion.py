"""Counts at a threshold, and every measure that follows from them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from medtune.evaluation.arrays import checked


def _f1(tp, fp, events, others, threshold):
    return 2 * tp / (tp + fp + events) * np.where(events > 0, 1, np.nan)


def _mcc(tp, fp, events, others, threshold):
    flagged = tp + fp
    spread = np.sqrt(flagged * events * others * (events + others - flagged))
    # TP * TN - FP * FN, with FN = events - TP and TN = others - FP.
    return np.where(spread > 0, (tp * others - fp * events) / np.where(spread > 0, spread, 1), 0.0)


def _net_benefit(tp, fp, events, others, threshold):
    # At a threshold of 1 a false positive weighs infinitely much: with none the benefit is TP/n, else not defined.
    odds = threshold / (1 - np.asarray(threshold, dtype=float))
    return (tp - np.where(fp > 0, fp * odds, 0.0)) / (events + others)


OF_COUNTS = {
    "sensitivity": lambda tp, fp, events, others, t: tp / events,
    "specificity": lambda tp, fp, events, others, t: 1 - fp / others,
    "ppv": lambda tp, fp, events, others, t: tp / (tp + fp),
    "npv": lambda tp, fp, events, others, t: (others - fp) / (events - tp + others - fp),
    "accuracy": lambda tp, fp, events, others, t: (tp + others - fp) / (events + others),
    "balanced_accuracy": lambda tp, fp, events, others, t: (tp / events + 1 - fp / others) / 2,
    "f1": _f1,
    "mcc": _mcc,
    "lr_positive": lambda tp, fp, events, others, t: (tp / events) / (fp / others),
    "lr_negative": lambda tp, fp, events, others, t: (1 - tp / events) / (1 - fp / others),
    "net_benefit": _net_benefit,
    "flagged": lambda tp, fp, events, others, t: (tp + fp) / (events + others),
}
MEASURES = tuple(OF_COUNTS)


def confusion_counts(y: np.ndarray, risks: np.ndarray, thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True and false positives at each threshold in each repeat.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
    thresholds : array-like of shape (k,)
        Ascending; p >= t is positive.

    Returns
    -------
    tp, fp : ndarray of shape (repeats, k)
    """
    y, risks = checked(y, risks)
    thresholds = np.atleast_1d(np.asarray(thresholds, dtype=float))
    k = thresholds.size
    true, false = np.empty((len(risks), k)), np.empty((len(risks), k))
    for r, p in enumerate(risks):
        bins = np.searchsorted(thresholds, p, side="right") + (k + 1) * (1 - y)
        cells = np.bincount(bins, minlength=2 * (k + 1)).reshape(2, k + 1)
        true[r], false[r] = cells[:, ::-1].cumsum(axis=1)[:, -2::-1]
    return true, false


def rates(
    tp: np.ndarray,
    fp: np.ndarray,
    events: np.ndarray,
    others: np.ndarray,
    threshold: np.ndarray,
    names: Iterable[str] = MEASURES,
) -> dict[str, np.ndarray]:
    """Measures at a threshold from its counts.

    Parameters
    ----------
    tp, fp : ndarray
        Positives with and without the event; last axis runs over thresholds.
    events, others : float or ndarray
        Patients with and without the event; broadcast against `tp`.
    threshold : float or ndarray
    names : iterable of str
        Which of `MEASURES`.

    Returns
    -------
    dict of str to ndarray
        NaN where a denominator is zero, except mcc, which is then 0 by
        convention (as in scikit-learn). f1 is 0 when no event is found and
        NaN when there is none.

    Notes
    -----
    Net benefit: TP/n - FP/n * t/(1-t), Vickers & Elkin 2006 Med Decis Making 26:565.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        out = {name: OF_COUNTS[name](tp, fp, events, others, threshold) for name in names}
    for value in out.values():
        value[~np.isfinite(value)] = np.nan
    return out
