"""A model whose log-odds are a sum over columns, so that each column's part can be read off by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column, describe
from medtune.evaluation.logistic import logit
from medtune.explanation.exact import Method, interactions_of, leaves_of
from medtune.explanation.what_if import one_row
from medtune.foundation.errors import ModelError
from medtune.foundation.words import say

NOT_A_SUM = say(
    "This model's log-odds are not a sum over the columns, so it cannot be put on paper; its main effects can be drawn."
)
CHECKED, WITHIN = 60, 1e-6
PRESENT = 0.005  # least share of a table in which a level or a gap is worth a place on paper


class Additive:
    """Log-odds = constant + one term for each column.

    Parameters
    ----------
    method : Method
        Takes predictions apart; a sum over columns.
    columns : sequence of Column
        Those that matter.
    frame : DataFrame of n rows
        Patients whose values say what is usual.

    Attributes
    ----------
    constant : float
    names : tuple of str
        All columns of the model.
    parts : ndarray of shape (n, len(names))
        Every patient's terms.
    """

    def __init__(self, method: Method, columns: Sequence[Column], frame: pd.DataFrame) -> None:
        self.method, self.frame = method, frame
        self.columns = tuple(columns)
        terms = method.terms(frame)
        self.names, self.parts, self.constant = terms.columns, terms.parts, terms.constant
        # Of a full patient: so that no value stands in for another column's.
        self.typical = _typical(frame, columns)

    def terms(self, column: str, values: Sequence[object]) -> np.ndarray:
        """The column's term for each value; None is missing; shape (k,)."""
        return self.terms_of([(column, values)])[0]

    def terms_of(self, wanted: Sequence[tuple[str, Sequence[object]]]) -> list[np.ndarray]:
        """The terms of several columns, asked at once: of each its values, the other columns as of a full patient."""
        ends = np.cumsum([len(values) for _, values in wanted])
        table = self.typical.iloc[np.zeros(ends[-1], dtype=int)].reset_index(drop=True)
        parts = [slice(end - len(values), end) for end, (_, values) in zip(ends, wanted, strict=True)]
        kinds = {known.name: known.kind for known in self.columns}
        for part, (column, values) in zip(parts, wanted, strict=True):
            cells = table[column].to_numpy(dtype=np.float64 if kinds[column] == "number" else object, copy=True)
            cells[part] = [np.nan if value is None else value for value in values]
            table[column] = cells if kinds[column] == "number" else pd.Series(cells, dtype="str")
        terms = self.method.terms(table)
        place = {name: at for at, name in enumerate(terms.columns)}
        return [terms.parts[part, place[column]] for part, (column, _) in zip(parts, wanted, strict=True)]

    @property
    def log_odds(self) -> np.ndarray:
        """Of every patient, shape (n,)."""
        return self.constant + self.parts.sum(axis=1)


def additive(model: Any, frame: pd.DataFrame) -> Additive:
    """Read a model as a sum over columns.

    Parameters
    ----------
    model : ClinicalModel or fitted classifier
        A logistic model, an equation without interactions, a score column, or an update of these without trees.
    frame : DataFrame of n rows
        Patients: they say which values are usual.

    Returns
    -------
    Additive

    Raises
    ------
    ModelError
        When the table is empty, or log-odds are not a sum over columns.
    """
    from medtune.explanation.choice import choose

    if not len(frame):
        raise ModelError("There are no patients to put a model on paper with; choose a table with at least one row.")
    if getattr(model, "classes", ()):
        raise ModelError("A model of several classes has no single risk, so it cannot be put on paper.")
    frame = (model.check(frame).frame if hasattr(model, "check") else frame).reset_index(drop=True)
    method = choose(model, frame, frame)
    plain = interactions_of(method, frame.iloc[:1], ()) is not None and not leaves_of(method)
    if method.scale != "log-odds" or not plain:
        raise ModelError.of(NOT_A_SUM)
    terms = method.terms(frame)
    told = (terms.constant + terms.parts.sum(axis=1))[:CHECKED]
    apart = told - logit(np.asarray(model.predict_proba(frame.iloc[:CHECKED]), dtype=float)[:, 1])
    if np.median(np.abs(apart)) > WITHIN:
        raise ModelError.of(NOT_A_SUM)
    known = {column.name: column for column in getattr(model, "columns", ())}
    strange = [name for name in method.columns if name not in known]
    known |= {column.name: column for column in (describe(frame[strange]) if strange else ())}
    used = [name for at, name in enumerate(terms.columns) if np.ptp(terms.parts[:, at]) > 1e-9]
    if not used:
        raise ModelError.of(say("This model gives every patient here the same risk, so there is nothing to read off."))
    return Additive(method, [known[name] for name in used], frame)


def levels_of(cells: pd.Series, column: Column) -> list[str]:
    """The levels of a category that are worth a place on paper, in the model's order."""
    from medtune.cohort.values import as_levels

    share = as_levels(cells).value_counts(normalize=True)
    present = [str(level) for level, part in share.items() if part >= PRESENT]
    return [level for level in column.levels if level in present] or sorted(present)


def has_gaps(cells: pd.Series) -> bool:
    """Whether enough patients lack a value that paper needs a place for it."""
    return float(cells.isna().mean()) >= PRESENT


def _typical(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """One patient with the middle value or commonest level of every column; as in the table where it is not read."""
    row = frame.iloc[[0]].reset_index(drop=True)
    values = {}
    for column in columns:
        cells = frame[column.name].dropna()
        if len(cells):
            values[column.name] = float(cells.median()) if column.kind == "number" else str(cells.mode().iloc[0])
    known = [column for column in columns if column.name in values]
    made = one_row(values, known)
    for name in made:
        row[name] = made[name]
    return row
