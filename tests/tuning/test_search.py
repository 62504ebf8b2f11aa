"""A search finds better settings without looking at scored patients."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from medtune.cohort.columns import describe
from medtune.foundation.settings import Family
from medtune.models.families import make_family
from medtune.tuning.search import TRIED, searched


def wide(n, q=30, seed=0):
    """Two columns that matter among many that do not."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, q)), columns=[f"x{at}" for at in range(q)])
    y = (rng.random(n) < 1 / (1 + np.exp(-(X.x0 - X.x1).to_numpy()))).astype(int)
    return X, y


@pytest.mark.parametrize("name", list(TRIED))
def test_every_family_knows_what_is_tried(name):
    X, y = wide(80, q=4)
    family = make_family(describe(X), family=Family(name, trees=10))
    found = searched(family, name, trials=3).fit(X, y)
    assert set(found.best_params_) == {f"model__{key}" for key in TRIED[name]}
    assert found.best_estimator_.predict_proba(X).shape == (80, 2)


def test_search_shrinks_a_wide_table_of_few_patients():
    X, y = wide(90)
    new, truth = wide(4000, seed=1)
    columns = describe(X)
    plain = make_family(columns).fit(X, y)
    found = searched(make_family(columns), "logistic", trials=25).fit(X, y)
    assert log_loss(truth, found.predict_proba(new)[:, 1]) < log_loss(truth, plain.predict_proba(new)[:, 1]) - 0.05


def test_noise_columns_give_a_chance_auroc_when_the_search_is_nested():
    from medtune.evaluation.discrimination import auroc
    from medtune.foundation.settings import Validation
    from medtune.tuning.validation import out_of_fold, plan_validation

    rng = np.random.default_rng(5)
    X = pd.DataFrame(rng.normal(size=(60, 300)), columns=[f"g{at}" for at in range(300)])
    y = np.tile([0, 1], 30)
    plan = plan_validation(y, Validation(repeats=2))
    family = searched(make_family(describe(X)), "logistic", trials=4)
    risks = out_of_fold(X, y, None, plan, updates={}, preparation=None, families={"searched": family})
    assert abs(auroc(y, risks["searched"]) - 0.5) < 0.15
