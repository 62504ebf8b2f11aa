"""Kinds of model to train from scratch, each a scikit-learn pipeline that starts at the raw columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from medtune.cohort.columns import Column
from medtune.cohort.expression import make_expression
from medtune.cohort.preparation import make_preparation
from medtune.foundation.settings import Family, Genes, Preparation
from medtune.models.elastic_path import ElasticNetPath
from medtune.models.pca_ridge import PcaRidge

if TYPE_CHECKING:
    from sklearn.base import ClassifierMixin

# Newton's method inverts a features x features matrix: past this many columns lbfgs is quicker and leaner.
WIDE = 300
# Rows that each tree of a forest is grown on at most: a forest on a million would take hours and gain nothing.
FOREST_ROWS = 50_000


def make_family(
    columns: Sequence[Column],
    preparation: Preparation | None = None,
    family: Family | None = None,
    seed: int = 0,
    rows: int = 0,
    genes: Genes | None = None,
) -> Pipeline:
    """An unfitted model of the family asked for, with its preparation.

    Parameters
    ----------
    columns : sequence of Column
        The predictors.
    preparation : Preparation, optional
        How the table is made ready.
    family : Family, optional
        Which kind of model, with its settings.
    seed : int
        Makes forests, boosting and the elastic net repeatable.
    rows : int
        Patients there are in all, where that is known: above 50,000 each tree of a forest is grown on as many.
    genes : Genes, optional
        How genes are made ready, where the numbers are genes.

    Returns
    -------
    Pipeline
        Steps "prepare" and "model"; learns everything inside `fit`.
    """
    family = family or Family()
    prepare = make_preparation(columns, preparation or Preparation())
    width = len(columns)
    if genes is not None:
        prepare = make_expression(columns, genes, preparation)
        width = min(width, genes.ranked or genes.keep)
    model = MAKERS[family.name](family, seed, width)
    if isinstance(model, RandomForestClassifier) and rows > FOREST_ROWS:
        model.set_params(max_samples=FOREST_ROWS / rows)
    return Pipeline([("prepare", prepare), ("model", model)])


def _logistic(family: Family, seed: int, width: int) -> ClassifierMixin:
    solver = "newton-cholesky" if width <= WIDE else "lbfgs"
    return LogisticRegression(C=1 / family.strength, solver=solver, tol=1e-8, max_iter=1000)


def _elastic_net(family: Family, seed: int, width: int) -> ClassifierMixin:
    return LogisticRegression(
        C=1 / family.strength,
        l1_ratio=family.l1_ratio,
        solver="saga",
        tol=1e-4,
        max_iter=2000,
        random_state=seed,
    )


def _elastic_net_path(family: Family, seed: int, width: int) -> ClassifierMixin:
    return ElasticNetPath(l1_ratio=family.l1_ratio, seed=seed)


def _pca_ridge(family: Family, seed: int, width: int) -> ClassifierMixin:
    return PcaRidge(components=family.components, seed=seed)


def _random_forest(family: Family, seed: int, width: int) -> ClassifierMixin:
    return RandomForestClassifier(
        n_estimators=family.trees,
        max_depth=family.depth,
        min_samples_leaf=family.leaf,
        n_jobs=1,
        random_state=seed,
    )


def _gradient_boosting(family: Family, seed: int, width: int) -> ClassifierMixin:
    # No early stopping: it would set rows aside by chance and make the number of trees a surprise.
    return HistGradientBoostingClassifier(
        max_iter=family.trees,
        learning_rate=family.learning_rate,
        max_depth=family.depth,
        min_samples_leaf=family.leaf,
        early_stopping=False,
        random_state=seed,
    )


MAKERS = {
    "logistic": _logistic,
    "elastic_net": _elastic_net,
    "elastic_net_path": _elastic_net_path,
    "pca_ridge": _pca_ridge,
    "random_forest": _random_forest,
    "gradient_boosting": _gradient_boosting,
}
