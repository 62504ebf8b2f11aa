"""A published equation is explained by its own terms; with an interaction it is asked instead."""

from __future__ import annotations

import numpy as np
import pandas as pd

from medtune.explanation.contributions import explain
from medtune.models.equation import published_model
from medtune.models.formula_reading import read_formula
from medtune.tuning.update import LogisticRecalibration

TABLE = pd.DataFrame(
    {
        "age": np.linspace(40, 90, 30),
        "sex": ["male", "female", "female"] * 10,
        "creatinine": np.tile([0.8, 1.1, 2.0, 1.4, 0.9], 6),
    }
)
ADDITIVE = "-3 + 0.05*age - 0.0002*(age-60)^2 + 0.4*(sex=male) + 0.7*log(creatinine)"


def test_each_column_contributes_its_own_terms_less_their_mean():
    model = published_model(read_formula(ADDITIVE), "equation")
    explained = explain(model, TABLE)
    assert explained.columns == ("age", "sex", "creatinine")
    age = 0.05 * TABLE.age - 0.0002 * (TABLE.age - 60) ** 2
    np.testing.assert_allclose(explained.contributions[:, 0], age - age.mean(), atol=1e-10)
    total = explained.baseline + explained.contributions.sum(axis=1)
    np.testing.assert_allclose(total, model.linear_predictor(TABLE), atol=1e-9)
    assert "exact" in str(explained.note)


def test_an_interaction_is_shared_between_its_columns_and_still_adds_up():
    model = published_model(read_formula(ADDITIVE + " + 0.01*age*(sex=male)"), "equation")
    explained = explain(model, TABLE)
    total = explained.baseline + explained.contributions.sum(axis=1)
    np.testing.assert_allclose(total, model.linear_predictor(TABLE.iloc[explained.rows]), atol=1e-6)
    assert np.abs(explained.contributions[:, 1]).max() > 0.1


def test_an_updated_equation_is_explained_exactly_too():
    base = published_model(read_formula(ADDITIVE), "equation")
    y = (np.arange(30) % 3 == 0).astype(int)
    update = LogisticRecalibration(base).fit(TABLE, y)
    explained = explain(update, TABLE)
    assert "exact" in str(explained.note)
    total = explained.baseline + explained.contributions.sum(axis=1)
    np.testing.assert_allclose(total, update.decision_function(TABLE), atol=1e-8)
