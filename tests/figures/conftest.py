"""Small real records to draw: two models on simulated patients, and an explanation of ten columns."""

from __future__ import annotations

import numpy as np
import pytest

from medtune.evaluation.logistic import expit, logit
from medtune.evaluation.performance import compare, evaluate
from medtune.explanation.contributions import Explanation
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say
from medtune.tuning.candidates import Candidate

LEVELS = {"sex": ("female", "male"), "chest_pain": ("asymptomatic", "typical", "atypical", "non-anginal")}


@pytest.fixture(scope="session")
def patients():
    """Outcomes, and the risks of an original that is too high and of an update that fits."""
    rng = np.random.default_rng(11)
    truth = rng.normal(-0.7, 1.3, 240)
    y = (rng.random(240) < expit(truth)).astype(int)
    return y, expit(0.7 * truth + 1.0 + rng.normal(0, 0.5, 240)), expit(0.9 * truth + rng.normal(0, 0.4, 240))


@pytest.fixture(scope="session")
def original(patients):
    return evaluate(patients[0], patients[1], resamples=60)


@pytest.fixture(scope="session")
def updated(patients):
    return evaluate(patients[0], patients[2], resamples=60)


@pytest.fixture(scope="session")
def comparison(patients):
    return compare(*patients, resamples=60)


@pytest.fixture(scope="session")
def candidates(original, updated, comparison):
    return (
        Candidate("original", True, performance=original),
        Candidate("averaged", True, parameters=2.1, performance=updated, comparison=comparison),
        Candidate("intercept", True, parameters=1, performance=updated, comparison=comparison),
        Candidate("refit", False, why_not=say("Needs 110 events; there are 80.")),
    )


def an_explanation(columns: int = 10, patients: int = 60, scale: str = "log-odds") -> Explanation:
    """Contributions that add up to the risk, over numbers, two categories and some missing values."""
    rng = np.random.default_rng(columns + patients)
    names = ("age", "sex", "chest_pain", "cholesterol", *(f"marker_{i}" for i in range(columns)))[:columns]
    size = (0.8 if scale == "log-odds" else 0.02) / np.arange(1, columns + 1)
    contributions = rng.normal(0, 1, (patients, columns)) * size
    values = np.round(rng.normal(60, 12, (patients, columns)))
    for place, name in enumerate(names):
        if name in LEVELS:
            values[:, place] = rng.integers(0, len(LEVELS[name]), patients)
    if columns > 3:
        values[::7, 3] = np.nan
    baseline = float(logit(np.array(0.3))) if scale == "log-odds" else 0.3
    total = baseline + contributions.sum(axis=1)
    importance = {
        name: Estimate(float(size), 0.9 * float(size), 1.1 * float(size))
        for name, size in zip(names, np.abs(contributions).mean(axis=0), strict=True)
    }
    risk = expit(total) if scale == "log-odds" else total
    levels = {name: LEVELS[name] for name in names if name in LEVELS}
    rows = np.arange(patients) + 100
    return Explanation(
        names, contributions, values, levels, baseline, scale, risk, rows, importance, say("From 60 patients.")
    )


@pytest.fixture(scope="session")
def explanation():
    return an_explanation()


@pytest.fixture(scope="session")
def closer(patients, original, updated):
    """The figures of the closer look, drawn as those of `gallery` are."""
    from medtune.evaluation.closer import look_closer
    from medtune.evaluation.decisions import decision_curve_of
    from medtune.evaluation.resampling import Resamples
    from medtune.figures.benefit import avoided, benefit_gain
    from medtune.figures.distribution import distribution
    from medtune.figures.precision_recall import precision_recall

    y, q, p = patients
    seen = look_closer(y, {"original": q, "averaged": p}, Resamples.draw(y.size, 60), "original", "averaged")
    names = (("original", say("Original"), original, False), ("averaged", say("Averaged update"), updated, True))
    curves = [(key, title, seen.models[key].precision_recall, chosen) for key, title, _, chosen in names]
    useful = [(key, title, decision_curve_of(made.thresholds), chosen) for key, title, made, chosen in names]
    return {
        "precision_recall": lambda theme, **t: precision_recall(curves, theme, **t),
        "benefit_gain": lambda theme, **t: benefit_gain(seen.gain, *names[1][:2], theme, threshold=0.3, **t),
        "avoided": lambda theme, **t: avoided(useful, theme, threshold=0.3, upper=0.6, **t),
        "refer": lambda theme, **t: distribution(updated.distribution, theme, refer=(0.2, 0.6), **t),
    }


@pytest.fixture(scope="session")
def explained(patients, explanation):
    """The figures of Explain, What changed and One patient, drawn as those of `gallery` are."""
    from medtune.evaluation.reclassification import reclassify
    from medtune.explanation.effects import Effect
    from medtune.explanation.interplay import Interplay, Pair
    from medtune.explanation.main_effects import MainEffect
    from medtune.explanation.nomogram import Mark, Nomogram, Scale
    from medtune.figures.dependence import dependence
    from medtune.figures.effects import effect
    from medtune.figures.interplay import together
    from medtune.figures.main_effects import main_effect
    from medtune.figures.movement import movement
    from medtune.figures.nomogram import nomogram
    from medtune.figures.one_patient import individual
    from medtune.figures.paths import decision_path
    from medtune.runs.patient_questions import Curve

    y, q, p = patients
    x, up = np.linspace(40.0, 80.0, 9), np.linspace(0.1, 0.6, 9)
    limits = (np.full(2, np.nan), np.full(2, np.nan))
    age = Effect("age", x, (), 0.8 * up, up, 0.9 * up, 1.1 * up)
    sex = Effect("sex", np.empty(0), ("female", "male"), up[:2], up[2:4], *limits)
    titles = say("Original"), say("Averaged update")
    found = reclassify(y, q, p, 0.4)
    names = [f"{place}" for place in range(len(y))]
    pairs = (
        Pair("age", "sex", Estimate(0.2, 0.1, 0.3), np.zeros(3)),
        Pair("age", "cholesterol", Estimate(0.1, 0.05, 0.2), np.zeros(3)),
    )
    both = Interplay(pairs, {"age": "sex"}, np.arange(3), say("Exact."))
    band = (up - 0.3, up - 0.35, up - 0.25, up - 0.5, up - 0.1)
    own = MainEffect("age", x, (), *band)
    levels = MainEffect("sex", np.empty(0), ("female", "male"), *(part[:2] for part in band))
    scales = (
        Scale("age", tuple(Mark(f"{value:g}", 100 * at / 8) for at, value in enumerate(x)), True),
        Scale("sex", (Mark("female", 0.0), Mark("male", 20.0), Mark("", 8.0)), False),
    )
    paper = Nomogram(scales, 120.0, ((0.1, 10.0), (0.5, 60.0), (0.9, 110.0)), 0.04)
    curve, curves = Curve(x, (), up, 0.8 * up), Curve(np.empty(0), ("female", "male"), up[:2], up[2:4])
    return {
        "effect": lambda theme, **t: effect(age, "averaged", titles, theme, **t),
        "effect_levels": lambda theme, **t: effect(sex, "averaged", titles, theme, **t),
        "movement": lambda theme, **t: movement(found, y, names, theme, **t),
        "individual": lambda theme, **t: individual(curve, "age", 60.0, "averaged", titles, theme, **t),
        "individual_levels": lambda theme, **t: individual(curves, "sex", "male", "averaged", titles, theme, **t),
        "together": lambda theme, **t: together(both, "log-odds", theme, **t),
        "decision_path": lambda theme, **t: decision_path(explanation, 4, theme, **t),
        "coloured": lambda theme, **t: dependence(explanation, "cholesterol", theme, by="age", **t),
        "coloured_levels": lambda theme, **t: dependence(explanation, "age", theme, by="chest_pain", **t),
        "main_effect": lambda theme, **t: main_effect(own, "log-odds", theme, **t),
        "main_effect_levels": lambda theme, **t: main_effect(levels, "probability", theme, **t),
        "nomogram": lambda theme, **t: nomogram(paper, theme, **t),
    }


@pytest.fixture(scope="session")
def gallery(patients, original, updated, comparison, candidates, explanation, closer, explained):
    """Name -> a function of theme and translate that draws one figure of each kind."""
    from medtune.figures.calibration import calibration
    from medtune.figures.candidates import forest
    from medtune.figures.columns import by_outcome
    from medtune.figures.decisions import confusion, decision_curve, threshold_curves
    from medtune.figures.discrimination import roc
    from medtune.figures.distribution import distribution
    from medtune.figures.explanation import beeswarm, dependence, importance, waterfall
    from medtune.figures.preparation import before_after
    from medtune.figures.treatment import balance_plot, benefit_by_risk, options_apart, policy
    from medtune.figures.verdict import number_line
    from medtune.treatment.balance import Balance
    from medtune.treatment.benefit import PolicyCurve, RiskQuarter
    from medtune.treatment.record import Contrast

    quarters = tuple(
        RiskQuarter(k / 4, (k + 1) / 4, 60, -0.01 * k, Estimate(-0.01 * k - 0.01, -0.05, 0.02)) for k in range(4)
    )
    limits = np.linspace(0, 0.05, 11)
    rule = PolicyCurve(limits, 1 - limits, limits - 0.05, limits - 0.08, limits - 0.02, Estimate(-0.05, -0.08, -0.02))
    balances = (Balance("age", 0.4, 0.02), Balance("sex", -0.1, 0.12))
    lower = Estimate(-0.05, -0.08, -0.02)
    contrast = Contrast("lactate", lower, lower, Estimate(0.7, 0.5, 0.9), quarters, rule, balances)
    y, _, p = patients
    both = (("original", say("Original"), original, False), ("averaged", say("Averaged update"), updated, True))
    rocs = [(key, title, made.roc, made.headline["auroc"], chosen) for key, title, made, chosen in both]
    tables = [(key, title, made.thresholds, chosen) for key, title, made, chosen in both]
    marks = [(key, table, 33) for key, _, table, _ in tables]
    holes = [None if i % 9 == 0 else float(v) for i, v in enumerate(100 * p)]
    words = [None if i % 9 == 0 else ("low" if v < 0.4 else "high") for i, v in enumerate(p)]
    table = updated.thresholds
    return {
        **closer,
        **explained,
        "roc": lambda theme, **t: roc(rocs, theme, marks=marks, **t),
        "calibration": lambda theme, **t: calibration(both, theme, **t),
        "distribution": lambda theme, **t: distribution(updated.distribution, theme, threshold=0.33, **t),
        "confusion": lambda theme, **t: confusion(table, 33, theme, **t),
        "decision_curve": lambda theme, **t: decision_curve(tables, theme, threshold=0.33, **t),
        "threshold_curves": lambda theme, **t: threshold_curves(table, 33, theme, **t),
        "number_line": lambda theme, **t: number_line(comparison.differences, theme, **t),
        "forest": lambda theme, **t: forest(candidates, theme, chosen="averaged", **t),
        "importance": lambda theme, **t: importance(explanation, theme, **t),
        "beeswarm": lambda theme, **t: beeswarm(explanation, theme, **t),
        "dependence": lambda theme, **t: dependence(explanation, "cholesterol", theme, **t),
        "dependence_levels": lambda theme, **t: dependence(explanation, "chest_pain", theme, **t),
        "waterfall": lambda theme, **t: waterfall(explanation, 4, theme, units={"age": "y"}, **t),
        "before_after": lambda theme, **t: before_after(holes, [v or 0.0 for v in holes], theme, name="lactate", **t),
        "before_after_levels": lambda theme, **t: before_after(words, [w or "low" for w in words], theme, **t),
        "options_apart": lambda theme, **t: options_apart([contrast], "age", theme, **t),
        "benefit_by_risk": lambda theme, **t: benefit_by_risk(quarters, theme, **t),
        "balance_plot": lambda theme, **t: balance_plot(balances, theme, **t),
        "policy": lambda theme, **t: policy(rule, theme, **t),
        "by_outcome": lambda theme, **t: by_outcome(holes, y, theme, name="lactate", unit="mmol/l", **t),
        "by_outcome_levels": lambda theme, **t: by_outcome(words, y, theme, levels=("low", "high"), **t),
    }
