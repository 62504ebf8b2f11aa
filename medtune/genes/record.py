"""What is known of the genes of a run: differences, false discovery, how often each is chosen."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from medtune.foundation.words import Sentence, counted, say

REPORTED = 0.05  # false discovery rate from which on a difference is not reported


@dataclass(frozen=True, eq=False)
class Stability:
    """How often genes are chosen from half of the patients.

    Attributes
    ----------
    halves : int
        Half-samples drawn, in complementary pairs.
    wanted : int
        Genes chosen from each.
    cutoff : float
        Share of half-samples from which on a gene counts as stable.
    bound : float
        Expected number of genes without any part in the outcome among the stable ones, at most.
    """

    halves: int
    wanted: int
    cutoff: float
    bound: float


@dataclass(frozen=True, eq=False)
class GeneResult:
    """Genes of a run, one by one.

    Attributes
    ----------
    names : tuple of str
        Those kept by their variance.
    total : int
        All genes of the table.
    classes : tuple of str
        Names of the outcome's values: no event and event, or the classes.
    difference, p_value, q_value : ndarray of shape (genes,)
        See `medtune.evaluation.ranking.Ranking`; differences of log2 values where logarithms were taken.
    chosen : ndarray of shape (genes,)
        Share of half-samples in which the gene was chosen; empty where they were not drawn.
    stability : Stability or None
    logged : bool
        Whether values are logarithms.
    shown : ndarray of int
        Places of the genes of the heat map, the most often chosen first.
    values : ndarray of shape (patients, shown)
        Of the heat map: standard deviations from the mean.
    outcome : ndarray of int, shape (patients,)
        Place of each patient's class.
    notes : tuple of Sentence
    """

    names: tuple[str, ...]
    total: int
    classes: tuple[str, ...]
    difference: np.ndarray
    p_value: np.ndarray
    q_value: np.ndarray
    chosen: np.ndarray
    stability: Stability | None
    logged: bool
    shown: np.ndarray
    values: np.ndarray
    outcome: np.ndarray
    notes: tuple[Sentence, ...] = field(default=())

    @property
    def differing(self) -> int:
        """Genes that differ at a false discovery rate of 5%."""
        return int((self.q_value < REPORTED).sum())

    @property
    def stable(self) -> int:
        """Genes that are chosen from most half-samples."""
        return int((self.chosen >= self.stability.cutoff).sum()) if self.stability is not None else 0

    @property
    def sentence(self) -> Sentence:
        """The answer of the page."""
        differ = counted(
            self.differing,
            "1 of {all} genes differs between the outcomes at a false discovery rate of 5%",
            "{count} of {all} genes differ between the outcomes at a false discovery rate of 5%",
            all=len(self.names),
        )
        if self.stability is None:
            return say("{differ}.", differ=differ)
        if not self.stable:
            return say("{differ}; none is chosen steadily.", differ=differ)
        return say(
            "{differ}; {stable} are chosen from at least {cutoff:.0%} of the half-samples.",
            differ=differ,
            stable=self.stable,
            cutoff=self.stability.cutoff,
        )
