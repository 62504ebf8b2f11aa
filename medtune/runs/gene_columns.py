"""Runs on many more columns than patients: what each method reads, and models that keep only the genes they use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.conform import conform
from medtune.cohort.expression import Expression
from medtune.cohort.genes import gene_names, reads_genes
from medtune.cohort.preparation import feature_keys, make_preparation
from medtune.cohort.table import Cohort
from medtune.foundation.settings import Settings
from medtune.foundation.words import Sentence, counted, say
from medtune.models.clinical import ClinicalModel
from medtune.models.passport import Aggregates
from medtune.runs.passports import columns_read, source_aggregates

# Genes up to which a model carries their information matrix, so that a later update knows its source.
CARRIED = 300
FEW_NOTES = 4  # on single genes
FAR, MANY_FAR = 2.0, 0.2  # source SDs between two means, and the share of genes from which it is said


def of_genes(cohort: Cohort, settings: Settings) -> bool:
    """Whether the numbers of a cohort are taken for genes."""
    return reads_genes(cohort.predictor_columns, settings.genes, cohort.n)


def with_batch(cohort: Cohort, settings: Settings) -> tuple[tuple[Column, ...], pd.DataFrame]:
    """The predictors, and the column of the batch where genes are centred by it.

    Parameters
    ----------
    cohort : Cohort
    settings : Settings

    Returns
    -------
    columns : tuple of Column
    table : DataFrame of shape (n, columns)
    """
    names, batch = list(cohort.roles.predictors), settings.genes.batch
    if batch and batch in cohort.columns and batch not in set(names):
        names.append(batch)
    return tuple(cohort.columns[name] for name in names), cohort.frame[names]


def signature_of(base: object, columns: Sequence[Column], settings: Settings) -> tuple[Column, ...]:
    """Of the local columns those that the starting model reads: what an update of it may change.

    Parameters
    ----------
    base : ClinicalModel, ScoreColumn or None
    columns : sequence of Column
        Predictors and batch.
    settings : Settings

    Returns
    -------
    tuple of Column
        None without a model; a score column reads no gene either.
    """
    if not isinstance(base, ClinicalModel):
        return ()
    theirs = {column.name for column in base.columns} | {settings.genes.batch}
    found = tuple(column for column in columns if column.name in theirs)
    return found if any(column.name != settings.genes.batch for column in found) else ()


def preparation_of(columns: Sequence[Column], settings: Settings):
    """The preparation of an update's predictors, yet to be fitted: every gene of the signature, scaled.

    Parameters
    ----------
    columns : sequence of Column
        From `signature_of`.
    settings : Settings

    Returns
    -------
    transformer
    """
    if not columns:
        return make_preparation((), settings.preparation)
    genes = settings.genes
    batch = genes.batch if any(column.name == genes.batch for column in columns) else None
    return Expression(
        tuple(columns), log=genes.log, batch=batch, keep=50_000, clinical=genes.clinical, others=settings.preparation
    )


def table_read(base: object, cohort: Cohort, columns: Sequence[Column]) -> pd.DataFrame:
    """What a finished update gets to see: the starting model's columns and the batch.

    Parameters
    ----------
    base : ClinicalModel, ScoreColumn or None
    cohort : Cohort
    columns : sequence of Column
        From `signature_of`.

    Returns
    -------
    DataFrame of n rows
    """
    return conform(cohort.frame, read_by_updates(base, cohort, columns)).frame


def read_by_updates(base: object, cohort: Cohort, columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns of `table_read`.

    Parameters
    ----------
    base, cohort, columns
        As there.

    Returns
    -------
    tuple of Column
    """
    few = replace(cohort, roles=replace(cohort.roles, predictors=tuple(column.name for column in columns)))
    return columns_read(base, few)


def slimmed(estimator: object) -> object:
    """A fitted pipeline that reads only the genes with a coefficient, where it tells which these are.

    Parameters
    ----------
    estimator : fitted classifier

    Returns
    -------
    fitted classifier
        Gives the same risks; anything but a pipeline over `Expression` comes back as it is.
    """
    from sklearn.pipeline import Pipeline

    if not isinstance(estimator, Pipeline) or not isinstance(estimator[0], Expression):
        return estimator
    prepare, model = estimator[0], estimator[-1]
    features = np.ones(len(prepare.keys_), dtype=bool)
    if hasattr(model, "restricted"):
        features = np.asarray(model.used_, bool).copy()
        features[len(prepare.genes_) :] = True
        if not features.any():  # a model without a single gene still reads one, so that it can be applied
            features[0] = True
        model = model.restricted(features)
    return Pipeline([("prepare", prepare.restricted(features)), ("model", model)])


def columns_of(estimator: object) -> tuple[Column, ...] | None:
    """The columns that a slim pipeline reads; None for anything else."""
    from sklearn.pipeline import Pipeline

    own = isinstance(estimator, Pipeline) and isinstance(estimator[0], Expression)
    return tuple(estimator[0].columns) if own else None


def sums_of(columns: Sequence[Column], table: pd.DataFrame, risk: np.ndarray, settings: Settings) -> Aggregates | None:
    """Sums over the patients a model was fitted to, where its columns are few enough to carry them.

    Parameters
    ----------
    columns : sequence of Column
        That the model reads.
    table : DataFrame of n rows
    risk : ndarray of shape (n,) or (n, K)
    settings : Settings

    Returns
    -------
    Aggregates or None
    """
    if len(columns) > CARRIED:
        return None
    unscaled = make_preparation(columns, replace(settings.preparation, scale="none"))
    features = unscaled.fit_transform(table[[column.name for column in columns]])
    return source_aggregates(unscaled, features, risk, feature_keys(unscaled))


def said_of_genes(cohort: Cohort, settings: Settings, signature: Sequence[Column], base: object) -> list[Sentence]:
    """What a reader must know of how genes were read.

    Parameters
    ----------
    cohort : Cohort
    settings : Settings
    signature : sequence of Column
        From `signature_of`.
    base : ClinicalModel, ScoreColumn or None

    Returns
    -------
    list of Sentence
    """
    genes = settings.genes
    batch = genes.batch if genes.batch in cohort.columns else ""  # chosen for another table, perhaps
    count = len(gene_names(cohort.predictor_columns, genes.clinical, batch))
    kept = min(genes.keep, count)
    notes = [
        say(
            "{count} columns are read as genes; in each training fold the {kept} that vary most are kept.",
            count=count,
            kept=kept,
        )
    ]
    if batch:
        notes.append(
            say(
                "Genes are centred by ‘{batch}’, learnt in each training fold; a patient of a batch that was not seen "
                "there stays as measured, so a new batch may be off.",
                batch=batch,
            )
        )
        notes += _confounded(cohort, batch)
    if isinstance(base, ClinicalModel):
        found = sum(column.name != batch for column in signature)
        one = "The starting model reads 1 column of this table; updates change nothing else."
        many = "The starting model reads {count} columns of this table; updates change nothing else."
        notes.append(counted(found, one, many))
        notes += platform_notes(base, cohort.frame)
    return notes


def in_short(notes: Sequence[Sentence]) -> list[Sentence]:
    """Notes on a table without one for each gene with values outside the range at the source; these are counted.

    Parameters
    ----------
    notes : sequence of Sentence

    Returns
    -------
    list of Sentence
    """
    single = [note for note in notes if "the range the model was made with" in note.template]
    if len(single) <= FEW_NOTES:
        return list(notes)
    rest = [note for note in notes if note not in single]
    template = "{count} columns have values outside the range that the model was made with."
    return [*rest, say(template, count=len(single))]


def _confounded(cohort: Cohort, batch: str) -> list[Sentence]:
    """A batch with one outcome only: centring takes the difference of the outcomes away with that of the batches."""
    outcomes = pd.Series(cohort.outcome).groupby(cohort.frame[batch].to_numpy(dtype=object)).nunique()
    alone = int((outcomes == 1).sum())
    if not alone:
        return []
    one = "1 batch of ‘{batch}’ has patients of one outcome only: centring it removes what tells them apart."
    many = "{count} batches of ‘{batch}’ have patients of one outcome only: centring removes what tells them apart."
    return [counted(alone, one, many, batch=batch)]


def platform_notes(base: ClinicalModel, frame: pd.DataFrame) -> list[Sentence]:
    """A warning where many genes lie elsewhere than at the source: another platform, unit or logarithm.

    Parameters
    ----------
    base : ClinicalModel
        Its aggregates say where each gene lay.
    frame : DataFrame of n rows
        The local table.

    Returns
    -------
    list of Sentence
    """
    sums = base.passport.aggregates
    if sums is None:
        return []
    there = [(at, name) for at, name in enumerate(sums.features) if name in frame and frame[name].dtype.kind in "fiu"]
    if len(there) < 2:
        return []
    sd, means = np.array(sums.sd), np.array(sums.means)
    gaps = np.array([abs(float(frame[name].mean()) - means[at]) / sd[at] for at, name in there])
    far = int((gaps > FAR).sum())
    if far < MANY_FAR * len(there):
        return []
    return [
        say(
            "{far} of {all} columns of the starting model lie more than {sds:g} standard deviations from where they "
            "lay at the source: another platform, unit or logarithm? Bring both to one scale before you trust this.",
            far=far,
            all=len(there),
            sds=FAR,
        )
    ]
