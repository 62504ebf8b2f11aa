"""A model whose log-odds are a sum over the user's columns, written as one coefficient for each column or level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class LinearForm:
    """Log-odds = intercept + sum of coefficients x columns, per unit of the column as uploaded.

    Attributes
    ----------
    keys : tuple of str
        "age", "chest_pain=4"; stable names of prepared columns. Where the logarithm of a column was taken, or it was
        bent, the key says so, "log(crp)" or "age bend 1 (knots 40, 60, 80)", and the coefficient is per unit of that.
    coefficients : ndarray of shape (k,)
    intercept : float
    errors : ndarray of shape (k + 1,) or None
        Standard error of the intercept and of each coefficient, where the method has them; what it started from
        counts as known.
    """

    keys: tuple[str, ...]
    coefficients: np.ndarray
    intercept: float
    errors: np.ndarray | None = None

    def of(self, key: str) -> tuple[float, float]:
        """Coefficient and standard error (NaN when not known) of a column; (0, NaN) when it has none."""
        if key not in self.keys:
            return 0.0, np.nan
        at = self.keys.index(key)
        return float(self.coefficients[at]), float(self.errors[at + 1]) if self.errors is not None else np.nan


NOTHING = LinearForm((), np.zeros(0), 0.0)


def linear_form(model: Any) -> LinearForm | None:
    """The model as one line of coefficients; None when it is not linear in the columns as uploaded.

    Parameters
    ----------
    model : ClinicalModel or fitted classifier
        A logistic pipeline of medtune, an equation of plain terms, or an update of either.

    Returns
    -------
    LinearForm or None
    """
    from medtune.models.equation import Equation
    from medtune.tuning.update import Update

    while hasattr(model, "passport") or type(model).__name__ == "FrozenEstimator":
        model = model.estimator
    if isinstance(model, Update):
        return _of_update(model)
    if isinstance(model, Equation):
        return _of_equation(model)
    return _of_pipeline(model)


def linear_forms(model: Any) -> tuple[LinearForm, ...] | None:
    """A model of K classes as K - 1 lines: the log-odds of each class against the first.

    Parameters
    ----------
    model : ClinicalModel or fitted classifier
        A logistic pipeline of medtune, or an update of one, of at least three classes.

    Returns
    -------
    tuple of LinearForm, length K - 1, or None
        None when it is not linear in the columns as uploaded.
    """
    from medtune.tuning.classes.update import ClassUpdate

    while hasattr(model, "passport") or type(model).__name__ == "FrozenEstimator":
        model = model.estimator
    if not isinstance(model, ClassUpdate):
        return _pipeline_lines(model)
    bases = None
    if model.base is not None and np.any(model.slope_):
        bases = linear_forms(model.base)
        if bases is None:
            return None
    made = _made_by(model)
    if made is None:
        return None
    others, size = len(model.intercept_), 2 + len(made[0])
    covariance = getattr(model, "covariance_", None)
    blocks = None if covariance is None else np.reshape(covariance, (others, size, others, size))
    return tuple(
        _followed(
            NOTHING if bases is None else bases[k], made, model.intercept_[k], model.slope_[k],
            model.deviation_[:, k], None if blocks is None else blocks[k, :, k],
        )
        for k in range(others)
    )  # fmt: skip


def _of_pipeline(model: Any) -> LinearForm | None:
    lines = _lines(model)
    return lines[0] if lines is not None and len(lines) == 1 else None


def _pipeline_lines(model: Any) -> tuple[LinearForm, ...] | None:
    lines = _lines(model)
    if lines is None or len(lines) < 3:
        return None
    first = lines[0]
    return tuple(
        LinearForm(one.keys, one.coefficients - first.coefficients, one.intercept - first.intercept)
        for one in lines[1:]
    )


def _lines(model: Any) -> tuple[LinearForm, ...] | None:
    """One line for each row of coefficients of a logistic pipeline."""
    from medtune.cohort.preparation import Preparation

    steps = [step for _, step in getattr(model, "steps", ())]
    if len(steps) != 2 or not isinstance(steps[0], Preparation):
        return None
    coefficients = np.asarray(getattr(steps[1], "coef_", np.empty(0)), dtype=float)
    if coefficients.ndim != 2 or not hasattr(steps[1], "predict_proba"):
        return None
    made = _made(steps[0])
    if made is None:
        return None
    keys, centre, spread = made
    raw, intercepts = coefficients / spread, np.ravel(steps[1].intercept_).astype(float)
    shifts = intercepts - raw @ centre
    return tuple(LinearForm(keys, row, float(at)) for row, at in zip(raw, shifts, strict=True))


def _made(preparation: Any) -> tuple[tuple[str, ...], np.ndarray, np.ndarray] | None:
    """Key of each feature, and the centre and width by which it was scaled; None where a column is clipped.

    A number that was only converted is told in the unit of the table, under the name of its column.
    """
    keys, centre, spread = [], [], []
    for learnt in preparation.features_:
        names = list(learnt["keys"])
        scaled = len(names) - int(learnt["indicator"]) if learnt["kind"] == "number" else 0
        if scaled and (np.isfinite(learnt["low"]) or np.isfinite(learnt["high"])):
            return None
        middles, widths = np.zeros(len(names)), np.ones(len(names))
        if scaled:
            middles[:scaled], widths[:scaled] = learnt["centre"], learnt["spread"]
        unit = learnt.get("unit")
        if unit and not (learnt.get("log") or learnt.get("knots")):
            names[0] = learnt["column"]
            middles[0] = (middles[0] - unit["offset"]) / unit["factor"]
            widths[0] /= unit["factor"]
        keys += names
        centre.append(middles)
        spread.append(widths)
    return tuple(keys), np.concatenate([*centre, []]), np.concatenate([*spread, []])


def _of_equation(equation: Any) -> LinearForm | None:
    keys, coefficients, intercept = [], [], float(equation.intercept)
    for term in equation.formula.terms:
        if len(term.factors) != 1 or term.factors[0].transform not in ("linear", "level"):
            return None
        factor = term.factors[0]
        if factor.transform == "level":
            keys.append(f"{factor.column}={factor.level}")
            coefficients.append(term.coefficient)
            continue
        keys.append(factor.column)
        coefficients.append(term.coefficient / factor.scale)
        intercept -= term.coefficient * factor.centre / factor.scale
    if len(set(keys)) < len(keys):
        return None
    return LinearForm(tuple(keys), np.array(coefficients, dtype=float), intercept)


def _of_update(update: Any) -> LinearForm | None:
    if getattr(update, "trees_", 0):
        return None
    base = NOTHING
    if update.base is not None and update.slope_:
        base = linear_form(update.base)
    made = _made_by(update)
    if base is None or made is None:
        return None
    deviation = update.deviation_ if len(made[0]) else np.zeros(0)
    covariance = getattr(update, "covariance_", None)
    return _followed(base, made, update.intercept_, update.slope_, deviation, covariance)


def _made_by(update: Any) -> tuple[tuple[str, ...], np.ndarray, np.ndarray] | None:
    """What the deviations of an update belong to; nothing where it has none, None where that is not known."""
    if not update.deviation_.size:
        return (), np.zeros(0), np.ones(0)
    preparation = getattr(update, "preparation_", None)
    if preparation is None or len(getattr(preparation, "keys_", ())) != len(update.deviation_):
        return None
    return _made(preparation)


def _followed(base: LinearForm, made, intercept, slope, deviation: np.ndarray, covariance) -> LinearForm:
    """The line that an update makes of the line of its base."""
    own, centre, spread = made
    keys = tuple(dict.fromkeys((*base.keys, *own)))
    # One row a key, intercept first: how the coefficient follows from intercept, slope and deviations of the update.
    follows = np.zeros((len(keys) + 1, 2 + len(own)))
    follows[0, 0], follows[0, 1], follows[0, 2:] = 1.0, base.intercept, -centre / spread
    for row, key in enumerate(keys, start=1):
        follows[row, 1] = base.of(key)[0]
        if key in own:
            at = own.index(key)
            follows[row, 2 + at] = 1.0 / spread[at]
    values = follows @ np.array([intercept, slope, *deviation])
    errors = None
    if covariance is not None and np.shape(covariance) == (follows.shape[1],) * 2:
        errors = np.sqrt(np.einsum("ij,jk,ik->i", follows, covariance, follows).clip(0))
    return LinearForm(keys, values[1:], float(values[0]), errors)
