"""What each of the user's columns contributes to each patient's risk, and how much each column matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column, describe
from medtune.foundation.errors import ModelError
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

RESAMPLES = 500
CAVEAT = say("A contribution is an association in the model, not a cause.")


@dataclass(frozen=True, eq=False)
class Explanation:
    """Contributions of columns to predictions.

    Attributes
    ----------
    columns : tuple of str
        The user's columns; a categorical column is one of them, however many features it gives.
    contributions : ndarray of shape (patients, columns)
        baseline + contributions.sum(axis=1) is the prediction on `scale`.
    values : ndarray of shape (patients, columns)
        What the patients have: a number, or the index of a level; NaN is missing.
    levels : dict of str to tuple of str
        Levels of the categorical columns.
    baseline : float
        Mean prediction of the background, on `scale`.
    scale : "log-odds" or "probability"
    risk : ndarray of shape (patients,)
        The model's risk.
    rows : ndarray of shape (patients,)
        Row number of each patient in the table that was given.
    importance : dict of str to Estimate
        Mean size of the contribution of each column, with a percentile bootstrap interval over patients.
    note : Sentence
        How the contributions were obtained, of how many patients, against whom.
    """

    columns: tuple[str, ...]
    contributions: np.ndarray
    values: np.ndarray
    levels: dict[str, tuple[str, ...]]
    baseline: float
    scale: str
    risk: np.ndarray
    rows: np.ndarray
    importance: dict[str, Estimate]
    note: Sentence


def explain(
    model: Any,
    frame: pd.DataFrame,
    background: pd.DataFrame | None = None,
    limit: int = 1000,
    seed: int = 0,
    *,
    additive: bool = False,
) -> Explanation:
    """Explain a model's risks for a table of patients, in the table's own columns.

    Parameters
    ----------
    model : ClinicalModel or fitted classifier
    frame : DataFrame of shape (n, columns)
        Patients to explain.
    background : DataFrame, optional
        Patients to compare with: a contribution is relative to their mean. The explained patients
        themselves when None; give some for the explanation of a single patient.
    limit : int
        Most patients to explain; a random sample where there are more, or where the method affords fewer.
    seed : int
        For that sample and for the sampled method.
    additive : bool
        Whether log-odds are wanted of every model, so that two can be compared; a forest is sampled then.

    Returns
    -------
    Explanation

    Raises
    ------
    ModelError
        When the table or the background has no rows.

    Notes
    -----
    SHAP values (Lundberg & Lee 2017): in closed form where log-odds are linear in features and for every
    update, by tree SHAP for boosting and forests, else sampled. The floor of risks (1e-6) is left out of
    account: where an update's base is that sure, the terms add up to the log-odds without the floor.
    """
    from medtune.explanation.choice import choose

    if len(frame) == 0 or (background is not None and len(background) == 0):
        raise ModelError("There are no patients to explain; choose a table with at least one row.")
    rows = _sample(len(frame), limit, seed)
    own_background = background is None
    others = frame.iloc[rows] if own_background else background.iloc[_sample(len(background), limit, seed)]
    method = choose(model, frame.iloc[rows], others, additive=additive, seed=seed)
    affordable = method.patients(len(rows))
    if affordable < len(rows):
        rows = np.sort(np.random.default_rng(seed).choice(rows, affordable, replace=False))
        others = frame.iloc[rows] if own_background else others
    patients = frame.iloc[rows]
    terms = method.terms(patients)
    middle = terms.parts.mean(axis=0) if own_background else method.middle(others)
    contributions = terms.parts - middle
    values, levels = _values(model, patients, terms.columns)
    return Explanation(
        columns=terms.columns,
        contributions=contributions,
        values=values,
        levels=levels,
        baseline=float(terms.constant + middle.sum()),
        scale=method.scale,
        risk=np.asarray(model.predict_proba(patients), dtype=float)[:, 1],
        rows=rows,
        importance=importance(terms.columns, contributions, seed),
        note=_note(method.note, len(rows), len(frame), len(others)),
    )


def importance(
    columns: tuple[str, ...], contributions: np.ndarray, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Estimate]:
    """Mean size of each column's contributions.

    Parameters
    ----------
    columns : tuple of str
    contributions : ndarray of shape (patients, columns)
    seed, resamples : int
        Of the bootstrap over patients.

    Returns
    -------
    dict of str to Estimate
        With a percentile interval where there are at least two patients.
    """
    size = np.abs(contributions)
    n = len(size)
    mean = size.mean(axis=0)
    if n < 2:
        return {name: Estimate(float(value)) for name, value in zip(columns, mean, strict=True)}
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples) / n
    draws = weights @ size
    return {
        name: Estimate.from_draws(value, column) for name, value, column in zip(columns, mean, draws.T, strict=True)
    }


def _sample(n: int, limit: int, seed: int) -> np.ndarray:
    if n <= limit:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, limit, replace=False))


def _values(model: Any, frame: pd.DataFrame, columns: tuple[str, ...]) -> tuple[np.ndarray, dict[str, tuple[str, ...]]]:
    """What the patients have in each column, as numbers, and the levels that the numbers of a category stand for."""
    from medtune.cohort.values import as_levels, as_numbers

    known: dict[str, Column] = {}
    if hasattr(model, "passport"):
        frame = model.check(frame).frame
        known = {column.name: column for column in model.passport.columns}
    strange = [name for name in columns if name not in known]
    known |= {column.name: column for column in describe(frame[strange])} if strange else {}
    values, levels = np.full((len(frame), len(columns)), np.nan), {}
    for at, name in enumerate(columns):
        if known[name].kind == "number":
            values[:, at] = as_numbers(frame[name])[0]
            continue
        texts = as_levels(frame[name])
        new = [level for level in pd.unique(texts.dropna()) if level not in known[name].levels]
        levels[name] = (*known[name].levels, *sorted(new))
        place = {level: index for index, level in enumerate(levels[name])}
        values[:, at] = texts.map(place).to_numpy(dtype=float, na_value=np.nan)
    return values, levels


def _note(method: Sentence, shown: int, total: int, others: int) -> Sentence:
    whom = say("One patient is explained") if shown == total == 1 else whom_explained(shown, total)
    return say(
        "{method} {whom}, measured against the mean of {others} patients. {caveat}",
        method=method,
        whom=whom,
        others=others,
        caveat=CAVEAT,
    )


def whom_explained(shown: int, total: int) -> Sentence:
    """How many of how many patients were explained, as the beginning of a sentence."""
    return (
        say("All {shown} patients are explained", shown=shown)
        if shown == total
        else say("{shown} of {total} patients, drawn at random, are explained", shown=shown, total=total)
    )
