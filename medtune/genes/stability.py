"""Stability selection: how often a gene is chosen from half of the patients, with a bound on false choices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from medtune.genes.record import Stability
from medtune.models.proximal import Problem, path, strengths_of

PAIRS, CUTOFF, FALSE = 50, 0.75, 1.0
L1_RATIO, STEPS, SMALLEST = 0.8, 25, 0.02
FEWEST = 4  # patients of each class in a half


def wanted_for(p: int, cutoff: float = CUTOFF, false: float = FALSE) -> int:
    """So many genes are chosen from each half that at most `false` stable ones are expected by chance.

    Parameters
    ----------
    p : int
        Genes.
    cutoff : float
        Share of halves that makes a gene stable, above one half.
    false : float
        Expected number of false ones.

    Returns
    -------
    int
        The largest q with q^2 / ((2 cutoff - 1) p) <= false, at least 1.
    """
    return max(1, int(np.sqrt(false * (2 * cutoff - 1) * p)))


def stability(
    X: np.ndarray, y: np.ndarray, seed: int = 0, pairs: int = PAIRS, step: Callable[[], None] = lambda: None
) -> tuple[np.ndarray, Stability | None]:
    """How often each gene is chosen by an elastic net from half of the patients.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Genes without gaps, filtered without a look at the outcome.
    y : ndarray of int, shape (n,)
        Classes as numbers from 0.
    seed : int
        Of the halves.
    pairs : int
        Complementary pairs of halves.
    step : callable
        Called after each pair.

    Returns
    -------
    chosen : ndarray of shape (p,)
        Share of half-samples; empty where a class is too small to be halved.
    stability : Stability or None

    Notes
    -----
    Meinshausen & Buhlmann 2010 J R Stat Soc B 72:417: of genes with no part in the outcome at most
    q^2 / ((2 cutoff - 1) p) are expected among the stable ones, where those are chosen alike; from complementary pairs
    the same bound holds for genes chosen less often than by chance, whatever the design (Shah & Samworth 2013
    J R Stat Soc B 75:55). Each half is scaled by itself, and from each the q genes that enter the path first count.
    """
    counts = np.bincount(y)
    if counts.min() < 2 * FEWEST:
        return np.zeros(0), None
    rng, (n, p) = np.random.default_rng(seed), X.shape
    wanted, times = wanted_for(p), np.zeros(p)
    for _ in range(pairs):
        first = _half(y, rng)
        for rows in (first, np.setdiff1d(np.arange(n), first)):
            times[first_to_enter(X[rows], y[rows], len(counts), wanted)] += 1
        step()
    bound = wanted**2 / ((2 * CUTOFF - 1) * p)
    return times / (2 * pairs), Stability(2 * pairs, wanted, CUTOFF, float(bound))


def _half(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of the patients of each class."""
    halves = []
    for place in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == place))
        halves.append(rows[: (rows.size + int(rng.integers(2))) // 2])
    return np.sort(np.concatenate(halves))


def first_to_enter(X: np.ndarray, y: np.ndarray, K: int, wanted: int) -> np.ndarray:
    """Places of the columns that enter the path of an elastic net first.

    Parameters
    ----------
    X : ndarray of shape (n, p)
    y : ndarray of int, shape (n,)
    K : int
        Classes.
    wanted : int
        How many at most.

    Returns
    -------
    ndarray of int
    """
    spread = X.std(axis=0)
    problem = Problem((X - X.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0), y, K, L1_RATIO)
    entered: list[int] = []
    known: set[int] = set()
    for coefficients, _ in path(problem, strengths_of(problem, STEPS, SMALLEST)):
        size = np.abs(coefficients).max(axis=1)
        new = [int(at) for at in np.argsort(-size) if size[at] > 0 and int(at) not in known]
        entered += new
        known.update(new)
        if len(entered) >= wanted:
            break
    return np.array(entered[:wanted], dtype=int)
