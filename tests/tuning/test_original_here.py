"""What is said of the original before anything is tuned."""

import numpy as np
import pytest

from medtune.evaluation.case_mix import model_based_concordance
from medtune.evaluation.logistic import expit
from medtune.tuning.original_here import original_here
from tests.tuning.conftest import PREDICTORS


def test_slope_and_auroc_equal_r(known, local):
    table = local
    here = original_here(table.eta0, table[PREDICTORS].to_numpy(), table.died)
    assert here.slope == pytest.approx(known["calibration"]["slope"], rel=1e-6)
    assert here.observed_auroc == pytest.approx(known["auroc"]["base"], rel=1e-6)


def test_a_model_that_is_right_reaches_what_the_case_mix_allows():
    rng = np.random.default_rng(4)
    T = rng.normal(size=(20_000, 3))
    eta0 = T @ [1.0, 0.5, 0.0]
    here = original_here(eta0, T, rng.random(20_000) < expit(eta0))
    assert here.expected_auroc == pytest.approx(here.observed_auroc, abs=0.01)
    assert "about as well as the case mix allows" in str(here.case_mix)


def test_a_model_that_ranks_badly_here_is_told_from_a_narrow_case_mix(local):
    table = local
    here = original_here(table.eta0, table[PREDICTORS].to_numpy(), table.died)
    assert here.expected_auroc > here.observed_auroc + 0.05
    assert "the model fits worse here" in str(here.case_mix)
    assert here.expected_auroc != model_based_concordance(expit(table.eta0))  # the mean is set right first


def test_of_equal_risks_nothing_is_said():
    assert original_here(np.full(30, -1.0), np.zeros((30, 1)), np.tile([0, 1, 0], 10)) is None
