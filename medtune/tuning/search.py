"""Settings found by trying, on inner folds of the training patients alone, until trials or time run out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from medtune.tuning.search_record import Budget, Told

INNER_FOLDS = 3

# What is tried, by family: the names are those of the pipeline's last step; whole numbers give whole numbers.
TRIED: dict[str, dict[str, tuple]] = {
    "logistic": {"C": ("log", 1e-3, 1e3)},
    "elastic_net": {"C": ("log", 1e-3, 1e2), "l1_ratio": ("even", 0.05, 1.0)},
    "elastic_net_path": {"l1_ratio": ("even", 0.05, 1.0)},
    "pca_ridge": {"components": ("log", 2, 200)},
    "random_forest": {
        "min_samples_leaf": ("log", 2, 40),
        "max_depth": ("one of", None, 3, 5, 8),
        "max_features": ("one of", "sqrt", 0.3, 0.6, 1.0),
    },
    "gradient_boosting": {
        "max_iter": ("log", 20, 300),
        "learning_rate": ("log", 0.01, 0.3),
        "max_depth": ("even", 1, 5),
        "min_samples_leaf": ("log", 5, 40),
        "l2_regularization": ("log", 1e-3, 1e2),
    },
}


def search(
    objective: Callable[[dict[str, Any]], float],
    tried: Mapping[str, tuple],
    usual: Mapping[str, Any],
    budget: Budget,
    *,
    key: str = "",
    seed: int = 0,
) -> Told:
    """Look for the settings with the smallest loss.

    Parameters
    ----------
    objective : callable
        Loss of a combination of settings.
    tried : mapping of str to tuple
        Limits or choices of each setting, as in `TRIED`.
    usual : mapping of str to object
        Tried first, so that a search never ends without an answer.
    budget : Budget
        Trials, time and who is told.
    key : str
        The method, for whoever is told.
    seed : int
        The same seed tries the same combinations.

    Returns
    -------
    Told
        With `ended` set.

    Notes
    -----
    Tree-structured Parzen estimator (Bergstra 2011 NeurIPS) of optuna (Akiba 2019 KDD), in memory.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    began, watch = time.monotonic(), budget.watch or (lambda told: True)
    first = objective(dict(usual))
    told = Told(key, 1, max(1, budget.trials), first, first, dict(usual))
    goes_on = watch(told)
    while told.tried < told.most and goes_on:
        if budget.seconds is not None and time.monotonic() - began >= budget.seconds:
            break
        trial = study.ask()
        settings = {name: _suggested(trial, name, how) for name, how in tried.items()}
        loss = objective(settings)
        finite = bool(np.isfinite(loss))
        study.tell(trial, loss if finite else None, None if finite else optuna.trial.TrialState.FAIL)
        better = {"loss": float(loss), "best": settings} if finite and loss < told.loss else {}
        told = replace(told, tried=told.tried + 1, **better)
        goes_on = watch(told)
    ended = "all" if told.tried == told.most else "time" if goes_on else "stopped"
    told = replace(told, ended=ended)
    watch(told)
    return told


def _suggested(trial, name: str, how: tuple) -> Any:
    kind, *limits = how
    if kind == "one of":
        # By position: optuna wants choices of one kind.
        return limits[trial.suggest_int(name, 0, len(limits) - 1)] if len(limits) > 1 else limits[0]
    low, high = limits
    suggest = trial.suggest_int if isinstance(low, int) else trial.suggest_float
    return suggest(name, low, high, log=kind == "log")


class Searched(ClassifierMixin, BaseEstimator):
    """A family that looks for its settings whenever it is fitted.

    Parameters
    ----------
    family : Pipeline or classifier
        Unfitted, see `medtune.models.families.make_family`; its settings are the first that are tried.
    name : str
        Which family it is, a key of `TRIED`.
    budget : Budget, optional
        Trials and time.
    seed : int
        The same seed tries the same combinations on the same inner folds.

    Attributes
    ----------
    best_estimator_ : classifier
        The family with the best settings, fitted to all rows: what is saved and explained.
    told_ : Told
        What was tried, and what came of it.

    Notes
    -----
    Fitted inside an outer training fold it sees no patient that is scored: three inner folds of its own rows decide,
    by log-loss. What comes before the last step of a pipeline is fitted once for each inner fold.
    """

    def __init__(self, family=None, name="logistic", budget: Budget | None = None, seed=0):
        self.family = family
        self.name = name
        self.budget = budget
        self.seed = seed

    def fit(self, X, y):
        """Search, and fit the best settings to all rows.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n, columns)
            As the family reads it.
        y : array-like of shape (n,)
            Classes.

        Returns
        -------
        Searched
            Itself, fitted.
        """
        X = self._received(X, reset=True)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, counts = np.unique(y, return_counts=True)
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present.")
        usual = {name: self._last.get_params()[name] for name in TRIED[self.name]}
        budget, folds = self.budget or Budget(), min(INNER_FOLDS, int(counts.min()))
        if folds < 2:  # nobody to try anything on
            self.told_ = Told("searched", 0, budget.trials, np.nan, np.nan, usual, "all")
        else:
            parts = self._parts(X, y, folds)
            loss = lambda settings: float(np.mean([self._loss(settings, *part) for part in parts]))  # noqa: E731
            self.told_ = search(loss, TRIED[self.name], usual, budget, key="searched", seed=self.seed)
        self.best_estimator_ = clone(self.family)
        last = self.best_estimator_[-1] if isinstance(self.best_estimator_, Pipeline) else self.best_estimator_
        last.set_params(**self.told_.best)
        self.best_estimator_.fit(X, y)
        return self

    @property
    def _last(self):
        return self.family[-1] if isinstance(self.family, Pipeline) else self.family

    def _parts(self, X, y, folds: int) -> list[tuple]:
        """Training and inner test rows of each fold, prepared."""
        parts = []
        for train, test in StratifiedKFold(folds, shuffle=True, random_state=self.seed).split(np.zeros(len(y)), y):
            first, second = _safe_indexing(X, train), _safe_indexing(X, test)
            if isinstance(self.family, Pipeline) and len(self.family) > 1:
                prepare = clone(self.family[:-1])
                first = prepare.fit_transform(first, y[train])
                second = prepare.transform(second)
            parts.append((first, y[train], second, y[test]))
        return parts

    def _loss(self, settings: dict[str, Any], first, y_first, second, y_second) -> float:
        from sklearn.metrics import log_loss

        model = clone(self._last).set_params(**settings).fit(first, y_first)
        return log_loss(y_second, model.predict_proba(second), labels=self.classes_)

    def predict_proba(self, X) -> np.ndarray:
        """Risks by the best settings, shape (n, classes)."""
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.predict_proba(self._received(X, reset=False))

    def predict(self, X) -> np.ndarray:
        """The most likely class of each row, shape (n,)."""
        likely = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[likely]

    def _received(self, X, *, reset: bool):
        """A table as it is, for the family to read; numbers without names looked over."""
        if isinstance(X, pd.DataFrame):
            validate_data(self, X, skip_check_array=True, reset=reset)
            return X
        gaps = "allow-nan" if self.__sklearn_tags__().input_tags.allow_nan else True
        return validate_data(self, X, ensure_all_finite=gaps, reset=reset)

    def __sklearn_tags__(self):
        from sklearn.utils import get_tags

        tags = super().__sklearn_tags__()
        if self.family is not None:
            inner = get_tags(self.family)
            tags.input_tags, tags.classifier_tags = inner.input_tags, inner.classifier_tags
            tags.input_tags.sparse = False
        return tags
