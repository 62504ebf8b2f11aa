"""Columns that say nothing are found to say nothing, however many there are and whatever looks through them."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import Column
from medtune.evaluation.discrimination import auroc
from medtune.evaluation.logistic import expit
from medtune.foundation.settings import Aids, Family, Preparation, Settings, Starting, Validation
from medtune.models.families import make_family
from medtune.tuning.methods import make_method
from medtune.tuning.validation import out_of_fold, plan_validation

N, WIDE, NARROW = 60, 5000, 60
# Half of 60 patients have the event: the standard error of an AUROC without signal is .075. Selecting columns
# outside the folds gives .98 on such data.
FAR = 0.3


def noise(q, seed=1):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(N, q)), columns=[f"gene{at}" for at in range(q)])
    y = rng.permutation(np.repeat([0, 1], N // 2))
    return frame, y, tuple(Column(name, "number") for name in frame.columns), rng.normal(size=N)


def scored(frame, y, families, updates=None, eta0=None):
    plan = plan_validation(y, Validation(folds=2, repeats=1))
    told = {"updates": updates or {}, "preparation": None, "families": families}
    return out_of_fold(frame, y, eta0, plan, **told)


def test_thousands_of_columns_of_noise_give_no_auroc_far_from_one_half():
    frame, y, columns, _ = noise(WIDE)
    chosen = Family("logistic"), Family("random_forest", trees=20)
    families = {family.name: make_family(columns, Preparation(), family) for family in chosen}
    for name, risks in scored(frame, y, families).items():
        assert abs(auroc(y, risks) - 0.5) < FAR, name


@pytest.mark.parametrize(("key", "seed"), [("searched", 2), ("augmented", 3), ("hard_examples", 4)])
def test_neither_a_search_nor_an_aid_to_training_finds_signal_in_noise(key, seed):
    frame, y, columns, _ = noise(NARROW, seed)
    aids = Aids(augmentation="jitter", hard_examples=True, search=3)
    settings = Settings(Starting("scratch"), family=Family("elastic_net", strength=3.0), aids=aids)
    risks = scored(frame, y, {key: make_method(key, settings, columns)})[key]
    assert abs(auroc(y, risks) - 0.5) < FAR


@pytest.mark.parametrize("key", ["averaged", "revision", "boosted", "refit"])
def test_no_update_finds_signal_in_noise_beside_a_model_without_any(key):
    frame, y, columns, eta0 = noise(NARROW if key != "refit" else 5, seed=6)
    settings = Settings(Starting("model"))
    preparation = make_family(columns, Preparation(scale="none"))[0]
    update = make_method(key, settings, columns, preparation=preparation)
    plan = plan_validation(y, Validation(folds=2, repeats=1))
    risks = out_of_fold(frame, y, eta0, plan, updates={key: update}, preparation=preparation, families={})
    assert abs(auroc(y, risks[key]) - 0.5) < FAR
    np.testing.assert_allclose(risks["original"][0], expit(eta0))
