"""A passport survives its file, and the aggregates stand for the source rows."""

from __future__ import annotations

import json
import math
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.cohort.columns import Column
from medtune.evaluation.logistic import expit, fit_logistic
from medtune.foundation.errors import ModelError
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say
from medtune.models.passport import Aggregates, Passport, aggregates

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


def example() -> Passport:
    return Passport(
        name="Cleveland heart",
        made_from=say("Trained on {n} patients of {file}.", n=303, file="cleveland.csv"),
        columns=(Column("age", "number", low=29.0, high=77.0), Column("pain", "category", levels=("1", "2"))),
        method="logistic",
        outcome=say("{column} at least {value}", column="disease_stage", value=1),
        n=303,
        events=139,
        performance={"auroc": Estimate(0.9, 0.86, 0.93), "brier": Estimate(0.12)},
        threshold=0.459,
        parents=("vienna-1a2b",),
        aggregates=Aggregates(("age", "pain=2"), (9.0, 0.5), (54.4, 0.4), np.array([[3.0, 0.1], [0.1, 1 / 3]]), 303),
        notes=(say("Column '{column}' was empty.", column="ca"),),
    )


def test_passport_reads_back_exactly_what_was_written():
    before = example()
    after = Passport.from_json(before.to_json())
    assert after.to_json() == before.to_json()
    assert after.columns[0].high == 77
    assert after.columns[1].levels == ("1", "2")
    assert str(after.made_from) == "Trained on 303 patients of cleveland.csv."
    assert np.array_equal(after.aggregates.information, before.aggregates.information)
    assert math.isnan(after.performance["brier"].low)


def test_passport_of_unknown_origin_keeps_its_gaps():
    after = Passport.from_json(Passport("x", say("Imported."), (Column("age", "number"),)).to_json())
    assert after.n is None
    assert after.aggregates is None
    assert math.isnan(after.threshold)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "3", '{"name": 1, "made_from": 2, "columns": 3}', '{"name": "x"}']
)
def test_text_that_is_no_passport_is_refused_in_words(text):
    with pytest.raises(ModelError, match="passport cannot be read"):
        Passport.from_json(text)


def test_information_is_that_of_a_logistic_model_with_its_intercept_profiled_out():
    rng = np.random.default_rng(1)
    raw = pd.DataFrame(
        {"a": rng.normal(50, 9, 200), "b": rng.normal(size=200) ** 2, "c": 1950 + rng.integers(0, 50, 200)}
    )
    risk = expit(rng.normal(size=200))
    summed = aggregates(raw, risk)
    z = raw.to_numpy() / raw.std(ddof=1).to_numpy()
    weight = risk * (1 - risk)
    whole = np.column_stack([np.ones(200), z])
    whole = (whole.T * weight) @ whole
    profiled = whole[1:, 1:] - np.outer(whole[1:, 0], whole[0, 1:]) / whole[0, 0]
    np.testing.assert_allclose(summed.information, profiled, rtol=1e-8)
    np.testing.assert_allclose(summed.sd, raw.std(ddof=1))
    assert summed.features == ("a", "b", "c")


@given(st.integers(0, 2**32 - 1), st.floats(-1e4, 1e4), st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_information_does_not_depend_on_units(seed, shift, factor):
    rng = np.random.default_rng(seed)
    raw = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    risk = rng.uniform(0.05, 0.95, 40)
    np.testing.assert_allclose(
        aggregates(raw * factor + shift, risk).information, aggregates(raw, risk).information, rtol=1e-5, atol=1e-6
    )


def test_a_constant_feature_has_sd_one_and_no_information():
    summed = aggregates(pd.DataFrame({"a": [1.0, 2, 3, 5], "b": [0.1] * 4}), np.array([0.2, 0.4, 0.5, 0.9]))
    assert summed.sd[1] == 1.0
    assert abs(summed.information[1]).max() < 1e-15


def test_aggregates_refuse_missing_values_and_unequal_lengths():
    with pytest.raises(ModelError, match="missing values"):
        aggregates(pd.DataFrame({"a": [1.0, np.nan]}), np.array([0.2, 0.4]))
    with pytest.raises(ModelError, match="2 rows but there are 3 risks"):
        aggregates(pd.DataFrame({"a": [1.0, 2.0]}), np.array([0.2, 0.4, 0.1]))


def test_aggregates_give_the_reference_of_the_averaged_update_with_source_rows():
    reference = json.loads((REFERENCE / "two_hospitals.json").read_text())["averaged_update"]
    table = pd.read_csv(REFERENCE / "two_hospitals.csv")
    names = reference["order"][2:]
    source, local = (table[table.hospital == place] for place in ("source", "local"))
    X = np.column_stack([np.ones(len(source)), source[names]])
    base = fit_logistic(X, source.died.to_numpy())
    summed = aggregates(source[names], expit(X @ base.beta))
    eta0 = np.column_stack([np.ones(len(local)), local[names]]) @ base.beta
    T = local[names].to_numpy() / np.array(summed.sd)
    beta = _averaged(eta0, T, local.died.to_numpy(), np.linalg.inv(summed.information + 4 * np.eye(len(names))))
    np.testing.assert_allclose(beta, reference["with_source"]["c_per_source_sd"], rtol=1e-4, atol=1e-6)


def _averaged(eta0, T, y, V):
    """METHODS.md section 1, written down plainly."""
    D = np.column_stack([np.ones(len(y)), eta0 - eta0.mean(), T - T.mean(axis=0)])
    q = T.shape[1]
    mean = np.r_[eta0.mean(), 1.0, np.zeros(q)]
    fits, evidence = [], []
    for a, b, t in product((0.001, 0.25, 1), (0.001, 0.1, 0.25), (0.001, 0.03, 0.06, 0.12, 0.25)):
        P = np.zeros((q + 2, q + 2))
        P[0, 0], P[1, 1], P[2:, 2:] = a**-2, b**-2, np.linalg.inv(V + t**2 * np.eye(q))
        fit = fit_logistic(D, y, penalty=P, prior_mean=mean)
        gap = fit.beta - mean
        terms = np.linalg.slogdet(P)[1] - np.linalg.slogdet(fit.hessian + P)[1]
        fits.append(fit.beta)
        evidence.append(fit.loglik - gap @ P @ gap / 2 + terms / 2)
    weight = np.array(evidence) + np.log(np.r_[0.5, np.full(44, 0.5 / 44)])
    weight = np.exp(weight - weight.max())
    beta = (weight / weight.sum()) @ np.array(fits)
    beta[0] -= beta[1] * eta0.mean() + T.mean(axis=0) @ beta[2:]
    return beta
