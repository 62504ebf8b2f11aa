"""The reference cohort with R's numbers, and cohorts drawn from a known truth."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from medtune.evaluation.logistic import expit

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


@pytest.fixture(scope="session")
def reference():
    return json.loads((REFERENCE / "two_hospitals.json").read_text())


@pytest.fixture(scope="session")
def local(reference):
    """Outcome, base risk and lactate of the 250 local patients."""
    frame = pd.read_csv(REFERENCE / "two_hospitals.csv").query("hospital == 'local'")
    coefficients = dict(reference["base_model"]["coef"])
    eta = np.full(len(frame), coefficients.pop("(Intercept)"))
    for column, beta in coefficients.items():
        eta += beta * frame[column].to_numpy()
    return frame["died"].to_numpy(), expit(eta), frame["lactate"].to_numpy()


@pytest.fixture(scope="session")
def multiclass():
    frame = pd.read_csv(REFERENCE / "multiclass_risks.csv")
    return frame["grade"].to_numpy(), frame[["X0", "X1", "X2"]].to_numpy()


@pytest.fixture
def drawn():
    """Make a cohort: outcomes and `repeats` sets of noisy risks."""

    def draw(n, repeats=1, seed=0, digits=None):
        rng = np.random.default_rng(seed)
        eta = rng.normal(-0.8, 1.2, n)
        y = (rng.random(n) < expit(eta)).astype(int)
        risks = expit(1.2 * eta + 0.3 + rng.normal(0, 0.4, (repeats, n)))
        risks = risks if digits is None else risks.round(digits)
        return y, risks[0] if repeats == 1 else risks

    return draw
