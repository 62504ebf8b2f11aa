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
def gallery(patients, original, updated, comparison, candidates, explanation, closer):
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
