"""A model that looks at pictures itself: the network with its last block tuned to them, and a linear head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from medtune.evaluation.logistic import expit
from medtune.foundation.errors import PicturesError
from medtune.images.keeping import home_of_pictures, open_picture
from medtune.images.labels import PICTURE
from medtune.images.network import NETWORK, network_here

# What models of this process have seen already, by picture: an explanation asks for the same ones several times.
_seen: WeakKeyDictionary[TunedNetwork, dict[str, float]] = WeakKeyDictionary()
INNER_FOLDS = 5
INTERCEPT_SD, SLOPE_SD = 1.0, 0.25  # the widest of the averaged update's prior
AT_ONCE = 256  # pictures whose maps are in memory when risks are estimated


class TunedNetwork(ClassifierMixin, BaseEstimator):
    """A fitted model of pictures: means of the tuned block's maps and other columns, linear in the log-odds.

    Parameters
    ----------
    others : Preparation, optional
        Fitted; reads every predictor that is not a number of the frozen network. None where there are none.
    block : dict of str to ndarray
        Weights of the tuned block; none where no training round helped.
    head : ndarray of shape (112,)
        What each mean adds to the log-odds.
    beside : ndarray of shape (features,)
        What each prepared feature adds.
    intercept : float

    Notes
    -----
    It reads the column `picture`, and the pixels that are kept under that name on this computer.
    """

    def __init__(self, others=None, block=None, head=None, beside=None, intercept=0.0):
        self.others = others
        self.block = block
        self.head = head
        self.beside = beside
        self.intercept = intercept

    @property
    def classes_(self) -> np.ndarray:
        """No event, event."""
        return np.array([0, 1])

    @property
    def feature_names_in_(self) -> np.ndarray:
        """The columns it reads."""
        return np.array([*(() if self.others is None else self.others.feature_names_in_), PICTURE], dtype=object)

    def fit(self, X: pd.DataFrame, y: Any = None) -> TunedNetwork:
        """Nothing is learnt here: see `tune_network`."""
        return self

    def decision_function(self, frame: pd.DataFrame) -> np.ndarray:
        """Log-odds of the event; shape (n,)."""
        beside = np.zeros(len(frame))
        if self.others is not None:
            names = list(self.others.feature_names_in_)
            beside = np.asarray(self.others.transform(frame[names]), float) @ self.beside
        return self.seen(frame[PICTURE]) + beside + self.intercept

    def seen(self, keys: Sequence[str]) -> np.ndarray:
        """What the tuned network adds to the log-odds of each picture; shape (n,).

        Raises
        ------
        PicturesError
            When a picture is no longer kept, or the packages of the network are not installed.
        """
        if not network_here():
            raise PicturesError(
                "This model looks at pictures itself; install the packages in requirements-images.txt to use it."
            )
        from medtune.images.last_block import maps_before, means_after

        home, known = home_of_pictures(), _seen.setdefault(self, {})
        names = [str(key) for key in keys]
        new = [name for name in dict.fromkeys(names) if name not in known]
        for start in range(0, len(new), AT_ONCE):
            part = new[start : start + AT_ONCE]
            before = maps_before([open_picture(home, name) for name in part])
            known |= zip(part, (means_after(before, self.block) @ self.head).tolist(), strict=True)
        return np.array([known[name] for name in names])

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """Probability of no event and of the event; shape (n, 2)."""
        risk = expit(self.decision_function(frame))
        return np.column_stack([1 - risk, risk])

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """1 where the risk is at least one half, else 0; shape (n,)."""
        return (self.decision_function(frame) >= 0).astype(int)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def tune_network(
    frame: pd.DataFrame,
    y: np.ndarray,
    maps: np.ndarray,
    preparation: object,
    *,
    strength: float = 1.0,
    patients: np.ndarray | None = None,
    seed: int = 0,
    step: Callable[[], None] = lambda: None,
) -> tuple[TunedNetwork, int]:
    """Fit head and last block to pictures.

    Parameters
    ----------
    frame : DataFrame of n rows
        The predictors.
    y : ndarray of shape (n,)
        0 or 1.
    maps : ndarray of float16, shape (n, 1 + copies, 112, 8, 8)
        See `medtune.images.last_block.Examples`.
    preparation : Preparation
        Unfitted, of the predictors that are no numbers of the frozen network; scaled.
    strength : float
        Of the ridge on the head, as for logistic regression.
    patients : ndarray of shape (n,), optional
        Ids, where rows of one patient belong together.
    seed : int
        The same seed gives the same numbers on one machine.
    step : callable
        Called after each training round.

    Returns
    -------
    model : TunedNetwork
    rounds : int
        Training rounds that helped on the inner fold; with 0 it is the head on the frozen network.

    Notes
    -----
    A ridge logistic head on the frozen network comes first; block and head then move on from there together. How many
    rounds that takes is settled on one inner fold of five (early stopping), and as many are done on all rows. Altered
    and mixed pictures make risks timid, so intercept and slope are put right by the pictures of the inner fold, which
    that network has not seen; both are drawn to where they were.
    """
    from medtune.images.last_block import MOST_EPOCHS, PATIENCE, Trainer, log_odds, means_after

    y, frozen = np.asarray(y), means_after(maps[:, 0])
    train, test = _inner(y, patients, seed)
    ridge = strength / len(train)
    model, examples = _head(frame, y, maps, frozen, preparation, strength, train)
    trainer = Trainer(examples.take(train), _tuned_of(model), ridge, seed)
    held = examples.take(test)
    tried = [_put_right(y[test], log_odds(held, trainer.now()))]
    rounds = 0
    while len(tried) <= MOST_EPOCHS and len(tried) - 1 - rounds < PATIENCE:
        trainer.epoch()
        tried.append(_put_right(y[test], log_odds(held, trainer.now())))
        rounds = min(range(len(tried)), key=lambda place: tried[place][0])
        step()
    model, examples = _head(frame, y, maps, frozen, preparation, strength, np.arange(len(y)))
    if rounds:
        trainer = Trainer(examples, _tuned_of(model), strength / len(y), seed)
        for _ in range(rounds):
            trainer.epoch()
            step()
        now, (_, by, slope) = trainer.now(), tried[rounds]
        model.block, model.head, model.beside = now.block, slope * now.head, slope * model.beside
        model.intercept = by + slope * now.intercept
    return model, rounds


def log_odds_of(model: TunedNetwork, frame: pd.DataFrame, maps: np.ndarray) -> np.ndarray:
    """Log-odds of pictures whose maps are at hand.

    Parameters
    ----------
    model : TunedNetwork
    frame : DataFrame of n rows
        The predictors.
    maps : ndarray of float16, shape (n, 1 + copies, 112, 8, 8)
        Of the same rows.

    Returns
    -------
    ndarray of shape (n,)
    """
    from medtune.images.last_block import means_after

    return _beside(model, frame) + means_after(maps[:, 0], model.block) @ model.head + model.intercept


def _beside(model: TunedNetwork, frame: pd.DataFrame) -> np.ndarray:
    if model.others is None:
        return np.zeros(len(frame))
    return np.asarray(model.others.transform(frame[list(model.others.feature_names_in_)]), float) @ model.beside


def _inner(y: np.ndarray, patients: np.ndarray | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    repeated = patients is not None and len(np.unique(patients)) < len(y)
    kind = StratifiedGroupKFold if repeated else StratifiedKFold
    folds = kind(INNER_FOLDS, shuffle=True, random_state=seed)
    return next(iter(folds.split(np.zeros(len(y)), y, patients if repeated else None)))


def _head(frame, y, maps, frozen, preparation, strength, rows):
    """The ridge head on the frozen network, fitted to some rows, and all rows as the block's examples."""
    from sklearn.linear_model import LogisticRegression

    from medtune.images.last_block import Examples

    mean, sd = frozen[rows].mean(axis=0), frozen[rows].std(axis=0)
    sd = np.where(sd > 1e-9, sd, 1.0)
    features, others = (frozen - mean) / sd, None
    names = [name for name in frame.columns if name not in NETWORK and name != PICTURE]
    if names:
        others = clone(preparation).fit(frame[names].iloc[rows], y[rows])
        features = np.hstack([features, np.asarray(others.transform(frame[names]), float)])
    found = LogisticRegression(C=1 / strength, max_iter=2000).fit(features[rows], y[rows])
    weights, beside = found.coef_[0, : len(NETWORK)] / sd, found.coef_[0, len(NETWORK) :]
    model = TunedNetwork(others, {}, weights, beside, float(found.intercept_[0] - weights @ mean))
    return model, Examples(maps, features[:, len(NETWORK) :] @ beside, y)


def _tuned_of(model: TunedNetwork):
    from medtune.images.last_block import Tuned

    return Tuned({}, model.head, model.intercept)


def _put_right(y: np.ndarray, odds: np.ndarray) -> tuple[float, float, float]:
    """The mean log-loss once intercept and slope are put right, and both of these."""
    from scipy.optimize import minimize

    sign = np.where(y == 1, -1.0, 1.0)

    def loss(told: np.ndarray) -> float:
        return float(np.logaddexp(0, sign * (told[0] + told[1] * odds)).sum())

    def drawn(told: np.ndarray) -> float:
        return loss(told) + (told[0] / INTERCEPT_SD) ** 2 / 2 + ((told[1] - 1) / SLOPE_SD) ** 2 / 2

    by, slope = minimize(drawn, [0.0, 1.0]).x
    return loss(np.array([by, slope])) / len(y), float(by), float(slope)
