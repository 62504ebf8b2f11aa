"""What is known of the two models a run compares beyond what every method is measured by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from medtune.evaluation.benefit import BenefitGain, benefit_gain
from medtune.evaluation.certainty import ReferBand, refer_band
from medtune.evaluation.distances import calibration_distances
from medtune.evaluation.precision_recall import PrecisionRecallCurve, precision_recall_curve
from medtune.evaluation.resampling import Resamples
from medtune.foundation.estimate import Estimate

ERRORS = (0.05, 0.1, 0.2)


@dataclass(frozen=True)
class CloserLook:
    """More of one set of risks.

    Attributes
    ----------
    precision_recall : PrecisionRecallCurve
    distances : dict of str to Estimate
        ici, e50, e90, emax and eci with intervals.
    bands : tuple of ReferBand
        The band to refer at each error rate of `ERRORS`.
    """

    precision_recall: PrecisionRecallCurve
    distances: dict[str, Estimate]
    bands: tuple[ReferBand, ...]


@dataclass(frozen=True)
class CloserEvaluation:
    """More of the models that a run compares.

    Attributes
    ----------
    models : dict of str to CloserLook
        By key of the method.
    gain : BenefitGain or None
        Net benefit of the judged method less that of the reference; None where there is but one.
    """

    models: dict[str, CloserLook] = field(default_factory=dict)
    gain: BenefitGain | None = None


def look_closer(
    y: np.ndarray, risks: Mapping[str, np.ndarray], draws: Resamples | None, reference: str, tuned: str
) -> CloserEvaluation:
    """Take a closer look at the reference and the judged method.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    risks : mapping of str to ndarray of shape (repeats, n)
        Out-of-fold risks by method.
    draws : Resamples, optional
        For the intervals.
    reference, tuned : str
        Keys of the two; they may be the same.

    Returns
    -------
    CloserEvaluation
    """
    keys = dict.fromkeys(key for key in (reference, tuned) if key in risks)
    models = {
        key: CloserLook(
            precision_recall_curve(y, risks[key], draws),
            calibration_distances(y, risks[key], draws),
            tuple(refer_band(y, risks[key], error) for error in ERRORS),
        )
        for key in keys
    }
    gain = benefit_gain(y, risks[tuned], risks[reference], draws) if len(keys) > 1 else None
    return CloserEvaluation(models, gain)
