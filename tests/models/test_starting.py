"""A column that holds a risk is a model to start from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from medtune.evaluation.logistic import logit
from medtune.foundation.errors import ColumnsError, ModelError, SettingsError
from medtune.models.starting import ScoreColumn


def test_a_score_column_is_read_as_the_risk():
    table = pd.DataFrame({"age": [60, 70], "their risk": [0.2, "0.9"]})
    score = ScoreColumn("their risk")
    np.testing.assert_array_equal(score.predict_proba(table), [[0.8, 0.2], [1 - 0.9, 0.9]])
    np.testing.assert_allclose(score.linear_predictor(table), logit([0.2, 0.9]))
    assert score.predict(table).tolist() == [0, 1]


def test_risks_of_exactly_nought_and_one_are_allowed():
    score = ScoreColumn("r")
    assert np.isfinite(score.linear_predictor(pd.DataFrame({"r": [0.0, 1.0]}))).all()


def test_a_score_column_needs_no_training_and_survives_cloning():
    check_is_fitted(ScoreColumn("r"))
    assert clone(ScoreColumn("r")).column == "r"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.2, 55, -0.1], "has 2 of 3 values outside 0 to 1"),
        ([0.2, None, 0.3], "has no risk for 1 of 3 patients"),
        (["0.2", "high", "low"], "has no risk for 2 of 3 patients"),
        ([0.2, np.inf, 0.3], "has 1 of 3 values outside"),
    ],
)
def test_what_is_no_risk_is_counted_and_never_quoted(values, words):
    with pytest.raises(ModelError, match=words) as caught:
        ScoreColumn("r").fit(pd.DataFrame({"r": values}))
    assert "high" not in str(caught.value)


def test_a_table_without_the_score_column_is_explained():
    with pytest.raises(ColumnsError, match="no column 'r'"):
        ScoreColumn("r").risk(pd.DataFrame({"s": [0.1]}))


def test_an_unknown_scale_is_refused():
    with pytest.raises(SettingsError, match="'stars' is not known"):
        ScoreColumn("r", scale="stars").risk(pd.DataFrame({"r": [0.1]}))


@pytest.mark.parametrize(
    ("scale", "cells", "risks"),
    [("percent", [0, 12.5, 100], [0, 0.125, 1]), ("log-odds", [0, -2], [0.5, 1 / (1 + np.exp(2))])],
)
def test_percent_and_log_odds_are_turned_into_risks(scale, cells, risks):
    np.testing.assert_allclose(ScoreColumn("r", scale).risk(pd.DataFrame({"r": cells})), risks)


def test_percent_beyond_a_hundred_is_refused():
    with pytest.raises(ModelError, match="1 of 2 values outside 0 to 100"):
        ScoreColumn("r", "percent").risk(pd.DataFrame({"r": [5, 101]}))


def test_points_are_measured_from_their_mean_and_keep_their_order():
    table = pd.DataFrame({"r": [1.0, 2, 3, 4, 40]})
    settled = ScoreColumn("r", "points").settled(table)
    eta = settled.linear_predictor(table)
    assert abs(eta.mean()) < 1e-12
    assert eta.std() == pytest.approx(1)
    assert (np.diff(eta) > 0).all()
    assert ScoreColumn("r", "points").settled(pd.DataFrame({"r": [3, 3]})).spread == 1
