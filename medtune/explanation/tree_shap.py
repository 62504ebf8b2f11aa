"""Exact contributions and pairwise interactions in an ensemble of trees, for many patients at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from medtune.explanation.forest import Forest, Tree

FEW, TABLE = 6, 14  # features up to which all patterns are worked out, and up to which a table finds those that occur
CELLS = 100_000  # numbers worked on at a time: what fits the processor's cache is both quick and lean


class _Leaf(NamedTuple):
    """A leaf with d features on its way.

    `codes` are the combinations of features that were met, one bit each; `row` says which one a patient has.
    """

    value: float
    features: tuple[int, ...]
    shares: tuple[float, ...]
    codes: np.ndarray
    row: np.ndarray


def contributions(forest: Forest, T: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Tree SHAP values, summed over the features of a column.

    Parameters
    ----------
    forest : Forest
    T : ndarray of shape (n, features)
        NaN where a value is missing.
    member : ndarray of shape (features, columns)
        Which column each feature belongs to, see `medtune.explanation.origins.membership`.

    Returns
    -------
    ndarray of shape (n, columns + 1)
        The last one holds features of no column. With `forest.middle` they add up to the prediction.

    Notes
    -----
    A leaf is a product over the features on its way: 1 or 0 for a feature whose value is known, the share of the
    training patients that went this way for one that is not (path-dependent tree SHAP, Lundberg 2020 Nat Mach Intell
    2:56). The Shapley value of a product is an integral along the diagonal of its multilinear extension (Owen 1972
    Manage Sci 18:P64): a polynomial, so Gauss-Legendre nodes give it exactly. A feature is either met or not, and
    patients share these patterns, so each is worked out once for a leaf (as in Yang 2021 arXiv:2109.09847).
    """
    place = _places(member)
    found = np.zeros((member.shape[1] + 1, len(T)))
    for together in _together(forest, T, 1):
        met, value, share, which = _stacked(together)
        columns = place[np.array([leaf.features for leaf in together])]
        _add(found, together, _singles(met, value[which], share[which]).T, columns)
    return found.T


def interactions(forest: Forest, T: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Shapley interaction values between columns: what two of them do together beyond each by itself.

    Parameters
    ----------
    forest, T, member
        As for `contributions`; features of no column are passed over.

    Returns
    -------
    ndarray of shape (n, columns, columns)
        Symmetric, half of a pair in either place, 0 on the diagonal; features of one column do not interact.
        A column's contribution less its row is what it does by itself (Lundberg 2020).
    """
    width = member.shape[1]
    place = _places(member)
    found = np.zeros((width * width + 1, len(T)))
    for together in _together(forest, T, 2):
        met, value, share, which = _stacked(together)
        answers = _pairs(met, value[which], share[which]).T
        one, two = np.triu_indices(met.shape[1], 1)
        columns = place[np.array([leaf.features for leaf in together])]
        a, b = np.minimum(columns[:, one], columns[:, two]), np.maximum(columns[:, one], columns[:, two])
        _add(found, together, answers, np.where((a < b) & (b < width), a * width + b, width * width))
    square = found[:-1].T.reshape(len(T), width, width)
    return square + square.transpose(0, 2, 1)


def _places(member: np.ndarray) -> np.ndarray:
    """The column of each feature; one past the last for those of no column."""
    width = member.shape[1]
    return np.where(member.any(axis=1), member.argmax(axis=1), width) if width else np.zeros(len(member), dtype=int)


def _together(forest: Forest, T: np.ndarray, least: int) -> Iterator[list[_Leaf]]:
    """Leaves with equally many features on the way, at least `least`, as many as can be worked on at a time."""
    columns = np.ascontiguousarray(forest.read(T).T)
    gaps = np.isnan(columns)
    gaps = gaps if gaps.any() else None
    waiting: dict[int, list[_Leaf]] = {}
    sizes: dict[int, int] = {}
    for tree in forest.trees:
        for leaf in _leaves(tree, columns, gaps, len(T)):
            d = len(leaf.features)
            if d < least:
                continue
            waiting.setdefault(d, []).append(leaf)
            sizes[d] = sizes.get(d, 0) + leaf.codes.size * (d if least == 1 else d * d // 2) + len(T)
            if sizes[d] > CELLS:
                yield waiting.pop(d)
                sizes[d] = 0
    yield from waiting.values()


def _leaves(tree: Tree, columns: np.ndarray, gaps: np.ndarray | None, n: int) -> Iterator[_Leaf]:
    """Every leaf of a tree with the patterns of the patients."""
    left, right, feature = tree.left.tolist(), tree.right.tolist(), tree.feature.tolist()
    cover, value = tree.cover.tolist(), tree.value.tolist()
    goes = _ways(tree, columns, gaps)
    waiting = [(0, np.zeros(n, dtype=np.int64), (), ())]
    while waiting:
        node, code, features, shares = waiting.pop()
        if left[node] < 0:
            if features:
                yield _Leaf(value[node], features, shares, *_patterns(code, len(features)))
            continue
        name, total = feature[node], cover[node] or 1.0
        one, two = cover[left[node]] / total, cover[right[node]] / total
        if name in features:
            at = features.index(name)
            met = goes[node] << at
            before, now, after = shares[:at], shares[at], shares[at + 1 :]
            waiting.append((left[node], code & (met | ~(1 << at)), features, (*before, now * one, *after)))
            waiting.append((right[node], code & ~met, features, (*before, now * two, *after)))
            continue
        at = len(features)
        there = code | (goes[node] << at)
        waiting.append((left[node], there, (*features, name), (*shares, one)))
        waiting.append((right[node], there ^ (1 << at), (*features, name), (*shares, two)))


def _ways(tree: Tree, columns: np.ndarray, gaps: np.ndarray | None) -> dict[int, np.ndarray]:
    """For each question, 1 for patients who go left and 0 for the others."""
    inner = np.flatnonzero(tree.left >= 0)
    goes = columns[tree.feature[inner]] <= tree.threshold[inner, None]
    if gaps is not None:
        goes |= gaps[tree.feature[inner]] & tree.gaps_left[inner, None]
    return dict(zip(inner.tolist(), goes.astype(np.int64), strict=True))


def _patterns(code: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray]:
    """The patterns that occur, and which one each patient has."""
    if d <= FEW:
        return np.arange(1 << d), code
    if d > TABLE:
        return np.unique(code, return_inverse=True)
    there = np.zeros(1 << d, dtype=bool)
    there[code] = True
    codes = there.nonzero()[0]
    rank = np.empty(1 << d, dtype=np.intp)
    rank[codes] = np.arange(len(codes))
    return codes, rank[code]


def _stacked(leaves: list[_Leaf]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Patterns of all leaves under one another, values and shares of the leaves, and the leaf of each pattern."""
    codes = np.concatenate([leaf.codes for leaf in leaves])
    met = ((codes[:, None] >> np.arange(len(leaves[0].features))) & 1).astype(float)
    which = np.repeat(np.arange(len(leaves)), [len(leaf.codes) for leaf in leaves])
    return met, np.array([leaf.value for leaf in leaves]), np.array([leaf.shares for leaf in leaves]), which


def _factors(met: np.ndarray, share: np.ndarray, degree: int) -> Iterator[tuple[np.ndarray, float]]:
    """The factors of each pattern at the nodes that integrate polynomials of a degree, with the node's weight."""
    nodes, weights = np.polynomial.legendre.leggauss(degree // 2 + 1)
    for t, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        yield share * (1 - t) + met * t, weight


def _singles(met: np.ndarray, value: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Shapley value of each feature of each pattern, shape (p, d)."""
    total = np.zeros(met.shape)
    for factor, weight in _factors(met, share, met.shape[1] - 1):
        total += (weight * factor.prod(axis=1))[:, None] / factor
    return total * (met - share) * value[:, None]


def _pairs(met: np.ndarray, value: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Half the interaction of each pair of features of each pattern, shape (p, d (d - 1) / 2)."""
    one, two = np.triu_indices(met.shape[1], 1)
    total = np.zeros((len(met), len(one)))
    for factor, weight in _factors(met, share, met.shape[1] - 2):
        turned = 1 / factor
        total += (weight * factor.prod(axis=1))[:, None] * (turned[:, one] * turned[:, two])
    apart = met - share
    return total * apart[:, one] * apart[:, two] * (0.5 * value[:, None])


def _add(found: np.ndarray, leaves: list[_Leaf], answers: np.ndarray, columns: np.ndarray) -> None:
    """Add to each patient and column what the leaves answer to the pattern that the patient has there.

    `found` has shape (columns, n), `answers` (d, p) over the patterns of all leaves, `columns` (m, d).
    """
    answers, start = np.ascontiguousarray(answers), 0
    for leaf, to in zip(leaves, columns.tolist(), strict=True):
        end = start + len(leaf.codes)
        for column, given in zip(to, answers[:, start:end].take(leaf.row, axis=1), strict=True):
            found[column] += given
        start = end
