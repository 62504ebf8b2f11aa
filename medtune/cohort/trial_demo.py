"""A synthetic trial of three options whose effects are known; nobody's patients."""

from __future__ import annotations

import numpy as np
import pandas as pd

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import Cohort, make_cohort

N = 3_000
OPTIONS = ("usual care", "drug A", "drug B")
EFFECTS = {"usual care": 0.0, "drug A": -0.6, "drug B": -0.05}  # on the log-odds of death


def synthetic_trial(seed: int = 0) -> Cohort:
    """Patients with heart failure who were given usual care, drug A or drug B by chance.

    Parameters
    ----------
    seed : int

    Returns
    -------
    Cohort
        3,000 patients, "Trial (synthetic)", with the role of the treatment set.

    Notes
    -----
    The truth: log-odds of death within a year = -1.9 + 0.06 (age - 68) - 0.05 (ejection fraction - 35)
    + 0.5 log2(creatinine / 100) + 0.4 diabetes, less 0.6 with drug A and 0.05 with drug B. Every patient has the same
    relative effect, so those at higher risk are spared more; a third got each option, whatever their values.
    """
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "patient_id": [f"T{at + 1:04d}" for at in range(N)],
            "age_years": rng.normal(68, 10, N).round().clip(30, 95),
            "sex": rng.choice(["female", "male"], N, p=[0.42, 0.58]),
            "ejection_fraction_pct": rng.normal(35, 8, N).round().clip(12, 60),
            "systolic_bp_mmhg": rng.normal(124, 17, N).round(),
            "creatinine_umol_l": (100 * 2 ** rng.normal(0, 0.45, N)).round(),
            "diabetes": rng.choice(["no", "yes"], N, p=[0.66, 0.34]),
            "treatment": rng.choice(OPTIONS, N),
        }
    )
    eta = (
        -1.9
        + 0.06 * (table["age_years"] - 68)
        - 0.05 * (table["ejection_fraction_pct"] - 35)
        + 0.5 * np.log2(table["creatinine_umol_l"] / 100)
        + 0.4 * (table["diabetes"] == "yes")
        + table["treatment"].map(EFFECTS)
    )
    table["died"] = np.where(rng.random(N) < 1 / (1 + np.exp(-eta)), "yes", "no")
    table.loc[rng.random(N) < 0.03, "ejection_fraction_pct"] = np.nan
    predictors = tuple(name for name in table if name not in ("patient_id", "treatment", "died"))
    roles = Roles("died", Event(values=("yes",)), predictors, patient="patient_id", treatment="treatment")
    return make_cohort(table, roles, name="Trial (synthetic)")
