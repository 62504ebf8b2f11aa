"""The demo cohorts are what their documentation says."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import propose_roles
from medtune.cohort.demo import as_csv, breast_cancer, two_hospitals
from medtune.cohort.reading import read_table
from medtune.cohort.table import make_cohort
from medtune.evaluation.logistic import fit_logistic


def test_the_two_hospitals_are_as_documented():
    source, local = two_hospitals()
    assert (source.n, local.n, local.without_duplicates().n) == (1200, 304, 300)
    assert "synthetic" in source.name
    assert "synthetic" in local.name
    assert source.score is None
    assert 0 <= local.score.min() <= local.score.max() <= 1
    assert len(set(source.patients)) == source.n
    assert source.date.max() < local.date.min()
    gaps = source.predictors.isna().mean()
    assert 0.005 < gaps.mean() < 0.06


def test_the_same_seed_gives_the_same_patients():
    assert two_hospitals(3)[1].fingerprint == two_hospitals(3)[1].fingerprint
    assert two_hospitals(3)[1].fingerprint != two_hospitals(4)[1].fingerprint


@pytest.mark.parametrize("seed", range(3))
def test_the_published_risk_is_too_high_and_too_extreme_locally(seed):
    local = two_hospitals(seed)[1].without_duplicates()
    eta = np.log(local.score / (1 - local.score))
    intercept, slope = fit_logistic(np.column_stack([np.ones(local.n), eta]), local.outcome).beta
    assert local.score.mean() > local.event_rate + 0.05
    assert intercept < 0
    assert slope < 1


def test_lactate_tells_less_at_the_second_hospital():
    slopes = []
    for cohort in two_hospitals():
        lactate = cohort.predictors["lactate_mmol_l"]
        known = lactate.notna().to_numpy()
        X = np.column_stack([np.ones(known.sum()), np.log2(lactate[known])])
        slopes.append(fit_logistic(X, cohort.outcome[known]).beta[1])
    assert slopes[1] < 0.6 * slopes[0]


def test_breast_cancer_is_split_by_its_stated_rule():
    source, local = breast_cancer()
    assert source.n + local.n == 569
    assert source.events + local.events == 212
    assert 150 <= local.n <= 200
    assert local.event_rate > source.event_rate + 0.2


def test_a_cohort_written_as_csv_is_read_back_the_same():
    for cohort in two_hospitals():
        table = read_table(as_csv(cohort))
        again = make_cohort(table.frame, cohort.roles, cohort.cleaning, cohort.name)
        pd.testing.assert_frame_equal(again.frame, cohort.frame)
        assert propose_roles(table.frame) == cohort.roles


def test_cells_that_a_spreadsheet_would_run_are_written_as_text():
    frame = pd.DataFrame({"note": ["=1+1", "+x", "-y", "@z", "fine", None], "x": [-1.5, 2, 3, 4, 5, np.nan]})
    lines = as_csv(frame).decode().splitlines()
    assert lines[1:] == ["'=1+1,-1.5", "'+x,2.0", "'-y,3.0", "'@z,4.0", "fine,5.0", ","]
