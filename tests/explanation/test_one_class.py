"""One class of several: its view, interval, coefficients, changes and counterfactuals are those of the model."""

import numpy as np
import pytest

from medtune.evaluation.certainty import class_cut_offs
from medtune.explanation.changes import class_changes
from medtune.explanation.effects import effects
from medtune.explanation.hard_patients import class_error_map, hard_class_patients
from medtune.explanation.linear_form import linear_forms
from medtune.explanation.one_class import class_counterfactuals, class_interval, class_line, one_class
from medtune.explanation.reasons import REASONS, with_reasons
from medtune.explanation.what_if import Changeable
from medtune.models.class_scoring import VERDICT
from medtune.models.scoring import open_scored, save_scored, score
from tests.runs.test_class_tuning import STAGES, source, tuned  # noqa: F401


@pytest.mark.parametrize("key", ["original", "averaged", "intercept", "scratch"])
def test_coefficients_of_each_class_give_back_its_risks(tuned, key):  # noqa: F811
    model, frame = tuned.models[key], tuned.cohort.frame.dropna()
    forms = linear_forms(model)
    assert len(forms) == 2
    risks = model.predict_proba(frame)
    for place, form in enumerate(forms, start=1):
        eta = np.full(len(frame), form.intercept)
        for name, coefficient in zip(form.keys, form.coefficients, strict=True):
            if name in frame:
                eta += coefficient * frame[name].to_numpy()
            elif "=" in name:
                column, level = name.split("=")
                eta += coefficient * (frame[column].astype(str) == level).to_numpy()
        np.testing.assert_allclose(eta, np.log(risks[:, place] / risks[:, 0]), atol=1e-6)
    first, against = class_line(model, 0)
    assert against == 1
    np.testing.assert_allclose(first.coefficients, -forms[0].coefficients)


def drawn_risks(model, frame) -> np.ndarray:
    """Risks under draws of the update's coefficients, shape (draws, patients, classes)."""
    update, count = model.estimator, 4000
    D = update.design(model.check(frame).frame[[column.name for column in model.columns]])
    mean = np.concatenate(
        [[a, b, *d] for a, b, d in zip(update.intercept_, update.slope_, update.deviation_.T, strict=True)]
    )
    draws = np.random.default_rng(0).multivariate_normal(mean, update.covariance_, count).reshape(count, *D.shape[1:])
    eta = np.concatenate([np.zeros((count, len(D), 1)), np.einsum("dkm,nkm->dnk", draws, D)], axis=2)
    return np.exp(eta) / np.exp(eta).sum(axis=2, keepdims=True)


def test_the_interval_of_each_risk_is_that_of_draws_from_the_update(tuned):  # noqa: F811
    model = tuned.models["averaged"]
    patient = tuned.cohort.frame.dropna().iloc[[4]]
    limits = class_interval(model, patient)
    wanted = np.quantile(drawn_risks(model, patient)[:, 0], [0.025, 0.975], axis=0).T
    np.testing.assert_allclose(limits, wanted, atol=0.03)
    risks = model.predict_proba(patient)[0]
    assert ((limits[:, 0] < risks) & (risks < limits[:, 1])).all()
    assert class_interval(tuned.models["intercept"], patient) is None


@pytest.mark.parametrize("place", range(3))
def test_the_band_of_a_curve_of_a_class_is_that_of_draws_from_the_update(tuned, place):  # noqa: F811
    frame = tuned.cohort.frame.dropna().iloc[:40].reset_index(drop=True)
    views = [one_class(tuned.models[key], place) for key in ("original", "averaged")]
    columns = tuple(column for column in views[1].columns if column.name in ("lactate", "sex"))
    for shown in effects(*views, frame, columns):
        places = shown.levels or shown.values
        for at in (0, len(places) // 2, -1):
            risks = drawn_risks(tuned.models["averaged"], frame.assign(**{shown.column: places[at]}))
            low, high = np.quantile(risks[:, :, place].mean(axis=1), [0.025, 0.975])
            assert shown.low[at] == pytest.approx(low, abs=0.03)
            assert shown.high[at] == pytest.approx(high, abs=0.03)
            assert shown.low[at] < shown.after[at] < shown.high[at]
    (bare,) = effects(views[0], one_class(tuned.models["intercept"], place), frame, columns[:1])
    assert np.isnan(bare.low).all()


@pytest.mark.parametrize("place", [0, 2])
def test_what_changed_about_a_class_adds_up_to_the_change_of_its_log_odds(tuned, place):  # noqa: F811
    original, model = tuned.models["original"], tuned.models["averaged"]
    frame = tuned.cohort.frame.iloc[:40]
    told = class_changes(original, model, frame, place)
    views = [one_class(one, place).linear_predictor(frame) for one in (original, model)]
    moved = told.difference.baseline + told.difference.contributions.sum(axis=1)
    np.testing.assert_allclose(moved, views[1] - views[0], atol=1e-6)
    np.testing.assert_allclose(told.before, original.predict_proba(frame)[:, place])
    assert told.against == (1 if place == 0 else 0)
    by_name = {change.name: change for change in told.coefficients}
    assert by_name["lactate"].after.low < by_name["lactate"].after.value < by_name["lactate"].after.high
    assert {shown.column for shown in told.effects} == {"age", "sex", "lactate"}


@pytest.mark.parametrize("row", [1, 8, 30])
@pytest.mark.parametrize("place", range(3))
def test_changes_that_are_offered_make_the_class_the_most_likely_or_no_longer(tuned, row, place):  # noqa: F811
    model, patient = tuned.model, tuned.cohort.frame.dropna().iloc[[row]]
    changeable = (Changeable("age", 40, 80, sd=10), Changeable("lactate", 0.1, 8, sd=1.4))
    was = int(model.predict(patient)[0]) == place
    found = class_counterfactuals(model, patient, changeable, place)
    assert found
    for one in found:
        risks = model.predict_proba(patient.assign(**one.changes))[0]
        assert one.risk == pytest.approx(risks[place], abs=1e-12)
        assert (risks.argmax() == place) != was


def test_the_hardest_patient_is_the_one_whose_class_was_least_expected():
    rng = np.random.default_rng(1)
    risks = rng.dirichlet([2, 2, 2], 300)
    y = np.array([rng.choice(3, p=row) for row in risks])
    risks[17], y[17] = [0.98, 0.01, 0.01], 2
    found = hard_class_patients(y, risks, np.arange(300) + 50)
    assert (found[0].row, found[0].outcome, found[0].likely) == (67, 2, 0)
    assert found[0].loss == pytest.approx(-np.log(0.01))
    assert min(found, key=lambda one: one.label_score).row == 67
    assert [one.loss for one in found] == sorted((one.loss for one in found), reverse=True)


def test_errors_about_classes_are_found_where_they_gather(tuned):  # noqa: F811
    frame, rng = tuned.cohort.predictors, np.random.default_rng(0)
    y = rng.integers(0, 3, len(frame))
    sure = (frame.sex == "m").to_numpy()
    risks = np.where(sure[:, None], 0.9 * np.eye(3)[y] + 0.1 / 3, 0.05)
    risks[~sure, (y[~sure] + 1) % 3] = 0.9
    groups = class_error_map(frame, tuned.cohort.predictor_columns, y, risks)
    assert any(column == "sex" for column, _, _ in groups[0].conditions)
    assert groups[0].events == 0
    assert groups[-1].events == groups[-1].n


def test_new_patients_get_the_reasons_of_their_most_likely_class(tuned, tmp_path):  # noqa: F811
    frame = tuned.cohort.frame.iloc[:25]
    scored = with_reasons(score(tuned.model, frame), tuned.model, frame)
    assert scored.table[REASONS].str.contains("lactate = ").sum() > 15
    highest = frame.lactate.to_numpy().argmax()
    assert scored.table.most_likely[highest] == "severe"
    assert f"lactate = {frame.lactate.iloc[highest]:.4g} (+" in scored.table[REASONS][highest]
    assert any("most likely class" in str(remark) for remark in scored.remarks)
    y, held = tuned.cohort.outcome[tuned.rows], tuned.risks[tuned.verdict.chosen]
    limits = np.mean([class_cut_offs(y, risks) for risks in held], axis=0)
    for told, risks in zip(scored.table[VERDICT], tuned.model.predict_proba(frame), strict=True):
        remain = [name for name, risk, limit in zip(STAGES, risks, limits, strict=True) if risk >= limit]
        assert told.removeprefix("refer: ") == ", ".join(remain)
        assert told.startswith("refer: ") == (len(remain) > 1)
    save_scored(scored, tmp_path)
    again = open_scored(tmp_path)
    assert again.classes == STAGES
    assert [str(remark) for remark in again.remarks] == [str(remark) for remark in scored.remarks]
