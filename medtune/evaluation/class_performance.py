"""Everything there is to say about risks of several classes, and about two sets of them on the same patients."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from medtune.evaluation.calibration import CalibrationCurve, calibration
from medtune.evaluation.discrimination import RocCurve, _area, auroc_draws, roc_curve
from medtune.evaluation.headline import Headline, MeasuresByName, headline
from medtune.evaluation.logistic import clip_risk
from medtune.evaluation.multiclass import checked_classes
from medtune.evaluation.performance import Comparison, RiskDistribution, paired_t, risk_distribution
from medtune.evaluation.resampling import Resamples, cluster_numbers
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate

OVERALL = ("log_loss", "hand_till", "brier", "accuracy", "macro_recall", "macro_f1")
OF_A_CLASS = ("recall", "precision", "f1")
ONE_AGAINST_REST = ("auroc", "oe", "slope", "citl", "brier")


@dataclass(frozen=True)
class OneClass:
    """One class against all others.

    Attributes
    ----------
    name : str
    n, events : int
        Patients, and those of this class.
    headline : dict of str to Estimate
        auroc, oe (observed over expected), slope, citl and brier of the risk of this class; recall, precision and
        f1 when the most likely class is taken.
    roc : RocCurve
    calibration : CalibrationCurve
    distribution : RiskDistribution
        Of the risk of this class, among its patients and among all others.
    """

    name: str
    n: int
    events: int
    headline: dict[str, Estimate]
    roc: RocCurve
    calibration: CalibrationCurve
    distribution: RiskDistribution


@dataclass(frozen=True)
class ClassPerformance(MeasuresByName):
    """Risks of several classes, evaluated.

    Attributes
    ----------
    n : int
        Patients (rows).
    classes : tuple of str
        Names, in the order of the risks.
    headline : dict of str to Estimate
        log_loss, hand_till (mean AUROC over pairs of classes), brier (summed over classes, 0 to 2), accuracy,
        macro_recall and macro_f1 of the most likely class.
    each : tuple of OneClass
    confusion : ndarray of shape (K, K)
        True class (rows) by most likely class (columns), mean over repeats.
    """

    n: int
    classes: tuple[str, ...]
    headline: dict[str, Estimate]
    each: tuple[OneClass, ...]
    confusion: np.ndarray


def checked_class_risks(y: np.ndarray, risks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Classes and their risks in the shape every measure works on.

    Parameters
    ----------
    y : array-like of shape (n,)
        Class numbers from 0.
    risks : array-like of shape (n, K) or (repeats, n, K)

    Returns
    -------
    y : ndarray of shape (n,), int
    risks : ndarray of shape (repeats, n, K)

    Raises
    ------
    MedtuneError
        Shapes that differ, unknown classes, risks outside 0 to 1 or that do not add up to 1.
    """
    risks = np.asarray(risks, dtype=float)
    risks = risks[None] if risks.ndim == 2 else risks
    for one in risks:
        y, _ = checked_classes(y, one)
    if risks.ndim != 3 or not np.allclose(risks.sum(axis=2), 1, rtol=0, atol=1e-6):
        raise MedtuneError("The risks of the classes must add up to 1 for every patient; check the model's output.")
    return y, risks


def class_headline(y: np.ndarray, risks: np.ndarray, draws: Resamples | None = None) -> Headline:
    """The measures that candidates are compared by, with their value in each resample.

    Parameters
    ----------
    y : array-like of shape (n,)
        Class numbers from 0.
    risks : array-like of shape (n, K) or (repeats, n, K)
        Each measure is computed for each repeat and then averaged.
    draws : Resamples, optional
        Shared by all candidates, so that their differences are paired; None gives values without intervals.

    Returns
    -------
    Headline
        By `OVERALL`, and ``recall 0``, ``precision 0``, ``f1 0`` and so on for each class; its threshold is NaN.
    """
    y, risks = checked_class_risks(y, risks)
    each = [_one_repeat(y, p, draws) for p in risks]
    names = list(each[0][0])
    values = {name: float(np.mean([value[name] for value, _ in each])) for name in names}
    if draws is None or not draws.size:
        return Headline(values, {}, float("nan"))
    return Headline(values, {name: np.mean([d[name] for _, d in each], axis=0) for name in names}, float("nan"))


def patient_class_log_loss(y: np.ndarray, risks: np.ndarray) -> np.ndarray:
    """Log-loss of each patient, shape (n,), mean over repeats, from risks of shape (repeats, n, K)."""
    return -np.log(clip_risk(risks[:, np.arange(len(y)), y])).mean(axis=0)


def _one_repeat(y: np.ndarray, p: np.ndarray, draws: Resamples | None) -> tuple[dict, dict]:
    n, k = p.shape
    cells = np.zeros((n, k * k))
    cells[np.arange(n), k * y + p.argmax(axis=1)] = 1
    loss, squares = patient_class_log_loss(y, p[None]), ((p - np.eye(k)[y]) ** 2).sum(axis=1)
    columns = np.column_stack([np.ones(n), loss, squares, cells])
    values = _of_sums(columns.sum(axis=0), k)
    pairs = [(np.where(y == i, 1, np.where(y == j, 0, -1)), p[:, i]) for i, j in permutations(range(k), 2)]
    values["hand_till"] = float(np.mean([_area(pair, risk) for pair, risk in pairs]))
    if draws is None or not draws.size:
        return values, {}
    drawn = _of_sums(draws.sums(columns).T, k)
    drawn["hand_till"] = np.mean([auroc_draws(pair, risk, draws) for pair, risk in pairs], axis=0)
    return values, drawn


def _of_sums(sums: np.ndarray, k: int) -> dict:
    """Measures that follow from sums over patients; `sums` is (3 + K * K,) or (3 + K * K, resamples)."""
    total, matrix = sums[0], sums[3:].reshape(k, k, *sums.shape[1:])
    right = np.stack([matrix[i, i] for i in range(k)])
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, precision = right / matrix.sum(axis=1), right / matrix.sum(axis=0)
        f1 = 2 * right / (matrix.sum(axis=0) + matrix.sum(axis=1))
    measures = {
        "log_loss": sums[1] / total,
        "brier": sums[2] / total,
        "accuracy": right.sum(axis=0) / total,
        "macro_recall": recall.mean(axis=0),
        "macro_f1": f1.mean(axis=0),
    }
    for name, values in zip(OF_A_CLASS, (recall, precision, f1), strict=True):
        measures |= {f"{name} {i}": values[i] for i in range(k)}
    return measures


def evaluate_classes(
    y: np.ndarray,
    risks: np.ndarray,
    classes: tuple[str, ...],
    *,
    clusters: np.ndarray | None = None,
    resamples: int = 500,
    seed: int = 0,
    draws: Resamples | None = None,
    head: Headline | None = None,
) -> ClassPerformance:
    """Evaluate risks of several classes against what happened.

    Parameters
    ----------
    y : array-like of shape (n,)
        Class numbers from 0.
    risks : array-like of shape (n, K) or (repeats, n, K)
        Measures are computed for each repeat, then averaged.
    classes : tuple of str
        Names of the K classes.
    clusters : array-like of shape (n,), optional
        Patient ids, when they repeat: whole patients are then resampled.
    resamples, seed : int
        For the bootstrap, unless `draws` are given.
    draws : Resamples, optional
        Shared with other candidates.
    head : Headline, optional
        What `class_headline` gave for these risks on `draws`.

    Returns
    -------
    ClassPerformance

    Notes
    -----
    Hand & Till 2001 Machine Learning 45:171; Van Calster 2012 Stat Med 31:2610 on looking at each class against the
    rest. All intervals come from resampled patients.
    """
    y, risks = checked_class_risks(y, risks)
    draws = Resamples.draw(y.size, resamples, seed, clusters) if draws is None else draws
    head = class_headline(y, risks, draws) if head is None else head
    k = risks.shape[2]
    cells = np.mean([np.bincount(k * y + p.argmax(axis=1), minlength=k * k) for p in risks], axis=0)
    return ClassPerformance(
        n=int(y.size),
        classes=tuple(classes),
        headline={name: head.estimate(name) for name in OVERALL},
        each=tuple(_one_class(y, risks, place, name, draws, head) for place, name in enumerate(classes)),
        confusion=cells.reshape(k, k),
    )


def _one_class(y, risks, place: int, name: str, draws: Resamples, head: Headline) -> OneClass:
    there, p = (y == place).astype(int), np.clip(risks[:, :, place], 0, 1)
    rest = headline(there, p, draws)
    measures = {measure: rest.estimate(measure) for measure in ONE_AGAINST_REST}
    measures |= {measure: head.estimate(f"{measure} {place}") for measure in OF_A_CLASS}
    return OneClass(
        name=name,
        n=int(y.size),
        events=int(there.sum()),
        headline=measures,
        roc=roc_curve(there, p, draws),
        calibration=calibration(there, p)[0],
        distribution=risk_distribution(there, p),
    )


def compare_classes(
    y: np.ndarray,
    original_risks: np.ndarray,
    candidate_risks: np.ndarray,
    *,
    clusters: np.ndarray | None = None,
    resamples: int = 500,
    seed: int = 0,
    draws: Resamples | None = None,
    original_head: Headline | None = None,
    candidate_head: Headline | None = None,
) -> Comparison:
    """Compare a candidate with the original, patient by patient.

    Parameters
    ----------
    y : array-like of shape (n,)
        Class numbers from 0.
    original_risks, candidate_risks : array-like of shape (n, K) or (repeats, n, K)
    clusters : array-like of shape (n,), optional
        Patient ids, when they repeat.
    resamples, seed : int
        For the bootstrap, unless `draws` are given.
    draws : Resamples, optional
        Must be those of both headlines, so that differences are paired.
    original_head, candidate_head : Headline, optional
        What `class_headline` gave on `draws`.

    Returns
    -------
    Comparison
    """
    y, original_risks = checked_class_risks(y, original_risks)
    y, candidate_risks = checked_class_risks(y, candidate_risks)
    if original_head is None or candidate_head is None:
        draws = Resamples.draw(y.size, resamples, seed, clusters) if draws is None else draws
    original = original_head or class_headline(y, original_risks, draws)
    candidate = candidate_head or class_headline(y, candidate_risks, draws)
    gains = patient_class_log_loss(y, original_risks) - patient_class_log_loss(y, candidate_risks)
    units = None if clusters is None else cluster_numbers(clusters, y.size)
    differences = {name: candidate.difference(original, name) for name in OVERALL}
    return Comparison(paired_t(gains, units), differences["log_loss"].scaled(-1), differences)
