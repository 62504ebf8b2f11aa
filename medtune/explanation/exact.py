"""Contributions in closed form: models whose log-odds are a sum over columns, and updates built on any model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from medtune.explanation.origins import as_matrix
from medtune.foundation.words import Sentence, say

EXACT = say("The contributions are exact and add up to the model's log-odds.")


@dataclass(frozen=True, eq=False)
class Terms:
    """A prediction taken apart: constant + parts.sum(axis=1).

    Attributes
    ----------
    columns : tuple of str
        The user's columns.
    parts : ndarray of shape (n, columns)
        One term for each patient and column.
    constant : float
        What belongs to no column.
    """

    columns: tuple[str, ...]
    parts: np.ndarray
    constant: float

    def spread(self, columns: Sequence[str]) -> np.ndarray:
        """The parts in the order of `columns`, 0 where a column is not among ours."""
        return spread(self.parts, self.columns, columns)


class Method(Protocol):
    """A way to take predictions apart."""

    columns: tuple[str, ...]
    scale: str
    note: Sentence

    def patients(self, limit: int) -> int:
        """How many patients the method can afford, at most `limit`."""

    def terms(self, frame: pd.DataFrame) -> Terms:
        """Take the predictions for these rows apart."""

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over the background, one for each column."""


def prediction(method: Method, frame: pd.DataFrame) -> np.ndarray:
    """The prediction that a method's terms add up to, by a shorter way where the method knows one; shape (n,)."""
    own = getattr(method, "prediction", None)
    if own is not None:
        return own(frame)
    terms = method.terms(frame)
    return terms.parts.sum(axis=1) + terms.constant


def interactions_of(method: Method, frame: pd.DataFrame, among: Sequence[str]) -> np.ndarray | None:
    """Interactions between some columns of a method, shape (n, k, k); None where the method can only be asked."""
    own = getattr(method, "interactions", None)
    return None if own is None else own(frame, among)


def leaves_of(method: Method) -> int:
    """Leaves of the trees in a method; 0 where there are none."""
    own = getattr(method, "leaves", None)
    return 0 if own is None else own()


def spread(values: np.ndarray, own: Sequence[str], columns: Sequence[str]) -> np.ndarray:
    """Columns of `values`, named `own`, laid out in the order of `columns`, zeros for those that are new."""
    place = {name: at for at, name in enumerate(columns)}
    wide = np.zeros((*values.shape[:-1], len(columns)))
    wide[..., [place[name] for name in own]] = values
    return wide


class Linear:
    """Log-odds linear in features, each of which comes from one column.

    Parameters
    ----------
    columns : sequence of str
    transformer : fitted transformer or None
    member : ndarray of shape (features, columns)
        Which column each feature comes from, see `origins.membership`.
    coefficients : ndarray of shape (features,)
    intercept : float

    Notes
    -----
    Against a background this is the SHAP value of a linear model (Lundberg & Lee 2017), summed over the
    features of a column: coefficient x (feature - its mean).
    """

    scale = "log-odds"
    note = EXACT

    def __init__(
        self, columns: Sequence[str], transformer: Any, member: np.ndarray, coefficients: np.ndarray, intercept: float
    ):
        self.columns = tuple(columns)
        self.transformer = transformer
        self.weights = np.asarray(coefficients, dtype=float)[:, None] * member
        # A feature without a column is the same for everyone here: its part goes to the constant.
        self.loose = np.where(member.sum(axis=1) == 0, coefficients, 0.0)
        self.intercept = float(intercept)

    def patients(self, limit: int) -> int:
        """All that are wanted."""
        return limit

    def terms(self, frame: pd.DataFrame) -> Terms:
        """Coefficient x feature, summed by column."""
        T = self._features(frame)
        constant = self.intercept + (float(T[0] @ self.loose) if self.loose.any() and len(T) else 0.0)
        return Terms(self.columns, T @ self.weights, constant)

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over the background."""
        return self._features(background).mean(axis=0) @ self.weights

    def interactions(self, frame: pd.DataFrame, among: Sequence[str]) -> np.ndarray:
        """None: a sum of columns has no interactions."""
        return np.zeros((len(frame), len(among), len(among)))

    def _features(self, frame: pd.DataFrame) -> np.ndarray:
        frame = frame[list(self.columns)]
        return as_matrix(frame if self.transformer is None else self.transformer.transform(frame))


class Score:
    """A risk read from a column: its log-odds are the one term."""

    scale = "log-odds"
    note = EXACT

    def __init__(self, score: Any):
        self.score = score
        self.columns = (score.column,)

    def patients(self, limit: int) -> int:
        """All that are wanted."""
        return limit

    def terms(self, frame: pd.DataFrame) -> Terms:
        """The log-odds of the column."""
        return Terms(self.columns, self.score.linear_predictor(frame)[:, None], 0.0)

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over the background."""
        return self.terms(background).parts.mean(axis=0)

    def interactions(self, frame: pd.DataFrame, among: Sequence[str]) -> np.ndarray:
        """None: a sum of columns has no interactions."""
        return np.zeros((len(frame), len(among), len(among)))


class Additive:
    """A published equation without interactions: each of its terms belongs to one column."""

    scale = "log-odds"
    note = EXACT

    def __init__(self, equation: Any):
        self.equation = equation
        self.columns = tuple(str(name) for name in equation.feature_names_in_)

    def patients(self, limit: int) -> int:
        """All that are wanted."""
        return limit

    def terms(self, frame: pd.DataFrame) -> Terms:
        """The equation's terms, summed by column."""
        return Terms(self.columns, self.equation.contributions(frame), float(self.equation.intercept))

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over the background."""
        return self.terms(background).parts.mean(axis=0)

    def interactions(self, frame: pd.DataFrame, among: Sequence[str]) -> np.ndarray:
        """None: a sum of columns has no interactions."""
        return np.zeros((len(frame), len(among), len(among)))


class Updated:
    """An update, intercept + slope x base + deviations or trees: the terms of each, added by column.

    Parameters
    ----------
    intercept, slope : float
    base : Method or None
        Takes the base's log-odds apart; None when the base is the same for everyone at even odds.
    changes : sequence of Method
        What the update adds: deviations, trees.
    """

    scale = "log-odds"

    def __init__(self, intercept: float, slope: float, base: Method | None, changes: Sequence[Method] = ()):
        self.intercept, self.slope = float(intercept), float(slope)
        self.base = base if slope else None
        self.parts = [*([] if self.base is None else [self.base]), *changes]
        self.columns = tuple(dict.fromkeys(name for part in self.parts for name in part.columns))

    @property
    def note(self) -> Sentence:
        """What the first part says that is not exact in closed form, usually the base."""
        return next((part.note for part in self.parts if part.note is not EXACT), EXACT)

    def patients(self, limit: int) -> int:
        """What the base affords."""
        return limit if self.base is None else self.base.patients(limit)

    def terms(self, frame: pd.DataFrame) -> Terms:
        """Slope x the base's terms plus those of what is added."""
        values, constant = np.zeros((len(frame), len(self.columns))), self.intercept
        for part, factor in self._weighted():
            terms = part.terms(frame)
            values += factor * terms.spread(self.columns)
            constant += factor * terms.constant
        return Terms(self.columns, values, constant)

    def prediction(self, frame: pd.DataFrame) -> np.ndarray:
        """Slope x the base's prediction plus those of what is added."""
        return self.intercept + sum((factor * prediction(part, frame) for part, factor in self._weighted()), 0.0)

    def interactions(self, frame: pd.DataFrame, among: Sequence[str]) -> np.ndarray | None:
        """Slope x the base's interactions plus those of what is added; None where a part's are not known."""
        total = np.zeros((len(frame), len(among), len(among)))
        for part, factor in self._weighted():
            own = [name for name in among if name in part.columns]
            found = interactions_of(part, frame, own)
            if found is None:
                return None
            at = [list(among).index(name) for name in own]
            total[:, np.array(at, dtype=int)[:, None], at] += factor * found
        return total

    def leaves(self) -> int:
        """Leaves of trees in all parts."""
        return sum(leaves_of(part) for part in self.parts)

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """Mean of the terms over the background."""
        mean = np.zeros(len(self.columns))
        for part, factor in self._weighted():
            mean += factor * spread(part.middle(background), part.columns, self.columns)
        return mean

    def _weighted(self):
        return [(part, self.slope if part is self.base else 1.0) for part in self.parts]


class Mean(Updated):
    """The mean of several models' log-odds: the mean of their terms, column by column.

    Parameters
    ----------
    methods : sequence of Method
        One for each model, in log-odds.
    """

    def __init__(self, methods: Sequence[Method]):
        super().__init__(0.0, 1.0, None, methods)

    def patients(self, limit: int) -> int:
        """What the dearest of the models affords."""
        return min(method.patients(limit) for method in self.parts)

    def _weighted(self):
        return [(method, 1 / len(self.parts)) for method in self.parts]
