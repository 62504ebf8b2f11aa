"""Any ensemble of decision trees in one form: its questions, how many patients answered each how, and its leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree, node by node; node 0 is the first question.

    Attributes
    ----------
    left, right : ndarray of int
        Children; negative at a leaf.
    feature : ndarray of int
    threshold : ndarray of float
        A patient goes left where the feature is at most this.
    gaps_left : ndarray of bool
        Whether a patient without a value goes left.
    cover : ndarray of float
        Training patients at the node.
    value : ndarray of float
        What a leaf adds to the prediction.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    gaps_left: np.ndarray
    cover: np.ndarray
    value: np.ndarray

    @property
    def middle(self) -> float:
        """Mean of the leaves over the training patients."""
        ends = self.left < 0
        return float(self.value[ends] @ self.cover[ends] / max(self.cover[0], 1e-300))


@dataclass(frozen=True, eq=False)
class Forest:
    """An ensemble: the prediction is `start` and one leaf of each tree.

    Attributes
    ----------
    trees : tuple of Tree
    start : float
    single : bool
        Whether the trees read features in single precision, as scikit-learn's do.
    """

    trees: tuple[Tree, ...]
    start: float
    single: bool

    @property
    def middle(self) -> float:
        """Mean prediction of the training patients, as the trees remember them."""
        return self.start + sum(tree.middle for tree in self.trees)

    @property
    def leaves(self) -> int:
        """Leaves in all."""
        return int(sum((tree.left < 0).sum() for tree in self.trees))

    def read(self, T: np.ndarray) -> np.ndarray:
        """The features as the trees read them."""
        return T.astype(np.float32).astype(float) if self.single else np.asarray(T, dtype=float)

    def predict(self, T: np.ndarray) -> np.ndarray:
        """What the trees say of each row of features; NaN where a value is missing.

        Parameters
        ----------
        T : ndarray of shape (n, features)

        Returns
        -------
        ndarray of shape (n,)
        """
        T, total = self.read(T), np.full(len(T), self.start)
        rows = np.arange(len(T))
        for tree in self.trees:
            node = np.zeros(len(T), dtype=int)
            while (inner := tree.left[node] >= 0).any():
                x = T[rows, np.maximum(tree.feature[node], 0)]
                goes = (x <= tree.threshold[node]) | (np.isnan(x) & tree.gaps_left[node])
                node = np.where(inner, np.where(goes, tree.left[node], tree.right[node]), node)
            total += tree.value[node]
        return total


def forest_of(estimator: Any) -> Forest:
    """Read a fitted ensemble of scikit-learn.

    Parameters
    ----------
    estimator : tree, forest, gradient boosting or histogram gradient boosting classifier of two classes

    Returns
    -------
    Forest
        Of risks for a tree or a forest, of log-odds for boosting.
    """
    if hasattr(estimator, "_predictors"):
        trees = tuple(_of_histogram(tree.nodes) for stage in estimator._predictors for tree in stage)
        return Forest(trees, float(np.ravel(estimator._baseline_prediction)[0]), single=False)
    members = np.ravel(getattr(estimator, "estimators_", [estimator]))
    boosted = hasattr(estimator, "learning_rate")
    factor = estimator.learning_rate if boosted else 1 / len(members)
    trees = tuple(_of_sklearn(tree.tree_, factor, boosted) for tree in members)
    if not boosted:
        return Forest(trees, 0.0, single=True)
    prior = float(np.clip(estimator.init_.class_prior_[1], np.finfo(np.float32).eps, 1 - np.finfo(np.float32).eps))
    return Forest(trees, float(np.log(prior / (1 - prior))), single=True)


def forest_of_text(trees: list[dict[str, list]], share: float = 1.0) -> Forest:
    """Read the trees of a LightGBM model.

    Parameters
    ----------
    trees : list of dict
        What `medtune.models.booster_text.tree_fields` gives.
    share : float
        Multiplies every leaf.

    Returns
    -------
    Forest
        Of log-odds.
    """
    return Forest(tuple(_of_booster(tree, share) for tree in trees), 0.0, single=False)


def _of_histogram(nodes: np.ndarray) -> Tree:
    ends = nodes["is_leaf"].astype(bool)
    left, right = (np.where(ends, -1, nodes[side].astype(int)) for side in ("left", "right"))
    return Tree(
        left,
        right,
        nodes["feature_idx"].astype(int),
        nodes["num_threshold"].astype(float),
        nodes["missing_go_to_left"].astype(bool),
        nodes["count"].astype(float),
        nodes["value"].astype(float),
    )


def _of_sklearn(tree: Any, factor: float, boosted: bool) -> Tree:
    value = tree.value[:, 0, :]
    value = value[:, 0] if boosted else value[:, 1] / value.sum(axis=1)
    way = getattr(tree, "missing_go_to_left", np.zeros(tree.node_count)).astype(bool)
    return Tree(
        tree.children_left,
        tree.children_right,
        tree.feature,
        tree.threshold.astype(float),
        way,
        tree.weighted_n_node_samples.astype(float),
        factor * value,
    )


def _of_booster(tree: dict[str, list], share: float) -> Tree:
    """Questions first, then leaves, which LightGBM counts down from -1."""
    inner, ends = len(tree["split_feature"]), len(tree["leaf_value"])

    def with_leaves(name: str, leaves: Any, dtype: type) -> np.ndarray:
        return np.concatenate([np.array(tree[name], dtype=dtype), np.asarray(leaves, dtype=dtype)])

    def children(name: str) -> np.ndarray:
        given = np.array(tree[name], dtype=int)
        return np.concatenate([np.where(given < 0, inner + ~given, given), np.full(ends, -1)])

    none = np.zeros(ends)
    values = np.concatenate([np.zeros(inner), share * np.asarray(tree["leaf_value"], dtype=float)])
    threshold = with_leaves("threshold", none, float)
    # LightGBM reads a gap as 0 where its training rows had none.
    return Tree(
        children("left_child"),
        children("right_child"),
        with_leaves("split_feature", none, int),
        threshold,
        threshold >= 0,
        with_leaves("internal_count", tree["leaf_count"], float),
        values,
    )
