"""A starting model without a file: a column of the table that holds a risk or a score already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from medtune.evaluation.logistic import clip_risk, expit, logit
from medtune.foundation.errors import ColumnsError, ModelError, SettingsError
from medtune.foundation.settings import Starting

if TYPE_CHECKING:
    import pandas as pd

SCALES = Starting.choices("scale")
RANGES = {"risk": (0.0, 1.0), "percent": (0.0, 100.0)}


class ScoreColumn(ClassifierMixin, BaseEstimator):
    """A classifier that reads each patient's risk from a column.

    Parameters
    ----------
    column : str
        Name of the column.
    scale : {"risk", "percent", "log-odds", "points"}
        What the column holds: a probability between 0 and 1, the same in percent, its log-odds, or points.
    centre, spread : float
        Only for points, which have no risk of their own: (points - centre) / spread stands for the log-odds until a
        recalibration gives them a meaning. `settled` takes both from the patients, without their outcomes.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        No event, event.
    """

    def __init__(self, column: str = "risk", scale: str = "risk", centre: float = 0.0, spread: float = 1.0):
        self.column = column
        self.scale = scale
        self.centre = centre
        self.spread = spread

    @property
    def classes_(self) -> np.ndarray:
        """No event, event."""
        return np.array([0, 1])

    @property
    def name(self) -> str:
        """The column's name."""
        return str(self.column)

    @property
    def has_risk(self) -> bool:
        """Whether the column says a risk; points do not."""
        return self.scale != "points"

    def settled(self, frame: pd.DataFrame) -> ScoreColumn:
        """For points, the same column measured from its mean in its SD; any other column as it is."""
        if self.has_risk:
            return self
        points = self._cells(frame)
        spread = float(points.std()) if len(points) else 0.0
        return ScoreColumn(self.column, self.scale, float(points.mean()) if len(points) else 0.0, spread or 1.0)

    def fit(self, X: pd.DataFrame, y: Any = None) -> ScoreColumn:
        """Check that the column holds what it should; nothing is learnt."""
        self.risk(X)
        return self

    def risk(self, frame: pd.DataFrame) -> np.ndarray:
        """The risks in the column; a provisional one for points.

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
            When values are missing, are not numbers, or lie outside the scale.
        """
        cells = self._cells(frame)
        if self.scale == "risk":
            return cells
        if self.scale == "percent":
            return cells / 100
        return expit((cells - self.centre) / self.spread)

    def _cells(self, frame: pd.DataFrame) -> np.ndarray:
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
        cells = pd.to_numeric(frame[self.column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        missing = int(np.isnan(cells).sum())
        if missing:
            raise ModelError(
                "Score column '{column}' has no risk for {count} of {n} patients; fill the values in or leave these"
                " patients out.",
                column=self.column,
                count=missing,
                n=len(cells),
            )
        low, high = RANGES.get(self.scale, (-np.finfo(float).max, np.finfo(float).max))
        outside = int(((cells < low) | (cells > high)).sum())
        if outside:
            raise ModelError(
                "Score column '{column}' has {count} of {n} values outside {low:g} to {high:g}; choose the scale it is"
                " on, or another column.",
                column=self.column,
                count=outside,
                n=len(cells),
                low=low,
                high=high,
            )
        return cells

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """Probability of no event and of the event; shape (n, 2)."""
        risk = self.risk(frame)
        return np.column_stack([1 - risk, risk])

    def linear_predictor(self, frame: pd.DataFrame) -> np.ndarray:
        """Log-odds of the risk clipped to [1e-6, 1 - 1e-6]; shape (n,)."""
        return logit(clip_risk(self.risk(frame)))

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """1 where the risk is at least one half, else 0; shape (n,)."""
        return (self.risk(frame) >= 0.5).astype(int)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Files from before there were points have neither centre nor spread.
        self.__dict__.update({"centre": 0.0, "spread": 1.0, **state})
