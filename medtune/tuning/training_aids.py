"""Made-up patients and weights for hard ones: aids to training that are undone for the risks by recalibration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import StratifiedKFold

from medtune.cohort.columns import Column
from medtune.evaluation.logistic import clip_risk
from medtune.tuning.update import LogisticRecalibration, base_log_odds

NEIGHBOURS = 5
JITTER = 0.1  # of each number's SD
LEAST, MOST = 0.5, 2.0  # weights of easy and hard patients: unbounded ones turn the ranking round
FOLDS = 5


class AidedTraining(ClassifierMixin, BaseEstimator):
    """A family trained with made-up patients or with weights, then recalibrated on the real ones.

    Parameters
    ----------
    family : Pipeline
        Unfitted, see `medtune.models.families.make_family`.
    columns : sequence of Column
        The predictors.
    augmentation : {"none", "smote", "jitter", "mixup"}
        How patients of the rarer outcome are made up, until both outcomes are as frequent.
    hard_examples : bool
        Whether patients whom the family gets wrong weigh more, between one half and twice the mean.
    seed : int
        The same seed makes up the same patients.

    Attributes
    ----------
    recalibrated_ : LogisticRecalibration
        Fitted, with the trained family as its base: what is saved and explained.

    Notes
    -----
    The recalibration uses risks of real patients by models that never saw them (five inner folds): on GUSTO, SMOTE
    alone made expected events 4.9 times the observed ones (van den Goorbergh 2022 JAMIA 29:1525).
    """

    def __init__(self, family=None, columns: Sequence[Column] = (), augmentation="none", hard_examples=False, seed=0):
        self.family = family
        self.columns = columns
        self.augmentation = augmentation
        self.hard_examples = hard_examples
        self.seed = seed

    def fit(self, X: pd.DataFrame, y) -> AidedTraining:
        """Train, and recalibrate.

        Parameters
        ----------
        X : DataFrame of shape (n, columns)
            Raw predictors.
        y : array-like of shape (n,)
            Outcomes, 0 or 1.
        """
        y = np.asarray(y)
        self.classes_ = np.array([0, 1])
        folds = StratifiedKFold(min(FOLDS, int(min(y.sum(), len(y) - y.sum()))), shuffle=True, random_state=self.seed)
        splits = list(folds.split(np.zeros(len(y)), y))
        weights = self._weights(X, y, splits)
        unseen = np.empty(len(y))
        for train, test in splits:
            unseen[test] = base_log_odds(self._train(X.iloc[train], y[train], weights[train]), X.iloc[test])
        model = self._train(X, y, weights)
        self.recalibrated_ = LogisticRecalibration(base=model).fit_arrays(unseen, np.zeros((len(y), 0)), y)
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Recalibrated risks, shape (n, 2)."""
        risk = self.recalibrated_.log_odds(base_log_odds(self.recalibrated_.base, X), np.zeros((len(X), 0)))
        risk = 1 / (1 + np.exp(-risk))
        return np.column_stack([1 - risk, risk])

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """1 where the risk is above one half, else 0; shape (n,)."""
        return (self.predict_proba(X)[:, 1] > 0.5).astype(int)

    def _train(self, X: pd.DataFrame, y: np.ndarray, weights: np.ndarray):
        if self.augmentation != "none":
            X, y, made = augment(X, y, self.columns, self.augmentation, self.seed)
            weights = np.concatenate([weights, np.ones(made)])
        options = {"model__sample_weight": weights} if self.hard_examples else {}
        return clone(self.family).fit(X, y, **options)

    def _weights(self, X: pd.DataFrame, y: np.ndarray, splits) -> np.ndarray:
        """Weight of each patient, from how wrong a model was that had not seen it."""
        if not self.hard_examples:
            return np.ones(len(y))
        loss = np.empty(len(y))
        for train, test in splits:
            p = clip_risk(clone(self.family).fit(X.iloc[train], y[train]).predict_proba(X.iloc[test])[:, 1])
            loss[test] = -np.where(y[test] == 1, np.log(p), np.log1p(-p))
        bounded = np.clip(loss / loss.mean(), LEAST, MOST)
        return bounded / bounded.mean()


def augment(
    X: pd.DataFrame, y: np.ndarray, columns: Sequence[Column], how: str, seed: int = 0
) -> tuple[pd.DataFrame, np.ndarray, int]:
    """Add made-up patients of the rarer outcome until both outcomes are as frequent.

    Parameters
    ----------
    X : DataFrame of shape (n, columns)
        Raw predictors, with gaps.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    columns : sequence of Column
        Which predictors are numbers.
    how : {"smote", "jitter", "mixup"}
        Between neighbours; a real patient with small noise on the numbers; between two random patients of the
        same outcome. Categories are taken from a real patient.
    seed : int
        For the random choices.

    Returns
    -------
    X, y : DataFrame, ndarray
        The real patients first.
    made : int
        How many were added.

    Notes
    -----
    SMOTE and its form for categories (Chawla 2002 JAIR 16:321) by imbalanced-learn, on gaps filled by median and mode.
    """
    events = int(np.sum(y == 1))
    rarer, made = (1, len(y) - 2 * events) if 2 * events < len(y) else (0, 2 * events - len(y))
    if made <= 0 or np.sum(y == rarer) < 2:
        return X, y, 0
    numbers = [column.name for column in columns if column.kind == "number" and column.name in X]
    maker = {"smote": _smote, "jitter": _jitter, "mixup": _mixup}[how]
    new = maker(X, y, numbers, rarer, made, np.random.default_rng(seed))
    both = pd.concat([X, new.astype(X.dtypes.to_dict())], ignore_index=True)
    return both, np.concatenate([y, np.full(len(new), rarer)]), len(new)


def _jitter(X, y, numbers, rarer, made, rng) -> pd.DataFrame:
    new = X.iloc[rng.choice(np.flatnonzero(y == rarer), made)].reset_index(drop=True)
    spread = JITTER * X[numbers].std().fillna(0).to_numpy()
    new[numbers] = new[numbers].to_numpy(float) + rng.normal(size=(made, len(numbers))) * spread
    return new


def _mixup(X, y, numbers, rarer, made, rng) -> pd.DataFrame:
    first, second = rng.choice(np.flatnonzero(y == rarer), (2, made))
    share = rng.random((made, 1))
    new = X.iloc[first].reset_index(drop=True)
    one, other = X[numbers].to_numpy(float)[first], X[numbers].to_numpy(float)[second]
    new[numbers] = share * one + (1 - share) * other
    return new


def _smote(X, y, numbers, rarer, made, rng) -> pd.DataFrame:
    from imblearn.over_sampling import SMOTE, SMOTENC

    filled = X.copy()
    # A number without a single value says nothing of who is near whom.
    filled[numbers] = filled[numbers].fillna(filled[numbers].median()).fillna(0.0)
    levels = {}
    for name in filled.columns.difference(numbers):
        codes, known = pd.factorize(filled[name])
        levels[name] = np.append(np.asarray(known, dtype=object), None)
        filled[name] = codes % len(levels[name])  # a gap is a level of its own here
    options = {
        "sampling_strategy": {rarer: int(np.sum(y == rarer)) + made},
        "k_neighbors": min(NEIGHBOURS, int(np.sum(y == rarer)) - 1),
        "random_state": int(rng.integers(2**31)),
    }
    spread = filled[numbers].std().replace(0, 1.0).fillna(1.0)
    filled[numbers] = filled[numbers] / spread
    if levels and numbers:
        maker = SMOTENC([filled.columns.get_loc(name) for name in levels], **options)
    elif numbers:
        maker = SMOTE(**options)
    else:
        return X.iloc[rng.choice(np.flatnonzero(y == rarer), made)].reset_index(drop=True)
    new = pd.DataFrame(maker.fit_resample(filled, y)[0]).iloc[len(y) :].reset_index(drop=True)
    new[numbers] = new[numbers].astype(float) * spread
    for name, known in levels.items():
        new[name] = pd.Series(known[new[name].astype(int)], dtype=X[name].dtype)
    return new
