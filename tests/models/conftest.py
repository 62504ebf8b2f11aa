"""A small cohort with numbers, text categories and gaps, and one model of each family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import describe
from medtune.foundation.settings import Family, Preparation
from medtune.foundation.words import say

FAMILIES = ("logistic", "elastic_net", "elastic_net_path", "pca_ridge", "random_forest", "gradient_boosting")


def patients(n: int = 240, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Synthetic predictors and an outcome that depends on them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.normal(60, 10, n).round(),
            "pressure": rng.normal(130, 20, n),
            "lactate": rng.lognormal(0, 0.5, n),
            "pain": rng.choice(["typical", "atypical", "none"], n, p=[0.3, 0.2, 0.5]),
            "sex": rng.choice(["female", "male"], n),
        }
    )
    eta = 0.05 * (frame.age - 60) + 1.2 * (frame.pain == "typical") + 0.7 * np.log(frame.lactate) - 0.4
    outcome = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    frame.loc[rng.random(n) < 0.1, "pressure"] = np.nan
    frame.loc[rng.random(n) < 0.05, "pain"] = None
    return frame, outcome.to_numpy()


def fitted(family: str, n: int = 240, seed: int = 0, **preparation):
    """A fitted model of a family, with its passport."""
    from medtune.models.clinical import ClinicalModel
    from medtune.models.families import make_family
    from medtune.models.passport import Passport

    frame, outcome = patients(n, seed)
    columns = describe(frame)
    pipeline = make_family(columns, Preparation(**preparation), Family(name=family, trees=15), seed=1)
    pipeline.fit(frame, outcome)
    passport = Passport(
        "Test model", say("Trained for a test."), columns, method=family, n=n, events=int(outcome.sum())
    )
    return ClinicalModel(pipeline, passport)


@pytest.fixture(scope="session")
def models():
    """One fitted model of each family."""
    return {family: fitted(family) for family in FAMILIES}
