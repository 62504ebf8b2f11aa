"""The closed test procedure: the least change that the data do not reject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtune.evaluation.logistic import fit_logistic, log_likelihood
from medtune.foundation.words import Sentence, say
from medtune.tuning.candidates import TITLES

ALPHA = 0.05
METHODS = ("original", "intercept", "recalibration", "revision")


@dataclass(frozen=True)
class ClosedTest:
    """Likelihood ratio tests of the rungs, from the least change to the largest.

    Attributes
    ----------
    selected : str
        ``original``, ``intercept``, ``recalibration`` or ``revision``.
    statistic, p : dict of str to float
        Of each rung against the larger model it was tested in.
    df : dict of str to int
        Degrees of freedom.
    loglik : dict of str to float
        Of each rung on the local rows.
    guarded : bool
        Whether there were too few events for the refit, so that recalibration was the largest model.
    """

    selected: str
    statistic: dict[str, float]
    p: dict[str, float]
    df: dict[str, int]
    loglik: dict[str, float]
    guarded: bool

    @property
    def sentence(self) -> Sentence:
        """What is rejected and what is not, with p values."""
        largest = TITLES["recalibration" if self.guarded else "refit"]
        tested = [rung for rung in METHODS if rung in self.df]
        kept = next((rung for rung in tested if self.p[rung] >= ALPHA), None)
        rejected = [self._with_p(rung) for rung in tested[: tested.index(kept) if kept else None]]
        if not rejected:
            template = "A closed test does not reject {kept} against “{largest}”."
            return say(template, kept=self._with_p(kept), largest=largest)
        both = rejected[0]
        for another in rejected[1:]:
            both = say("{these} and {another}", these=both, another=another)
        if kept:
            template = "A closed test rejects {rejected} against “{largest}”, but not {kept}."
            return say(template, rejected=both, largest=largest, kept=self._with_p(kept))
        return say(
            "A closed test rejects {rejected} against “{largest}”, so it would choose “{chosen}”.",
            rejected=both,
            largest=largest,
            chosen=TITLES[self.selected],
        )

    def _with_p(self, rung: str) -> Sentence:
        template = "“{method}” (p = {p:.3f})" if self.p[rung] >= 0.001 else "“{method}” (p < 0.001)"
        return say(template, method=TITLES[rung], p=self.p[rung])


def closed_test(eta0: np.ndarray, T: np.ndarray, y: np.ndarray, *, guard: bool = True) -> ClosedTest:
    """Choose the least change of the original that a test does not reject.

    Parameters
    ----------
    eta0 : ndarray of shape (n,)
        Log-odds of the original model.
    T : ndarray of shape (n, q)
        Prepared local predictors.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    guard : bool
        Leave the refit out below 10 (q + 1) events or non-events.

    Returns
    -------
    ClosedTest

    Notes
    -----
    Vergouwe 2017 Stat Med 36:4529. Every test is against the largest model in play, so the whole keeps its level.
    """
    eta0, T, y = np.asarray(eta0, float), np.asarray(T, float), np.asarray(y, float)
    ones, q = np.ones((len(y), 1)), T.shape[1]
    guarded = guard and min(y.sum(), len(y) - y.sum()) < 10 * (q + 1)
    loglik = {
        "original": log_likelihood(eta0, y),
        "intercept": fit_logistic(ones, y, offset=eta0).loglik,
        "recalibration": fit_logistic(np.column_stack([ones, eta0]), y, start=np.array([0.0, 1.0])).loglik,
    }
    if guarded:
        largest, freedom = "recalibration", {"original": 2, "intercept": 1}
    else:
        sd = np.where(T.std(axis=0) > 0, T.std(axis=0), 1.0)
        loglik["refit"] = fit_logistic(np.column_stack([ones, (T - T.mean(axis=0)) / sd]), y).loglik
        largest, freedom = "refit", {"original": q + 1, "intercept": q, "recalibration": q - 1}
    statistic = {rung: 2 * (loglik[largest] - loglik[rung]) for rung in freedom}
    p = {rung: _upper_tail(statistic[rung], df) for rung, df in freedom.items()}
    kept = next((rung for rung in freedom if p[rung] >= ALPHA), "recalibration" if guarded else "revision")
    return ClosedTest(kept, statistic, p, freedom, loglik, bool(guarded))


def _upper_tail(statistic: float, df: int) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(max(statistic, 0.0), df)) if df > 0 else 1.0
