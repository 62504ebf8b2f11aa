"""The local patients of a run: who takes part, what of them is known, and what the starting model says of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.base import clone

from medtune.cohort.conform import conform
from medtune.cohort.findings import left_in
from medtune.cohort.preparation import feature_keys, make_preparation
from medtune.cohort.table import Cohort
from medtune.foundation.errors import RunError
from medtune.foundation.settings import Settings, Starting
from medtune.foundation.words import Sentence, listed, say
from medtune.models.clinical import ClinicalModel
from medtune.models.prepared_units import in_prepared_units
from medtune.models.starting import ScoreColumn
from medtune.runs.at_hand import AtHand, bring
from medtune.runs.gene_columns import (
    in_short,
    of_genes,
    preparation_of,
    read_by_updates,
    said_of_genes,
    signature_of,
    with_batch,
)
from medtune.runs.participants import taking_part
from medtune.runs.passports import columns_read, model_of_column, notes_on
from medtune.runs.starting import SAME
from medtune.tuning.candidates import FROM_SCRATCH
from medtune.tuning.methods import make_method
from medtune.tuning.original_here import OriginalHere, original_here
from medtune.tuning.search_record import Budget
from medtune.tuning.update import base_log_odds

Base = ClinicalModel | ScoreColumn | None
POINTS = say(
    "Points have no risk of their own: logistic recalibration makes risks of them, "
    "and the comparison is with giving everyone the event rate."
)


def starting_of(base: Base, chosen: Starting) -> Starting:
    """The settings' word for what a run starts from."""
    if base is None:
        return Starting("scratch")
    if isinstance(base, ScoreColumn):
        return Starting("score_column", name=base.column, scale=base.scale)
    return replace(chosen, kind="model", model=chosen.model or base.passport.id, name=base.name)


class Local:
    """All that a run knows of its patients before anything is tuned.

    Parameters
    ----------
    cohort : Cohort
        The local patients.
    base : ClinicalModel, ScoreColumn or None
        What is tuned; None trains from scratch.
    settings : Settings
        All that was chosen.
    source : Cohort, optional
        The patients the base was made from, where they are at hand.

    Attributes
    ----------
    given : str
        Fingerprint of the cohort as it was given.
    cohort : Cohort
        Those who take part: copies of rows, patients left out by name and those without a score are not among them.
    places : ndarray of int
        Where they stand in the cohort given.
    base : ClinicalModel, ScoreColumn or None
        As given; points are settled on a direction.
    scratch, points, alone : bool
        Whether there is no original at all, none but points, or either.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    frame, predictors, read : DataFrame of n rows
        The whole table, its raw predictors, and what a finished model gets to see.
    columns : tuple of Column
        The predictors.
    preparation, prepared : transformer
        Unfitted, and fitted on all local patients; unscaled.
    T : ndarray of shape (n, q)
        The prepared predictors.
    keys : list of str
        Stable names of the prepared columns.
    source : Aggregates or None
        Sums of the source patients, where the model carries them or they are at hand.
    at_hand : AtHand or None
        The source patients in the form of the local table.
    eta0 : ndarray of shape (n,) or None
        Log-odds of the original.
    here : OriginalHere or None
        The original as it is here.
    genes : bool
        Whether the numbers are genes, see `medtune.runs.gene_columns`.
    reads : tuple of Column
        Those of `read`.
    new : tuple of str
        Predictors that the original never had.
    notes : list of Sentence
        What a reader must know.
    budget : Budget or None
        What each search for settings may use, set once it is known how many there are.
    """

    def __init__(self, cohort: Cohort, base: Base, settings: Settings, source: Cohort | None = None) -> None:
        self.base, self.settings = base, settings
        self.scratch = base is None
        # Without an original: from scratch, and from points, which have no risk until they are recalibrated.
        self.alone = not settings.starting.has_risk
        self.points = self.alone and not self.scratch
        self.notes: list[Sentence] = []
        self.budget: Budget | None = None
        self.given = cohort.fingerprint
        self.cohort, self.places = cohort, _ = taking_part(cohort, settings)
        self.notes += cohort.notes
        if self.points:
            self.base = base = base.settled(cohort.frame)
            self.notes.append(POINTS)
        self.y, self.frame, self.predictors = self._outcomes(cohort), cohort.frame, cohort.predictors
        if len(np.unique(self.y)) < 2:
            raise RunError("All patients that take part have the same outcome, so nothing can be learnt from them.")
        self.columns = cohort.predictor_columns
        self.genes = of_genes(cohort, settings)
        if self.genes:
            self.columns, self.predictors = with_batch(cohort, settings)
        signature = signature_of(base, self.columns, settings) if self.genes else ()
        # Unscaled: the updates divide by the source's SDs themselves.
        self.source = base.passport.aggregates if isinstance(base, ClinicalModel) else None
        self.at_hand = None if source is None else self._bring(source)
        # Gaps are filled as the source filled them, where that is known: a local median of few patients is worse.
        fills = dict(self.source.fills) if self.source else None
        if self.source is not None:
            self.source = in_prepared_units(self.source, dict(settings.preparation.units))
        self.preparation = make_preparation(self.columns, replace(settings.preparation, scale="none"), fills=fills)
        if self.genes:
            # Genes are scaled by their local SD: at the source they may have been measured in another way.
            self.source, self.preparation = None, preparation_of(signature, settings)
            self.notes += said_of_genes(cohort, settings, signature, base)
        self.prepared = clone(self.preparation)
        self.T = np.asarray(self.prepared.fit_transform(self.predictors, self.y), float)
        self.keys = list(feature_keys(self.prepared))
        self.eta0 = None if self.scratch else self._score()
        self.here = self._look()
        theirs = {c.name for c in base.columns} if isinstance(base, ClinicalModel) else set(self.predictors.columns)
        self.new = () if self.genes else tuple(name for name in self.predictors.columns if name not in theirs)
        # What a finished model gets to see of a table, and nothing else: not the outcome, not the site.
        self.reads = read_by_updates(base, cohort, signature) if self.genes else columns_read(base, cohort)
        # From scratch nothing is updated, and conforming thousands of genes for it takes seconds.
        self.read = conform(self.frame, self.reads).frame if self.reads else self.predictors

    @property
    def original(self) -> ClinicalModel:
        """The starting model, a score column wrapped into one."""
        return self.base if isinstance(self.base, ClinicalModel) else model_of_column(self.base, self.cohort)

    @cached_property
    def read_eta0(self) -> np.ndarray:
        """Log-odds of the original on `read`, shape (n,)."""
        return self._log_odds(self.read)

    @cached_property
    def read_prepared(self) -> tuple[object, np.ndarray]:
        """The preparation fitted on `read`, and what it makes of it, shape (n, q)."""
        names = [name for name in self.predictors if name in self.read] if self.genes else self.predictors
        if all(self.read[name].equals(self.predictors[name]) for name in names):
            return self.prepared, self.T
        prepared = clone(self.preparation)
        return prepared, np.asarray(prepared.fit_transform(self.read, self.y), float)

    @property
    def lent(self) -> dict[str, object]:
        """What a family is told of genes."""
        return {"genes": self.settings.genes} if self.genes else {}

    @property
    def given_away(self) -> tuple[Sentence, ...]:
        """The predictors that alone tell the outcome, for whoever reads the result; genes are looked at on Data."""
        return () if self.genes or self.settings.validates else left_in(self.cohort)

    def read_by(self, key: str) -> pd.DataFrame:
        """The raw table that a method is fitted to once the comparison is over."""
        return self.predictors if self.genes and key in FROM_SCRATCH else self.read

    def unfitted(self, key: str):
        """The estimator of a method, yet to be fitted; see `medtune.tuning.methods.make_method`."""
        told = {"base": self.base, "preparation": self.preparation, "source": self.source, "new": self.new}
        return make_method(key, self.settings, self.columns, budget=self.budget, rows=len(self.y), **told, **self.lent)

    def _bring(self, source: Cohort) -> AtHand:
        """The source patients in the form of the local table; a model without sums gets them from these."""
        if not isinstance(self.base, ClinicalModel):
            raise RunError("Only a model has patients it was made from; start from one, or leave them out.")
        if source.fingerprint == self.given:
            raise RunError.of(SAME)
        preparation = self.settings.preparation
        at_hand = bring(source, self.cohort, self.base, preparation.duplicates)
        self.notes += at_hand.notes
        if self.source is None:
            self.source = at_hand.sums(self.columns, preparation)
        return at_hand

    def _score(self) -> np.ndarray:
        if isinstance(self.base, ClinicalModel):
            passport = self.base.passport
            if {passport.cohort, *passport.cohorts} & {self.given, self.cohort.fingerprint}:
                raise RunError(
                    "Model '{model}' was made from these very patients, so a comparison on them would flatter it; "
                    "choose other patients or another model.",
                    model=self.base.name,
                )
            notes = notes_on(self.base, self.frame)
            self.notes += in_short(notes) if of_genes(self.cohort, self.settings) else notes
        empty = [column.name for column in self.columns if column.missing >= 1]
        if empty:
            self.notes.append(
                say(
                    "No patient here has a value of {columns}: the starting model fills it by its own rule, "
                    "and nothing about it can be tuned.",
                    columns=listed(empty),
                )
            )
        return self._log_odds(self.frame)

    def _outcomes(self, cohort: Cohort) -> np.ndarray:
        return cohort.outcome

    def _log_odds(self, frame) -> np.ndarray:
        return base_log_odds(self.base, frame)

    def _look(self) -> OriginalHere | None:
        """The original as it is here; what a reader must know of it goes into the notes."""
        if self.scratch:
            return None
        here = original_here(self.eta0, self.T, self.y)
        if here is None:
            self.notes.append(say("The starting model gives every patient here the same risk."))
        elif here.slope <= 0:
            self.notes.append(say("The starting model ranks patients the wrong way round here: its slope is below 0."))
        return here
