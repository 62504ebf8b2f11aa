"""Contributions in models made of decision trees, by the tree SHAP algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from medtune.explanation.exact import Terms
from medtune.explanation.origins import as_matrix
from medtune.foundation.words import say
from medtune.models.booster_text import read_booster

# Sum over the trees of leaves x depth squared, times patients; about four seconds on one core.
BUDGET = 1.5e9
FEWEST = 100
BACKGROUND = 200

LOG_ODDS = say("Tree SHAP: the contributions are exact for these trees and add up to the model's log-odds.")
PROBABILITY = say(
    "Tree SHAP: the contributions are exact for these trees and add up to the risk itself, not to log-odds, because a"
    " forest averages risks."
)


def scale_of(estimator: Any) -> str | None:
    """What a tree model's trees add up to, "log-odds" or "probability"; None for other models."""
    from sklearn.ensemble import (
        ExtraTreesClassifier,
        GradientBoostingClassifier,
        HistGradientBoostingClassifier,
        RandomForestClassifier,
    )
    from sklearn.tree import DecisionTreeClassifier

    if isinstance(estimator, HistGradientBoostingClassifier):
        return None if estimator.is_categorical_ is not None else "log-odds"
    if isinstance(estimator, GradientBoostingClassifier):
        return "log-odds" if estimator.loss == "log_loss" and estimator.init is None else None
    forest = isinstance(estimator, (RandomForestClassifier, ExtraTreesClassifier, DecisionTreeClassifier))
    return "probability" if forest else None


class Trees:
    """A model of trees over features, each of which comes from one column.

    Parameters
    ----------
    columns : sequence of str
    transformer : fitted transformer or None
    member : ndarray of shape (features, columns)
    estimator : fitted tree model

    Notes
    -----
    Path-dependent tree SHAP (Lundberg 2020 Nat Mach Intell 2:56). The trees' own training rows are its
    reference; `middle` moves it to the background, so that all kinds of model are read against the same patients.
    """

    def __init__(self, columns: Sequence[str], transformer: Any, member: np.ndarray, estimator: Any):
        import shap

        self.columns = tuple(columns)
        self.transformer = transformer
        self.member = member
        self.estimator = estimator
        self.scale = scale_of(estimator)
        self.note = LOG_ODDS if self.scale == "log-odds" else PROBABILITY
        self.explainer = shap.TreeExplainer(estimator, feature_perturbation="tree_path_dependent")

    def patients(self, limit: int) -> int:
        """As many as about four seconds allow, by the size of the trees."""
        return int(min(limit, max(FEWEST, BUDGET / _cost(self.estimator))))

    def terms(self, frame: pd.DataFrame) -> Terms:
        """SHAP values, summed by column."""
        frame = frame[list(self.columns)]
        T = as_matrix(frame if self.transformer is None else self.transformer.transform(frame))
        values = np.asarray(self.explainer.shap_values(T, check_additivity=False), dtype=float)
        values = values[..., 1] if values.ndim == 3 else values
        expected = np.ravel(self.explainer.expected_value)[-1]
        loose = values[:, self.member.sum(axis=1) == 0].sum(axis=1)
        return Terms(self.columns, values @ self.member, float(expected) + (float(loose.mean()) if len(loose) else 0.0))

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over at most 200 rows of the background, evenly spaced."""
        if len(background) > BACKGROUND:
            background = background.iloc[np.linspace(0, len(background) - 1, BACKGROUND).round().astype(int)]
        return self.terms(background).parts.mean(axis=0)


class Added:
    """The trees that a boosted revision adds, by LightGBM's own contributions.

    Parameters
    ----------
    columns : sequence of str
    transformer : fitted transformer or None
    member : ndarray of shape (features, columns)
    update : BoostedRevision
        Fitted, with at least one tree.

    Notes
    -----
    Path-dependent tree SHAP as in `Trees`, computed where the trees are at home.
    """

    scale = "log-odds"
    note = LOG_ODDS

    def __init__(self, columns: Sequence[str], transformer: Any, member: np.ndarray, update: Any):
        self.columns = tuple(columns)
        self.transformer = transformer
        self.member = member
        self.booster = read_booster(update.booster_text_, len(member))
        self.share = float(update.trees_share_)

    def patients(self, limit: int) -> int:
        """All that are wanted."""
        return limit

    def terms(self, frame: pd.DataFrame) -> Terms:
        """SHAP values, summed by column."""
        frame = frame[list(self.columns)]
        T = as_matrix(frame if self.transformer is None else self.transformer.transform(frame))
        values = self.share * np.asarray(self.booster.predict(T, pred_contrib=True, num_threads=1), dtype=float)
        loose = values[:, :-1][:, self.member.sum(axis=1) == 0].sum(axis=1)
        constant = float(values[0, -1] + loose.mean()) if len(values) else 0.0
        return Terms(self.columns, values[:, :-1] @ self.member, constant)

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over the background."""
        return self.terms(background).parts.mean(axis=0)


def _cost(estimator: Any) -> float:
    """Work for one patient: leaves x depth squared, over all trees."""
    if hasattr(estimator, "_predictors"):
        sizes = [(tree.get_n_leaf_nodes(), tree.get_max_depth()) for stage in estimator._predictors for tree in stage]
    else:
        trees = np.ravel(getattr(estimator, "estimators_", [estimator]))
        sizes = [(tree.tree_.n_leaves, tree.tree_.max_depth) for tree in trees]
    return float(sum(leaves * max(depth, 1) ** 2 for leaves, depth in sizes))
