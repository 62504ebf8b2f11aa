"""Several models of the same event taken together: the mean of their log-odds, as one starting model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin

from medtune.cohort.columns import Column
from medtune.evaluation.logistic import expit
from medtune.foundation.errors import ModelError
from medtune.foundation.words import listed, say
from medtune.models.clinical import ClinicalModel
from medtune.models.passport import Aggregates, Passport

FEWEST, MOST = 2, 10


class SeveralModels(ClassifierMixin, BaseEstimator):
    """A classifier whose log-odds are the mean of those of several models.

    Parameters
    ----------
    models : sequence of ClinicalModel
        Each reads the columns it knows.
    """

    def __init__(self, models: Sequence[ClinicalModel] = ()):
        self.models = models

    @property
    def classes_(self) -> np.ndarray:
        """No event, event."""
        return np.array([0, 1])

    @property
    def feature_names_in_(self) -> np.ndarray:
        """The columns of all models, each once."""
        return np.array(list(dict.fromkeys(c.name for model in self.models for c in model.columns)), dtype=object)

    def fit(self, X: pd.DataFrame, y: Any = None) -> SeveralModels:
        """Nothing is learnt: the models are as they came."""
        return self

    def linear_predictor(self, frame: pd.DataFrame) -> np.ndarray:
        """Mean of the models' log-odds; shape (n,)."""
        return np.mean([model.linear_predictor(frame) for model in self.models], axis=0)

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """Probability of no event and of the event; shape (n, 2)."""
        risk = expit(self.linear_predictor(frame))
        return np.column_stack([1 - risk, risk])

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """1 where the risk is at least one half, else 0; shape (n,)."""
        return (self.linear_predictor(frame) >= 0).astype(int)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def mean_of(models: Sequence[ClinicalModel], name: str = "") -> ClinicalModel:
    """One starting model of several: the mean of their log-odds.

    Parameters
    ----------
    models : sequence of ClinicalModel
        Two to ten models of the same event. Where two read a column of the same name, it is the same column.
    name : str
        What the mean is called; "Mean of 2 models" and the like when empty.

    Returns
    -------
    ClinicalModel
        Reads the columns of all. Its aggregates are the mean of what the models carry, see `mean_aggregates`.

    Raises
    ------
    ModelError
        When there are too few or too many, when one estimates classes, or when two read a column differently.

    Notes
    -----
    Several published models of one outcome are better taken together than chosen among by a few local patients
    (Debray 2014 Stat Med 33:2341); the update then calibrates and revises their mean. docs/transfers.md has what
    that gained here.
    """
    models = tuple(models)
    if not FEWEST <= len(models) <= MOST:
        raise ModelError(
            "A mean is made of {fewest} to {most} models, not of {count}; choose others.",
            fewest=FEWEST,
            most=MOST,
            count=len(models),
        )
    classes = [model.name for model in models if model.classes]
    if classes:
        raise ModelError(
            "Model '{model}' estimates classes; a mean is made of models of one event. Leave it out.", model=classes[0]
        )
    sums = [model.passport.aggregates for model in models]
    passport = Passport(
        name=name or f"Mean of {len(models)} models",
        made_from=say(
            "The mean of {count} models in log-odds: {names}.",
            count=len(models),
            names=listed([f"“{model.name}”" for model in models]),
        ),
        columns=_columns(models),
        method="several",
        outcome=models[0].passport.outcome,
        parents=tuple(model.passport.id for model in models if model.passport.id),
        aggregates=mean_aggregates([one for one in sums if one is not None], len(models)),
        cohorts=tuple(fingerprint for model in models for fingerprint in _made_from(model.passport)),
        notes=tuple(dict.fromkeys(note for model in models for note in model.passport.notes)),
    )
    return ClinicalModel(SeveralModels(models), passport)


def mean_aggregates(sums: Sequence[Aggregates], count: int) -> Aggregates | None:
    """What several sources knew of their predictors, on average.

    Parameters
    ----------
    sums : sequence of Aggregates
        Of those models that carry any; features may differ.
    count : int
        Of all models: one without aggregates, or without a feature, counts as knowing nothing of it.

    Returns
    -------
    Aggregates or None
        With the root mean square of the SDs, and the mean of the information per these SDs; None without any.
    """
    if not sums:
        return None
    features = tuple(dict.fromkeys(name for one in sums for name in one.features))
    place = {name: at for at, name in enumerate(features)}
    squares, means, known = np.zeros(len(features)), np.zeros(len(features)), np.zeros(len(features))
    at = [[place[name] for name in one.features] for one in sums]
    for one, where in zip(sums, at, strict=True):
        squares[where] += np.square(one.sd)
        means[where] += one.means
        known[where] += 1
    sd = np.sqrt(squares / known)
    information = np.zeros((len(features), len(features)))
    for one, where in zip(sums, at, strict=True):
        scale = sd[where] / np.asarray(one.sd)  # from each source's SD to the common one
        information[np.ix_(where, where)] += scale[:, None] * one.information * scale
    fills: dict[str, float | str] = {}
    for one in sums:
        fills = {**one.fills, **fills}
    return Aggregates(
        features=features,
        sd=tuple(sd.tolist()),
        means=tuple((means / known).tolist()),
        information=information / count,
        n=sum(one.n for one in sums),
        fills=fills,
    )


def _made_from(passport: Passport) -> tuple[str, ...]:
    return tuple(fingerprint for fingerprint in (passport.cohort, *passport.cohorts) if fingerprint)


def _columns(models: Sequence[ClinicalModel]) -> tuple[Column, ...]:
    """The columns of all models; one that several read has the levels and the range of all."""
    joined: dict[str, Column] = {}
    reader: dict[str, str] = {}
    for model in models:
        for column in model.columns:
            first = joined.get(column.name)
            if first is not None and first.kind != column.kind:
                raise ModelError(
                    "Models '{first}' and '{second}' read column '{column}' differently, as {one} and as {other};"
                    " leave one of them out, or map it to the table of the other first.",
                    first=reader[column.name],
                    second=model.name,
                    column=column.name,
                    one=first.kind,
                    other=column.kind,
                )
            joined[column.name] = column if first is None else _joined(first, column)
            reader.setdefault(column.name, model.name)
    return tuple(joined.values())


def _joined(one: Column, other: Column) -> Column:
    return replace(
        one,
        levels=tuple(dict.fromkeys((*one.levels, *other.levels))),
        low=float(np.fmin(one.low, other.low)),
        high=float(np.fmax(one.high, other.high)),
        missing=max(one.missing, other.missing),
        distinct=max(one.distinct, other.distinct),
        codes=tuple(dict.fromkeys((*one.codes, *other.codes))),
        integer=one.integer and other.integer,
    )
