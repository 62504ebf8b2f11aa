"""The top reasons for each new patient's risk, in one line of the table that is given back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from medtune.explanation.contributions import Explanation, explain
from medtune.explanation.one_class import one_class
from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import Sentence, say

REASONS, COUNT, MOST, ENOUGH = "top_reasons", 3, 20_000, 20
SMALL = 0.005
IN_LOG_ODDS = say("The number behind a reason is its part of the log-odds.")
FOR_A_CLASS = say(
    "The number behind a reason is its part of the log-odds of the most likely class against all others, estimated by "
    "asking the model."
)
IN_POINTS = say("The number behind a reason is its part of the risk, in percentage points: a forest averages risks.")


def reasons(model: Any, frame: pd.DataFrame, seed: int = 0) -> tuple[np.ndarray, tuple[Sentence, ...]]:
    """The three largest contributions of each patient, compared with a typical patient of the model's training.

    Of several classes, contributions to the risk of the patient's most likely one.

    Parameters
    ----------
    model : ClinicalModel
    frame : DataFrame of shape (n, columns)
        New patients.
    seed : int
        For samples.

    Returns
    -------
    texts : ndarray of str, shape (n,)
        "lactate = 4.1 (+0.82); age = 81 (+0.44)", in log-odds; a forest's in points of risk, "(+3.1 points)"; ""
        where there are none.
    notes : tuple of Sentence
        Against whom, for how many patients, or why there are none.
    """
    texts = np.full(len(frame), "", dtype=object)
    if not len(frame):
        return texts, ()
    typical = typical_patient(model)
    if typical is None and len(frame) < ENOUGH:
        return texts, (
            say("No reasons are given: the model carries no typical patient, and there are too few to compare."),
        )
    try:
        some, unit = _fill(texts, model, frame, typical, seed)
    except MedtuneError:
        return texts, (say("No reasons are given: this model cannot be taken apart."),)
    against = (
        say("Reasons compare with a typical patient of the model's training.")
        if typical is not None
        else say("Reasons compare with the mean of these patients.")
    )
    notes = (against, unit)
    if some < len(frame):
        notes += (say("Reasons were computed for {some} of {n} patients.", some=some, n=len(frame)),)
    return texts, notes


def _fill(texts: np.ndarray, model: Any, frame: pd.DataFrame, typical: pd.DataFrame | None, seed: int):
    """Write the reasons of each patient; of how many, and what their numbers are in."""
    if not model.passport.classes:
        told = explain(model, frame, typical, limit=MOST, seed=seed)
        texts[told.rows] = [in_words(told, place) for place in range(len(told.rows))]
        return len(told.rows), IN_LOG_ODDS if told.scale == "log-odds" else IN_POINTS
    likely, some = model.predict_proba(frame).argmax(axis=1), 0
    for place in np.unique(likely).tolist():
        rows = np.flatnonzero(likely == place)
        others = frame if typical is None else typical
        told = explain(one_class(model, place), frame.iloc[rows], others, limit=MOST, seed=seed, additive=True)
        texts[rows[told.rows]] = [in_words(told, at) for at in range(len(told.rows))]
        some += len(told.rows)
    return some, FOR_A_CLASS


def with_reasons(scored: Any, model: Any, frame: pd.DataFrame) -> Any:
    """Scored patients with a column of reasons; from a model of several classes, for the most likely class.

    Parameters
    ----------
    scored : Scored or ClassScored
    model : ClinicalModel
    frame : DataFrame of shape (n, columns)
        The table that was scored.

    Returns
    -------
    Scored or ClassScored
    """
    return scored.with_column(REASONS, *reasons(model, frame))


def typical_patient(model: Any) -> pd.DataFrame | None:
    """One row with the mean or most frequent value of each column at the source; None where the model carries none."""
    from medtune.explanation.what_if import one_row

    sums = model.passport.aggregates
    if sums is None:
        return None
    means = dict(zip(sums.features, sums.means, strict=True))
    values = {}
    for column in model.columns:
        value = means.get(column.name, sums.fills.get(column.name)) if column.kind == "number" else None
        if column.kind != "number":
            shares = {level: means[key] for level in column.levels if (key := f"{column.name}={level}") in means}
            rest = [level for level in column.levels if level not in shares]
            if len(rest) == 1:  # the level of a pair that is not spelled out
                shares[rest[0]] = 1 - sum(shares.values())
            value = max(shares, key=shares.get) if shares else sums.fills.get(column.name)
        values[column.name] = value
    return one_row(values, model.columns) if any(value is not None for value in values.values()) else None


def in_words(told: Explanation, place: int) -> str:
    """The largest contributions of one patient.

    Parameters
    ----------
    told : Explanation
    place : int
        Of the patient in it.

    Returns
    -------
    str
    """
    parts = told.contributions[place]
    best = [at for at in np.argsort(-np.abs(parts), kind="stable")[:COUNT] if abs(parts[at]) >= SMALL]
    written = "{:+.2f}".format if told.scale == "log-odds" else lambda part: f"{100 * part:+.1f} points"
    return "; ".join(f"{told.columns[at]} = {_value(told, place, at)} ({written(parts[at])})" for at in best)


def _value(told: Explanation, place: int, at: int) -> str:
    value, levels = float(told.values[place, at]), told.levels.get(told.columns[at])  # noqa: PD011
    if not np.isfinite(value):
        return "missing"
    return levels[int(value)] if levels else f"{value:.4g}"
