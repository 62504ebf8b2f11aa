"""What a model carries about itself: where it is from, what it reads, how good it was; aggregates, never patients."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from medtune import __version__
from medtune.cohort.columns import Column
from medtune.evaluation.logistic import clip_risk
from medtune.foundation.errors import ModelError
from medtune.foundation.estimate import Estimate
from medtune.foundation.records import from_json, to_json
from medtune.foundation.words import Sentence

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Aggregates:
    """Sums over the source patients that let a later update know the source's spread and covariance.

    Attributes
    ----------
    features : tuple of str, length q
        Keys of the prepared, unscaled features ("age", "chest_pain=4").
    sd, means : tuple of float, length q
        Standard deviation (ddof 1; 1 for a constant feature) and mean of each feature at the source.
    information : ndarray of shape (q, q)
        Hs of METHODS.md section 1, per SD of each feature, intercept profiled out; for K classes of shape
        ((K - 1) q, (K - 1) q), one block for each class but the first.
    n : int
        Number of source patients that were summed over.
    fills : mapping of str to float or str
        By column, what gaps were filled with at the source.
    """

    features: tuple[str, ...]
    sd: tuple[float, ...]
    means: tuple[float, ...]
    information: np.ndarray
    n: int = 0
    fills: Mapping[str, float | str] = field(default_factory=dict)


def aggregates(features: pd.DataFrame, risk: np.ndarray) -> Aggregates:
    """Sum the source rows up, so that a saved model carries their covariance without the patients.

    Parameters
    ----------
    features : DataFrame of shape (n, q)
        Prepared but unscaled features of the source rows, no missing values; the column names are the feature keys.
    risk : ndarray of shape (n,) or (n, K)
        The model's risk for the same rows, or its risks of K classes.

    Returns
    -------
    Aggregates
        With z = feature / SD and w = p0 (1 - p0), the information is the sum of w (z - zbar)(z - zbar)',
        zbar the w-weighted mean: the Fisher information of the deviations with the intercept profiled out.
        For K classes the same of the multinomial likelihood, differences from the first class, class by class.

    Raises
    ------
    ModelError
        When a feature has missing values, or the lengths differ.
    """
    raw = np.asarray(features, dtype=float)
    risk = clip_risk(risk)
    if raw.shape[0] != risk.shape[0]:
        raise ModelError(
            "The features have {rows} rows but there are {risks} risks; give one risk per row.",
            rows=raw.shape[0],
            risks=risk.shape[0],
        )
    if not (np.isfinite(raw).all() and np.isfinite(risk).all()):
        raise ModelError("The features of the source rows have missing values; prepare them before summing up.")
    means = raw.mean(axis=0) if len(raw) else np.zeros(raw.shape[1])
    sd = raw.std(axis=0, ddof=1) if len(raw) > 1 else np.ones(raw.shape[1])
    sd = np.where(sd > 1e-12 * np.maximum(1.0, np.abs(means)), sd, 1.0)
    # Shifting by the plain mean first keeps the digits of a column such as a year of birth.
    information = _information((raw - means) / sd, risk)
    return Aggregates(
        features=tuple(str(name) for name in features.columns),
        sd=tuple(sd.tolist()),
        means=tuple(means.tolist()),
        information=(information + information.T) / 2,
        n=len(raw),
    )


def _information(z: np.ndarray, risk: np.ndarray) -> np.ndarray:
    """Fisher information of the coefficients of z, the intercepts profiled out."""
    if risk.ndim == 1:
        weight = risk * (1 - risk)
        z = z - (weight @ z) / weight.sum() if weight.size else z
        return (z.T * weight) @ z
    n, q = z.shape
    others = risk[:, 1:]
    weights = others[:, :, None] * (np.eye(others.shape[1]) - others[:, None, :])
    D = np.column_stack([np.ones(n), z])
    whole = np.einsum("nab,ni,nj->aibj", weights, D, D, optimize=True)
    size = others.shape[1]
    inner = whole[:, 1:, :, 1:].reshape(size * q, size * q)
    across, corner = whole[:, 1:, :, 0].reshape(size * q, size), whole[:, 0, :, 0]
    return inner - across @ np.linalg.pinv(corner) @ across.T


@dataclass(frozen=True, eq=False)
class Passport:
    """What is known about a model.

    Attributes
    ----------
    name : str
        What the user calls it.
    made_from : Sentence
        Where it is from, for example "Trained on 303 patients of cleveland.csv."
    columns : tuple of Column
        The columns that the model reads, in its order, with kinds, levels, ranges and missing codes.
    method : str
        Key of the method: a family ("logistic"), a candidate ("averaged"), or "imported".
    outcome : Sentence or str
        The event in words.
    n, events : int or None
        Patients and events it was trained or tuned on; None when unknown.
    performance : dict of str to Estimate
        How good it was, honestly estimated, by the keys of `evaluation.headline`.
    threshold : float
        Default threshold of risk; NaN when unknown.
    parents : tuple of str
        Ids of the models it was made from.
    aggregates : Aggregates or None
        The source's spread and covariance.
    notes : tuple of Sentence
        What a user should know before using it.
    cohort : str
        Fingerprint of the patients it was made from, so that it is not tested on them; "" when unknown.
    cohorts : tuple of str
        The same for each of several models that it is the mean of.
    settles : tuple of (error, lower, upper), or empty
        Class-conditional conformal limits, see `medtune.evaluation.certainty.ReferBand`: from `lower` on the event
        remains possible, up to `upper` its absence does. Of several classes (error, a limit for each): the class
        remains possible from its limit on.
    classes : tuple of str
        Names of the classes it estimates, in the order of its risks; empty where it estimates an event.
    counts : tuple of int
        Patients of each class it was trained or tuned on.
    id, created, version : str
        Id in the library ("" outside), ISO time in UTC, medtune's version.
    """

    name: str
    made_from: Sentence
    columns: tuple[Column, ...]
    method: str = "imported"
    outcome: Sentence | str = ""
    n: int | None = None
    events: int | None = None
    performance: dict[str, Estimate] = field(default_factory=dict)
    threshold: float = math.nan
    parents: tuple[str, ...] = ()
    aggregates: Aggregates | None = None
    notes: tuple[Sentence, ...] = ()
    cohort: str = ""
    cohorts: tuple[str, ...] = ()
    settles: tuple[float, ...] = ()
    classes: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    id: str = ""
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    version: str = __version__

    def with_(self, **changes: Any) -> Passport:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def to_json(self) -> str:
        """JSON text; `from_json` reads it back exactly."""
        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Passport:
        """Read what `to_json` wrote.

        Raises
        ------
        ModelError
            When the text is not a passport.
        """
        try:
            passport = from_json(cls, text)
            named = isinstance(passport.name, str) and all(isinstance(column, Column) for column in passport.columns)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ModelError("The model's passport cannot be read; export the model again.") from error
        if not named or not isinstance(passport.made_from, Sentence) or not isinstance(passport.performance, Mapping):
            raise ModelError("The model's passport cannot be read; export the model again.")
        return passport
