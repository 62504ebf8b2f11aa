"""What acting at a threshold means on a ward: alerts, alerts for each true case, and patients of another event rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from medtune.evaluation.decisions import ThresholdTable, at_prevalence
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate


@dataclass(frozen=True)
class Workload:
    """What a threshold asks of those who act on it.

    Attributes
    ----------
    threshold : float
    flagged : Estimate
        Share of patients at or above the threshold.
    sensitivity, ppv : Estimate
    alerts_per_case : Estimate
        Alerts for each true case, 1 / PPV; NaN when no flagged patient has the event.
    """

    threshold: float
    flagged: Estimate
    sensitivity: Estimate
    ppv: Estimate
    alerts_per_case: Estimate


def workload(table: ThresholdTable, row: int) -> Workload:
    """What one row of a threshold table asks for.

    Parameters
    ----------
    table : ThresholdTable
    row : int

    Returns
    -------
    Workload
    """
    flagged, sensitivity, ppv = (_estimate(table, name, row) for name in ("flagged", "sensitivity", "ppv"))
    return Workload(float(table.threshold[row]), flagged, sensitivity, ppv, _inverse(ppv))


def row_for_capacity(table: ThresholdTable, alerts: float, patients: float) -> int:
    """The lowest threshold of a table that flags no more patients than can be looked after.

    Parameters
    ----------
    table : ThresholdTable
        Of risks of patients the model was not fitted to; their outcomes play no part in the choice.
    alerts, patients : float
        At most `alerts` a day among `patients` a day.

    Returns
    -------
    int
        Row of the table; the last when even a threshold of 100% flags more.

    Raises
    ------
    MedtuneError
        A capacity that is negative, or no patients.
    """
    if not (patients > 0 and alerts >= 0):
        raise MedtuneError("Alerts must be 0 or more and patients above 0; give both for the same span of time.")
    fits = np.flatnonzero(np.asarray(table.measures["flagged"])[0] <= alerts / patients + 1e-12)
    return int(fits[0]) if fits.size else len(table.threshold) - 1


def predictive_values(table: ThresholdTable, row: int, prevalence: float) -> tuple[Estimate, Estimate]:
    """PPV and NPV where the event has another prevalence, with intervals.

    Parameters
    ----------
    table : ThresholdTable
    row : int
    prevalence : float
        Share of patients with the event there, between 0 and 1, both excluded.

    Returns
    -------
    ppv, npv : Estimate
        By Bayes' rule from sensitivity and specificity, which are taken to hold there too. Their limits follow from
        those of the likelihood ratios, on which alone they depend once the prevalence is given.

    Raises
    ------
    MedtuneError
        A prevalence that is not between 0 and 1.
    """
    if not 0 < prevalence < 1:
        raise MedtuneError("The event rate elsewhere must lie between 0 and 100%.")
    sensitivity, specificity = (float(table.measures[name][0, row]) for name in ("sensitivity", "specificity"))
    if not (math.isfinite(sensitivity) and math.isfinite(specificity)):
        return Estimate(math.nan), Estimate(math.nan)
    ppv, npv = at_prevalence(sensitivity, specificity, prevalence)
    odds = prevalence / (1 - prevalence)
    positive, negative = (_estimate(table, name, row) for name in ("lr_positive", "lr_negative"))
    with_flag = [odds * limit / (1 + odds * limit) for limit in (positive.low, positive.high)]
    without = [1 / (1 + odds * limit) for limit in (negative.high, negative.low)]
    return Estimate(ppv, *with_flag), Estimate(npv, *without)


def _estimate(table: ThresholdTable, measure: str, row: int) -> Estimate:
    return Estimate(*(float(x) for x in np.asarray(table.measures[measure])[:, row]))


def _inverse(ppv: Estimate) -> Estimate:
    if not ppv.known or ppv.value <= 0:
        return Estimate(math.nan)
    if not ppv.bounded or ppv.low <= 0:
        return Estimate(1 / ppv.value)
    return Estimate(1 / ppv.value, 1 / ppv.high, 1 / ppv.low)
