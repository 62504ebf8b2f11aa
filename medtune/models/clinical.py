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


_COUNT = {2: "two"}


class ClinicalModel:
    """A fitted classifier that knows which columns it reads and brings any table into that shape.

    Parameters
    ----------
    estimator : fitted classifier
        Has `predict_proba` and two classes, the second one being the event, or those of `Passport.classes`.
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
        """No event, event; or the numbers of the classes."""
        return np.arange(len(self.classes) or 2)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes it estimates; empty where it estimates an event."""
        return self.passport.classes

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
        """Probability of no event and of the event, or of each class.

        Parameters
        ----------
        frame : DataFrame of n rows
            Any table that has the model's columns; others are passed over.

        Returns
        -------
        ndarray of shape (n, 2) or (n, K)
            For K classes in the order of `classes`.

        Raises
        ------
        ColumnsError
            When most of the model's columns are absent.
        ModelError
            When the estimator cannot score these rows.
        """
        ready = self.check(frame).frame[[column.name for column in self.columns]]
        if len(ready) == 0:
            return np.empty((0, len(self.classes_)))
        try:
            p = np.asarray(self.estimator.predict_proba(ready), dtype=float)
        except (ValueError, TypeError) as error:
            # The original message may quote a patient's cell, so it is not passed on.
            raise _unable(self.name, ready, error) from None
        if p.shape != (len(ready), len(self.classes_)) or not np.isfinite(p).all():
            raise ModelError(
                "Model '{model}' did not give a risk for every patient; it needs to be a classifier of {count}"
                " classes.",
                model=self.name,
                count=_COUNT.get(len(self.classes_), len(self.classes_)),
            )
        return p

    def risk(self, frame: pd.DataFrame) -> np.ndarray:
        """Risk of the event, between 0 and 1, for each row; shape (n,).

        Raises
        ------
        ModelError
            When the model estimates classes; `predict_proba` gives a risk of each.
        """
        if self.classes:
            raise ModelError(
                "Model '{model}' estimates {count} classes and has no single risk; use the risk of each class.",
                model=self.name,
                count=len(self.classes),
            )
        return self.predict_proba(frame)[:, 1]

    def linear_predictor(self, frame: pd.DataFrame) -> np.ndarray:
        """Log-odds of the risk clipped to [1e-6, 1 - 1e-6]; shape (n,)."""
        return logit(self.risk(frame))

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """1 where the risk is at least one half, else 0; or the number of the most likely class; shape (n,)."""
        if self.classes:
            return self.predict_proba(frame).argmax(axis=1)
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
            classifier_tags=ClassifierTags(multi_class=bool(self.classes)),
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
