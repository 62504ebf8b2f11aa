"""What tuning does where nothing is to be gained: ``python -m benchmarks.one_population [--draws N] [--first N]``.

The model was made from 5,000 patients of the population that the local patients come from. Harm is the share of draws
whose log-loss got worse by more than .0005 under each policy, with its 95% interval (Wilson). The true risks are
known, so the loss is the expected one: no outcome of a test patient adds noise to it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import sys

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

from benchmarks.table import Row, publish
from benchmarks.transfers import FEWEST, HARM, chosen, log_losses, paired
from medtune.evaluation.intervals import wilson
from medtune.evaluation.logistic import expit
from medtune.foundation.settings import Averaging, Validation
from medtune.models.passport import Aggregates, aggregates
from medtune.tuning.update import AveragedUpdate
from medtune.tuning.validation import plan_validation

COEFFICIENTS = np.array([0.8, -0.6, 0.5, 0.4, -0.3, 0.3, 0.2, 0.0, 0.0, 0.0])
NAMES = [f"x{at}" for at in range(len(COEFFICIENTS))]
INTERCEPTS = {"40%": -0.45, "10%": -2.6}  # share of events
SIZES = (100, 400)
SOURCE, TEST = 5_000, 20_000
POLICIES = ("likely", "clear", "blend")


def patients(rng: np.random.Generator, n: int, intercept: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predictors, true risks and outcomes of n patients."""
    X = rng.normal(size=(n, len(COEFFICIENTS)))
    risk = expit(intercept + X @ COEFFICIENTS)
    return X, risk, (rng.random(n) < risk).astype(int)


def one_draw(intercept: float, n: int, seed: int) -> dict[str, float]:
    """Change in expected log-loss by policy, with and without the sums of the source patients; 0 where nothing may."""
    rng = np.random.default_rng([seed, n, int(100 * abs(intercept))])
    Xs, _, ys = patients(rng, SOURCE, intercept)
    eta = LogisticRegression(C=1.0, max_iter=2000).fit(Xs, ys).decision_function
    sums = aggregates(pd.DataFrame(Xs, columns=NAMES), expit(eta(Xs)))
    X, _, y = patients(rng, n, intercept)
    Xt, truth, _ = patients(rng, TEST, intercept)
    found = {}
    for name, source in (("", sums), (", no source sums", None)):
        models = dict.fromkeys(("ungated", *POLICIES), eta(Xt))
        if min(y.sum(), n - y.sum()) >= FEWEST:
            fitted = [AveragedUpdate(source=source, averaging=how) for how in (Averaging(), Averaging().more_cautious)]
            tuned, cautious = (update.fit_arrays(eta(X), X, y, NAMES).log_odds(eta(Xt), Xt) for update in fitted)
            state, t = judged(eta(X), X, y, source)
            models = {policy: chosen(policy, state, t, tuned, cautious, eta(Xt)) for policy in POLICIES}
            models = {"ungated": tuned, **models}
        before = log_losses(truth, eta(Xt)).mean()
        for key, model in models.items():
            found[f"{key}{name}"] = float(log_losses(truth, model).mean() - before)
    return found


def judged(eta0: np.ndarray, T: np.ndarray, y: np.ndarray, source: Aggregates | None) -> tuple[str, float]:
    """State of the verdict and the gain in standard errors, by cross-validation as in a run."""
    plan = plan_validation(y, Validation(folds=int(min(5, y.sum(), len(y) - y.sum()))))
    after = np.zeros(len(y))
    for split in plan.splits:
        fitted = AveragedUpdate(source=source).fit_arrays(eta0[split.train], T[split.train], y[split.train], NAMES)
        after[split.test] += log_losses(y[split.test], fitted.log_odds(eta0[split.test], T[split.test]))
    t, low = paired(log_losses(y, eta0) - after / plan.repeats)
    return "better" if low > 0 else "probably better" if t > 0 else "keep the original", t


def summary(case: str, changes: list[dict[str, float]]) -> list[Row]:
    """Harm with its interval, and the mean change."""
    rows = []
    for key in changes[0]:
        change = np.array([found[key] for found in changes])
        harmed = change > HARM
        low, high = wilson(harmed.sum(), harmed.size)
        rows.append(Row(f"{case}, {key}", "harm", float(harmed.mean()), "share"))
        rows.append(Row(f"{case}, {key}", "harm, low", float(low), "share"))
        rows.append(Row(f"{case}, {key}", "harm, high", float(high), "share"))
        rows.append(Row(f"{case}, {key}", "mean change x1000", 1000 * float(change.mean()), ""))
    return rows


def main(arguments: list[str]) -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--first", type=int, default=0, help="seed of the first draw")
    asked = parser.parse_args(arguments)
    draws = range(asked.first, asked.first + asked.draws)
    rows = []
    for rate, intercept in INTERCEPTS.items():
        for n in SIZES:
            changes = Parallel(n_jobs=-1)(delayed(one_draw)(intercept, n, seed) for seed in draws)
            rows += summary(f"{rate} events, n = {n}", changes)
    publish("one_population", [*rows, Row("all", "draws of each", len(draws), "")])


if __name__ == "__main__":
    main(sys.argv[1:])
