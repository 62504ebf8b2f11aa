"""Bootstrap resamples as counts: how often each patient (or whole cluster) was drawn in each resample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import Sentence, say

EXACT_ROWS = 20_000
GROUPS = 5_000
BLOCK_CELLS = 400_000
KEPT_CELLS = 3_000_000


@dataclass(frozen=True, eq=False)
class Resamples:
    """Resamples of `n` patients, drawn once and shared by every measure and candidate.

    Attributes
    ----------
    counts : ndarray of shape (resamples, units), uint8
        How often each unit was drawn. A unit is a patient, a cluster of rows
        (patient ids that repeat), or, above 20,000 units, one of 5,000 groups.
    units : ndarray of shape (n,) or None
        The unit of each row; None when each row is a unit of its own.
    n : int
        Rows.
    grouped : bool
        Whether the units are random groups. Drawing random groups of
        independent patients estimates the same variance with a relative error
        of about 1/sqrt(2 * 5,000), at a cost that does not grow with `n`.
    clustered : bool
        Whether rows were tied together by `clusters`.
    """

    counts: np.ndarray
    units: np.ndarray | None
    n: int
    grouped: bool = False
    clustered: bool = False

    @classmethod
    def draw(cls, n: int, resamples: int = 500, seed: int = 0, clusters: np.ndarray | None = None) -> Resamples:
        """Draw with replacement.

        Parameters
        ----------
        n : int
            Rows.
        resamples : int
            How many resamples; 0 gives none, and so no intervals.
        seed : int
            The same seed gives the same resamples on any machine.
        clusters : array-like of shape (n,), optional
            Patient ids; rows of one id are drawn together.

        Returns
        -------
        Resamples

        Raises
        ------
        MedtuneError
            When the ids do not match the rows.
        """
        rng = np.random.default_rng(seed)
        units, size, clustered = _clusters(clusters, n)
        grouped = size > EXACT_ROWS
        if grouped:
            group = rng.permutation(size) % GROUPS
            units, size = (group if units is None else group[units]), GROUPS
        counts = np.empty((resamples, size), dtype=np.uint8)
        step = max(1, BLOCK_CELLS // size)
        for start in range(0, resamples, step):
            some = min(step, resamples - start)
            drawn = rng.integers(0, size, (some, size)) + np.arange(some)[:, None] * size
            counts[start : start + some] = np.bincount(drawn.ravel(), minlength=some * size).reshape(some, size)
        return cls(counts, units, n, grouped, clustered)

    @property
    def size(self) -> int:
        """How many resamples there are."""
        return len(self.counts)

    @property
    def weights(self) -> np.ndarray:
        """Counts of each row, shape (resamples, n); large when both are, so prefer `blocks` or `sums`."""
        return self.counts if self.units is None else self.counts[:, self.units]

    @property
    def note(self) -> Sentence:
        """How intervals come about, in one sentence."""
        if self.grouped:
            return say(
                "Intervals come from {count} resamples of {groups} random groups of patients.",
                count=self.size,
                groups=GROUPS,
            )
        if self.clustered:
            return say(
                "Intervals come from {count} resamples of patients, all rows of a patient together.", count=self.size
            )
        return say("Intervals come from {count} resamples of patients.", count=self.size)

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Some resamples at a time: their place, and the counts of each row, shape (some, n)."""
        step = max(1, BLOCK_CELLS // self.n)
        for start in range(0, self.size, step):
            some = self.counts[start : start + step]
            yield slice(start, start + len(some)), some if self.units is None else some.take(self.units, axis=1)

    def sums(self, columns: np.ndarray) -> np.ndarray:
        """Weighted sums of columns over the rows of each resample.

        Parameters
        ----------
        columns : ndarray of shape (n, k)

        Returns
        -------
        ndarray of shape (resamples, k)
        """
        return self._product(self._by_unit(np.asarray(columns, dtype=float)))

    def spread(self, bins: Sequence[np.ndarray], shares: Sequence[np.ndarray | None], size: int) -> np.ndarray:
        """Weight in each bin in each resample; for resampled groups, where it costs no more with many rows.

        Parameters
        ----------
        bins : sequence of ndarray of shape (n,), int
            The bins that a row contributes to, 0 to size - 1.
        shares : sequence of ndarray of shape (n,) or None
            How much it contributes to each; None is 1.
        size : int
            Number of bins.

        Returns
        -------
        ndarray of shape (resamples, size)
        """
        cells = np.zeros(self.counts.shape[1] * size)
        start = self.units * size
        for places, share in zip(bins, shares, strict=True):
            cells += np.bincount(start + places, share, minlength=cells.size)
        return self._product(cells.reshape(-1, size))

    def _by_unit(self, columns: np.ndarray) -> np.ndarray:
        if self.units is None:
            return columns
        size = self.counts.shape[1]
        return np.stack([np.bincount(self.units, column, minlength=size) for column in columns.T], axis=1)

    def _product(self, by_unit: np.ndarray) -> np.ndarray:
        out = np.empty((self.size, by_unit.shape[1]))
        step = max(1, 10 * BLOCK_CELLS // self.counts.shape[1])
        for start in range(0, self.size, step):
            out[start : start + step] = self._numbers(start, step) @ by_unit
        return out

    def _numbers(self, start: int, step: int) -> np.ndarray:
        """Some counts as floats; kept where they are few, since every measure multiplies by them again."""
        if self.counts.size > KEPT_CELLS:
            return self.counts[start : start + step].astype(float)
        return self._floats[start : start + step]

    @cached_property
    def _floats(self) -> np.ndarray:
        return self.counts.astype(float)


def _clusters(clusters: np.ndarray | None, n: int) -> tuple[np.ndarray | None, int, bool]:
    """The unit of each row, the number of units, and whether rows are tied at all."""
    if clusters is None:
        return None, n, False
    units = cluster_numbers(clusters, n)
    size = int(units.max()) + 1
    return (None, n, False) if size == n else (units, size, True)


def cluster_numbers(clusters: np.ndarray, n: int) -> np.ndarray:
    """Ids as numbers from 0, in order of first appearance.

    Parameters
    ----------
    clusters : array-like of shape (n,)
        Patient ids.
    n : int
        Rows.

    Returns
    -------
    ndarray of shape (n,), int

    Raises
    ------
    MedtuneError
        When there is not one id for each row, or an id is missing.
    """
    import pandas as pd

    clusters = np.asarray(clusters)
    if clusters.shape != (n,):
        raise MedtuneError(
            "There are {ids} patient ids for {n} rows; give one id for each row.", ids=clusters.size, n=n
        )
    numbers, _ = pd.factorize(clusters)
    missing = int((numbers < 0).sum())
    if missing:
        raise MedtuneError(
            "{count} of {n} patient ids are missing; fill them in or choose no patient column.", count=missing, n=n
        )
    return numbers
