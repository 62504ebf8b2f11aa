"""The boosted revision with the settings of its trees searched for."""

from __future__ import annotations

from medtune.tuning.boosted import BoostedRevision, booster_settings, inner_losses
from medtune.tuning.search import search
from medtune.tuning.search_record import Budget, Told

TRIED = {
    "depth": ("even", 1, 4),
    "learning_rate": ("log", 0.02, 0.3),
    "leaf": ("log", 10, 60),
    "l2": ("log", 0.1, 100.0),
}


class SearchedRevision(BoostedRevision):
    """Rung 5 with depth, learning rate, leaf size and ridge of the trees chosen on the inner folds.

    Parameters
    ----------
    base, preparation
        As for every `Update`.
    trees : int
        At most so many.
    budget : Budget, optional
        Trials and time.
    seed : int
        The same seed tries the same settings on the same inner folds.

    Attributes
    ----------
    told_ : Told
        What was tried, and what came of it.
    best_estimator_ : BoostedRevision
        With the best settings, fitted to all rows: what is saved and explained.

    Notes
    -----
    A combination is as good as its best number of trees. Whether there are trees at all is then decided as without
    a search: only where their gain is larger than its standard error.
    """

    def __init__(self, base=None, preparation=None, trees=60, budget: Budget | None = None, seed=0):
        self.base = base
        self.preparation = preparation
        self.trees = trees
        self.budget = budget
        self.seed = seed

    @property
    def best_estimator_(self) -> BoostedRevision:
        """The boosted revision with the best settings, fitted."""
        if not hasattr(self, "told_"):
            raise AttributeError("best_estimator_ is there once the search was fitted")
        kept = BoostedRevision(self.base, self.preparation, self.trees, seed=self.seed, **self.told_.best)
        vars(kept).update({name: value for name, value in vars(self).items() if name.endswith("_") and name != "told_"})
        return kept

    def _solve(self, eta0, T, y, features) -> None:
        usual = {name: BoostedRevision().get_params()[name] for name in TRIED}

        def loss(settings: dict) -> float:
            told = booster_settings(**settings, seed=self.seed)
            return float(inner_losses(eta0, T, y, told, self.trees, self.seed).mean(axis=0).min())

        budget = self.budget or Budget()
        self.told_: Told = search(loss, TRIED, usual, budget, key="boosted_searched", seed=self.seed)
        super()._solve(eta0, T, y, features)

    def _told(self) -> dict:
        return booster_settings(**self.told_.best, seed=self.seed)
