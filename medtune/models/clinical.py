"""The one object a user holds: a fitted estimator together with its passport, applied to any table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from medtune.cohort.columns import Column
from medtune.cohort.conform import Conformed, conform
from medtune.evaluation.logistic import logit
from medtune.foundation.errors import ModelError
from medtune.foundation.words import listed
from medtune.models.passport import Passport

if TYPE_CHECKING:
    import pandas as pd


class ClinicalModel:
    """A fitted binary classifier that knows which columns it reads and brings any table into that shape.

    Parameters
    ----------
    estimator : fitted classifier
        Has `predict_proba` and two classes; the second one is the event.
    passport : Passport
        Its `columns` are what the estimator gets, in this order.

    Notes
    -----
    It counts as a fitted scikit-learn classifier and stays fitted when cloned
    (as `sklearn.frozen.FrozenEstimator` does), so that it can be the base of an update.
    """

    _estimator_type = "classifier"

    def __init__(self, estimator: Any, passport: Passport):
        self.estimator = estimator
        self.passport = passport

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns the model reads."""
        return self.passport.columns

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.passport.name

    @property
    def classes_(self) -> np.ndarray:
        """No event, event."""
        return np.array([0, 1])

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns the model reads."""
        return np.array([column.name for column in self.columns], dtype=object)

    @property
    def n_features_in_(self) -> int:
        """How many columns the model reads."""
        return len(self.columns)

    def check(self, frame: pd.DataFrame) -> Conformed:
        """Bring a table into the shape the model expects and say what was done.

        Raises
        ------
        ColumnsError
            When most of the model's columns are absent.
        """
        return conform(frame, self.columns)

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """Probability of no event and of the event.

        Parameters
        ----------
        frame : DataFrame of n rows
            Any table that has the model's columns; others are passed over.

        Returns
        -------
        ndarray of shape (n, 2)

        Raises
        ------
        ColumnsError
            When most of the model's columns are absent.
        ModelError
            When the estimator cannot score these rows.
        """
        ready = self.check(frame).frame[[column.name for column in self.columns]]
        if len(ready) == 0:
            return np.empty((0, 2))
        try:
            p = np.asarray(self.estimator.predict_proba(ready), dtype=float)
        except (ValueError, TypeError) as error:
            # The original message may quote a patient's cell, so it is not passed on.
            raise _unable(self.name, ready, error) from None
        if p.shape != (len(ready), 2) or not np.isfinite(p).all():
            raise ModelError(
                "Model '{model}' did not give a risk for every patient; it needs to be a classifier of two classes.",
                model=self.name,
            )
        return p

    def risk(self, frame: pd.DataFrame) -> np.ndarray:
        """Risk of the event, between 0 and 1, for each row; shape (n,)."""
        return self.predict_proba(frame)[:, 1]

    def linear_predictor(self, frame: pd.DataFrame) -> np.ndarray:
        """Log-odds of the risk clipped to [1e-6, 1 - 1e-6]; shape (n,)."""
        return logit(self.risk(frame))

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """1 where the risk is at least one half, else 0; shape (n,)."""
        return (self.risk(frame) >= 0.5).astype(int)

    def fit(self, X: Any, y: Any = None, **ignored: Any) -> ClinicalModel:
        """Nothing is learnt: the model is as it came."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_clone__(self) -> ClinicalModel:
        return self

    def __sklearn_tags__(self):
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=False),
            classifier_tags=ClassifierTags(multi_class=False),
            input_tags=InputTags(string=True, categorical=True, allow_nan=True),
        )

    def __getstate__(self) -> dict[str, Any]:
        # The passport travels as JSON text: safe files then need to trust no more than this class.
        return {"estimator": self.estimator, "passport": self.passport.to_json()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.estimator = state["estimator"]
        self.passport = Passport.from_json(state["passport"])

    def __repr__(self) -> str:
        return f"ClinicalModel('{self.name}', {type(self.estimator).__name__}, {len(self.columns)} columns)"


def _unable(model: str, ready: pd.DataFrame, error: Exception) -> ModelError:
    """Why a table could not be scored, told without quoting the estimator."""
    missing = ready.isna()
    lacking = [name for name in ready.columns if missing[name].any()]
    if lacking:
        return ModelError(
            "Model '{model}' has no rule for missing values and could not score the table: {columns} lack values"
            " ({rows} patients in all); fill them in or leave these patients out.",
            model=model,
            columns=listed(lacking),
            rows=int(missing.any(axis=1).sum()),
        )
    return ModelError(
        "Model '{model}' could not score the table ({kind}); check that its columns hold the same kind of values"
        " as where the model was made.",
        model=model,
        kind=type(error).__name__,
    )
