"""Which types a model file may hold, and whether the trees in it are sound: looked at before anything is scored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from medtune.foundation.errors import ModelError
from medtune.models.booster_text import checked_text

# Reviewed one by one: each only stores numbers, names or fitted parts, and runs no code of the file when it is built.
# The two tree types index memory without bounds checks; `check_trees` looks at their indices after loading.
SKLEARN = (
    "numpy.dtype",
    "collections.OrderedDict",
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.impute._iterative.IterativeImputer",
    "sklearn.impute._iterative._ImputerTriplet",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.utils._bunch.Bunch",
)

# A room that puts a class of its own into a model names it here, in full: module and class.
MEDTUNE = (
    "medtune.cohort.columns.Column",
    "medtune.cohort.expression.Expression",
    "medtune.cohort.preparation.Preparation",
    "medtune.foundation.settings.Preparation",
    "medtune.foundation.settings.Averaging",
    "medtune.foundation.settings.Family",
    "medtune.foundation.settings.Genes",
    "medtune.images.tuned_network.TunedNetwork",
    "medtune.models.clinical.ClinicalModel",
    "medtune.models.elastic_path.ElasticNetPath",
    "medtune.models.equation.Equation",
    "medtune.models.mapped.MappedModel",
    "medtune.models.passport.Aggregates",
    "medtune.models.pca_ridge.PcaRidge",
    "medtune.models.several.SeveralModels",
    "medtune.models.starting.ScoreColumn",
    "medtune.tuning.classes.update.AveragedClassUpdate",
    "medtune.tuning.classes.update.InterceptsUpdate",
    "medtune.tuning.classes.update.OriginalClasses",
    "medtune.tuning.classes.update.RefitClasses",
    "medtune.tuning.classes.update.ShrunkenClassRevision",
    "medtune.tuning.classes.update.VectorRecalibration",
    "medtune.tuning.pooled.PooledRefit",
    "medtune.tuning.boosted.BoostedRevision",
    "medtune.tuning.boosted_search.SearchedRevision",
    "medtune.tuning.revision.ShrunkenRevision",
    "medtune.tuning.search.Searched",
    "medtune.tuning.training_aids.AidedTraining",
    "medtune.tuning.update.AveragedUpdate",
    "medtune.tuning.update.InterceptUpdate",
    "medtune.tuning.update.LogisticRecalibration",
    "medtune.tuning.update.Original",
    "medtune.tuning.update.Refit",
)

TRUSTED = SKLEARN + MEDTUNE


def untrusted(found: list[str]) -> list[str]:
    """Names of types that are not on the reviewed list."""
    return sorted(set(found) - set(TRUSTED))


def check_trees(thing: Any) -> None:
    """See that every decision tree inside an object stays within its own nodes and the columns it is given.

    Parameters
    ----------
    thing : object
        What was read from a file.

    Raises
    ------
    ModelError
        When a tree points outside; scoring with it could crash the program.
    """
    for owner in _parts(thing):
        if vars(owner).get("booster_text_"):
            checked_text(vars(owner)["booster_text_"])
    if not all(sound for owner in _parts(thing) for sound in _verdicts(owner)):
        raise ModelError(
            "The model file holds a decision tree that points outside itself, so it is damaged or was tampered with;"
            " ask for the file again."
        )


def _parts(thing: Any) -> Iterator[Any]:
    """Every object with attributes inside `thing`, once."""
    seen, waiting = {}, [thing]
    while waiting:
        part = waiting.pop()
        if part is None or isinstance(part, (str, bytes, int, float, complex, type, np.generic)) or id(part) in seen:
            continue
        seen[id(part)] = part
        if isinstance(part, np.ndarray):
            waiting.extend(part.ravel().tolist() if part.dtype == object else ())
        elif isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, (list, tuple, set, frozenset)):
            waiting.extend(part)
        elif hasattr(part, "__dict__"):
            yield part
            waiting.extend(vars(part).values())


def _verdicts(owner: Any) -> Iterator[bool]:
    from sklearn.ensemble._forest import BaseForest
    from sklearn.ensemble._gb import BaseGradientBoosting
    from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import BaseHistGradientBoosting
    from sklearn.tree import BaseDecisionTree

    held = vars(owner)
    width = held.get("n_features_in_", 0)
    if isinstance(owner, BaseDecisionTree) and "tree_" in held:
        yield _tree_is_sound(held["tree_"], width)
    elif isinstance(owner, (BaseForest, BaseGradientBoosting)):
        # The ensemble checks the table's width once and hands it to all its trees unseen.
        trees = np.asarray(held.get("estimators_", []), dtype=object).ravel()
        yield all(isinstance(tree, BaseDecisionTree) and tree.n_features_in_ == width for tree in trees)
    elif isinstance(owner, BaseHistGradientBoosting) and "_predictors" in held:
        categorical = np.asarray(held["_bin_mapper"].is_categorical_, dtype=bool)
        yield len(categorical) == width
        for predictor in (tree for stage in held["_predictors"] for tree in stage):
            yield _predictor_is_sound(predictor, categorical)


def _forward(children: np.ndarray, own: np.ndarray, count: int) -> bool:
    """Children lie behind their parent and inside the tree: no way out and no circle."""
    return bool(np.all((children > own) & (children < count)))


def _tree_is_sound(tree: Any, width: int) -> bool:
    left, right, feature = tree.children_left, tree.children_right, tree.feature
    inner = np.flatnonzero(left != -1)
    return (
        tree.node_count > 0
        and _forward(left[inner], inner, tree.node_count)
        and _forward(right[inner], inner, tree.node_count)
        and bool(np.all((feature[inner] >= 0) & (feature[inner] < width)))
    )


def _predictor_is_sound(predictor: Any, categorical: np.ndarray) -> bool:
    nodes = predictor.nodes
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    split = nodes[inner]
    if not (len(nodes) and _forward(split["left"], inner, len(nodes)) and _forward(split["right"], inner, len(nodes))):
        return False
    feature = split["feature_idx"]
    if np.any((feature < 0) | (feature >= len(categorical))):
        return False
    by_category = split["is_categorical"] != 0
    sets = min(len(predictor.raw_left_cat_bitsets), len(predictor.binned_left_cat_bitsets))
    return bool(np.all(categorical[feature[by_category]]) and np.all(split["bitset_idx"][by_category] < sets))
