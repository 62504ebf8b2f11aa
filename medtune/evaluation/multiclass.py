"""Outcomes of more than two classes: Hand-Till, one-vs-rest areas, confusion matrix, proper scores."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from medtune.evaluation.discrimination import RocCurve, auroc, roc_curve
from medtune.evaluation.logistic import RISK_FLOOR
from medtune.foundation.errors import MedtuneError


def checked_classes(y: np.ndarray, risks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Classes as numbers from 0 and their risks, shape (n, classes); MedtuneError when they do not fit."""
    y, risks = np.asarray(y), np.asarray(risks, dtype=float)
    if risks.ndim != 2 or y.shape != risks.shape[:1] or not y.size:
        raise MedtuneError(
            "There are {n} outcomes but risks of shape {shape}; give one row of risks for each patient and "
            "one column for each class.",
            n=y.size,
            shape=str(risks.shape),
        )
    if not ((risks >= 0) & (risks <= 1)).all():
        raise MedtuneError("Risks of each class must lie between 0 and 1, with none missing; check the model's output.")
    if y.dtype.kind not in "biuf" or not np.isin(y, np.arange(risks.shape[1])).all():
        raise MedtuneError(
            "Outcomes must be class numbers from 0 to {last}, one for each column of risks.", last=risks.shape[1] - 1
        )
    return y.astype(np.int64), risks


def hand_till(y: np.ndarray, risks: np.ndarray) -> float:
    """Mean AUROC over all pairs of classes.

    Parameters
    ----------
    y : array-like of shape (n,)
        Class numbers from 0.
    risks : array-like of shape (n, classes)

    Returns
    -------
    float
        NaN when a class is absent.

    Notes
    -----
    Hand & Till 2001 Machine Learning 45:171; scikit-learn's `roc_auc_score(multi_class="ovo", average="macro")`.
    """
    y, risks = checked_classes(y, risks)
    areas = []
    for i, j in combinations(range(risks.shape[1]), 2):
        rows = (y == i) | (y == j)
        if not rows.any():
            return math.nan
        areas += [auroc(y[rows] == i, risks[rows, i]), auroc(y[rows] == j, risks[rows, j])]
    return float(np.mean(areas))


def one_vs_rest(y: np.ndarray, risks: np.ndarray) -> tuple[np.ndarray, tuple[RocCurve, ...]]:
    """AUROC and ROC curve of each class against all others.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n, classes)

    Returns
    -------
    areas : ndarray of shape (classes,)
    curves : tuple of RocCurve
    """
    y, risks = checked_classes(y, risks)
    classes = range(risks.shape[1])
    return (
        np.array([auroc(y == k, risks[:, k]) for k in classes]),
        tuple(roc_curve(y == k, risks[:, k]) for k in classes),
    )


def confusion_matrix(y: np.ndarray, risks: np.ndarray) -> np.ndarray:
    """Counts of true class (rows) by class of highest risk (columns), shape (classes, classes)."""
    y, risks = checked_classes(y, risks)
    k = risks.shape[1]
    return np.bincount(y * k + risks.argmax(axis=1), minlength=k * k).reshape(k, k)


def multiclass_log_loss(y: np.ndarray, risks: np.ndarray) -> float:
    """Mean of -ln of the risk given to the class that came true, risks kept at or above 1e-6."""
    y, risks = checked_classes(y, risks)
    return float(-np.log(np.maximum(risks[np.arange(y.size), y], RISK_FLOOR)).mean())


def multiclass_brier(y: np.ndarray, risks: np.ndarray) -> float:
    """Mean over patients of the squared error summed over classes (0 best, 2 worst)."""
    y, risks = checked_classes(y, risks)
    return float(((risks - np.eye(risks.shape[1])[y]) ** 2).sum(axis=1).mean())
