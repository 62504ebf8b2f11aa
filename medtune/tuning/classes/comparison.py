"""Candidates of several classes measured on the same out-of-fold patients, with resamples that all of them share."""

from __future__ import annotations

import numpy as np

from medtune.evaluation.class_performance import class_headline, compare_classes, evaluate_classes
from medtune.evaluation.headline import Headline
from medtune.evaluation.resampling import Resamples
from medtune.tuning.classes.candidates import ClassCandidate


class ComparingClasses:
    """Measures one candidate after the other against the same reference.

    Parameters
    ----------
    y : ndarray of shape (m,)
        Classes of the scored patients as numbers from 0.
    classes : tuple of str
        Their names.
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
        classes: tuple[str, ...],
        reference: str,
        *,
        resamples: int = 500,
        clusters: np.ndarray | None = None,
        seed: int = 0,
    ) -> None:
        self.y, self.classes, self.reference, self.clusters = y, classes, reference, clusters
        self.draws = Resamples.draw(len(y), resamples, seed, clusters)
        self._reference: tuple[np.ndarray, Headline] | None = None

    def measure(self, key: str, risks: np.ndarray) -> ClassCandidate:
        """Performance of one method, and its difference from the reference.

        Parameters
        ----------
        key : str
            The method.
        risks : ndarray of shape (repeats, m, K)
            Out-of-fold risks.

        Returns
        -------
        ClassCandidate
        """
        head = class_headline(self.y, risks, self.draws)
        performance = evaluate_classes(self.y, risks, self.classes, draws=self.draws, head=head)
        if key == self.reference:
            self._reference = risks, head
            return ClassCandidate(key, True, performance=performance)
        if self._reference is None:
            raise ValueError(f"measure '{self.reference}' first, so that there is something to compare with")
        comparison = compare_classes(
            self.y,
            self._reference[0],
            risks,
            clusters=self.clusters,
            draws=self.draws,
            original_head=self._reference[1],
            candidate_head=head,
        )
        return ClassCandidate(key, True, performance=performance, comparison=comparison)
