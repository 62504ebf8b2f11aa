"""Candidates measured on the same out-of-fold patients, with resamples that all of them share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from medtune.evaluation.headline import Headline, at_threshold, headline
from medtune.evaluation.performance import Performance, compare, evaluate
from medtune.evaluation.resampling import Resamples
from medtune.tuning.candidates import Candidate


@dataclass(frozen=True, eq=False)
class Measured:
    """All that is measured of one method by itself; nothing but net benefit in it depends on the threshold."""

    head: Headline
    performance: Performance


class Comparing:
    """Measures one candidate after the other against the same reference.

    Parameters
    ----------
    y : ndarray of shape (m,)
        Outcomes of the scored patients, 0 or 1.
    threshold : float
        Risk from which a patient counts as flagged.
    reference : str
        Key of what the others are compared with; it is measured first.
    resamples : int
        Bootstrap resamples of patients.
    clusters : ndarray of shape (m,), optional
        Patient ids, where rows of one patient belong together.
    seed : int
        The same seed gives the same intervals.
    """

    def __init__(
        self,
        y: np.ndarray,
        threshold: float,
        reference: str,
        *,
        resamples: int = 500,
        clusters: np.ndarray | None = None,
        seed: int = 0,
    ) -> None:
        self.y, self.threshold, self.reference = y, threshold, reference
        self.clusters, self.resamples, self.seed = clusters, resamples, seed
        self.draws = Resamples.draw(len(y), resamples, seed, clusters)
        self._reference: tuple[np.ndarray, Headline] | None = None

    def measured(self, risks: np.ndarray) -> Measured:
        """Measure risks by themselves.

        Parameters
        ----------
        risks : ndarray of shape (repeats, m)
            Out-of-fold risks.
        """
        head = headline(self.y, risks, self.draws, self.threshold)
        return Measured(head, evaluate(self.y, risks, threshold=self.threshold, draws=self.draws, head=head))

    def at_threshold(self, risks: np.ndarray, known: Measured) -> Measured:
        """What is known of these risks, at the threshold of this comparison.

        Parameters
        ----------
        risks : ndarray of shape (repeats, m)
        known : Measured
            Of the same risks on the same resamples.
        """
        if known.head.threshold == self.threshold:
            return known
        head = at_threshold(known.head, self.y, risks, self.draws, self.threshold)
        measures = {**known.performance.headline, "net_benefit": head.estimate("net_benefit")}
        return Measured(head, replace(known.performance, headline=measures, threshold=self.threshold))

    def measure(self, key: str, risks: np.ndarray, known: Measured | None = None) -> Candidate:
        """Performance of one method, and its difference from the reference.

        Parameters
        ----------
        key : str
            One of `medtune.tuning.candidates.TITLES`.
        risks : ndarray of shape (repeats, m)
            Out-of-fold risks.
        known : Measured, optional
            From `measured`, when it is at hand already.

        Returns
        -------
        Candidate
        """
        known = self.measured(risks) if known is None else self.at_threshold(risks, known)
        head, performance = known.head, known.performance
        if key == self.reference:
            self._reference = risks, head
            return Candidate(key, True, performance=performance)
        if self._reference is None:
            raise ValueError(f"measure '{self.reference}' first, so that there is something to compare with")
        comparison = compare(
            self.y,
            self._reference[0],
            risks,
            threshold=self.threshold,
            clusters=self.clusters,
            draws=self.draws,
            original_head=self._reference[1],
            candidate_head=head,
        )
        return Candidate(key, True, performance=performance, comparison=comparison)
