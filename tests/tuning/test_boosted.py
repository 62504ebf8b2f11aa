"""The boosted revision is the recalibrated original plus trees, and nothing but that after its file."""

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from medtune.cohort.columns import describe
from medtune.cohort.preparation import make_preparation
from medtune.evaluation.logistic import expit
from medtune.explanation.contributions import explain
from medtune.foundation.errors import ModelError
from medtune.foundation.settings import Family, Preparation, Settings, Starting
from medtune.foundation.words import say
from medtune.models.booster_text import read_booster
from medtune.models.clinical import ClinicalModel
from medtune.models.families import make_family
from medtune.models.files import dump_model, load_model
from medtune.models.passport import Passport
from medtune.tuning.boosted import BoostedRevision
from medtune.tuning.candidates import compared, objections
from medtune.tuning.update import LogisticRecalibration, base_log_odds, blended


@parametrize_with_checks([BoostedRevision()])
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)


def patients(n, seed, together=2.5):
    """Lactate and age act together here, which no straight line tells."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.normal(60, 10, n).round(),
            "lactate": rng.lognormal(0, 0.5, n),
            "pain": rng.choice(["typical", "atypical", "none"], n),
        }
    )
    eta = 0.05 * (frame.age - 60) + (frame.pain == "typical") + together * ((frame.age > 60) & (frame.lactate > 1)) - 1
    frame.loc[rng.random(n) < 0.05, "lactate"] = np.nan
    return frame, (rng.random(n) < expit(eta.to_numpy())).astype(int)


def started(family):
    """A model of this family from patients among whom nothing acts together."""
    frame, y = patients(300, 1, together=0.0)
    columns = describe(frame)
    model = make_family(columns, family=Family(family, trees=20)).fit(frame, y)
    return ClinicalModel(model, Passport(family, say("Trained for a test."), columns))


def revised(family, n=400, **options):
    frame, y = patients(n, 2)
    columns = describe(frame)
    preparation = make_preparation(columns, Preparation(scale="none"))
    update = BoostedRevision(started(family), preparation, **options).fit(frame, y)
    return ClinicalModel(update, Passport("boosted", say("Tuned for a test."), columns))


@pytest.mark.parametrize("family", ["logistic", "random_forest", "gradient_boosting"])
def test_reloaded_from_its_file_it_gives_base_and_trees(family):
    model = revised(family)
    update, (frame, _) = model.estimator, patients(200, 3)
    assert update.trees_ > 0
    again = load_model(dump_model(model), "boosted.skops")
    T = np.asarray(update.preparation_.transform(frame), float)
    trees = read_booster(update.booster_text_, T.shape[1]).predict(T, raw_score=True)
    both = update.intercept_ + update.slope_ * base_log_odds(update.base, frame) + trees
    np.testing.assert_allclose(again.estimator.decision_function(frame), both, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(again.risk(frame), model.risk(frame))
    assert np.ptp(trees) > 0.1


def test_trees_continue_from_the_recalibrated_margin():
    frame, y = patients(400, 2)
    eta0 = 0.05 * (frame.age.to_numpy() - 60)
    T = np.column_stack([frame.age, frame.lactate.fillna(1)])
    update = BoostedRevision().fit_arrays(eta0, T, y)
    rung2 = LogisticRecalibration().fit_arrays(eta0, T, y)
    assert (update.intercept_, update.slope_) == (rung2.intercept_, rung2.slope_)
    loss = [
        np.mean(np.logaddexp(0, eta) - y * eta) for eta in (update.log_odds(eta0, T), rung2.log_odds(eta0, T[:, :0]))
    ]
    assert loss[0] < loss[1]


def test_where_nothing_acts_together_no_tree_is_added_and_it_is_logistic_recalibration():
    rng = np.random.default_rng(4)
    added = 0
    for _ in range(10):
        T = rng.normal(size=(200, 5))
        eta0 = T @ np.linspace(0.8, 0.2, 5) - 0.5
        y = (rng.random(200) < expit(eta0)).astype(int)
        update = BoostedRevision().fit_arrays(eta0, T, y)
        added += update.trees_ > 0
        if not update.trees_:
            rung2 = LogisticRecalibration().fit_arrays(eta0, T, y)
            np.testing.assert_array_equal(update.log_odds(eta0, T), rung2.log_odds(eta0, T))
            assert (update.booster_text_, update.parameters_) == ("", 2.0)
    assert added <= 3


def test_it_finds_what_no_rung_that_is_linear_can():
    frame, _ = patients(2000, 5)
    truth = patients(2000, 5)[1]
    model = revised("logistic", n=600)
    eta0 = base_log_odds(model.estimator.base, frame)
    linear = model.estimator.intercept_ + model.estimator.slope_ * eta0
    risk = model.risk(frame)
    eta = np.log(risk / (1 - risk))
    gain = np.logaddexp(0, linear) - truth * linear - np.logaddexp(0, eta) + truth * eta
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))


def test_the_same_seed_grows_the_same_trees():
    first, second = revised("logistic"), revised("logistic")
    assert first.estimator.booster_text_ == second.estimator.booster_text_


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
def test_a_blend_is_the_mean_of_both_log_odds_trees_and_all(weight):
    model = revised("logistic")
    update, (frame, _) = model.estimator, patients(100, 6)
    eta0, T = base_log_odds(update.base, frame), np.asarray(update.preparation_.transform(frame), float)
    mean = (1 - weight) * eta0 + weight * update.log_odds(eta0, T)
    mixed = ClinicalModel(blended(update, weight), model.passport)
    np.testing.assert_allclose(mixed.estimator.log_odds(eta0, T), mean, atol=1e-12)
    again = load_model(dump_model(mixed), "blend.skops")
    np.testing.assert_array_equal(again.risk(frame), mixed.risk(frame))
    explained = explain(again, frame)
    total = explained.baseline + explained.contributions.sum(axis=1)
    np.testing.assert_allclose(total, mean, atol=1e-6)


def test_contributions_of_base_and_trees_add_up_in_the_users_columns():
    model = revised("gradient_boosting")
    frame, _ = patients(60, 7)
    explained = explain(model, frame)
    assert (explained.scale, set(explained.columns)) == ("log-odds", {"age", "lactate", "pain"})
    risk = model.risk(frame)
    total = explained.baseline + explained.contributions.sum(axis=1)
    np.testing.assert_allclose(total, np.log(risk / (1 - risk)), atol=1e-6)
    one = explain(model, frame.iloc[[3]], background=frame)
    np.testing.assert_allclose(one.contributions[0], explained.contributions[3], atol=1e-9)
    assert "exact" in str(explained.note)


def test_a_file_with_trees_that_point_outside_is_refused():
    model = revised("logistic")
    text = model.estimator.booster_text_
    model.estimator.booster_text_ = text.replace("left_child=1", "left_child=7", 1)
    assert model.estimator.booster_text_ != text
    with pytest.raises(ModelError, match="tampered with"):
        load_model(dump_model(model), "boosted.skops")


def test_too_few_patients_for_an_inner_fold_get_no_trees():
    T = np.random.default_rng(0).normal(size=(12, 2))
    y = np.array([1] + [0] * 11)
    assert BoostedRevision().fit_arrays(np.linspace(-1, 1, 12), T, y).trees_ == 0
    assert BoostedRevision().fit_arrays(np.linspace(-1, 1, 40), np.ones((40, 2)), np.tile([0, 1], 20)).trees_ == 0


def test_it_is_offered_from_thirty_events_on_and_not_from_scratch():
    column = Settings(starting=Starting("score_column", name="risk"))
    assert objections(column, 200, 30, 4)["boosted"] is None
    assert str(objections(column, 200, 29, 4)["boosted"]) == "Needs 30 events; there are 29."
    assert "boosted" in compared(Settings(starting=Starting("score_column", name="p", scale="points")))
    assert "boosted" not in compared(Settings(starting=Starting("scratch")))
