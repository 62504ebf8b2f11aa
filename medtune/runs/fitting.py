"""The models of a run, fitted on all its patients once the comparison is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from medtune.cohort.preparation import feature_keys
from medtune.evaluation.logistic import expit
from medtune.foundation.words import Sentence, counted, say
from medtune.models.clinical import ClinicalModel
from medtune.models.files import dump_model, load_model
from medtune.models.passport import Passport
from medtune.runs.dependence import digest_of_model
from medtune.runs.gene_columns import columns_of, slimmed, sums_of
from medtune.runs.local import Local
from medtune.runs.passports import passport_of, source_aggregates
from medtune.runs.record import Coefficient
from medtune.runs.stage_cache import StageCache
from medtune.tuning.candidates import Candidate
from medtune.tuning.update import Update, blended
from medtune.tuning.verdict import Verdict

WORTH_KEEPING = 1.0  # seconds of fitting; what takes less is fitted anew sooner than it is read


def fit_methods(
    local: Local,
    keys: Sequence[str],
    verdict: Verdict,
    step: Callable[[], None] = lambda: None,
    kept: StageCache | None = None,
) -> dict[str, object]:
    """Fit methods on all local patients.

    Parameters
    ----------
    local : Local
        The patients and the starting model.
    keys : sequence of str
        The methods, see `medtune.tuning.candidates.TITLES`.
    verdict : Verdict
        Says whether the chosen model lies between the original and an update, and which.
    step : callable
        Called after each fit.
    kept : StageCache, optional
        Where models that take long to fit are found and left.

    Returns
    -------
    dict of str to fitted estimator
        With ``blended`` where the verdict chose it.
    """
    kept, fitted = kept or StageCache(), {}
    between = verdict.chosen == "blended"
    for key in dict.fromkeys((*keys, *([verdict.goes_toward] if between else []))):
        digest = digest_of_model(key, local) if kept.folder else ""
        known = kept.content(digest, lambda data: load_model(data).estimator) if digest else None
        if known is None:
            began = time.perf_counter()
            estimator = _fit(local.unfitted(key), local, local.read_by(key))
            # Of an aid to training, or a search, only what came of it is kept.
            known = getattr(estimator, "recalibrated_", getattr(estimator, "best_estimator_", estimator))
            known = slimmed(known) if local.genes else known
            if digest and time.perf_counter() - began > WORTH_KEEPING:
                kept.keep_content(digest, dump_model(ClinicalModel(known, Passport(key, say("Kept."), ()))))
        fitted[key] = known
        step()
    if between:
        fitted["blended"] = blended(fitted[verdict.goes_toward], verdict.blend)
    return {key: estimator for key, estimator in fitted.items() if key in (*keys, "blended")}


def _fit(estimator, local: Local, table):
    """Fit to all local patients; what updates share is computed once."""
    if isinstance(estimator, Update) and type(estimator).fit is Update.fit:
        prepared, T = local.read_prepared
        source = local.at_hand.rows(prepared) if local.at_hand is not None and estimator.reads_source else None
        return estimator.fit_shared(local.read, local.y, local.read_eta0, prepared, T, feature_keys(prepared), source)
    return estimator.fit(table, local.y)


def _risk(estimator, local: Local) -> np.ndarray:
    """Risks of the local patients, as the finished model gives them."""
    if isinstance(estimator, Update) and type(estimator).decision_function is Update.decision_function:
        return expit(estimator.log_odds(local.read_eta0, local.read_prepared[1]))
    return np.asarray(estimator.predict_proba(local.read), float)[:, 1]


def with_passports(
    local: Local, estimators: Mapping[str, object], measured: Mapping[str, Candidate]
) -> dict[str, ClinicalModel]:
    """The fitted methods as models that can be saved and applied, the original first.

    Parameters
    ----------
    local : Local
        The patients and the starting model.
    estimators : mapping of str to fitted estimator
        From `fit_methods`.
    measured : mapping of str to Candidate
        Performance on patients they were not fitted to, for their passports.

    Returns
    -------
    dict of str to ClinicalModel
    """
    models = {} if local.alone else {"original": local.original}
    for key, estimator in estimators.items():
        passport = passport_of(key, local.cohort, local.base, measured[key].performance, None)
        passport = passport.with_(cohort=local.given, notes=(*passport.notes, *_lent(local, estimator)))
        if local.genes:
            models[key] = model_of_genes(local, estimator, passport)
            continue
        sums = source_aggregates(local.prepared, local.T, _risk(estimator, local), local.keys)
        models[key] = ClinicalModel(estimator, replace(passport, aggregates=sums))
    return models


def model_of_genes(local: Local, estimator: object, passport: Passport) -> ClinicalModel:
    """A model of genes with the passport of the columns that it reads, and no others.

    Parameters
    ----------
    local : Local
        The patients.
    estimator : fitted classifier
        From `fit_methods`.
    passport : Passport

    Returns
    -------
    ClinicalModel
    """
    own = columns_of(estimator)
    columns, table = (local.reads, local.read) if own is None else (own, local.predictors)
    table = table[[column.name for column in columns]]
    risk = np.asarray(estimator.predict_proba(table), float)
    sums = sums_of(columns, table, risk[:, 1] if risk.shape[1] == 2 else risk, local.settings)
    return ClinicalModel(estimator, passport.with_(columns=columns, aggregates=sums))


def said_of(estimators: Mapping[str, object]) -> tuple[Sentence, ...]:
    """What a reader must know of fitted methods beyond their coefficients.

    Parameters
    ----------
    estimators : mapping of str to fitted estimator
        From `fit_methods`.

    Returns
    -------
    tuple of Sentence
    """
    boosted = estimators.get("boosted")
    if boosted is None:
        return ()
    if not boosted.trees_:
        return (say("Boosted revision: no tree helped on inner folds, so it is logistic recalibration here."),)
    one = "Boosted revision: one small tree was added, as inner folds support."
    many = "Boosted revision: {count} small trees were added, as inner folds support."
    return (counted(boosted.trees_, one, many),)


def _lent(local: Local, estimator: object) -> tuple[Sentence, ...]:
    """That source patients took part in a fit, and what each counted for."""
    weight = getattr(estimator, "pooled_weight_", getattr(estimator, "weight_", 0.0))
    if local.at_hand is None or not weight:
        return ()
    template = "Fitted to {n} patients of {source} too; each counts as {weight:g} of a local one."
    return (say(template, n=local.at_hand.n, source=local.at_hand.name, weight=weight),)


def coefficients_of(tuned: object, keys: Sequence[str]) -> tuple[Coefficient, ...]:
    """Coefficients of a fitted update with their intervals; none for any other kind of model.

    Parameters
    ----------
    tuned : fitted estimator or None
        The judged method.
    keys : sequence of str
        Stable names of the prepared columns.

    Returns
    -------
    tuple of Coefficient
    """
    if not isinstance(tuned, Update):
        return ()
    names = ["intercept", "slope", *(keys if tuned.deviation_.size else [])]
    return tuple(Coefficient(name, estimate) for name, estimate in zip(names, tuned.estimates(), strict=True))
