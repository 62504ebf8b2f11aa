"""A scikit-learn classifier made elsewhere, given a passport: which columns it reads and what it estimates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from medtune.cohort.columns import Column
from medtune.cohort.events import MOST_CLASSES
from medtune.cohort.values import level_text
from medtune.foundation.errors import ModelError
from medtune.foundation.words import listed, say
from medtune.models.clinical import ClinicalModel
from medtune.models.passport import Passport


def adopt(estimator: Any, name: str) -> ClinicalModel:
    """Make a clinical model of a fitted classifier or pipeline.

    Parameters
    ----------
    estimator : object
        What a file held.
    name : str
        The file's name, for sentences and as the model's name.

    Returns
    -------
    ClinicalModel
        Of two classes the second is the event, of three to eight each is a class; the passport says so.

    Raises
    ------
    ModelError
        When it is not a fitted classifier of 2 to 8 classes that gives probabilities and knows its columns' names.
    """
    if not hasattr(estimator, "predict_proba"):
        raise ModelError(
            "The object in '{name}' is not a classifier that gives probabilities ({kind}); save a fitted classifier"
            " with predict_proba.",
            name=name,
            kind=type(estimator).__name__,
        )
    classes = getattr(estimator, "classes_", None)
    if classes is None or not 2 <= len(classes) <= MOST_CLASSES:
        raise ModelError(
            "The model in '{name}' must be fitted and have two to {most} classes; it has {count}.",
            name=name,
            most=MOST_CLASSES,
            count="none" if classes is None else len(classes),
        )
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        raise ModelError(
            "The model in '{name}' does not know the names of its columns; fit it on a pandas DataFrame and save it"
            " again.",
            name=name,
        )
    levels = _levels(estimator)
    columns = tuple(
        Column(name=str(column), kind="category", levels=levels[str(column)], distinct=len(levels[str(column)]))
        if str(column) in levels
        else Column(name=str(column), kind="number")
        for column in names
    )
    passport = Passport(
        name=Path(name).stem or "model",
        made_from=say("Imported from file '{file}' ({kind}).", file=name, kind=_kind(estimator)),
        columns=columns,
    )
    return ClinicalModel(estimator, passport.with_(**_estimates(classes)))


def _estimates(classes: np.ndarray) -> dict[str, Any]:
    """What a passport says of the classes."""
    names = tuple(level_text(label) for label in np.asarray(classes).tolist())
    if len(names) > 2:
        return {"classes": names, "notes": (say("The imported model estimates classes {names}.", names=listed(names)),)}
    event = names[1]
    return {
        "outcome": event,
        "notes": (say("The class '{event}' of the imported model is taken as the event.", event=event),),
    }


def _kind(estimator: Any) -> str:
    steps = getattr(estimator, "steps", None)
    return type(steps[-1][1] if steps else estimator).__name__


def _levels(estimator: Any) -> dict[str, tuple[str, ...]]:
    """Levels of the columns that an encoder in the model reads as text."""
    from sklearn.compose import ColumnTransformer

    names = [str(name) for name in estimator.feature_names_in_]
    found: dict[str, tuple[str, ...]] = {}
    for part, columns in [(estimator, names)] + [
        (transformer, _names(chosen, names))
        for step in _steps(estimator)
        if isinstance(step, ColumnTransformer) and hasattr(step, "transformers_")
        for _, transformer, chosen in step.transformers_
    ]:
        for step in _steps(part):
            categories = getattr(step, "categories_", None)
            if categories is not None and len(categories) == len(columns):
                texts = [tuple(str(c) for c in column if isinstance(c, str)) for column in categories]
                found |= {name: levels for name, levels in zip(columns, texts, strict=True) if levels}
                break
    return found


def _steps(part: Any) -> list[Any]:
    return [step for _, step in part.steps] if hasattr(part, "steps") else [part]


def _names(chosen: Any, names: list[str]) -> list[str]:
    """Column names from what a ColumnTransformer was told: names, positions, a mask or a slice."""
    if isinstance(chosen, str):
        return [chosen]
    if isinstance(chosen, slice):
        return names[chosen]
    if np.asarray(chosen).dtype.kind in "iub":
        return np.asarray(names, dtype=object)[np.asarray(chosen)].tolist()
    return [str(name) for name in chosen]
