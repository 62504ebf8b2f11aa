"""Passports of the models that a run makes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import metadata

import numpy as np

from medtune.cohort.columns import Column
from medtune.cohort.preparation import feature_fills
from medtune.cohort.table import Cohort
from medtune.evaluation.certainty import class_cut_offs, refer_band
from medtune.evaluation.performance import Performance
from medtune.foundation.words import Sentence, say
from medtune.models.clinical import ClinicalModel
from medtune.models.mapped import MappedModel, said_of
from medtune.models.passport import Aggregates, Passport, aggregates
from medtune.models.prepared_units import in_table_units
from medtune.models.starting import ScoreColumn
from medtune.runs.participants import notes_on_left_out
from medtune.tuning.candidates import TITLES

SCALE_WORDS = {
    "risk": say("risk"),
    "percent": say("risk in percent"),
    "log-odds": say("log-odds"),
    "points": say("points"),
}
PACKAGES = ("lightgbm", "numpy", "optuna", "pandas", "scipy", "scikit-learn", "shap", "skops", "streamlit")
MISSED = 0.1  # share of the patients of each class whose set may miss it


def versions() -> dict[str, str]:
    """Versions of medtune and of the packages that numbers depend on."""
    from medtune import __version__

    return {"medtune": __version__, **{name: metadata.version(name) for name in PACKAGES}}


def source_aggregates(preparation, features: np.ndarray, risk: np.ndarray, keys: Sequence[str]) -> Aggregates:
    """SDs and information of the patients a model was made from, so that it travels without them.

    Parameters
    ----------
    preparation : fitted transformer
        Unscaled.
    features : array-like of shape (n, q)
        What it makes of the predictors.
    risk : ndarray of shape (n,)
        The model's risk of each row.
    keys : sequence of str
        Stable names of the prepared columns.
    """
    import pandas as pd

    table = pd.DataFrame(np.asarray(features, dtype=float), columns=list(keys), copy=False)
    sums = in_table_units(aggregates(table, risk), preparation.features_)
    return replace(sums, fills=feature_fills(preparation))


def model_of_column(base: ScoreColumn, cohort: Cohort) -> ClinicalModel:
    """The score column as a model, so that it can be explained, saved and applied like any other."""
    column = cohort.columns[base.column]
    passport = Passport(
        name=base.column,
        made_from=say(
            "The {scale} in column ‘{column}’ of the table.", scale=SCALE_WORDS[base.scale], column=base.column
        ),
        columns=(column,),
        method="score_column",
        outcome=cohort.roles.outcome,
        n=cohort.n,
        events=cohort.events,
    )
    return ClinicalModel(base, passport)


def passport_of(
    key: str,
    cohort: Cohort,
    base: ClinicalModel | ScoreColumn | None,
    performance: Performance,
    sums: Aggregates | None,
) -> Passport:
    """The passport of a model that a run has fitted.

    Parameters
    ----------
    key : str
        The method.
    cohort : Cohort
        The patients it was fitted to.
    base : ClinicalModel, ScoreColumn or None
        What it started from.
    performance : Performance
        Of the method on patients it was not fitted to.
    sums : Aggregates or None
        Of the patients it was fitted to.
    """
    if base is None:
        name = say("Trained on {cohort}", cohort=cohort.name)
        made_from = say("Trained from scratch on {n} patients of {cohort}.", n=cohort.n, cohort=cohort.name)
    else:
        name = say("{model}, tuned to {cohort}", model=base.name, cohort=cohort.name)
        made_from = say(
            "{model}, changed by “{method}” on {n} patients of {cohort}.",
            model=base.name,
            method=TITLES[key],
            n=cohort.n,
            cohort=cohort.name,
        )
    return Passport(
        name=str(name),
        made_from=made_from,
        columns=columns_read(base, cohort),
        method=key,
        outcome=cohort.roles.outcome,
        n=cohort.n,
        events=cohort.events,
        performance=dict(performance.headline),
        # Of several classes none has a threshold; the most likely one is taken.
        threshold=getattr(performance, "threshold", math.nan),
        classes=cohort.classes,
        counts=cohort.counts if cohort.classes else (),
        parents=tuple(filter(None, [getattr(getattr(base, "passport", None), "id", "")])),
        aggregates=sums,
        cohort=cohort.fingerprint,
        notes=(*(base.passport.notes if isinstance(base, ClinicalModel) else ()), *notes_on_left_out(cohort)),
    )


def notes_on(base: ClinicalModel, frame) -> tuple[Sentence, ...]:
    """What is said of a table before a starting model scores it: how it is mapped, and what does not fit.

    Parameters
    ----------
    base : ClinicalModel
    frame : DataFrame of n rows
        The local table.

    Returns
    -------
    tuple of Sentence
    """
    inside = base.estimator
    if not isinstance(inside, MappedModel):
        return base.check(frame).notes
    translated = inside.translated(base.check(frame).frame)
    return (*said_of(inside.feeds), *inside.model.check(translated).notes)


def columns_read(base: ClinicalModel | ScoreColumn | None, cohort: Cohort) -> tuple[Column, ...]:
    """Columns that a model tuned on this cohort reads: those of the base and the local predictors, each once.

    Levels, ranges and missing codes are those of both, so that none of them counts as unknown.
    """
    theirs = [cohort.columns[base.column]] if isinstance(base, ScoreColumn) else base.columns if base else ()
    columns = {column.name: column for column in theirs}
    for column in cohort.predictor_columns:
        old = columns.get(column.name)
        if old is not None and old.kind == column.kind:
            column = replace(
                column,
                levels=tuple(dict.fromkeys((*column.levels, *old.levels))),
                low=float(np.fmin(column.low, old.low)),
                high=float(np.fmax(column.high, old.high)),
                codes=tuple(dict.fromkeys((*column.codes, *old.codes))),
            )
        columns[column.name] = column
    return tuple(columns.values())


def with_bands(
    models: Mapping[str, ClinicalModel], y: np.ndarray, risks: Mapping[str, np.ndarray]
) -> dict[str, ClinicalModel]:
    """The models, each with the risks from which it settles an outcome, by its own out-of-fold risks.

    Parameters
    ----------
    models : mapping of str to ClinicalModel
    y : ndarray of shape (n,)
        Outcomes of the scored patients, 0 or 1.
    risks : mapping of str to ndarray of shape (repeats, n)
        Out-of-fold risks of the same patients, by method.

    Returns
    -------
    dict of str to ClinicalModel
        The original stays as it came: its limits here are not its own.
    """
    banded = dict(models)
    for key, model in models.items():
        if key in risks and key != "original":
            band = refer_band(y, risks[key])
            settles = (band.error, band.lower, band.upper)
            banded[key] = ClinicalModel(model.estimator, model.passport.with_(settles=settles))
    return banded


def with_class_limits(
    models: Mapping[str, ClinicalModel], y: np.ndarray, risks: Mapping[str, np.ndarray]
) -> dict[str, ClinicalModel]:
    """Models of several classes, each with the risks from which on a class remains possible; as `with_bands`.

    Parameters
    ----------
    models : mapping of str to ClinicalModel
    y : ndarray of shape (n,)
        Class numbers of the scored patients.
    risks : mapping of str to ndarray of shape (repeats, n, K)
        Out-of-fold risks of the same patients, by method.

    Returns
    -------
    dict of str to ClinicalModel
        The original stays as it came.
    """
    limited = dict(models)
    for key, model in models.items():
        if key in risks and key != "original":
            settles = (MISSED, *class_cut_offs(y, risks[key], MISSED).tolist())
            limited[key] = ClinicalModel(model.estimator, model.passport.with_(settles=settles))
    return limited
