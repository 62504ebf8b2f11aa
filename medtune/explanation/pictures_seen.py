"""Contributions of a network tuned to pictures: what it sees in the picture is one column beside the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from medtune.explanation.exact import EXACT, Linear, Terms
from medtune.images.labels import PICTURE


class Seen:
    """Log-odds as a sum: what the tuned block sees in the picture, and the other columns, linear in their features.

    Parameters
    ----------
    model : TunedNetwork
        Fitted.
    others : Linear or None
        The other columns, with the model's intercept; None where there are none.
    """

    scale = "log-odds"
    note = EXACT

    def __init__(self, model: Any, others: Linear | None) -> None:
        self.model, self.others = model, others
        self.columns = (*(() if others is None else others.columns), PICTURE)

    def patients(self, limit: int) -> int:
        """All that are wanted."""
        return limit

    def terms(self, frame: pd.DataFrame) -> Terms:
        """The parts of the other columns, and what is seen in each picture."""
        seen = self.model.seen(frame[PICTURE])[:, None]
        if self.others is None:
            return Terms(self.columns, seen, float(self.model.intercept))
        rest = self.others.terms(frame)
        return Terms(self.columns, np.hstack([rest.parts, seen]), rest.constant)

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over the background."""
        return self.terms(background).parts.mean(axis=0)

    def interactions(self, frame: pd.DataFrame, among: list[str]) -> np.ndarray:
        """None: a sum of columns has no interactions."""
        return np.zeros((len(frame), len(among), len(among)))
