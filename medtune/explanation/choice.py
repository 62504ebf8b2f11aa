"""Which way of taking predictions apart suits a model: in closed form, by its trees, or by asking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from medtune.evaluation.logistic import RISK_FLOOR, logit
from medtune.explanation.exact import (
    Additive,
    Linear,
    Mean,
    Method,
    Score,
    Updated,
    interactions_of,
    leaves_of,
    prediction,
)
from medtune.explanation.mapped import Fed
from medtune.explanation.origins import membership
from medtune.explanation.sampled import Sampled
from medtune.models.several import SeveralModels

TOLERANCE = 1e-6
CHECKED = 60


def choose(
    model: Any, frame: pd.DataFrame, background: pd.DataFrame, *, additive: bool = False, seed: int = 0
) -> Method:
    """Find the method for a model.

    Parameters
    ----------
    model : ClinicalModel or fitted classifier
    frame, background : DataFrame
        Patients to explain and patients to compare with, as the model reads them.
    additive : bool
        Whether log-odds are needed (the model is the base of an update); else a forest is taken apart in probability.
    seed : int
        For the sampled method.

    Returns
    -------
    Method
        An exact one only after it gave the model's own predictions on some of the patients to within 1e-6.
    """
    inner, ready, others = unwrapped(model, frame, background)
    if not additive and _changes_nothing(inner):
        return _reading(model, choose(inner.base, ready, others, seed=seed))
    if _is_mapped(inner):
        inside = choose(inner.model, inner.translated(ready), inner.translated(others), additive=additive, seed=seed)
        return _reading(model, Fed(inside, inner))
    if isinstance(inner, SeveralModels):
        inside = [choose(one, ready, others, additive=True, seed=seed) for one in inner.models]
        return _reading(model, Mean(inside))
    exact = _exact(inner, ready, others, additive, seed)
    if exact is not None and _agrees(exact, inner, ready):
        return _reading(model, exact)
    columns = _columns_read(inner, ready)
    risk = _risk(inner, ready.iloc[:CHECKED])
    certain = bool(((risk <= RISK_FLOOR) | (risk >= 1 - RISK_FLOOR)).any())
    scale = "probability" if certain and not additive else "log-odds"
    return _reading(model, Sampled(columns, _asking(inner, scale), others, scale, seed))


def _is_mapped(model: Any) -> bool:
    from medtune.models.mapped import MappedModel

    return isinstance(model, MappedModel)


def unwrapped(model: Any, *frames: pd.DataFrame) -> tuple:
    """The estimator inside clinical models and frozen ones, and the tables as it reads them."""
    while True:
        if hasattr(model, "passport"):
            frames = tuple(model.check(frame).frame for frame in frames)
        elif type(model).__name__ != "FrozenEstimator":
            return model, *frames
        model = model.estimator


def _changes_nothing(model: Any) -> bool:
    from medtune.tuning.update import Update

    return (
        isinstance(model, Update)
        and model.base is not None
        and (model.intercept_, model.slope_) == (0, 1)
        and not np.any(model.deviation_)
        and not _has_trees(model)
    )


def _has_trees(update: Any) -> bool:
    return bool(getattr(update, "booster_text_", "")) and update.trees_share_ != 0


def _exact(model: Any, frame: pd.DataFrame, background: pd.DataFrame, additive: bool, seed: int) -> Method | None:
    from medtune.images.tuned_network import TunedNetwork
    from medtune.models.equation import Equation
    from medtune.models.starting import ScoreColumn
    from medtune.tuning.update import Update

    if isinstance(model, ScoreColumn):
        return Score(model)
    if isinstance(model, Equation):
        return Additive(model) if model.formula.additive else None
    if isinstance(model, Update):
        return _update(model, frame, background, seed)
    if isinstance(model, TunedNetwork):
        return _seen(model, frame, background)
    columns = _columns_read(model, frame)
    transformer, final = _split(model)
    coefficients = np.asarray(getattr(final, "coef_", np.empty(0)))
    linear = coefficients.ndim == 2 and len(coefficients) == 1 and hasattr(final, "predict_proba")
    scale = None if linear else _tree_scale(final)
    if not linear and (scale is None or (additive and scale != "log-odds")):
        return None
    both = pd.concat([frame[columns], background[columns]], ignore_index=True) if transformer is not None else frame
    member = membership(transformer, both[columns])
    if member is None:
        return None
    if linear:
        return Linear(columns, transformer, member, coefficients[0], float(np.ravel(final.intercept_)[0]))
    from medtune.explanation.trees import Trees

    return Trees(columns, transformer, member, final)


def _seen(model: Any, frame: pd.DataFrame, background: pd.DataFrame) -> Method | None:
    """A network tuned to pictures: the columns beside the picture are linear."""
    from medtune.explanation.pictures_seen import Seen

    if model.others is None:
        return Seen(model, None)
    columns = [str(name) for name in model.others.feature_names_in_]
    member = membership(model.others, pd.concat([frame[columns], background[columns]], ignore_index=True))
    if member is None:
        return None
    return Seen(model, Linear(columns, model.others, member, model.beside, model.intercept))


def _tree_scale(final: Any) -> str | None:
    from medtune.explanation.trees import scale_of

    return scale_of(final)


def _update(update: Any, frame: pd.DataFrame, background: pd.DataFrame, seed: int) -> Method | None:
    changes = []
    linear, trees = bool(np.any(update.deviation_)), _has_trees(update)
    if linear or trees:
        transformer = getattr(update, "preparation_", None)
        columns = _columns_read(transformer if transformer is not None else update, frame)
        member = membership(transformer, pd.concat([frame[columns], background[columns]], ignore_index=True))
        if member is None:
            return None
        if linear:
            changes.append(Linear(columns, transformer, member, update.deviation_, 0.0))
        if trees:
            from medtune.explanation.trees import Added

            changes.append(Added(columns, transformer, member, update))
    base = None
    if update.base is not None and update.slope_:
        base = choose(update.base, frame, background, additive=True, seed=seed)
    return Updated(update.intercept_, update.slope_, base, changes)


def _split(model: Any) -> tuple[Any, Any]:
    """The transforming steps (None when there are none) and the classifier."""
    steps = getattr(model, "steps", None)
    if steps is None:
        return None, model
    return (model[:-1] if len(steps) > 1 else None), steps[-1][1]


def _columns_read(model: Any, frame: pd.DataFrame) -> list[str]:
    named = getattr(model, "feature_names_in_", None)
    return list(frame.columns) if named is None else [str(name) for name in named]


def _risk(model: Any, frame: pd.DataFrame) -> np.ndarray:
    return np.asarray(model.predict_proba(frame), dtype=float)[:, 1]


def _asking(model: Any, scale: str) -> Callable[[pd.DataFrame], np.ndarray]:
    if scale == "probability":
        return lambda frame: _risk(model, frame)
    return lambda frame: logit(_risk(model, frame))


def _asks(method: Method | None) -> bool:
    """Whether any part of it is sampled."""
    inside = getattr(method, "method", method)
    return isinstance(inside, Sampled) or any(_asks(one) for one in getattr(inside, "parts", ()))


def _agrees(method: Method, model: Any, frame: pd.DataFrame) -> bool:
    """Whether the terms add up to the model's own prediction, where the floor of risks leaves it alone."""
    if isinstance(method, Updated) and _asks(method.base):
        return True  # it adds up by its construction, and asking costs as much as explaining
    some = frame.iloc[np.unique(np.linspace(0, len(frame) - 1, min(CHECKED, len(frame))).astype(int))]
    risk, told = _risk(model, some), prediction(method, some)
    if method.scale == "probability":
        return bool(np.allclose(told, risk, rtol=0, atol=TOLERANCE))
    free = (risk > RISK_FLOOR) & (risk < 1 - RISK_FLOOR) & (np.abs(told) < -np.log(RISK_FLOOR))
    return bool(np.allclose(told[free], logit(risk[free]), rtol=0, atol=TOLERANCE))


class Reading:
    """A method behind a clinical model: brings each table into the model's shape first."""

    def __init__(self, model: Any, method: Method):
        self.model, self.method = model, method
        self.columns, self.scale = method.columns, method.scale

    @property
    def note(self):
        """What the method says."""
        return self.method.note

    def patients(self, limit: int) -> int:
        """What the method affords."""
        return self.method.patients(limit)

    def terms(self, frame: pd.DataFrame):
        """The method's terms for the conformed table."""
        return self.method.terms(unwrapped(self.model, frame)[1])

    def middle(self, background: pd.DataFrame) -> np.ndarray:
        """The method's middle for the conformed table."""
        return self.method.middle(unwrapped(self.model, background)[1])

    def prediction(self, frame: pd.DataFrame) -> np.ndarray:
        """The method's prediction for the conformed table."""
        return prediction(self.method, unwrapped(self.model, frame)[1])

    def interactions(self, frame: pd.DataFrame, among: Sequence[str]) -> np.ndarray | None:
        """The method's interactions for the conformed table."""
        return interactions_of(self.method, unwrapped(self.model, frame)[1], among)

    def leaves(self) -> int:
        """Leaves of the trees in the method."""
        return leaves_of(self.method)


def _reading(model: Any, method: Method) -> Method:
    return Reading(model, method) if unwrapped(model)[0] is not model else method
