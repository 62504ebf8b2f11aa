"""What is known of the original among the local patients before anything is tuned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtune.evaluation.case_mix import model_based_concordance
from medtune.evaluation.discrimination import auroc
from medtune.evaluation.logistic import expit, fit_logistic, log_likelihood, logit
from medtune.foundation.words import Sentence, say
from medtune.tuning.closed_test import ClosedTest, closed_test

FLAT = 1e-9
FAR = 0.05


@dataclass(frozen=True)
class OriginalHere:
    """The original as it is, on the local patients.

    Attributes
    ----------
    slope : float
        Of logistic recalibration; at or below 0 the original ranks patients the wrong way round.
    cox_snell : float
        R2 of the recalibrated original: what a refit may be expected to reach.
    closed_test : ClosedTest
        The least change that tests do not reject.
    expected_auroc, observed_auroc : float
        AUROC if the original's risks were right among these patients (case mix alone), and as it is.
    """

    slope: float
    cox_snell: float
    closed_test: ClosedTest
    expected_auroc: float
    observed_auroc: float

    @property
    def case_mix(self) -> Sentence:
        """Whether the case mix or the model explains how well patients are told apart here."""
        template = (
            "Were its risks right here, the original would reach an AUROC of {expected:.2f} among these patients; "
            "it reaches {observed:.2f}, so the model fits worse here, not only the case mix."
            if self.expected_auroc - self.observed_auroc > FAR
            else "Were its risks right here, the original would reach an AUROC of {expected:.2f} among these patients; "
            "it reaches {observed:.2f}, so it tells them apart about as well as the case mix allows."
        )
        return say(template, expected=self.expected_auroc, observed=self.observed_auroc)


def original_here(eta0: np.ndarray, T: np.ndarray, y: np.ndarray) -> OriginalHere | None:
    """Look at the original on the local patients.

    Parameters
    ----------
    eta0 : ndarray of shape (n,)
        Its log-odds.
    T : ndarray of shape (n, q)
        Prepared local predictors.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1, both present.

    Returns
    -------
    OriginalHere or None
        None when every patient has the same risk, so that nothing can be said.

    Notes
    -----
    Case mix by model-based concordance of the recalibrated risks (van Klaveren 2016 Stat Med 35:4136).
    """
    eta0, y = np.asarray(eta0, float), np.asarray(y)
    if np.ptp(eta0) < FLAT:
        return None
    recalibration = fit_logistic(np.column_stack([np.ones(len(y)), eta0]), y, start=np.array([0.0, 1.0]))
    gain = recalibration.loglik - log_likelihood(np.full(len(y), logit(y.mean())), y)
    # The mean is set right first: a risk that is too high for everybody is no matter of telling patients apart.
    shift = fit_logistic(np.ones((len(y), 1)), y, offset=eta0).beta[0]
    return OriginalHere(
        slope=float(recalibration.beta[1]),
        cox_snell=float(1 - np.exp(-2 * gain / len(y))),
        closed_test=closed_test(eta0, T, y),
        expected_auroc=model_based_concordance(expit(eta0 + shift)),
        observed_auroc=auroc(y, expit(eta0)),
    )
