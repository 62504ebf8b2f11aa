"""Contributions add up to the model's prediction, in the user's own columns, for every kind of model."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
import shap
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from medtune.cohort.columns import Column, describe
from medtune.cohort.preparation import make_preparation
from medtune.evaluation.logistic import expit, logit
from medtune.explanation import sampled
from medtune.explanation.contributions import explain, importance
from medtune.foundation.errors import ModelError
from medtune.foundation.settings import Family, Preparation
from medtune.foundation.words import say
from medtune.models.clinical import ClinicalModel
from medtune.models.families import make_family
from medtune.models.files import dump_model, load_model
from medtune.models.passport import Passport
from medtune.models.starting import ScoreColumn
from medtune.tuning.update import UPDATES

COLUMNS = ("age", "pressure", "lactate", "pain", "sex")


def patients(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.normal(60, 10, n).round(),
            "pressure": rng.normal(130, 20, n),
            "lactate": rng.lognormal(0, 0.5, n),
            "pain": rng.choice(["typical", "atypical", "none", "other"], n),
            "sex": rng.choice(["female", "male"], n),
        }
    )
    eta = 0.06 * (frame.age - 60) + 1.2 * (frame.pain == "typical") + np.log(frame.lactate) - 0.4
    outcome = (rng.random(n) < expit(eta.to_numpy())).astype(int)
    frame.loc[rng.random(n) < 0.1, "pressure"] = np.nan
    frame.loc[rng.random(n) < 0.05, "pain"] = None
    return frame, outcome


@cache
def trained(family: str, seed: int = 0, **preparation) -> ClinicalModel:
    frame, outcome = patients(240, seed)
    columns = describe(frame)
    model = make_family(columns, Preparation(**preparation), Family(name=family, trees=20), seed=seed)
    return ClinicalModel(model.fit(frame, outcome), Passport(family, say("Trained for a test."), columns))


def tuned(base, method: str, seed: int = 7) -> ClinicalModel:
    frame, outcome = patients(120, seed)
    frame["score"] = expit(np.random.default_rng(seed).normal(size=120))
    columns = describe(frame)
    predictors = tuple(column for column in columns if column.name in COLUMNS)
    reads = UPDATES[method].reads_predictors
    preparation = make_preparation(predictors, Preparation(scale="none")) if reads else None
    update = UPDATES[method](base, preparation).fit(frame, outcome)
    return ClinicalModel(update, Passport(method, say("Tuned for a test."), columns))


def predicted(explanation) -> np.ndarray:
    return explanation.risk if explanation.scale == "probability" else logit(explanation.risk)


def adds_up(explanation, within: float = 1e-6) -> bool:
    total = explanation.baseline + explanation.contributions.sum(axis=1)
    return bool(np.allclose(total, predicted(explanation), rtol=0, atol=within))


FAMILIES = {
    "logistic": "log-odds",
    "elastic_net": "log-odds",
    "elastic_net_path": "log-odds",
    "pca_ridge": "log-odds",
    "gradient_boosting": "log-odds",
    "random_forest": "probability",
}


@pytest.mark.parametrize("family", FAMILIES)
@given(seed=st.integers(0, 10**6), clip=st.sampled_from([0.0, 0.05]), indicators=st.booleans())
@settings(max_examples=8)
def test_baseline_and_contributions_add_up_to_the_prediction(family, seed, clip, indicators):
    model = trained(family, seed % 5, clip=clip, indicators=indicators, categories="level" if indicators else "mode")
    frame, _ = patients(40, seed)
    explanation = explain(model, frame)
    assert explanation.scale == FAMILIES[family]
    assert explanation.columns == COLUMNS
    assert adds_up(explanation)
    np.testing.assert_allclose(explanation.baseline, predicted(explanation).mean(), atol=1e-6)
    np.testing.assert_array_equal(explanation.risk, model.risk(frame))


@pytest.mark.parametrize("numbers", ["mean", "iterative"])
def test_filled_gaps_keep_the_sum(numbers):
    frame, _ = patients(60, 3)
    assert adds_up(explain(trained("logistic", numbers=numbers, scale="robust"), frame))


@pytest.mark.parametrize("method", UPDATES)
@pytest.mark.parametrize("family", ["logistic", "gradient_boosting"])
def test_an_update_and_its_base_add_up_together(family, method):
    model = tuned(trained(family), method)
    frame, _ = patients(50, 11)
    explanation = explain(model, frame.assign(score=0.5))
    assert explanation.scale == "log-odds"
    assert set(explanation.columns) == set(COLUMNS)
    assert adds_up(explanation)


@pytest.mark.parametrize("method", ["averaged", "recalibration"])
def test_an_update_of_a_forest_is_sampled_and_still_adds_up(method, monkeypatch):
    monkeypatch.setattr(sampled, "EVALUATIONS", 6000)
    model = tuned(trained("random_forest"), method)
    frame, _ = patients(50, 11)
    explanation = explain(model, frame.assign(score=0.5))
    assert explanation.scale == "log-odds"
    assert adds_up(explanation)
    assert "random orders" in str(explanation.note)
    assert "standard error" in str(explanation.note)


@pytest.mark.parametrize("method", UPDATES)
def test_a_score_column_is_one_bar_among_the_others(method):
    model = tuned(ScoreColumn("score"), method)
    frame, _ = patients(50, 11)
    explanation = explain(model, frame.assign(score=np.linspace(0.01, 0.9, 50)))
    assert adds_up(explanation)
    if method != "refit":
        assert "score" in explanation.columns
    if method in ("intercept", "recalibration"):
        assert explanation.columns == ("score",)


def test_an_unchanged_forest_is_explained_as_the_forest_it_is():
    base = trained("random_forest")
    frame, _ = patients(30, 4)
    original = explain(tuned(base, "original"), frame.assign(score=0.5))
    np.testing.assert_array_equal(original.contributions, explain(base, frame).contributions)


def test_linear_contributions_are_those_of_shap():
    frame, outcome = patients(200, 1)
    frame = frame[["age", "lactate"]]
    model = make_family(describe(frame)).fit(frame, outcome)
    ours = explain(model, frame)
    T = model[:-1].transform(frame).to_numpy()
    theirs = shap.LinearExplainer(model[-1], shap.maskers.Independent(T, max_samples=len(T)))(T)
    np.testing.assert_allclose(ours.contributions, theirs.values, atol=1e-10)
    np.testing.assert_allclose(ours.baseline, theirs.base_values[0], atol=1e-10)


def test_tree_contributions_are_those_of_shap_summed_by_column_and_centred():
    model = trained("gradient_boosting")
    frame, _ = patients(60, 2)
    T = model.estimator[:-1].transform(frame)
    raw = shap.TreeExplainer(model.estimator[-1]).shap_values(T.to_numpy())
    by_column = np.column_stack(
        [raw[:, [key.split("=")[0] == column for key in T.columns]].sum(axis=1) for column in COLUMNS]
    )
    np.testing.assert_allclose(explain(model, frame).contributions, by_column - by_column.mean(axis=0), atol=1e-6)


def test_a_categorical_column_is_one_contribution_with_its_levels():
    frame, _ = patients(80, 2)
    explanation = explain(trained("logistic"), frame)
    at = explanation.columns.index("pain")
    assert explanation.contributions.shape == (80, 5)
    assert explanation.levels["pain"] == ("atypical", "none", "other", "typical")
    shown = [explanation.levels["pain"][int(v)] if np.isfinite(v) else None for v in explanation.values[:, at]]  # noqa: PD011
    assert shown == [None if pd.isna(cell) else cell for cell in frame.pain]
    assert "age" not in explanation.levels
    np.testing.assert_array_equal(explanation.values[:, 0], frame.age)  # noqa: PD011


def test_a_new_category_is_shown_with_the_known_ones():
    frame, _ = patients(10, 2)
    frame.loc[3, "pain"] = "unheard of"
    explanation = explain(trained("logistic"), frame)
    assert explanation.levels["pain"][-1] == "unheard of"
    assert explanation.values[3, 3] == 4  # noqa: PD011
    assert adds_up(explanation)


@pytest.mark.parametrize("family", [*FAMILIES, "averaged"])
def test_a_saved_and_reloaded_model_explains_the_same(family):
    model = tuned(trained("gradient_boosting"), "averaged") if family == "averaged" else trained(family)
    frame, _ = patients(40, 6)
    frame["score"] = 0.5
    before, after = explain(model, frame), explain(load_model(dump_model(model)), frame)
    np.testing.assert_array_equal(before.contributions, after.contributions)
    assert before.importance == after.importance
    assert str(before.note) == str(after.note)


def test_a_single_patient_is_measured_against_the_background():
    model, (frame, _) = trained("logistic"), patients(100, 6)
    one = explain(model, frame.iloc[[7]], background=frame)
    np.testing.assert_allclose(one.contributions[0], explain(model, frame).contributions[7], atol=1e-10)
    assert adds_up(one)
    assert not one.importance["age"].bounded


@pytest.mark.parametrize("family", FAMILIES)
def test_a_background_of_its_own_keeps_the_sum(family):
    frame, _ = patients(20, 6)
    background, _ = patients(300, 8)
    explanation = explain(trained(family), frame, background=background)
    assert adds_up(explanation)
    assert "the mean of 300 patients" in str(explanation.note)


def test_more_patients_than_the_limit_are_sampled_and_said():
    model, (frame, _) = trained("logistic"), patients(100, 6)
    explanation = explain(model, frame.set_index(frame.index + 1000), limit=30, seed=2)
    assert len(explanation.rows) == 30
    assert (np.diff(explanation.rows) > 0).all()
    np.testing.assert_array_equal(explanation.values[:, 0], frame.age.to_numpy()[explanation.rows])  # noqa: PD011
    assert "30 of 100 patients, drawn at random" in str(explanation.note)
    np.testing.assert_array_equal(explain(model, frame, limit=30, seed=2).rows, explanation.rows)


def test_a_large_forest_is_explained_for_fewer_patients(monkeypatch):
    monkeypatch.setattr("medtune.explanation.trees.SECONDS", 1e-9)
    monkeypatch.setattr("medtune.explanation.trees.FEWEST", 12)
    explanation = explain(trained("random_forest"), patients(50, 1)[0])
    assert len(explanation.rows) == 12
    assert adds_up(explanation)


# -- models made elsewhere -------------------------------------------------------------------------------------------


def foreign(estimator, *steps):
    frame, outcome = patients(200, 0)
    frame = frame.fillna({"pain": "none", "pressure": 130.0})
    encode = ColumnTransformer(
        [("n", StandardScaler(), ["age", "lactate"]), ("c", OneHotEncoder(handle_unknown="ignore"), ["sex", "pain"])],
        remainder="passthrough",
    )
    return make_pipeline(encode, *steps, estimator).fit(frame, outcome), frame.iloc[:60]


@pytest.mark.parametrize(
    ("estimator", "scale"),
    [
        (LogisticRegression(max_iter=5000), "log-odds"),
        (GradientBoostingClassifier(n_estimators=20), "log-odds"),
        (ExtraTreesClassifier(20, max_depth=6, random_state=0), "probability"),
        (DecisionTreeClassifier(max_depth=4), "probability"),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_a_pipeline_made_elsewhere_is_exact_where_its_features_have_one_column_each(estimator, scale):
    model, frame = foreign(estimator)
    explanation = explain(model, frame)
    assert explanation.columns == COLUMNS
    assert explanation.scale == scale
    assert "exact" in str(explanation.note)
    assert adds_up(explanation)


@pytest.mark.parametrize("mixing", [PCA(3), PolynomialFeatures(2)], ids=lambda thing: type(thing).__name__)
def test_features_that_mix_columns_lead_to_the_sampled_method(mixing, monkeypatch):
    monkeypatch.setattr(sampled, "EVALUATIONS", 6000)
    model, frame = foreign(LinearDiscriminantAnalysis(), mixing)
    explanation = explain(model, frame)
    assert "random orders" in str(explanation.note)
    assert adds_up(explanation)


def test_the_sampled_method_finds_what_the_closed_form_finds(monkeypatch):
    frame, outcome = patients(200, 0)
    model = make_family(describe(frame)).fit(frame, outcome)
    background, _ = patients(16, 5)
    exact = explain(model, frame.iloc[:30], background=background)
    asked = sampled.Sampled(COLUMNS, lambda rows: logit(model.predict_proba(rows)[:, 1]), background)
    monkeypatch.setattr(sampled, "EVALUATIONS", 2 * 5 * 30 * 16)
    terms = asked.terms(frame.iloc[:30])
    # A sum over columns leaves nothing to the order: each background patient comes up once.
    np.testing.assert_allclose(terms.parts, exact.contributions, atol=1e-9)
    np.testing.assert_allclose(terms.constant, exact.baseline, atol=1e-9)


def test_the_sampled_method_shares_an_interaction_equally():
    frame = pd.DataFrame({"a": [1.0], "b": [1.0], "c": [5.0]})
    background = pd.DataFrame({"a": [0.0], "b": [0.0], "c": [0.0]})
    terms = sampled.Sampled(list("abc"), lambda rows: (rows.a * rows.b).to_numpy(), background).terms(frame)
    np.testing.assert_allclose(terms.parts, [[0.5, 0.5, 0.0]], atol=1e-12)


def test_the_sampled_method_never_scores_more_rows_than_its_budget(monkeypatch):
    asked = []

    def ask(rows):
        asked.append(len(rows))
        return rows.a.to_numpy()

    monkeypatch.setattr(sampled, "EVALUATIONS", 4000)
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(500, 5)), columns=list("abcde"))
    method = sampled.Sampled(list("abcde"), ask, frame)
    method.terms(frame.iloc[: method.patients(500)])
    assert sum(asked) <= 4000 + method.orders


def test_a_model_that_is_sometimes_certain_is_explained_in_probability(monkeypatch):
    monkeypatch.setattr(sampled, "EVALUATIONS", 6000)
    model, frame = foreign(KNeighborsClassifier(3))
    explanation = explain(model, frame)
    assert explanation.scale == "probability"
    assert adds_up(explanation)
    assert "exactly 0 or 1" in str(explanation.note)


def test_a_frozen_base_is_looked_into():
    model, frame = foreign(LogisticRegression(max_iter=5000))
    explanation = explain(FrozenEstimator(model), frame)
    np.testing.assert_allclose(explanation.contributions, explain(model, frame).contributions)


# -- importance ------------------------------------------------------------------------------------------------------


def test_importance_is_the_mean_size_with_its_interval():
    contributions = np.random.default_rng(0).normal(size=(400, 2)) * [1.0, 0.0]
    found = importance(("a", "b"), contributions)
    assert found["a"].value == pytest.approx(np.abs(contributions[:, 0]).mean())
    half = 1.96 * np.abs(contributions[:, 0]).std() / 20
    assert found["a"].low == pytest.approx(found["a"].value - half, abs=0.02)
    assert found["a"].high == pytest.approx(found["a"].value + half, abs=0.02)
    assert (found["b"].value, found["b"].low, found["b"].high) == (0, 0, 0)


def test_a_column_the_model_does_not_use_contributes_nothing():
    frame, outcome = patients(200, 1)
    columns = describe(frame[["age", "lactate"]])
    model = make_family(columns).fit(frame[["age", "lactate"]], outcome)
    holder = ClinicalModel(model, Passport("x", say("x"), (*columns, Column("sex", "category"))))
    explanation = explain(holder, frame)
    assert explanation.columns == ("age", "lactate")


def test_no_patients_cannot_be_explained():
    frame, _ = patients(10, 1)
    with pytest.raises(ModelError, match="no patients to explain"):
        explain(trained("logistic"), frame.iloc[:0])
