"""A source model trained on a cohort, for demos and for what a library starts with."""

from __future__ import annotations

from dataclasses import replace

from sklearn.base import clone

from medtune.cohort.genes import reads_genes
from medtune.cohort.preparation import feature_keys, make_preparation
from medtune.cohort.table import Cohort
from medtune.evaluation.performance import evaluate
from medtune.foundation.estimate import Estimate
from medtune.foundation.settings import Family, Genes, Preparation, Validation
from medtune.foundation.words import say
from medtune.models.clinical import ClinicalModel
from medtune.models.families import make_family
from medtune.models.passport import Passport
from medtune.runs.gene_columns import columns_of, slimmed
from medtune.runs.passports import source_aggregates
from medtune.tuning.validation import out_of_fold, plan_validation

RESAMPLES = 200


def train_source(cohort: Cohort, name: str, family: Family | None = None, measured: bool = False) -> ClinicalModel:
    """Train a model on the whole of a cohort, to be tuned elsewhere.

    Parameters
    ----------
    cohort : Cohort
        The source patients.
    name : str
        What the model is called.
    family : Family, optional
        Logistic regression with a light ridge when None.
    measured : bool
        Whether to say how good it is on patients it was not fitted to, by five-fold cross-validation.

    Returns
    -------
    ClinicalModel
        With the source's SDs and information in its passport, and no patient.
    """
    preparation, given = Preparation(), cohort.fingerprint
    cohort = cohort.without_duplicates()
    genes = Genes() if reads_genes(cohort.predictor_columns, Genes(), cohort.n) else None
    unfitted = make_family(cohort.predictor_columns, preparation, family, genes=genes)
    pipeline = slimmed(clone(unfitted).fit(cohort.predictors, cohort.outcome))
    performance = _out_of_fold(cohort, unfitted) if measured else {}
    if genes is not None:
        cohort = _of_signature(cohort, pipeline)
    unscaled = make_preparation(cohort.predictor_columns, replace(preparation, scale="none")).fit(cohort.predictors)
    risk = pipeline.predict_proba(cohort.predictors)[:, 1]
    passport = Passport(
        name=name,
        made_from=say("Trained from scratch on {n} patients of {cohort}.", n=cohort.n, cohort=cohort.name),
        columns=cohort.predictor_columns,
        method=(family or Family()).name,
        outcome=cohort.roles.outcome,
        n=cohort.n,
        events=cohort.events,
        performance=performance,
        threshold=cohort.event_rate,
        cohort=given,
        aggregates=source_aggregates(unscaled, unscaled.transform(cohort.predictors), risk, feature_keys(unscaled)),
    )
    return ClinicalModel(pipeline, passport)


def _of_signature(cohort: Cohort, pipeline: object) -> Cohort:
    """The cohort with the genes that a signature reads, and no others."""
    names = tuple(column.name for column in columns_of(pipeline))
    return replace(cohort, roles=replace(cohort.roles, predictors=names))


def _out_of_fold(cohort: Cohort, unfitted) -> dict[str, Estimate]:
    """Headline measures on patients that each fold's model did not see."""
    y = cohort.outcome
    plan = plan_validation(y, Validation(repeats=1), patients=cohort.patients)
    family = {"scratch": unfitted}
    risks = out_of_fold(cohort.predictors, y, None, plan, updates={}, preparation=None, families=family)["scratch"]
    return dict(evaluate(y, risks, clusters=cohort.patients, resamples=RESAMPLES).headline)
