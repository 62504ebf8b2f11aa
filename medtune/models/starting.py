"""A starting model without a file: a column of the table that holds a risk already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from medtune.foundation.errors import ColumnsError, ModelError, SettingsError

if TYPE_CHECKING:
    import pandas as pd

SCALES = ("risk",)


class ScoreColumn(ClassifierMixin, BaseEstimator):
    """A classifier that reads each patient's risk from a column.

    Parameters
    ----------
    column : str
        Name of the column.
    scale : {"risk"}
        What the column holds; "risk" is a probability between 0 and 1.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        No event, event.
    """

    def __init__(self, column: str = "risk", scale: str = "risk"):
        self.column = column
        self.scale = scale

    @property
    def classes_(self) -> np.ndarray:
        """No event, event."""
        return np.array([0, 1])

    @property
    def name(self) -> str:
        """The column's name."""
        return str(self.column)

    def fit(self, X: pd.DataFrame, y: Any = None) -> ScoreColumn:
        """Check that the column holds risks; nothing is learnt."""
        self.risk(X)
        return self

    def risk(self, frame: pd.DataFrame) -> np.ndarray:
        """The risks in the column.

        Parameters
        ----------
        frame : DataFrame of n rows

        Returns
        -------
        ndarray of shape (n,)

        Raises
        ------
        ColumnsError
            When the column is absent.
        ModelError
            When values are missing, are not numbers, or lie outside 0 to 1.
        """
        import pandas as pd

        if self.scale not in SCALES:
            raise SettingsError(
                "A score column can be read on the scale {scales}; '{scale}' is not known.",
                scales=", ".join(SCALES),
                scale=self.scale,
            )
        if not hasattr(frame, "columns") or self.column not in frame.columns:
            raise ColumnsError(
                "The table has no column '{column}', from which the risk is read; add it or choose another one.",
                column=self.column,
            )
        risk = pd.to_numeric(frame[self.column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        missing = int(np.isnan(risk).sum())
        if missing:
            raise ModelError(
                "Score column '{column}' has no risk for {count} of {n} patients; fill the values in or leave these"
                " patients out.",
                column=self.column,
                count=missing,
                n=len(risk),
            )
        outside = int(((risk < 0) | (risk > 1)).sum())
        if outside:
            raise ModelError(
                "Score column '{column}' has {count} of {n} values outside 0 to 1; a risk is needed, so divide"
                " percentages by 100 or choose another column.",
                column=self.column,
                count=outside,
                n=len(risk),
            )
        return risk

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """Probability of no event and of the event; shape (n, 2)."""
        risk = self.risk(frame)
        return np.column_stack([1 - risk, risk])

    def linear_predictor(self, frame: pd.DataFrame) -> np.ndarray:
        """Log-odds of the risk clipped to [1e-6, 1 - 1e-6]; shape (n,)."""
        from medtune.evaluation.logistic import logit

        return logit(self.risk(frame))

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """1 where the risk is at least one half, else 0; shape (n,)."""
        return (self.risk(frame) >= 0.5).astype(int)

    def __sklearn_is_fitted__(self) -> bool:
        return True
