"""Enough patients: the errors of an update, and the learning curve with its crossings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.evaluation.logistic import expit, fit_logistic
from medtune.evaluation.sample_size import update_errors
from medtune.foundation.settings import Validation
from medtune.tuning.enough import enough
from medtune.tuning.learning import Lead, LearningCurve, learning_curve, repeated, rounded, shares_for, thinned
from medtune.tuning.validation import Plan, Split, plan_validation


@pytest.fixture(scope="module")
def patients():
    """Log-odds of an original that is wrong in level and slope, four predictors, and what happened."""
    rng = np.random.default_rng(5)
    X = rng.normal(0, 1, (700, 4))
    eta0 = X @ [1.0, 0.6, 0.0, 0.0]
    y = (rng.uniform(size=700) < expit(-0.5 + X @ [0.2, 0.4, 0.9, -0.7])).astype(int)
    return X, eta0, y


def test_the_errors_are_those_of_the_fitted_update(patients):
    _, eta0, y = patients
    found = enough(y, 4, eta0)
    fit = fit_logistic(np.column_stack([np.ones(len(y)), eta0]), y)
    assert found.slope == pytest.approx(fit.standard_errors[1], rel=1e-6)
    p = expit(fit.beta[0] + fit.beta[1] * eta0)
    assert found.intercept == pytest.approx(np.sum(p * (1 - p)) ** -0.5, rel=1e-6)
    assert f"intercept is known to ± {1.96 * found.intercept:.2f}, the slope to ± {1.96 * found.slope:.2f}" in str(
        found.for_update
    )


def test_four_times_the_patients_halve_the_errors(patients):
    _, eta0, _ = patients
    once, again = update_errors(eta0, expit(eta0)), update_errors(np.tile(eta0, 4), expit(np.tile(eta0, 4)))
    assert np.array(once) == pytest.approx(2 * np.array(again))
    assert update_errors(np.full(9, 0.4), np.full(9, 0.6))[1] == np.inf


def test_without_an_original_only_the_size_for_a_new_model_is_said(patients):
    found = enough(patients[2], 24, cox_snell=0.288)
    assert found.for_update is None
    assert found.precise_slope is None
    assert not found.assumed
    assert str(found.development.needed) in str(found.for_development)


def test_patients_for_a_precise_slope_follow_the_square_of_the_error(patients):
    _, eta0, y = patients
    found = enough(y, 4, eta0)
    reached = 1.959964 * found.slope * np.sqrt(found.n / found.precise_slope)
    assert reached == pytest.approx(0.1, rel=0.01)


def plan_of(y, repeats=1, **more):
    return plan_validation(y, Validation(repeats=repeats), **more)


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), events=st.integers(30, 100), clustered=st.booleans())
def test_each_set_is_part_of_the_next_and_keeps_the_event_rate(seed, events, clustered):
    y = np.random.default_rng(seed).permutation(np.repeat([1, 0], [events, 200 - events]))
    ids = np.arange(200) // 2 if clustered else None
    plan = plan_of(y, patients=ids)
    plans = thinned(y, plan, np.array([0.3, 0.6, 1.0]), ids, seed)
    for small, middle, whole, split in zip(*(p.splits for p in plans), plan.splits, strict=True):
        assert set(small.train) < set(middle.train) < set(whole.train)
        assert np.array_equal(whole.train, split.train)
        assert np.array_equal(small.test, split.test)
        if clustered:
            assert set(ids[small.train]).isdisjoint(set(ids[split.train]) - set(ids[small.train]))
            inside = np.isin(ids[split.train], ids[small.train])
            assert inside.sum() == len(small.train)
        else:
            assert y[small.train].mean() == pytest.approx(y[split.train].mean(), abs=0.02)


def test_the_smallest_set_holds_the_events_that_a_method_needs():
    y = np.repeat([1, 0], [40, 160])
    plan = plan_of(y)
    shares = shares_for(y, plan.splits, 6)
    assert shares[-1] == 1
    assert min(y[s.train].sum() for s in thinned(y, plan, shares)[0].splits) >= 6
    assert shares_for(np.repeat([1, 0], [11, 160]), plan_of(np.repeat([1, 0], [11, 160])).splits, 6) is None


def test_a_plan_with_one_repeat_is_gone_through_again():
    y = np.repeat([1, 0], 50)
    plan = repeated(plan_of(y), 3)
    assert [split.repeat for split in plan.splits] == [0] * 5 + [1] * 5 + [2] * 5
    few = thinned(y, plan, np.array([0.5]))[0]
    assert not np.array_equal(few.splits[0].train, few.splits[5].train)
    assert np.array_equal(few.splits[0].test, few.splits[5].test)


def fits(X, eta0, y):
    """Original, intercept update and refit, scored under a plan; plain maximum likelihood."""

    def scored(plan):
        risks = {"original": expit(eta0[plan.rows])[None]}
        for key in ("intercept", "refit"):
            risks[key] = np.full((plan.repeats, len(plan.rows)), np.nan)
        at = np.full(len(y), -1)
        at[plan.rows] = np.arange(len(plan.rows))
        ones = np.ones((len(y), 1))
        for s in plan.splits:
            moved = fit_logistic(ones[s.train], y[s.train], offset=eta0[s.train]).beta[0]
            beta = fit_logistic(np.hstack([ones, X])[s.train], y[s.train]).beta
            risks["intercept"][s.repeat, at[s.test]] = expit(eta0[s.test] + moved)
            risks["refit"][s.repeat, at[s.test]] = expit(np.hstack([ones, X])[s.test] @ beta)
        return risks

    return scored


def curve_of(patients, method="intercept", **more):
    X, eta0, y = patients
    plan = repeated(plan_of(y), 2)
    plans = thinned(y, plan, shares_for(y, plan.splits, 6), seed=1)
    return learning_curve(y, plans, fits(X, eta0, y), reference="original", method=method, resamples=300, **more)


def test_a_refit_overtakes_an_intercept_update_where_predictors_act_differently(patients):
    # With the fewest patients five coefficients are mostly noise; with all of them they are what is needed.
    curve = curve_of(patients)
    first, last = (curve.gains["refit"][at].value - curve.gains["intercept"][at].value for at in (0, -1))
    assert last > 0.05
    assert first < last
    assert np.all(np.diff([gain.value for gain in curve.gains["refit"]]) > 0)
    lead = next(lead for lead in curve.leads if {lead.ahead, lead.behind} == {"intercept", "refit"})
    assert (lead.ahead, lead.where) in {("refit", "from"), ("intercept", "crossing"), ("refit", "always")}
    assert curve.patients[-1] == pytest.approx(560)
    assert curve.events[0] >= 6


def made_curve(gaps, n=4000, noise=0.3, seed=0):
    """A curve in which the refit gains `gaps` more than the intercept update at five sizes."""
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], n // 2)
    plans = [Plan((Split(0, np.arange(k), np.arange(n)),), np.arange(n), 1, None) for k in (40, 80, 160, 320, 640)]
    loss = {key: np.log(2) + noise * (rng.uniform(size=n) - 0.5) for key in ("original", "intercept", "refit")}

    def scored(plan):
        better = gaps[len(plan.splits[0].train).bit_length() - 6]
        worth = {"original": 0, "intercept": 0.05, "refit": 0.05 + better}
        right = {key: np.exp(-(loss[key] - loss[key].mean() + np.log(2) - worth[key])) for key in loss}
        return {key: np.where(y == 1, right[key], 1 - right[key])[None] for key in loss}

    return learning_curve(y, plans, scored, reference="original", method="intercept", resamples=300)


def test_a_crossing_is_told_with_its_place_and_in_words():
    curve = made_curve([-0.06, -0.03, -0.01, 0.01, 0.05])
    lead = next(lead for lead in curve.leads if "refit" in (lead.ahead, lead.behind))
    assert (lead.ahead, lead.behind, lead.where) == ("intercept", "refit", "crossing")
    assert lead.at == pytest.approx(160 * 2**0.5, rel=1e-6)
    assert (
        str(curve.sentences[0])
        == "Below about 230 patients “Intercept update” is ahead of “Refit”; above, it is behind."
    )


def test_curves_that_chance_explains_are_not_said_to_cross():
    curve = made_curve([-0.004, -0.002, 0.0, 0.001, 0.004], n=700, noise=0.6)
    assert [lead for lead in curve.leads if "refit" in (lead.ahead, lead.behind)] == []
    assert "No crossing seen" in str(curve.sentences[0])


def test_leads_are_rarely_found_where_there_is_nothing():
    rng = np.random.default_rng(2)
    found = 0
    for seed in range(60):
        y = rng.integers(0, 2, 150)
        risks = {key: expit(rng.normal(0, 0.3, (5, 150))) for key in ("original", "averaged", "refit", "revision")}
        plans = [Plan((Split(0, np.arange(k), np.arange(150)),), np.arange(150), 1, None) for k in range(20, 25)]

        def scored(plan, risks=risks):
            return {key: p[[len(plan.splits[0].train) - 20]] for key, p in risks.items()}

        found += bool(
            learning_curve(y, plans, scored, reference="original", method="averaged", resamples=200, seed=seed).leads
        )
    assert found <= 9  # 5% of 60 are 3; 9 or more would be seen in one of two hundred such tests


def test_the_same_seed_gives_the_same_curve(patients):
    once, again = curve_of(patients), curve_of(patients)
    assert once.gains == again.gains
    assert once.leads == again.leads


@pytest.mark.parametrize(("exact", "said"), [(7.4, 7), (97.2, 97), (143.6, 140), (1372.0, 1400)])
def test_a_number_of_patients_is_said_to_two_digits(exact, said):
    assert rounded(exact) == said


def test_methods_that_one_is_ahead_of_up_to_the_same_number_share_a_sentence():
    leads = tuple(Lead("averaged", behind, "up to", at) for behind, at in (("revision", 17.2), ("boosted", 16.8)))
    leads += (Lead("averaged", "scratch", "up to", 34.0), Lead("averaged", "original", "from", 34.0))
    curve = LearningCurve("original", "averaged", np.ones(2), np.ones(2), {"averaged": ()}, leads)
    first, *rest = map(str, curve.sentences)
    assert first.startswith("No crossing seen")
    assert rest == [
        "Up to about 17 patients “Averaged update” is ahead of “Shrunken revision” and “Boosted revision”; with more, "
        "nothing settles it.",
        "Up to about 34 patients “Averaged update” is ahead of “From scratch”; with more, nothing settles it.",
        "From about 34 patients on “Averaged update” is ahead of “Original”; with fewer, nothing settles it.",
    ]
