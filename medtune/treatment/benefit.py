"""Who benefits more: the difference an option makes, by the risk without it, and what treating by it would do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtune.foundation.estimate import Estimate
from medtune.treatment.scores import Scores, mean_estimate

QUARTERS = 4
POLICY_STEPS = 41


@dataclass(frozen=True)
class RiskQuarter:
    """A quarter of the patients by their estimated risk without the treatment.

    Attributes
    ----------
    low, high : float
        Risks between which it lies.
    n : int
        Patients.
    predicted : float
        Mean predicted difference in risk.
    observed : Estimate
        Difference in event rate by the doubly robust scores.
    """

    low: float
    high: float
    n: int
    predicted: float
    observed: Estimate


def risk_quarters(
    scores: Scores, difference: np.ndarray, arm: int, reference: int, clusters: np.ndarray | None = None
) -> tuple[RiskQuarter, ...]:
    """Predicted and observed difference by quarter of the risk without the treatment.

    Parameters
    ----------
    scores : Scores
        Cross-fitted, so that a patient's quarter does not depend on what happened to the patient.
    difference : ndarray of shape (n,)
        Predicted difference in risk of each patient.
    arm, reference : int
        The options.
    clusters : ndarray of shape (n,), optional
        Patient ids.

    Returns
    -------
    tuple of RiskQuarter
        From the lowest risk to the highest.
    """
    risk = scores.risk[:, reference]
    edges = np.quantile(risk, np.linspace(0, 1, QUARTERS + 1))
    place = np.clip(np.searchsorted(edges[1:-1], risk, side="right"), 0, QUARTERS - 1)
    found = []
    for quarter in range(QUARTERS):
        rows = place == quarter
        if rows.any():
            observed = scores.effect(arm, reference, rows, clusters)
            low, high = float(risk[rows].min()), float(risk[rows].max())
            found.append(RiskQuarter(low, high, int(rows.sum()), float(difference[rows].mean()), observed))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class PolicyCurve:
    """What the rule "treat when the predicted benefit exceeds t" would do, for each t.

    Attributes
    ----------
    threshold : ndarray of shape (steps,)
        t, an absolute difference in risk.
    treated : ndarray of shape (steps,)
        Share of patients the rule treats.
    value, low, high : ndarray of shape (steps,)
        Event rate under the rule less that under treating nobody, with its 95% interval; below 0 is better.
    everybody : Estimate
        The same for treating everybody.
    """

    threshold: np.ndarray
    treated: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    everybody: Estimate


def policy_curve(
    scores: Scores, benefit: np.ndarray, arm: int, reference: int, clusters: np.ndarray | None = None
) -> PolicyCurve:
    """Value of treating by predicted benefit.

    Parameters
    ----------
    scores : Scores
        Cross-fitted.
    benefit : ndarray of shape (n,)
        Predicted risk under the reference less that under the option, by models that did not see the patient.
    arm, reference : int
        The options.
    clusters : ndarray of shape (n,), optional
        Patient ids.

    Returns
    -------
    PolicyCurve
        Van Klaveren 2018 J Clin Epidemiol 94:59 (benefit of a rule); by doubly robust scores.
    """
    gain = scores.scores[:, arm] - scores.scores[:, reference]
    steps = np.linspace(min(0.0, float(np.quantile(benefit, 0.01))), float(np.quantile(benefit, 0.99)), POLICY_STEPS)
    estimates = [mean_estimate(gain * (benefit > t), clusters) for t in steps]
    return PolicyCurve(
        steps,
        np.array([float((benefit > t).mean()) for t in steps]),
        *(np.array([getattr(e, name) for e in estimates]) for name in ("value", "low", "high")),
        mean_estimate(gain, clusters),
    )
