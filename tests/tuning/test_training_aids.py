"""Made-up patients and weights help or not, but they never spoil the risks."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import describe
from medtune.evaluation.calibration import observed_expected
from medtune.evaluation.discrimination import auroc
from medtune.foundation.settings import Family
from medtune.models.families import make_family
from medtune.tuning.training_aids import LEAST, MOST, AidedTraining, augment

WAYS = ("smote", "jitter", "mixup")


def patients(n=400, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"age": rng.normal(60, 10, n), "lactate": rng.lognormal(0.5, 0.4, n)})
    frame["ward"] = rng.choice(["a", "b", "c"], n)
    eta = 0.08 * (frame.age - 60) + 1.2 * (frame.lactate - 1.6) - 2.6 + 0.5 * (frame.ward == "b")
    y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    frame.loc[rng.random(n) < 0.05, "age"] = np.nan
    frame.loc[rng.random(n) < 0.05, "ward"] = None
    frame["ward"] = frame["ward"].astype("str")
    return frame, y, describe(frame, {"ward": "category"})


@pytest.mark.parametrize("how", WAYS)
def test_made_up_patients_balance_the_outcomes_and_look_like_real_ones(how):
    X, y, columns = patients()
    both, outcome, made = augment(X, y, columns, how)
    assert outcome.mean() == 0.5
    assert made == len(both) - len(X) > 0
    pd.testing.assert_frame_equal(both.iloc[: len(X)], X)
    new = both.iloc[len(X) :]
    assert set(new["ward"].dropna()) <= {"a", "b", "c"}
    assert new["age"].dropna().between(X.age.min() - 10, X.age.max() + 10).all()
    assert (new["lactate"] != X["lactate"].iloc[0]).any()


@pytest.mark.parametrize("how", WAYS)
def test_the_same_seed_makes_up_the_same_patients(how):
    X, y, columns = patients()
    pd.testing.assert_frame_equal(augment(X, y, columns, how, 3)[0], augment(X, y, columns, how, 3)[0])


def test_balanced_or_hopeless_outcomes_are_left_as_they_are():
    X, _, columns = patients(40)
    for y in (np.tile([0, 1], 20), np.eye(1, 40, dtype=int)[0]):
        both, outcome, made = augment(X, y, columns, "smote")
        assert made == 0
        assert both is X
        assert outcome is y


@pytest.mark.parametrize("how", WAYS)
def test_risks_stay_calibrated_after_augmentation_where_they_would_not_without_recalibration(how):
    X, y, columns = patients(1200)
    new, truth, _ = patients(4000, seed=1)
    family = make_family(columns)
    aided = AidedTraining(family, columns, how).fit(X, y)
    naive = make_family(columns).fit(*augment(X, y, columns, how)[:2])
    assert observed_expected(truth, aided.predict_proba(new)[:, 1]) == pytest.approx(1, abs=0.2)
    assert observed_expected(truth, naive.predict_proba(new)[:, 1]) < 0.6


@pytest.mark.parametrize("family", ["logistic", "gradient_boosting"])
def test_weights_for_hard_patients_are_bounded_and_do_not_turn_the_ranking_round(family):
    X, y, columns = patients(600)
    new, truth, _ = patients(3000, seed=1)
    pipeline = make_family(columns, family=Family(family, trees=30))
    aided = AidedTraining(pipeline, columns, hard_examples=True)
    from sklearn.model_selection import StratifiedKFold

    weights = aided._weights(X, y, list(StratifiedKFold(5).split(X, y)))
    assert weights.max() / weights.min() <= MOST / LEAST + 1e-9
    assert weights.mean() == pytest.approx(1)
    plain = pipeline.fit(X, y).predict_proba(new)[:, 1]
    risk = aided.fit(X, y).predict_proba(new)[:, 1]
    assert auroc(truth, risk) > auroc(truth, plain) - 0.03
    assert observed_expected(truth, risk) == pytest.approx(1, abs=0.25)
