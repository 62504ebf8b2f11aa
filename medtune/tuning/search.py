"""Settings of a family found by trying, on inner folds of the training patients alone."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline

INNER_FOLDS = 3

# What is tried, by family; the names are those of the pipeline's last step.
TRIED: dict[str, dict[str, list]] = {
    "logistic": {"C": [float(c) for c in np.logspace(-3, 3, 25)]},
    "elastic_net": {"C": [float(c) for c in np.logspace(-3, 2, 16)], "l1_ratio": [0.1, 0.3, 0.5, 0.7, 0.9, 1.0]},
    "random_forest": {
        "min_samples_leaf": [2, 5, 10, 20, 40],
        "max_depth": [None, 3, 5, 8],
        "max_features": ["sqrt", 0.3, 0.6, 1.0],
    },
    "gradient_boosting": {
        "max_iter": [30, 60, 120, 240],
        "learning_rate": [0.01, 0.03, 0.05, 0.1],
        "max_depth": [1, 2, 3, 5, None],
        "min_samples_leaf": [5, 10, 20, 40],
        "l2_regularization": [0.0, 1.0, 10.0],
    },
}


def searched(family: Pipeline, name: str, trials: int, seed: int = 0) -> RandomizedSearchCV:
    """A family that looks for its settings whenever it is fitted.

    Parameters
    ----------
    family : Pipeline
        Unfitted, see `medtune.models.families.make_family`.
    name : str
        Which family it is.
    trials : int
        How many combinations are tried, at most all there are.
    seed : int
        The same seed tries the same combinations.

    Returns
    -------
    RandomizedSearchCV
        Unfitted; it keeps the combination with the smallest log-loss on three inner folds (Bergstra & Bengio 2012
        JMLR 13:281). Fitted inside an outer training fold it sees no patient that is scored.
    """
    choices = {f"model__{key}": values for key, values in TRIED[name].items()}
    most = int(np.prod([len(values) for values in choices.values()]))
    folds = StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=seed)
    return RandomizedSearchCV(
        family, choices, n_iter=min(trials, most), scoring="neg_log_loss", cv=folds, random_state=seed, n_jobs=1
    )
