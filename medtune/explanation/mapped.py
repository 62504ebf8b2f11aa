"""Contributions of a model that reads the local table through a mapping, told in the local columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from medtune.explanation.exact import Method, Terms, interactions_of, leaves_of, prediction
from medtune.foundation.words import Sentence


class Fed:
    """The method of the model inside, its columns called by the local columns that feed them.

    Parameters
    ----------
    method : Method
        Takes the model inside apart, in its own names and units.
    model : MappedModel
        Knows which local column feeds which predictor.
    """

    def __init__(self, method: Method, model: Any):
        self.method, self.model = method, model
        self.scale = method.scale
        local = {feed.predictor: feed.column for feed in model.feeds}
        names = [local.get(name, "") for name in method.columns]
        self.columns = tuple(dict.fromkeys(name for name in names if name))
        self.member = np.array([[name == column for column in self.columns] for name in names], dtype=float)
        self.absent = np.array([not name for name in names])

    @property
    def note(self) -> Sentence:
        """What the method inside says."""
        return self.method.note

    def patients(self, limit: int) -> int:
        """What the method inside affords."""
        return self.method.patients(limit)

    def terms(self, frame: pd.DataFrame) -> Terms:
        """The terms inside, those of predictors that no column feeds in the constant: they are the same for all."""
        inside = self.method.terms(self.model.translated(frame))
        constant = inside.constant
        if self.absent.any() and len(frame):
            constant += float(inside.parts[:, self.absent].mean(axis=0).sum())
        return Terms(self.columns, inside.parts @ self.member.reshape(-1, len(self.columns)), constant)

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over the background."""
        inside = self.method.middle(self.model.translated(background))
        return inside @ self.member.reshape(-1, len(self.columns))

    def prediction(self, frame: pd.DataFrame) -> np.ndarray:
        """What the method inside predicts."""
        return prediction(self.method, self.model.translated(frame))

    def interactions(self, frame: pd.DataFrame, among: Sequence[str]) -> np.ndarray | None:
        """The interactions inside, added up by local column; what one column feeds does not interact with itself."""
        at = [self.columns.index(name) for name in among]
        member = self.member.reshape(-1, len(self.columns))[:, at]
        fed = member.any(axis=1)
        names = [name for name, there in zip(self.method.columns, fed, strict=True) if there]
        inside = interactions_of(self.method, self.model.translated(frame), names)
        if inside is None:
            return None
        found = np.einsum("nij,ia,jb->nab", inside, member[fed], member[fed])
        found[:, np.arange(len(at)), np.arange(len(at))] = 0
        return found

    def leaves(self) -> int:
        """Leaves of the trees inside."""
        return leaves_of(self.method)
