"""One class of a model of several against all others, seen as the event of a model of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from medtune.explanation.contributions import Explanation, explain
from medtune.explanation.linear_form import LinearForm, linear_forms
from medtune.explanation.what_if import Changeable, Counterfactual, counterfactuals
from medtune.models.clinical import ClinicalModel

Z = 1.959964


class OneClass:
    """One class of a fitted classifier against all others.

    Parameters
    ----------
    model : fitted classifier
        Of K classes.
    place : int
        Of the class among them.
    columns : sequence of str
        What the model reads.
    """

    def __init__(self, model: Any, place: int, columns: Sequence[str]) -> None:
        self.model, self.place, self.columns = model, place, tuple(columns)

    @property
    def classes_(self) -> np.ndarray:
        """Another class, and this one."""
        return np.array([0, 1])

    @property
    def feature_names_in_(self) -> np.ndarray:
        """The columns the model reads."""
        return np.array(self.columns, dtype=object)

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """Risk of another class, and of this one, shape (n, 2)."""
        risk = np.asarray(self.model.predict_proba(frame), dtype=float)[:, self.place]
        return np.column_stack([1 - risk, risk])

    @property
    def covariance_(self) -> np.ndarray:
        """Covariance of the coefficients of the model's update, class by class; absent where that has none."""
        if not hasattr(self.model, "design"):  # a covariance of something else
            raise AttributeError("covariance_")
        return np.asarray(self.model.covariance_, dtype=float)

    def slopes(self, frame: pd.DataFrame) -> np.ndarray:
        """How the risk of this class follows the coefficients of the model's update, those of `covariance_`.

        Parameters
        ----------
        frame : DataFrame of n rows
            What the model reads.

        Returns
        -------
        ndarray of shape (n, coefficients)
            Derivatives of the risk.
        """
        D, p = self.model.design(frame), np.asarray(self.model.predict_proba(frame), dtype=float)
        # The first class has no coefficients of its own: its risk falls when the odds of any other rise.
        follows = ((np.arange(1, p.shape[1]) == self.place) - p[:, 1:]) * p[:, [self.place]]
        return (follows[:, :, None] * D).reshape(len(D), -1)


def one_class(model: ClinicalModel, place: int) -> ClinicalModel:
    """A model of several classes seen as that of one of them.

    Parameters
    ----------
    model : ClinicalModel
        Of several classes.
    place : int
        Of the class.

    Returns
    -------
    ClinicalModel
        Its risk is that of the class; it reads the same columns.
    """
    passport = model.passport.with_(classes=(), counts=(), settles=())
    return ClinicalModel(OneClass(model.estimator, place, model.feature_names_in_), passport)


def explain_class(model: ClinicalModel, frame: pd.DataFrame, name: str, limit: int = 300, seed: int = 0) -> Explanation:
    """Contributions to the log-odds of one class against all others.

    Parameters
    ----------
    model : ClinicalModel
        Of several classes.
    frame : DataFrame of n rows
        Patients.
    name : str
        One of `model.classes`.
    limit : int
        Most patients.
    seed : int
        For samples.

    Returns
    -------
    Explanation
        Estimated by asking the model, with the error said in its note.
    """
    return explain(one_class(model, list(model.classes).index(name)), frame, limit=limit, seed=seed)


def class_interval(model: ClinicalModel, patient: pd.DataFrame) -> np.ndarray | None:
    """95% interval of each risk of one patient; None where the model's update has no covariance.

    Parameters
    ----------
    model : ClinicalModel
        Of K classes.
    patient : DataFrame of one row

    Returns
    -------
    ndarray of shape (K, 2) or None
        Delta method on the log-odds of each class against all others: the uncertainty of the update, the original
        counts as known.
    """
    update = model.estimator
    if not hasattr(update, "covariance_") or not hasattr(update, "design"):
        return None
    ready = model.check(patient).frame[[column.name for column in model.columns]]
    D, covariance = update.design(ready)[0], np.asarray(update.covariance_, dtype=float)
    p = np.asarray(update.predict_proba(ready), dtype=float)[0].clip(1e-12, 1 - 1e-12)
    others, size = D.shape
    spread = np.einsum("am,ambn,bn->ab", D, covariance.reshape(others, size, others, size), D)
    # How the log-odds of class k follow the linear predictors of all classes but the first.
    slope = -p[None, 1:] / (1 - p[:, None])
    slope[np.arange(1, others + 1), np.arange(others)] = 1.0
    half = Z * np.sqrt(np.einsum("ka,ab,kb->k", slope, spread, slope).clip(0))
    eta = np.log(p) - np.log1p(-p)
    return 1 / (1 + np.exp(-np.column_stack([eta - half, eta + half])))


def class_line(model: ClinicalModel, place: int) -> tuple[LinearForm, int] | None:
    """Coefficients of one class against another; None where the model is no line for each class.

    Parameters
    ----------
    model : ClinicalModel
        Of several classes.
    place : int
        Of the class.

    Returns
    -------
    form : LinearForm
        Of the log-odds of this class against the reference.
    reference : int
        The first class, or the second where the first is asked for.
    """
    forms = linear_forms(model)
    if forms is None:
        return None
    if place:
        return forms[place - 1], 0
    first = forms[0]
    return LinearForm(first.keys, -first.coefficients, -first.intercept, first.errors), 1


@dataclass(frozen=True)
class _Lead:
    """How far a class leads: at least one half where no other class is more likely."""

    model: ClinicalModel
    place: int

    def risk(self, frame: pd.DataFrame) -> np.ndarray:
        risks = self.model.predict_proba(frame)
        own, others = risks[:, self.place], np.delete(risks, self.place, axis=1).max(axis=1)
        return own / np.maximum(own + others, 1e-300)


def class_counterfactuals(
    model: ClinicalModel, patient: pd.DataFrame, changeable: Sequence[Changeable], place: int
) -> tuple[Counterfactual, ...]:
    """Smallest changes with which a class becomes the most likely one, or no longer is.

    Parameters
    ----------
    model : ClinicalModel
        Of several classes.
    patient : DataFrame of one row
    changeable : sequence of Changeable
        As for `medtune.explanation.what_if.counterfactuals`.
    place : int
        Of the class.

    Returns
    -------
    tuple of Counterfactual
        Their risk is that of the class; each was predicted with exactly these values.
    """
    found = counterfactuals(_Lead(model, place), patient, changeable, 0.5, model.columns)
    risks = [float(model.predict_proba(patient.assign(**one.changes))[0, place]) for one in found]
    return tuple(replace(one, risk=risk) for one, risk in zip(found, risks, strict=True))
