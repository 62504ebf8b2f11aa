"""What acting on a risk at a threshold leads to: counts, rates, net benefit, and how to choose the threshold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from medtune.evaluation.arrays import checked, checked_threshold
from medtune.evaluation.confusion import MEASURES, confusion_counts, rates
from medtune.evaluation.discrimination import counts_above
from medtune.evaluation.intervals import clopper_pearson, ratio_limits, wilson
from medtune.evaluation.resampling import Resamples
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate

THRESHOLDS = np.arange(101) / 100


@dataclass(frozen=True)
class ThresholdTable:
    """Everything a threshold slider needs, so that a move is a look-up.

    Attributes
    ----------
    threshold : ndarray of shape (101,)
        0.00, 0.01, ... 1.00; a risk at the threshold is positive.
    tp, fp, fn, tn : ndarray of shape (101,)
        Counts, mean over repeats.
    measures : mapping of str to ndarray of shape (3, 101)
        Value, low and high of sensitivity, specificity, ppv, npv, accuracy,
        balanced_accuracy, f1, mcc, lr_positive, lr_negative, net_benefit and
        flagged (share of patients at or above the threshold). NaN where one
        cannot be had, for example ppv when nobody is flagged.
    """

    threshold: np.ndarray
    tp: np.ndarray
    fp: np.ndarray
    fn: np.ndarray
    tn: np.ndarray
    measures: dict[str, np.ndarray]

    def row(self, threshold: float) -> int:
        """The row of the table nearest to a threshold."""
        return int(np.argmin(np.abs(self.threshold - threshold)))

    def estimate(self, measure: str, threshold: float) -> Estimate:
        """One measure at the nearest threshold of the table."""
        return Estimate(*(float(x) for x in self.measures[measure][:, self.row(threshold)]))


@dataclass(frozen=True)
class AtThreshold:
    """Counts and measures at one threshold; counts are means over repeats."""

    threshold: float
    tp: float
    fp: float
    fn: float
    tn: float
    measures: dict[str, Estimate]


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit over thresholds, against treating all or none.

    Attributes
    ----------
    threshold : ndarray of shape (k,)
    net_benefit : ndarray of shape (3, k)
        Value, low, high.
    treat_all, treat_none : ndarray of shape (k,)
    avoided : ndarray of shape (3, k)
        Interventions avoided per 100 patients, against treating all, without
        missing more events (Vickers & Elkin 2006).
    """

    threshold: np.ndarray
    net_benefit: np.ndarray
    treat_all: np.ndarray
    treat_none: np.ndarray
    avoided: np.ndarray


def net_benefit(y: np.ndarray, risks: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Net benefit of treating those at or above each threshold, mean over repeats.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
    thresholds : array-like of shape (k,)
        Ascending.

    Returns
    -------
    ndarray of shape (k,)
        True positives per patient, false positives subtracted at the odds of
        the threshold.

    Notes
    -----
    TP/n - FP/n * t/(1-t); Vickers & Elkin 2006 Med Decis Making 26:565.
    """
    thresholds = np.atleast_1d(np.asarray(thresholds, dtype=float))
    tp, fp = confusion_counts(y, risks, thresholds)
    events = np.sum(y)
    return rates(tp, fp, events, np.size(y) - events, thresholds, ["net_benefit"])["net_benefit"].mean(axis=0)


def net_benefit_of_all(prevalence: float, thresholds: np.ndarray) -> np.ndarray:
    """Net benefit of treating everybody; NaN at a threshold of 1."""
    thresholds = np.asarray(thresholds, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = prevalence - (1 - prevalence) * thresholds / (1 - thresholds)
    return np.where(np.isfinite(value), value, np.nan)


def at_threshold(
    y: np.ndarray,
    risks: np.ndarray,
    threshold: float | None = None,
    *,
    draws: Resamples | None = None,
    exact: bool = False,
) -> AtThreshold:
    """Confusion matrix and measures at one threshold.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
    threshold : float, optional
        The event rate when None; p >= threshold is positive.
    draws : Resamples, optional
        For the intervals that have no closed form.
    exact : bool
        Clopper-Pearson instead of Wilson for proportions.

    Returns
    -------
    AtThreshold
    """
    y, risks = checked(y, risks)
    threshold = checked_threshold(threshold, y)
    table = threshold_table(y, risks, draws, thresholds=np.array([threshold]), exact=exact)
    measures = {name: Estimate(*(float(x) for x in value[:, 0])) for name, value in table.measures.items()}
    return AtThreshold(threshold, *(float(x[0]) for x in (table.tp, table.fp, table.fn, table.tn)), measures)


def threshold_table(
    y: np.ndarray,
    risks: np.ndarray,
    draws: Resamples | None = None,
    *,
    thresholds: np.ndarray = THRESHOLDS,
    exact: bool = False,
) -> ThresholdTable:
    """Counts and measures, with intervals, over thresholds.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
        Measures are computed for each repeat and averaged over the repeats in
        which they exist.
    draws : Resamples, optional
        Gives balanced accuracy, F1, MCC and net benefit their intervals, and,
        when patients have several rows, all measures theirs.
    thresholds : ndarray of shape (k,)
        Ascending.
    exact : bool
        Clopper-Pearson instead of Wilson.

    Returns
    -------
    ThresholdTable
        Limits of proportions are Wilson's on the counts averaged over
        repeats; those of likelihood ratios come from the log method.
    """
    y, risks = checked(y, risks)
    events, others = int(y.sum()), int(y.size - y.sum())
    each_tp, each_fp = confusion_counts(y, risks, thresholds)
    tp, fp = each_tp.mean(axis=0), each_fp.mean(axis=0)
    values = {name: _mean(v) for name, v in rates(each_tp, each_fp, events, others, thresholds).items()}
    limits = {name: (np.full(tp.size, np.nan),) * 2 for name in MEASURES}
    if draws is not None and draws.size:
        names = MEASURES if draws.clustered else ("balanced_accuracy", "f1", "mcc", "net_benefit")
        limits |= _drawn_limits(y, risks, thresholds, draws, names)
    if draws is None or not draws.clustered:
        limits |= _closed_limits(tp, fp, events, others, clopper_pearson if exact else wilson)
    measures = {name: _stacked(values[name], *limits[name]) for name in MEASURES}
    return ThresholdTable(np.asarray(thresholds, dtype=float), tp, fp, events - tp, others - fp, measures)


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the repeats in which a measure exists."""
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.where(there, values, 0).sum(axis=0) / there.sum(axis=0)


def _stacked(value, low, high):
    # Percentiles, and closed limits of averaged counts, can miss the value by a little; they are widened to it.
    return np.stack([value, np.minimum(low, value), np.maximum(high, value)])


def _closed_limits(tp, fp, events, others, proportion) -> Mapping:
    fn, tn = events - tp, others - fp
    return {
        "sensitivity": proportion(tp, events),
        "specificity": proportion(tn, others),
        "ppv": proportion(tp, tp + fp),
        "npv": proportion(tn, tn + fn),
        "accuracy": proportion(tp + tn, events + others),
        "flagged": proportion(tp + fp, events + others),
        "lr_positive": ratio_limits(tp, events, fp, others)[1:],
        "lr_negative": ratio_limits(fn, events, tn, others)[1:],
    }


def _drawn_limits(y, risks, thresholds, draws, names) -> Mapping:
    totals = draws.sums(np.stack([y, 1 - y], axis=1))
    usable = (totals > 0).all(axis=1)
    if usable.sum() < max(2, draws.size / 2):
        return {}
    events, others = totals[usable, :1], totals[usable, 1:]
    sums = dict.fromkeys(names, 0.0)
    for p in risks:
        tp, fp = counts_above(y, p, thresholds, draws)
        drawn = rates(tp[usable], fp[usable], events, others, thresholds, names)
        for name in names:
            sums[name] = sums[name] + drawn[name]
    return {name: _quantiles(total / len(risks)) for name, total in sums.items()}


def _quantiles(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """2.5% and 97.5% points of each column; NaN where more than half of the resamples have no value."""
    if np.isfinite(drawn).all():
        return tuple(np.quantile(drawn, [0.025, 0.975], axis=0))
    low, high = np.full(drawn.shape[1], np.nan), np.full(drawn.shape[1], np.nan)
    enough = np.isfinite(drawn).sum(axis=0) >= max(2, len(drawn) / 2)
    if enough.any():
        low[enough], high[enough] = np.nanquantile(drawn[:, enough], [0.025, 0.975], axis=0)
    return low, high


def decision_curve(
    y: np.ndarray,
    risks: np.ndarray,
    draws: Resamples | None = None,
    *,
    thresholds: np.ndarray = THRESHOLDS,
    table: ThresholdTable | None = None,
) -> DecisionCurve:
    """Net benefit over thresholds with its interval, treat all, treat none, and interventions avoided.

    Parameters
    ----------
    y : array-like of shape (n,)
    risks : array-like of shape (n,) or (repeats, n)
    draws : Resamples, optional
        For the interval.
    thresholds : ndarray of shape (k,)
        Ascending.
    table : ThresholdTable, optional
        When it is at hand already; `risks`, `draws` and `thresholds` are then not used.

    Returns
    -------
    DecisionCurve
    """
    table = threshold_table(y, risks, draws, thresholds=thresholds) if table is None else table
    return decision_curve_of(table)


def decision_curve_of(table: ThresholdTable) -> DecisionCurve:
    """The decision curve that a threshold table holds."""
    t = table.threshold
    prevalence = float((table.tp[0] + table.fn[0]) / (table.tp[0] + table.fp[0] + table.fn[0] + table.tn[0]))
    benefit, treat_all = table.measures["net_benefit"], net_benefit_of_all(prevalence, table.threshold)
    with np.errstate(invalid="ignore", divide="ignore"):
        avoided = np.where(t > 0, 100 * (benefit - treat_all) * (1 - t) / t, np.nan)
    return DecisionCurve(t, benefit, treat_all, np.zeros(t.size), avoided)


def threshold_by_consequence(false_alarms: float) -> float:
    """The threshold at which missing one event is as bad as this many false alarms: 1 / (1 + N).

    Raises
    ------
    MedtuneError
        A number that is not above 0.
    """
    if not (math.isfinite(false_alarms) and false_alarms > 0):
        raise MedtuneError(
            "The number of false alarms that are as bad as one missed event must be above 0; it is {number}.",
            number=false_alarms,
        )
    return 1 / (1 + false_alarms)


def threshold_by_capacity(risks: np.ndarray, alerts: float, patients: float) -> float:
    """The lowest threshold that flags no more than this share of patients.

    Parameters
    ----------
    risks : array-like of shape (n,) or (repeats, n)
        Risks of patients the model was not fitted to (out-of-fold or new);
        with repeats, the mean of their thresholds.
    alerts, patients : float
        At most `alerts` a day among `patients` a day.

    Returns
    -------
    float
        Just above the highest risk when not even one patient may be flagged.

    Raises
    ------
    MedtuneError
        A capacity that is negative, or no patients.
    """
    risks = np.atleast_2d(np.asarray(risks, dtype=float))
    if not (patients > 0 and alerts >= 0):
        raise MedtuneError("Alerts must be 0 or more and patients above 0; give both for the same span of time.")
    thresholds = []
    for p in risks:
        candidates, counts = np.unique(p, return_counts=True)
        share = counts[::-1].cumsum()[::-1] / p.size
        fits = np.flatnonzero(share <= alerts / patients + 1e-12)
        thresholds.append(candidates[fits[0]] if fits.size else np.nextafter(candidates[-1], 2))
    return float(np.mean(thresholds))


def at_prevalence(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float]:
    """PPV and NPV in a population with another event rate, by Bayes' rule; NaN where nobody would test so."""
    positive = sensitivity * prevalence + (1 - specificity) * (1 - prevalence)
    negative = specificity * (1 - prevalence) + (1 - sensitivity) * prevalence
    return (
        sensitivity * prevalence / positive if positive > 0 else math.nan,
        specificity * (1 - prevalence) / negative if negative > 0 else math.nan,
    )
