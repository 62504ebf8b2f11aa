"""The shape in which a number reaches a model: as it is, as its logarithm, or as a curve made of cubic pieces."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from medtune.foundation.words import Sentence, say

_BEND = re.compile(r" bend \d+ \(knots ")
FEW_VALUES = 10  # with at most so many different values a number is neither clipped nor bent: 0/1 would turn constant
SKEWED = 1.0  # skewness from which "log for skewed ones" takes the logarithm, where that makes it smaller
# Quantiles of the knots: Harrell 2015, Regression Modeling Strategies, 2nd ed., table 2.3.
KNOTS = {3: (0.1, 0.5, 0.9), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}


def learn_log(known: np.ndarray, *, always: bool) -> dict[str, float] | None:
    """What the logarithm of a number needs to know of the rows fitted.

    Parameters
    ----------
    known : ndarray of shape (n,)
        Values, none missing.
    always : bool
        Whether the logarithm was chosen for this column; else it is taken of numbers that are skewed to the right.

    Returns
    -------
    dict with "shift" and "floor", or None
        None where it is not taken: a value below 0, too few different ones, or no skew. `shift` is added first: 0, or
        half of the smallest value above 0 where there are zeros. Smaller values than `floor`, the smallest met, count
        as that.
    """
    values = np.unique(known)
    if values[0] < 0 or values[-1] <= 0 or (not always and values.size <= FEW_VALUES):
        return None
    shift = 0.0 if values[0] > 0 else float(values[values > 0][0]) / 2
    if not always:
        before = skewness(known)
        if before <= SKEWED or abs(skewness(np.log(known + shift))) >= before:
            return None
    return {"shift": shift, "floor": float(values[0])}


def skewness(values: np.ndarray) -> float:
    """Third standardised moment, with n in the denominators; 0 for a constant."""
    apart = values - values.mean()
    spread = np.sqrt((apart**2).mean())
    return float((apart**3).mean() / spread**3) if spread > 1e-12 * max(1.0, np.abs(values).max()) else 0.0


def learn_knots(known: np.ndarray, wanted: int) -> list[float]:
    """Knots of a restricted cubic spline at quantiles of the rows fitted.

    Parameters
    ----------
    known : ndarray of shape (n,)
        Values, none missing.
    wanted : int
        3, 4 or 5; fewer where quantiles fall together.

    Returns
    -------
    list of float
        Rising; empty where fewer than three differ or the number has too few values: then it stays straight.
    """
    if np.unique(known).size <= FEW_VALUES:
        return []
    for count in range(wanted, 2, -1):
        knots = np.quantile(known, KNOTS[count])
        if np.diff(knots).min() > 1e-6 * max(knots[-1] - knots[0], 1e-300):
            return knots.tolist()
    return []


def shaped(values: np.ndarray, learnt: dict) -> np.ndarray:
    """A number in its shape: one column, and one more for each bend.

    Parameters
    ----------
    values : ndarray of shape (n,)
        None missing.
    learnt : dict
        Its "log" (from `learn_log`) and "knots" (from `learn_knots`), where it has them.

    Returns
    -------
    ndarray of shape (n, 1 + bends)
    """
    log, knots = learnt.get("log"), learnt.get("knots")
    if log is not None:
        values = np.log(np.maximum(values, log["floor"]) + log["shift"])
    return np.column_stack([values, bends(values, np.asarray(knots))]) if knots else values[:, None]


def bends(values: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """The terms of a restricted cubic spline beyond the straight one.

    Parameters
    ----------
    values : ndarray of shape (n,)
    knots : ndarray of shape (k,)
        Rising.

    Returns
    -------
    ndarray of shape (n, k - 2)
        Cubic between the knots, straight before the first and after the last, in the unit of `values` (Devlin & Weeks
        1986; Harrell 2015, section 2.4.5, divided by the squared distance of the outer knots).
    """
    first, before, last = knots[0], knots[-2], knots[-1]

    def cubed(knot: float) -> np.ndarray:
        return np.maximum(values - knot, 0.0) ** 3

    end, before_end = cubed(last), cubed(before)
    terms = [
        cubed(knot) - before_end * (last - knot) / (last - before) + end * (before - knot) / (last - before)
        for knot in knots[:-2]
    ]
    return np.column_stack(terms) / (last - first) ** 2


def name_of(column: str, learnt: dict) -> str:
    """What the first feature of a number is called: "age", "glucose [mmol/L]", "log(crp + 0.5)".

    Parameters
    ----------
    column : str
    learnt : dict
        Its "unit", "ranks" and "log", where it has them.

    Returns
    -------
    str
    """
    name = f"{column} [{learnt['unit']['target']}]" if learnt.get("unit") else column
    if learnt.get("ranks"):
        return f"{name} (rank)"
    log = learnt.get("log")
    if log is None:
        return name
    return f"log({name} + {log['shift']:.4g})" if log["shift"] else f"log({name})"


def names_of(column: str, learnt: dict) -> list[str]:
    """Names of all features of a number; a bend names the knots, since it means nothing without them."""
    name, knots = name_of(column, learnt), learnt.get("knots") or []
    places = ", ".join(f"{knot:.4g}" for knot in knots)
    return [name, *(f"{name} bend {at} (knots {places})" for at in range(1, len(knots) - 1))]


def on_shapes(names: Iterable[str]) -> list[Sentence]:
    """How to read coefficients of bent numbers and of ranks.

    Parameters
    ----------
    names : iterable of str
        Of the coefficients.

    Returns
    -------
    list of Sentence
        Empty where there are none of them.
    """
    names, told = list(names), []
    if any(_BEND.search(name) for name in names):
        told.append(say("The coefficients of a curve and its bends mean something together only: look at its effect."))
    if any(name.startswith("log(") for name in names):
        told.append(say("The coefficient of a logarithm holds for a value 2.7 times as large."))
    if any(name.endswith(" (rank)") for name in names):
        told.append(say("The coefficient of a rank holds for one level higher."))
    return told
