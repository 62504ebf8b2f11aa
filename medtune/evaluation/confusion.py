"""Counts at a threshold, and every measure that follows from them."""

from __future__ import annotations

import numpy as np

from medtune.evaluation.arrays import checked

MEASURES = (
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "accuracy",
    "balanced_accuracy",
    "f1",
    "mcc",
    "lr_positive",
    "lr_negative",
    "net_benefit",
    "flagged",
)


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


def rates(tp: np.ndarray, fp: np.ndarray, events: np.ndarray, others: np.ndarray, threshold: np.ndarray) -> dict:
    """Every measure at a threshold from its counts.

    Parameters
    ----------
    tp, fp : ndarray
        Positives with and without the event; last axis runs over thresholds.
    events, others : float or ndarray
        Patients with and without the event; broadcast against `tp`.
    threshold : float or ndarray

    Returns
    -------
    dict of str to ndarray
        NaN where a denominator is zero, except f1 and mcc, which are then 0 by
        convention (as in scikit-learn), and f1 without any event, which is NaN.
    """
    n = events + others
    fn, tn = events - tp, others - fp
    flagged = tp + fp
    with np.errstate(invalid="ignore", divide="ignore"):
        sensitivity, specificity = tp / events, tn / others
        spread = np.sqrt(flagged * events * others * (n - flagged))
        out = {
            "sensitivity": sensitivity,
            "specificity": specificity,
            "ppv": tp / flagged,
            "npv": tn / (fn + tn),
            "accuracy": (tp + tn) / n,
            "balanced_accuracy": (sensitivity + specificity) / 2,
            "f1": 2 * tp / (flagged + events) * np.where(events > 0, 1, np.nan),
            "mcc": np.where(spread > 0, (tp * tn - fp * fn) / np.where(spread > 0, spread, 1), 0.0),
            "lr_positive": sensitivity / (1 - specificity),
            "lr_negative": (1 - sensitivity) / specificity,
            "net_benefit": benefit(tp, fp, n, threshold),
            "flagged": flagged / n,
        }
    return {name: np.where(np.isfinite(value), value, np.nan) for name, value in out.items()}


def benefit(tp: np.ndarray, fp: np.ndarray, n: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """Net benefit from counts: TP/n - FP/n * t/(1-t), Vickers & Elkin 2006 Med Decis Making 26:565."""
    # At a threshold of 1 a false positive weighs infinitely much: with none the benefit is TP/n, else not defined.
    with np.errstate(invalid="ignore", divide="ignore"):
        odds = threshold / (1 - np.asarray(threshold, dtype=float))
        return tp / n - np.where(fp > 0, fp * odds, 0.0) / n
