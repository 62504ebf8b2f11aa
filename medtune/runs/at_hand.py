"""The patients a starting model was made from, where they are at hand: brought to the form of the local table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.conform import conform
from medtune.cohort.preparation import feature_keys, make_preparation
from medtune.cohort.table import Cohort
from medtune.evaluation.logistic import expit
from medtune.foundation.errors import ColumnsError, MedtuneError, RunError
from medtune.foundation.settings import Preparation
from medtune.foundation.words import Sentence, listed, say
from medtune.models.clinical import ClinicalModel
from medtune.models.mapped import MappedModel, in_local_terms
from medtune.models.passport import Aggregates
from medtune.runs.passports import columns_read, source_aggregates
from medtune.runs.starting import SAME
from medtune.tuning.pooling import SourceRows
from medtune.tuning.update import base_log_odds

TELLS_APART = 0.95  # share of source rows that are unlike each other, from which a copy is no chance


@dataclass(frozen=True, eq=False)
class AtHand:
    """Source patients in the form of the local table.

    Attributes
    ----------
    name : str
        What they are called.
    frame : DataFrame of m rows
        The columns that a finished model reads, in local names, units and codes.
    y : ndarray of shape (m,)
        Outcomes, 0 or 1.
    eta0 : ndarray of shape (m,)
        Log-odds of the original.
    patients : ndarray of shape (m,) or None
        Patient ids, where a column names them.
    notes : tuple of Sentence
        What a reader must know.
    """

    name: str
    frame: pd.DataFrame
    y: np.ndarray
    eta0: np.ndarray
    patients: np.ndarray | None
    notes: tuple[Sentence, ...]

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.y)

    def rows(self, prepared=None) -> SourceRows:
        """Lent to a fit: raw, or made ready by a preparation that was fitted on local patients."""
        return SourceRows(self.frame if prepared is None else np.asarray(prepared.transform(self.frame), float), self.y)

    def sums(self, columns: tuple[Column, ...], preparation: Preparation) -> Aggregates:
        """SDs, information and fills of these patients, as a model made by medtune would carry them.

        Parameters
        ----------
        columns : tuple of Column
            The local predictors.
        preparation : Preparation
            As chosen; learnt from the source patients alone.
        """
        predictors = self.frame[[column.name for column in columns]]
        prepared = make_preparation(columns, replace(preparation, scale="none")).fit(predictors)
        features = prepared.transform(predictors)
        return source_aggregates(prepared, features, expit(self.eta0), feature_keys(prepared))


def bring(source: Cohort, local: Cohort, base: ClinicalModel, duplicates: str = "drop") -> AtHand:
    """Bring the source patients to the form of the local table.

    Parameters
    ----------
    source, local : Cohort
        The patients the model was made from, and those it is tuned to.
    base : ClinicalModel
        The starting model as it reads the local table.
    duplicates : str
        ``drop`` leaves out source rows that are exact copies of others or of local ones, ``near`` also those that
        agree with another in every predictor and the outcome; ``keep`` counts the copies of local ones.

    Returns
    -------
    AtHand

    Raises
    ------
    RunError
        When both are the same patients, when more than half of the local predictors are absent at the source,
        or when the model cannot score it.
    """
    if source.fingerprint == local.fingerprint:
        raise RunError.of(SAME)
    source = source.without_duplicates(duplicates)
    inside = base.estimator
    frame = in_local_terms(source.frame, inside.feeds) if isinstance(inside, MappedModel) else source.frame
    ready, further = _conformed(frame, local, base)
    copies = _copies(frame, local.frame)
    notes = _told(copies, duplicates, source, local)
    kept = np.arange(source.n) if duplicates == "keep" else np.flatnonzero(~copies)
    source, ready = source.take(kept), ready.iloc[kept].reset_index(drop=True)
    if len(np.unique(source.outcome)) < 2:
        raise RunError("All source patients that remain have the same outcome; choose others.")
    try:
        eta0 = base_log_odds(base, ready)
    except MedtuneError as error:
        why = error.sentence
        raise RunError("The starting model cannot score the source patients. {why}", why=why) from error
    return AtHand(source.name, ready, source.outcome, eta0, source.patients, (*notes, *further))


def _copies(frame: pd.DataFrame, local: pd.DataFrame) -> np.ndarray:
    """Which source rows equal a local row in every column that both tables have.

    None where these columns do not tell patients apart: strangers are alike by chance then.
    """
    shared = [name for name in frame.columns if name in local.columns and frame[name].dtype == local[name].dtype]
    if not shared:
        return np.zeros(len(frame), dtype=bool)
    theirs, ours = (pd.util.hash_pandas_object(table[shared], index=False) for table in (frame, local))
    if theirs.nunique() < TELLS_APART * len(theirs):
        return np.zeros(len(frame), dtype=bool)
    return theirs.isin(set(ours)).to_numpy()


def _told(copies: np.ndarray, duplicates: str, source: Cohort, local: Cohort) -> list[Sentence]:
    """What is said of copies and of the outcome; refuses a source that is mostly the local patients."""
    count = int(copies.sum())
    if duplicates != "keep" and 2 * count > min(source.n, local.n):
        raise RunError(
            "{count} of the {n} source patients are exact copies of local patients; "
            "choose others, or say that they are not at hand.",
            count=count,
            n=source.n,
        )
    notes = []
    if count:
        template = (
            "Source patients that are exact copies of local ones were left out ({count})."
            if duplicates != "keep"
            else "Source patients that are exact copies of local ones: {count}."
        )
        notes.append(say(template, count=count))
    if source.roles.outcome != local.roles.outcome:
        template = "The event is told by '{theirs}' at the source and by '{ours}' here; they must mean the same."
        notes.append(say(template, theirs=source.roles.outcome, ours=local.roles.outcome))
    return notes


def _conformed(frame: pd.DataFrame, local: Cohort, base: ClinicalModel) -> tuple[pd.DataFrame, list[Sentence]]:
    """The columns that a finished model reads, and what differs at the source."""
    try:
        done = conform(frame, columns_read(base, local))
    except ColumnsError as error:
        raise RunError("The source patients do not fit. {why}", why=error.sentence) from error
    predictors = [column.name for column in local.predictor_columns]
    absent = [name for name in predictors if done.frame[name].isna().all()]
    if 2 * len(absent) > len(predictors):
        raise RunError(
            "No source patient has a value of {columns}, more than half of the predictors; "
            "choose the patients that the model was made from.",
            columns=listed(absent),
        )
    notes = []
    if absent:
        notes.append(
            say("No source patient has a value of {columns}; only local ones tell of it.", columns=listed(absent))
        )
    strange = [name for name in predictors if name in done.unknown_levels]
    if strange:
        template = "Categories that only source patients have count as none of the known ones, in {columns}."
        notes.append(say(template, columns=listed(strange)))
    return done.frame, notes
