"""Cleveland's model tuned to Hungarian and VA patients: what source rows are worth, on the reference draws."""

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.evaluation.logistic import logit
from medtune.foundation.settings import Preparation
from medtune.foundation.words import say
from medtune.models.clinical import ClinicalModel
from medtune.models.passport import Passport
from medtune.runs.at_hand import bring
from medtune.tuning.pooled import PooledRefit
from medtune.tuning.pooling import SourceRows
from medtune.tuning.update import AveragedUpdate
from tests.cohort.shared_data import shared

PREDICTORS = ["age", "sex", "asymptomatic", "resting_bp", "cholesterol", "fasting_blood_sugar", "resting_ecg"]
PREDICTORS += ["max_heart_rate", "exercise_angina", "st_depression"]


@pytest.fixture(scope="module")
def hospitals():
    """Every hospital as a cohort; zeros of cholesterol and blood pressure are gaps, all columns numbers."""
    table = pd.read_csv(shared("heart_four_hospitals.csv"), na_values="?")
    for name in ("cholesterol", "resting_bp"):
        table[name] = table[name].mask(table[name] == 0)
    table["asymptomatic"] = (table["chest_pain_type"] == 4).astype(float)
    table["disease"] = (table["disease_stage"] > 0).astype(int)
    roles = Roles("disease", Event(values=("1",)), tuple(PREDICTORS))
    parts = table.groupby("hospital")
    return {str(name): make_cohort(part[[*PREDICTORS, "disease"]], roles, name=str(name)) for name, part in parts}


def loss(y, eta):
    eta = np.clip(eta, logit(0), logit(1))
    return float(np.mean(np.logaddexp(0, eta) - y * eta))


def test_source_rows_are_worth_what_the_reference_draws_say(hospitals):
    source = hospitals["cleveland"]
    pipeline = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(max_iter=2000))
    columns = source.predictor_columns
    base = ClinicalModel(
        pipeline.fit(source.predictors, source.outcome), Passport("Cleveland", say("A test."), columns)
    )
    found = {"original": [], "without": [], "with": [], "pooled": []}
    for name in ("hungarian", "va"):
        local = hospitals[name]
        sums = bring(source, local, base, "keep").sums(columns, Preparation())
        fills = [sums.fills[column] for column in PREDICTORS]
        T, S = (cohort.predictors.fillna(dict(zip(PREDICTORS, fills, strict=True))).to_numpy(float)
                for cohort in (local, source))  # fmt: skip
        eta, y = base.linear_predictor(local.frame), local.outcome
        rows = SourceRows(S, source.outcome)
        for n in (50, 100, 150):
            for draw in range(20):
                order = np.random.default_rng(7000 + 100 * draw + n).permutation(len(y))
                here, test = order[:n], order[n:]
                if min(y[here].sum(), n - y[here].sum()) < 8:
                    continue
                found["original"].append(loss(y[test], eta[test]))
                for key, update in (
                    ("without", AveragedUpdate()), ("with", AveragedUpdate(source=sums)), ("pooled", PooledRefit())
                ):  # fmt: skip
                    fitted = update.fit_arrays(eta[here], T[here], y[here], PREDICTORS, rows)
                    found[key].append(loss(y[test], fitted.log_odds(eta[test], T[test])))
    mean = {key: float(np.mean(losses)) for key, losses in found.items()}
    assert mean["original"] == pytest.approx(0.4639, abs=1e-4)
    # At least as good as the reference's figures.
    assert mean["without"] < 0.4531
    assert mean["with"] < 0.4473
    assert mean["pooled"] < 0.4530  # where every source patient counts in full it is .4506
