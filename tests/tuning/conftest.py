"""The reference cohort, with the log-odds of R's model."""

import json
from pathlib import Path

import pandas as pd
import pytest

REFERENCE = Path(__file__).parents[1] / "reference"
PREDICTORS = ["age", "sex", "sbp", "creatinine", "lactate", "diabetes"]


@pytest.fixture(scope="session")
def known():
    """R's numbers."""
    return json.loads((REFERENCE / "two_hospitals.json").read_text())


@pytest.fixture(scope="session")
def hospitals(known):
    """All patients of both hospitals."""
    table = pd.read_csv(REFERENCE / "two_hospitals.csv")
    base = known["base_model"]["coef"]
    return table.assign(eta0=base["(Intercept)"] + table[PREDICTORS] @ [base[name] for name in PREDICTORS])


@pytest.fixture(scope="session")
def source(hospitals):
    """Patients the model was made from."""
    return hospitals[hospitals.hospital == "source"]


@pytest.fixture(scope="session")
def local(hospitals):
    """Patients it is tuned to."""
    return hospitals[hospitals.hospital != "source"]
