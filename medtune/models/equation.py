"""A published equation as a classifier: what a paper prints becomes a model like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from medtune.cohort.columns import Column
from medtune.evaluation.logistic import clip_risk, expit
from medtune.foundation.records import from_json, to_json
from medtune.foundation.words import say
from medtune.models.formula_writing import written
from medtune.models.matching import EQUATION, GAP
from medtune.models.passport import Passport
from medtune.models.terms import Formula, Term

if TYPE_CHECKING:
    import pandas as pd

    from medtune.models.clinical import ClinicalModel


class Equation(ClassifierMixin, BaseEstimator):
    """Log-odds = intercept + sum of coefficients x products of transformed columns.

    Parameters
    ----------
    intercept : float
    terms : sequence of Term
    fills : mapping of str to str, optional
        What stands for a missing value, by column. A column without one must be known for every patient.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        No event, event.
    """

    def __init__(self, intercept: float = 0.0, terms: Sequence[Term] = (), fills: Mapping[str, str] | None = None):
        self.intercept = intercept
        self.terms = terms
        self.fills = fills

    @property
    def classes_(self) -> np.ndarray:
        """No event, event."""
        return np.array([0, 1])

    @property
    def formula(self) -> Formula:
        """The equation as it is computed and written."""
        return Formula(float(self.intercept), tuple(self.terms), dict(self.fills or {}))

    @property
    def feature_names_in_(self) -> np.ndarray:
        """The columns it reads."""
        return np.array(self.formula.columns, dtype=object)

    def fit(self, X: pd.DataFrame, y: Any = None) -> Equation:
        """Check that the equation can be computed for these patients; nothing is learnt."""
        self.formula.check().log_odds(X)
        return self

    def linear_predictor(self, frame: pd.DataFrame) -> np.ndarray:
        """Log-odds of the risk clipped to [1e-6, 1 - 1e-6]; shape (n,)."""
        from medtune.evaluation.logistic import logit

        return logit(clip_risk(expit(self.formula.log_odds(frame))))

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """Probability of no event and of the event; shape (n, 2)."""
        risk = expit(self.formula.log_odds(frame))
        return np.column_stack([1 - risk, risk])

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """1 where the risk is at least one half, else 0; shape (n,)."""
        return (self.predict_proba(frame)[:, 1] >= 0.5).astype(int)

    def contributions(self, frame: pd.DataFrame) -> np.ndarray:
        """What each column adds to the log-odds; only for an additive equation.

        Parameters
        ----------
        frame : DataFrame of n rows

        Returns
        -------
        ndarray of shape (n, columns)
            In the order of `feature_names_in_`.
        """
        formula = self.formula
        parts, place = formula.parts(frame), {name: at for at, name in enumerate(formula.columns)}
        summed = np.zeros((len(frame), len(place)))
        for at, term in enumerate(formula.terms):
            summed[:, place[term.columns[0]]] += parts[:, at]
        return summed

    def worked_example(self, values: Mapping[str, object]) -> float:
        """The risk of one patient, to be checked against the published example."""
        return self.formula.worked_example(values)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __getstate__(self) -> dict[str, Any]:
        # As JSON text: a file then needs to trust no more than this class, and is checked when it is read.
        return {"formula": to_json(self.formula)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        formula = from_json(Formula, state["formula"]).check()
        self.__init__(formula.intercept, formula.terms, dict(formula.fills))


def published_model(formula: Formula, name: str, outcome: str = "", known: Sequence[Column] = ()) -> ClinicalModel:
    """An equation with its passport, so that it can be tuned, explained, saved and applied like any other model.

    Parameters
    ----------
    formula : Formula
    name : str
        What the user calls it.
    outcome : str
        Of what it estimates the risk, in words.
    known : sequence of Column
        Columns whose ranges are known, by the names in the equation.

    Returns
    -------
    ClinicalModel

    Raises
    ------
    ModelError
        When the equation cannot be computed.
    """
    from medtune.models.clinical import ClinicalModel

    formula = formula.check()
    given = {column.name: column for column in known}
    columns = tuple(given.get(name) or column_of(formula, name) for name in formula.columns)
    passport = Passport(
        name=name,
        made_from=say("A published equation with {count} terms.", count=len(formula.terms)),
        columns=columns,
        method="equation",
        outcome=outcome,
        notes=(
            say(EQUATION, formula=written(formula)),
            *(say(GAP, column=column, fill=fill) for column, fill in formula.fills.items()),
        ),
    )
    return ClinicalModel(Equation(formula.intercept, formula.terms, dict(formula.fills)), passport)


def read_equation(text: str, name: str = "Published equation", outcome: str = "") -> ClinicalModel:
    """Make a model of a published equation.

    Parameters
    ----------
    text : str
        A formula for the log-odds, a table of terms and coefficients, or JSON;
        see `medtune.models.formula_reading.read_formula` for what a formula may hold.
    name, outcome : str
        Used where the text does not say them.

    Returns
    -------
    ClinicalModel

    Raises
    ------
    ModelError
        When the text cannot be read, with the place.
    """
    from medtune.models.formula_tables import from_text

    published = from_text(text)
    return published_model(published.formula, published.name or name, published.outcome or outcome)


def column_of(formula: Formula, name: str) -> Column:
    """A column as the equation reads it.

    Parameters
    ----------
    formula : Formula
    name : str

    Returns
    -------
    Column
        A category has no levels here: a paper seldom names its reference category, and any other level is that.
    """
    return Column(name, "category" if formula.reads_levels(name) else "number")
