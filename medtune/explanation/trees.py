"""Contributions in models made of decision trees, by the tree SHAP algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from medtune.explanation.exact import Terms
from medtune.explanation.forest import Forest, forest_of, forest_of_text
from medtune.explanation.origins import as_matrix
from medtune.explanation.tree_shap import contributions, interactions
from medtune.foundation.words import say
from medtune.models.booster_text import read_booster, tree_fields

# Seconds that an explanation may take on one core; what a leaf takes once, and for each patient and leaf of its tree.
SECONDS, LEAF, VISIT = 6.0, 1e-4, 3.3e-9
FEWEST = 100
# Up to so few patients, ensembles with more leaves than that are quicker left to shap.
FEW, MANY_LEAVES = 150, 2000
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
    Path-dependent tree SHAP (Lundberg 2020 Nat Mach Intell 2:56), see `medtune.explanation.tree_shap`; a few patients
    of a large ensemble go to shap's own routine, which agrees to 1e-12. The trees' own training rows are the
    reference; `middle` moves it to the background, so that all kinds of model are read against the same patients.
    """

    def __init__(self, columns: Sequence[str], transformer: Any, member: np.ndarray, estimator: Any):
        self.columns = tuple(columns)
        self.transformer = transformer
        self.member = member
        self.estimator = estimator
        self.scale = scale_of(estimator)
        self.note = LOG_ODDS if self.scale == "log-odds" else PROBABILITY
        self.forest = forest_of(estimator)

    def patients(self, limit: int) -> int:
        """As many as about six seconds allow, by the number of leaves."""
        leaves = self.forest.leaves
        visit = VISIT * leaves / len(self.forest.trees)
        return int(min(limit, max(FEWEST, (SECONDS / leaves - LEAF) / visit)))

    def terms(self, frame: pd.DataFrame) -> Terms:
        """SHAP values, summed by column."""
        T = self._features(frame)
        if len(T) <= FEW and self.forest.leaves > MANY_LEAVES:
            values = self._asked(T)
        else:
            values = contributions(self.forest, T, self.member)
        loose = values[:, -1].mean() if len(values) else 0.0
        return Terms(self.columns, values[:, :-1], self.forest.middle + float(loose))

    def prediction(self, frame: pd.DataFrame) -> np.ndarray:
        """What the trees add up to, as they were read."""
        return self.forest.predict(self._features(frame))

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over at most 200 rows of the background, evenly spaced."""
        if len(background) > BACKGROUND:
            background = background.iloc[np.linspace(0, len(background) - 1, BACKGROUND).round().astype(int)]
        return self.terms(background).parts.mean(axis=0)

    def interactions(self, frame: pd.DataFrame, among: Sequence[str]) -> np.ndarray:
        """Shapley interaction values between some of the columns, see `tree_shap.interactions`."""
        return interactions(self.forest, self._features(frame), self.member[:, positions(self.columns, among)])

    def leaves(self) -> int:
        """Leaves in all, which is what interactions cost."""
        return self.forest.leaves

    def _asked(self, T: np.ndarray) -> np.ndarray:
        import shap

        explainer = shap.TreeExplainer(self.estimator, feature_perturbation="tree_path_dependent")
        values = np.asarray(explainer.shap_values(T, check_additivity=False), dtype=float)
        values = values[..., 1] if values.ndim == 3 else values
        loose = values[:, self.member.sum(axis=1) == 0].sum(axis=1)
        return np.column_stack([values @ self.member, loose])

    def _features(self, frame: pd.DataFrame) -> np.ndarray:
        frame = frame[list(self.columns)]
        return as_matrix(frame if self.transformer is None else self.transformer.transform(frame))


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
        self.text = update.booster_text_
        self.share = float(update.trees_share_)

    def patients(self, limit: int) -> int:
        """All that are wanted."""
        return limit

    def terms(self, frame: pd.DataFrame) -> Terms:
        """SHAP values, summed by column."""
        T = self._features(frame)
        values = self.share * np.asarray(self.booster.predict(T, pred_contrib=True, num_threads=1), dtype=float)
        loose = values[:, :-1][:, self.member.sum(axis=1) == 0].sum(axis=1)
        constant = float(values[0, -1] + loose.mean()) if len(values) else 0.0
        return Terms(self.columns, values[:, :-1] @ self.member, constant)

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over the background."""
        return self.terms(background).parts.mean(axis=0)

    def interactions(self, frame: pd.DataFrame, among: Sequence[str]) -> np.ndarray:
        """Shapley interaction values between some of the columns, see `tree_shap.interactions`."""
        member = self.member[:, positions(self.columns, among)]
        return interactions(self._forest, self._features(frame), member)

    def leaves(self) -> int:
        """Leaves in all."""
        return self._forest.leaves

    @cached_property
    def _forest(self) -> Forest:
        return forest_of_text(tree_fields(self.text), self.share)

    def _features(self, frame: pd.DataFrame) -> np.ndarray:
        frame = frame[list(self.columns)]
        return as_matrix(frame if self.transformer is None else self.transformer.transform(frame))


def positions(own: Sequence[str], among: Sequence[str]) -> list[int]:
    """Where the columns wanted stand among one's own."""
    place = {name: at for at, name in enumerate(own)}
    return [place[name] for name in among]
