"""Boosted revision: a few shallow trees added to the recalibrated original, as many as inner folds support."""

from __future__ import annotations

import numpy as np

from medtune.evaluation.logistic import fit_logistic
from medtune.models.booster_text import checked_text, cuts, read_booster
from medtune.tuning.update import Update

INNER_FOLDS = 3
CHOICE_ROWS = 20_000
BINS = 31


class BoostedRevision(Update):
    """Rung 5: eta_rec + trees, where eta_rec is the logistic recalibration of the original.

    Parameters
    ----------
    base, preparation
        As for every `Update`.
    trees : int
        At most so many; inner folds of the rows of `fit` choose among 0, 1, ... of them.
    depth : int
        Questions a tree may ask in a row.
    learning_rate : float
        Share of each tree's step that is taken.
    leaf : int
        Fewest patients in a leaf.
    l2 : float
        Ridge on the values of the leaves.
    seed : int
        Shuffles the inner folds; the same seed gives the same trees.

    Attributes
    ----------
    booster_text_ : str
        The trees as LightGBM writes them, "" for none: text is all that a file keeps of them.
    trees_ : int
        How many there are. With none it is logistic recalibration.
    trees_share_ : float
        What their sum is multiplied by: 1, less in a blend with the original.

    Notes
    -----
    Trees are fitted by LightGBM (Ke 2017 NeurIPS) from eta_rec as `init_score`, which it does not add at prediction,
    so eta_rec is added here. They are used only where the paired gain of inner patients over no tree at all is
    larger than its standard error; above 20,000 rows a random 20,000 choose.
    """

    reads_predictors = True

    def __init__(self, base=None, preparation=None, trees=30, depth=2, learning_rate=0.1, leaf=20, l2=10.0, seed=0):
        super().__init__(base, preparation)
        self.trees = trees
        self.depth = depth
        self.learning_rate = learning_rate
        self.leaf = leaf
        self.l2 = l2
        self.seed = seed

    def log_odds(self, eta0, T) -> np.ndarray:
        """Updated log-odds, shape (n,), from the original's and the prepared predictors."""
        eta = super().log_odds(eta0, T)
        T = np.asarray(T, float)
        if not self.booster_text_ or not len(T):
            return eta
        booster = read_booster(self.booster_text_, T.shape[1])
        return eta + self.trees_share_ * booster.predict(T, raw_score=True, num_threads=1)

    def _solve(self, eta0, T, y, features) -> None:
        self.intercept_, self.slope_ = recalibration(eta0, y)
        self.booster_text_, self.trees_, self.trees_share_, self.parameters_ = "", 0, 1.0, 2.0
        wanted = self._trees_wanted(eta0, T, y)
        if not wanted:
            return
        booster = grown(_dataset(T, y, self._told()), self._told(), wanted, self.intercept_ + self.slope_ * eta0)
        self.booster_text_ = checked_text(booster.model_to_string(), T.shape[1])
        self.trees_ = booster.num_trees()
        # However many trees ask the same question, it is one parameter.
        self.parameters_ += len(cuts(self.booster_text_))

    def _trees_wanted(self, eta0, T, y) -> int:
        """How many trees patients of inner folds support; 0 where that is less than one standard error."""
        loss = inner_losses(eta0, T, y, self._told(), self.trees, self.seed)
        best = int(np.argmin(loss.mean(axis=0)))
        gain = loss[:, 0] - loss[:, best]
        return best if best and gain.mean() > gain.std(ddof=1) / np.sqrt(len(gain)) else 0

    def _told(self) -> dict:
        return booster_settings(self.depth, self.learning_rate, self.leaf, self.l2, self.seed)


def recalibration(eta0: np.ndarray, y: np.ndarray, start: tuple[float, float] = (0.0, 1.0)) -> tuple[float, float]:
    """Intercept and slope of rung 2.

    Parameters
    ----------
    eta0 : ndarray of shape (n,)
        Log-odds of the original model.
    y : ndarray of shape (n,)
        Outcomes, 0 or 1.
    start : tuple of float
        Where the search begins.

    Returns
    -------
    intercept, slope : float
    """
    fit = fit_logistic(np.column_stack([np.ones(len(y)), eta0]), y, start=np.array(start))
    return float(fit.beta[0]), float(fit.beta[1])


def booster_settings(depth: int, learning_rate: float, leaf: int, l2: float, seed: int) -> dict:
    """What LightGBM is told: one thread, no chance, no start of its own; arguments as of `BoostedRevision`."""
    return {
        "objective": "binary",
        "metric": "None",
        "max_depth": int(depth),
        "num_leaves": 2 ** int(depth),
        "learning_rate": float(learning_rate),
        "min_data_in_leaf": int(leaf),
        "lambda_l2": float(l2),
        "max_bin": BINS,
        "boost_from_average": False,
        "feature_pre_filter": False,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": int(seed),
        "verbosity": -1,
    }


def inner_losses(eta0, T, y, told: dict, trees: int, seed: int) -> np.ndarray:
    """Log-loss of each patient under 0, 1, ... trees that were grown without it.

    Parameters
    ----------
    eta0, T, y
        As of `Update.fit_arrays`.
    told : dict
        See `booster_settings`.
    trees : int
        At most so many.
    seed : int
        Shuffles the folds.

    Returns
    -------
    ndarray of shape (m, trees + 1)
        Of at most 20,000 patients; all columns are equal where nothing can be grown.
    """
    from sklearn.model_selection import StratifiedKFold

    if len(y) > CHOICE_ROWS:
        some = np.random.default_rng(seed).choice(len(y), CHOICE_ROWS, replace=False)
        eta0, T, y = eta0[some], T[some], y[some]
    folds = min(INNER_FOLDS, int(min(y.sum(), len(y) - y.sum())))
    if folds < 2 or not T.shape[1] or not np.ptp(T, axis=0).any():
        return np.zeros((len(y), trees + 1))
    start = recalibration(eta0, y)
    loss, whole = np.empty((len(y), trees + 1)), _dataset(T, y, told)
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=seed).split(eta0, y):
        a, b = recalibration(eta0[train], y[train], start)
        margin = a + b * eta0
        booster = grown(whole.subset(np.sort(train)), told, trees, margin[np.sort(train)])
        eta = margin[test, None] + _staged(booster, T[test], trees)
        loss[test] = np.logaddexp(0, eta) - y[test, None] * eta
    return loss


def grown(rows, told: dict, trees: int, margin: np.ndarray):
    """Trees grown on a data set of LightGBM from a margin that stays fixed.

    Parameters
    ----------
    rows : lightgbm.Dataset
        Patients.
    told : dict
        See `booster_settings`.
    trees : int
        How many, fewer when nothing is left to split.
    margin : ndarray of shape (n,)
        Log-odds to begin with.

    Returns
    -------
    lightgbm.Booster
    """
    import lightgbm

    booster = lightgbm.Booster(dict(told), rows.construct().set_init_score(margin))
    for _ in range(trees):
        if booster.update():
            break
    return booster


def _dataset(T: np.ndarray, y: np.ndarray, told: dict):
    import lightgbm

    return lightgbm.Dataset(T, y, params=dict(told), free_raw_data=False).construct()


def _staged(booster, T: np.ndarray, trees: int) -> np.ndarray:
    """Sum of the first 0, 1, ... trees for each row, shape (n, trees + 1)."""
    count = booster.num_trees()
    steps = np.zeros((len(T), trees + 1))
    if count:
        leaf = np.asarray(booster.predict(T, pred_leaf=True, num_threads=1), int).reshape(len(T), count)
        for at in range(count):
            values = np.array([booster.get_leaf_output(at, one) for one in range(leaf[:, at].max() + 1)])
            steps[:, at + 1] = values[leaf[:, at]]
    return np.cumsum(steps, axis=1)
