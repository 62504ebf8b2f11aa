"""Honest comparison: every method is scored on patients that none of its steps has seen."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medtune.evaluation.logistic import expit
from medtune.foundation.errors import SettingsError
from medtune.foundation.settings import Validation
from medtune.foundation.words import Sentence, say
from medtune.tuning.classes.likelihood import class_risks
from medtune.tuning.pooling import SourceRows

if TYPE_CHECKING:
    import pandas as pd

# Cells times fits from which processes of their own are worth the seconds that each of them needs to get ready.
PARALLEL_ABOVE = 20_000_000


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to score, in one repeat."""

    repeat: int
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Plan:
    """A validation design applied to these patients.

    Attributes
    ----------
    splits : tuple of Split
        Each patient of `rows` is scored once in each repeat.
    rows : ndarray of shape (m,)
        The patients that are scored.
    repeats : int
        How often the whole is repeated with another shuffle.
    sentence : Sentence
        The design in words.
    """

    splits: tuple[Split, ...]
    rows: np.ndarray
    repeats: int
    sentence: Sentence


def repeats_for(n: int, validation: Validation) -> int:
    """Repeats of the cross-validation: as chosen, else more where patients are few."""
    if validation.repeats is not None:
        return validation.repeats
    return 10 if n < 200 else 5 if n < 1_000 else 2 if n < 5_000 else 1


def describe_design(n: int, validation: Validation, sites: int = 0) -> Sentence:
    """The validation design in words, before anything runs."""
    if validation.design == "hold_out":
        return say("one random split, {share:.0%} of the patients held out", share=validation.held_out)
    if validation.design == "by_site":
        return say("leaving out each of {sites} sites in turn", sites=sites)
    repeats = repeats_for(n, validation)
    return say("{repeats} × {folds}-fold cross-validation", repeats=repeats, folds=validation.folds)


def plan_validation(
    y: np.ndarray,
    validation: Validation,
    *,
    patients: np.ndarray | None = None,
    sites: np.ndarray | None = None,
    seed: int = 0,
) -> Plan:
    """Choose who is learnt from and who is scored.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcomes, 0 or 1; or classes as numbers from 0.
    validation : Validation
        The design.
    patients : ndarray of shape (n,), optional
        Patient ids; where one repeats, all its rows stay on one side.
    sites : ndarray of shape (n,), optional
        Needed to leave one site out.
    seed : int
        Shuffles; the same seed gives the same splits.

    Returns
    -------
    Plan

    Raises
    ------
    SettingsError
        When the design does not fit the patients, with what to choose instead.
    """
    n = len(y)
    repeated = patients is not None and len(np.unique(patients)) < n
    if validation.design == "by_site":
        splits = _by_site(y, sites)
    elif validation.design == "hold_out":
        splits = (_hold_out(y, validation, patients if repeated else None, seed),)
    else:
        splits = _folds(y, validation, patients if repeated else None, seed)
    splits = tuple(split for split in splits if len(split.test))
    for split in splits:
        if len(np.unique(y[split.train])) < len(np.unique(y)):
            raise SettingsError(
                "With this validation design some training patients would all have the same outcome. "
                "Choose cross-validation with fewer folds."
                if y.max() < 2
                else "With this validation design some training patients would lack a class. "
                "Choose cross-validation with fewer folds."
            )
    rows = np.unique(np.concatenate([split.test for split in splits]))
    count = len(np.unique(sites)) if sites is not None and validation.design == "by_site" else 0
    return Plan(splits, rows, max(split.repeat for split in splits) + 1, describe_design(n, validation, count))


def _folds(y, validation: Validation, groups, seed: int) -> tuple[Split, ...]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    rarer = _rarest(y)
    if rarer < validation.folds:
        raise SettingsError(
            "{folds} folds need at least {folds} patients with and without the event; there are {rarer}. "
            "Choose fewer folds."
            if y.max() < 2
            else "{folds} folds need at least {folds} patients of each class; there are {rarer}. Choose fewer folds.",
            folds=validation.folds,
            rarer=rarer,
        )
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    splits = []
    for repeat in range(repeats_for(len(y), validation)):
        folds = kind(validation.folds, shuffle=True, random_state=seed + repeat)
        splits += [Split(repeat, train, test) for train, test in folds.split(np.zeros(len(y)), y, groups)]
    return tuple(splits)


def _rarest(y: np.ndarray) -> int:
    """Patients of the rarest class; of the rarer of event and no event."""
    return int(np.bincount(y, minlength=2).min())


def _hold_out(y, validation: Validation, groups, seed: int) -> Split:
    from sklearn.model_selection import GroupShuffleSplit, StratifiedShuffleSplit

    if _rarest(y) < 4:
        raise SettingsError(
            "A random split needs at least 4 patients with and without the event. Choose cross-validation."
            if y.max() < 2
            else "A random split needs at least 4 patients of each class. Choose cross-validation."
        )
    kind = StratifiedShuffleSplit if groups is None else GroupShuffleSplit
    split = kind(1, test_size=validation.held_out, random_state=seed)
    train, test = next(split.split(np.zeros(len(y)), y, groups))
    return Split(0, np.sort(train), np.sort(test))


def _by_site(y, sites) -> tuple[Split, ...]:
    if sites is None:
        raise SettingsError("To leave out one site at a time, choose the column that names the site on the data page.")
    names = np.unique(sites)
    if len(names) < 2:
        raise SettingsError("All patients are from one site, so no site can be left out. Choose cross-validation.")
    return tuple(Split(0, np.flatnonzero(sites != name), np.flatnonzero(sites == name)) for name in names)


def out_of_fold(
    frame: pd.DataFrame,
    y: np.ndarray,
    eta0: np.ndarray | None,
    plan: Plan,
    *,
    updates: Mapping[str, object],
    preparation: object,
    families: Mapping[str, object],
    source: SourceRows | None = None,
    original: bool = True,
    step: Callable[[], None] = lambda: None,
) -> dict[str, np.ndarray]:
    """Risks of every method for patients it was not fitted to.

    Parameters
    ----------
    frame : DataFrame of shape (n, predictors)
        Raw local predictors.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1; or K classes as numbers from 0, every one of them present.
    eta0 : ndarray of shape (n,) or (n, K - 1) or None
        Log-odds of the original model; None when there is none.
    plan : Plan
        Who is learnt from and who is scored.
    updates : mapping of str to Update
        Changes of the original model.
    preparation : transformer
        Unfitted; fitted anew on each split's training rows, shared by the updates.
    families : mapping of str to Pipeline
        Models from scratch, each with its own preparation inside.
    source : SourceRows, optional
        Patients the original was made from, with the columns of `frame`: learnt from by updates that pool them,
        prepared as each split's training rows are, never scored.
    original : bool
        Whether `eta0` are risks that can be compared with; points are not, and the event rate takes their place.
    step : callable
        Called after each split.

    Returns
    -------
    dict of str to ndarray of shape (repeats, m) or (repeats, m, K)
        In the order of `plan.rows`. ``original`` does not depend on the split and has one repeat; ``prevalence`` is the
        mean of the training rows' rates, one for all patients of a repeat.
    """
    at = np.full(len(y), -1)
    at[plan.rows] = np.arange(len(plan.rows))
    original = original and eta0 is not None
    keys = [*updates, *families, *([] if original else ["prevalence"])]
    width = (int(y.max()) + 1,) if y.max() > 1 else ()
    risks = {key: np.full((plan.repeats, len(plan.rows), *width), np.nan) for key in keys}
    if source is not None and _takes_cells(preparation):
        source = SourceRows(preparation.read(source.X), source.y)
    work = (_read(frame, updates, preparation, families), y, eta0, updates, preparation, families, source)
    for split, scored in _each(work, plan.splits):
        for key, risk in scored.items():
            risks[key][split.repeat, at[split.test]] = risk
        if not original:
            shares = np.bincount(y[split.train]) / len(split.train)
            risks["prevalence"][split.repeat, at[split.test]] = shares if width else shares[1]
        step()
    if original:
        return {"original": _risks(eta0[plan.rows])[None], **risks}
    # One risk for everybody: rates that differ from fold to fold would rank patients, the wrong way round.
    risks["prevalence"][:] = risks["prevalence"].mean(axis=1, keepdims=True)
    return risks


def _risks(eta: np.ndarray) -> np.ndarray:
    """Risks from log-odds: of an event, shape (n,), or of K classes, shape (n, K)."""
    return expit(eta) if eta.ndim == 1 else class_risks(eta)


@dataclass(frozen=True)
class _Tables:
    """The predictors, read once where a method can take them so, and as they are where one cannot."""

    cells: object | None
    frame: pd.DataFrame | None
    size: int

    def rows(self, rows: np.ndarray, method: object):
        """Some rows, in the form that a method takes."""
        return self.cells.take(rows) if _takes_cells(method) else self.frame.iloc[rows]


def _takes_cells(method: object) -> bool:
    """Whether a method's first step is a preparation, and so needs its table read only once."""
    from sklearn.pipeline import Pipeline

    from medtune.cohort.preparation import Preparation

    first = method[0] if isinstance(method, Pipeline) else method
    return isinstance(first, Preparation)


def _read(frame, updates, preparation, families) -> _Tables:
    if any(update.reads_predictors for update in updates.values()):
        methods = [preparation, *families.values()]
    else:
        methods = list(families.values())
    readers = [method for method in methods if _takes_cells(method)]
    cells = (readers[0] if readers[0] is preparation else readers[0][0]).read(frame) if readers else None
    return _Tables(cells, frame if len(readers) < len(methods) else None, frame.size)


def _each(work, splits):
    """Score the splits one after the other, or side by side where that pays for the processes."""
    tables, updates, families, source = work[0], work[3], work[5], work[6]
    lent = 0 if source is None else len(source.y) * tables.size // max(1, len(work[1]))
    cost = (10 if families else 1) if updates or families else 0
    heavy = max(1, tables.size + lent) * len(splits) * cost > PARALLEL_ABOVE
    if not heavy or len(splits) < 2:
        for split in splits:
            yield split, _score(*work, split)
        return
    from joblib import Parallel, cpu_count, delayed

    parallel = Parallel(n_jobs=min(len(splits), cpu_count()), return_as="generator")
    yield from zip(splits, parallel(delayed(_score)(*work, split) for split in splits), strict=True)


def _score(tables, y, eta0, updates, preparation, families, source, split: Split) -> dict[str, np.ndarray]:
    from sklearn.base import clone

    from medtune.cohort.preparation import feature_keys

    train, test = split.train, split.test
    risks = {}
    if updates:
        T, new, keys = np.zeros((len(train), 0)), np.zeros((len(test), 0)), []
        if any(update.reads_predictors for update in updates.values()):
            prepare = clone(preparation)
            T = np.asarray(prepare.fit_transform(tables.rows(train, preparation), y[train]), float)
            new, keys = np.asarray(prepare.transform(tables.rows(test, preparation)), float), feature_keys(prepare)
            if source is not None:
                source = SourceRows(np.asarray(prepare.transform(source.X), float), source.y)
        for key, update in updates.items():
            lent = {"source": source} if getattr(update, "reads_source", False) else {}
            # Not `clone`: nothing is learnt in what it would copy.
            fitted = copy.copy(update).fit_arrays(eta0[train], T, y[train], keys, **lent)
            risks[key] = _risks(fitted.log_odds(eta0[test], new))
    for key, family in families.items():
        fitted = clone(family).fit(tables.rows(train, family), y[train])
        given = fitted.predict_proba(tables.rows(test, family))
        risks[key] = given if y.max() > 1 else given[:, 1]
    return risks
