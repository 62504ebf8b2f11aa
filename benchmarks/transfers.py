"""Whether tuning helps on real transfers: ``python -m benchmarks.transfers [--quick] [--draws N] [--boosted]``.

A model made at one hospital (or trial region) is tuned to n patients of another and scored on that hospital's
other patients. Change is the log-loss after less before, times 1,000: below 0 is better. Harm is the share of
runs that got worse by more than .0005; "of all draws" counts those with too few events too, where medtune keeps the
original. Three oracles are known only in hindsight: the best strategy of each run, the best rung of each transfer
and size, and the best rung that needs no source patients. All start from the one model, so a start from several can
have more. The data are public but not part of the project; without them the benchmark says so and ends.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from benchmarks.table import Row, publish
from medtune.evaluation.logistic import expit, logit
from medtune.foundation.settings import Averaging, Guards, Validation
from medtune.models.passport import Aggregates, aggregates
from medtune.models.several import mean_aggregates
from medtune.tuning.boosted import BoostedRevision
from medtune.tuning.candidates import CAUTIOUS
from medtune.tuning.pooled import PooledRefit
from medtune.tuning.pooling import SourceRows
from medtune.tuning.revision import ShrunkenRevision
from medtune.tuning.selection import one_standard_error
from medtune.tuning.update import AveragedUpdate, InterceptUpdate, LogisticRecalibration, Refit
from medtune.tuning.validation import plan_validation
from medtune.tuning.verdict import blend_weight, toward

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SIZES = (50, 100, 200, 400)
FEWEST, HARM = 6, 5e-4  # events and non-events that the averaged update needs; log-loss
RUNGS = ("original", "intercept", "recalibration", "revision", "boosted", "refit", "pooled", "scratch")
LOCAL_RUNGS = tuple(key for key in RUNGS if key != "pooled")
SEVERAL = ("mean of several models", "averaged update of the mean of several")
HEART = ("age", "sex", "asymptomatic", "resting_bp", "cholesterol", "fasting_blood_sugar", "resting_ecg")
HEART += ("max_heart_rate", "exercise_angina", "st_depression")


@dataclass(frozen=True, eq=False)
class Hospital:
    """Patients of one place: predictors with gaps, and what happened."""

    name: str
    X: np.ndarray
    y: np.ndarray


def heart() -> list[Hospital]:
    """Four hospitals; zeros of cholesterol and blood pressure are gaps."""
    table = pd.read_csv(DATA / "heart_four_hospitals.csv", na_values="?")
    for name in ("cholesterol", "resting_bp"):
        table[name] = table[name].mask(table[name] == 0)
    table["asymptomatic"] = (table["chest_pain_type"] == 4).astype(float)
    return [
        Hospital(str(name), part[list(HEART)].to_numpy(float), (part["disease_stage"] > 0).to_numpy(int))
        for name, part in table.groupby("hospital")
    ]


def gusto() -> list[Hospital]:
    """Sixteen regions of a trial in heart attack, thirty-day mortality."""
    table = pd.read_csv(DATA / "gusto_tx.csv.gz")
    X = table.drop(columns=["day30", "region", "tx", "miloc"]).astype(float)
    X["anterior"], X["elsewhere"] = (
        (table["miloc"] == "Anterior").astype(float),
        (table["miloc"] == "Other").astype(float),
    )
    X["tpa"] = (table["tx"] == "tPA").astype(float)
    groups = table.groupby("region").indices
    return [Hospital(f"region {r}", X.to_numpy()[at], table["day30"].to_numpy()[at]) for r, at in groups.items()]


@dataclass(frozen=True, eq=False)
class Risk:
    """A fitted classifier behind its scaling."""

    model: object
    middle: np.ndarray
    sd: np.ndarray

    def __call__(self, T: np.ndarray) -> np.ndarray:
        return self.model.predict_proba((T - self.middle) / self.sd)[:, 1]


@dataclass(frozen=True, eq=False)
class Source:
    """A model made at one hospital: its fills, its log-odds, its patients' sums, and the patients themselves."""

    fill: np.ndarray
    model: Risk
    sums: Aggregates
    T: np.ndarray
    y: np.ndarray

    def prepared(self, X: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(X), self.fill, X)

    def eta(self, T: np.ndarray) -> np.ndarray:
        return logit(self.model(T))


def make_source(place: Hospital, boosted: bool) -> Source:
    """Train at one hospital: ridge logistic regression, or boosting."""
    fill = np.nan_to_num(np.nanmedian(place.X, axis=0))
    T = np.where(np.isnan(place.X), fill, place.X)
    middle, sd = T.mean(axis=0), np.where(T.std(axis=0) > 0, T.std(axis=0), 1.0)
    if boosted:
        fitted = HistGradientBoostingClassifier(
            max_iter=100, learning_rate=0.05, max_leaf_nodes=8, early_stopping=False, random_state=0
        ).fit(T, place.y)
        risk = Risk(fitted, np.zeros(T.shape[1]), np.ones(T.shape[1]))
    else:
        ridge = LogisticRegression(C=1.0, max_iter=2000).fit((T - middle) / sd, place.y)
        risk = Risk(ridge, middle, sd)
    names = [f"x{at}" for at in range(T.shape[1])]
    return Source(fill, risk, aggregates(pd.DataFrame(T, columns=names), risk(T)), T, place.y)


def strategies(source: Source, T: np.ndarray, y: np.ndarray, Tt: np.ndarray) -> tuple[dict, dict]:
    """Log-odds of the test patients under each strategy, and seconds each took."""
    eta0, eta1 = source.eta(T), source.eta(Tt)
    names = list(source.sums.features)
    found, seconds = {"original": eta1}, {}
    updates = {
        "averaged, no source sums": AveragedUpdate(),
        "averaged": AveragedUpdate(source=source.sums),
        "intercept": InterceptUpdate(),
        "recalibration": LogisticRecalibration(),
        "revision": ShrunkenRevision(source=source.sums),
        "boosted": BoostedRevision(),
        "refit": Refit(),
    }
    for key, update in updates.items():
        began = time.perf_counter()
        found[key] = update.fit_arrays(eta0, T, y, names).log_odds(eta1, Tt)
        seconds[key] = time.perf_counter() - began
    began = time.perf_counter()
    rows = SourceRows(source.T, source.y)
    pooled = PooledRefit().fit_arrays(eta0, T, y, names, rows)
    seconds["pooled"] = time.perf_counter() - began
    found["pooled"] = pooled.log_odds(eta1, Tt)
    full = PooledRefit(weights=(1.0,)).fit_arrays(eta0, T, y, names, rows)
    found["pooled, source in full"] = full.log_odds(eta1, Tt)
    # What the averaged update is for a base that is not logistic, given source rows.
    found["averaged, mean with pooled"] = (found["averaged"] + found["pooled"]) / 2
    began = time.perf_counter()
    middle, sd = T.mean(axis=0), np.where(T.std(axis=0) > 0, T.std(axis=0), 1.0)
    scratch = LogisticRegression(C=1.0, max_iter=2000).fit((T - middle) / sd, y)
    found["scratch"] = scratch.decision_function((Tt - middle) / sd)
    seconds["scratch"] = time.perf_counter() - began
    began = time.perf_counter()
    losses = _cross_validated(source, eta0, T, y, names)
    ladder = [key for key in losses if key != "averaged"]
    picked, _ = one_standard_error(np.column_stack([losses[key] for key in ladder]))
    found["1-SE rule"] = found[ladder[picked]]
    t, low = paired(losses["original"] - losses["averaged"])
    state = "better" if low > 0 else "probably better" if t > 0 else "keep the original"
    cautious = AveragedUpdate(source=source.sums, averaging=Averaging().more_cautious)
    found["averaged, cautious"] = cautious.fit_arrays(eta0, T, y, names).log_odds(eta1, Tt)
    for policy in ("likely", "clear", "blend"):
        found[f"averaged, {policy}"] = chosen(policy, state, t, found["averaged"], found["averaged, cautious"], eta1)
        seconds[f"averaged, {policy}"] = time.perf_counter() - began
    return found, seconds


def chosen(policy: str, state: str, t: float, tuned: np.ndarray, cautious: np.ndarray, original: np.ndarray):
    """Log-odds of the model that a policy chooses."""
    aim = toward("averaged", state, policy)
    weight = blend_weight(state, t, policy, aim)
    return weight * (cautious if aim == CAUTIOUS else tuned) + (1 - weight) * original


def _cross_validated(source: Source, eta0, T, y, names) -> dict[str, np.ndarray]:
    """Log-loss of each patient, mean over repeats, under each method that the guards of a run allow."""
    few, guards = min(y.sum(), len(y) - y.sum()), Guards()
    updates = {
        "averaged": (AveragedUpdate(source=source.sums), guards.averaged),
        "intercept": (InterceptUpdate(), guards.intercept),
        "recalibration": (LogisticRecalibration(), guards.recalibration),
        "revision": (ShrunkenRevision(source=source.sums), guards.revision),
        "refit": (Refit(), guards.refit_per_parameter * (T.shape[1] + 1)),
    }
    plan = plan_validation(y, Validation(folds=int(min(5, few))))
    losses = {"original": log_losses(y, eta0)}
    for key, (update, fewest) in updates.items():
        if few < fewest:
            continue
        losses[key] = np.zeros(len(y))
        for split in plan.splits:
            fitted = clone(update).fit_arrays(eta0[split.train], T[split.train], y[split.train], names)
            losses[key][split.test] += log_losses(y[split.test], fitted.log_odds(eta0[split.test], T[split.test]))
        losses[key] /= plan.repeats
    return losses


def paired(gain: np.ndarray) -> tuple[float, float]:
    """A paired gain over its standard error, and its low limit."""
    error = gain.std(ddof=1) / np.sqrt(len(gain))
    return float(gain.mean() / error), float(gain.mean() - 1.96 * error)


def log_losses(y: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Log-loss of each patient; `y` may be a true risk instead of an outcome."""
    eta = logit(expit(eta))  # risks within 1e-6 of 0 and 1, as everywhere
    return np.logaddexp(0, eta) - y * eta


def from_several(sources: list[Source], Xl: np.ndarray, y: np.ndarray, Xt: np.ndarray) -> dict[str, np.ndarray]:
    """Log-odds of the test patients when the start is the mean of the models of all other hospitals."""
    eta0 = np.mean([source.eta(source.prepared(Xl)) for source in sources], axis=0)
    eta1 = np.mean([source.eta(source.prepared(Xt)) for source in sources], axis=0)
    sums = mean_aggregates([source.sums for source in sources], len(sources))
    T, Tt = sources[0].prepared(Xl), sources[0].prepared(Xt)
    update = AveragedUpdate(source=sums).fit_arrays(eta0, T, y, list(sums.features))
    return dict(zip(SEVERAL, (eta1, update.log_odds(eta1, Tt)), strict=True))


def one_draw(source: Source, others: list[Source], target: Hospital, n: int, draw: int) -> tuple[dict, dict] | None:
    """Change in log-loss by strategy on the patients that were not drawn; None when the draw has too few events."""
    order = np.random.default_rng(7000 + 100 * draw + n).permutation(len(target.y))
    local, test = order[:n], order[n:]
    y = target.y[local]
    if min(y.sum(), n - y.sum()) < FEWEST or len(test) < 30 or len(np.unique(target.y[test])) < 2:
        return None
    found, seconds = strategies(source, source.prepared(target.X[local]), y, source.prepared(target.X[test]))
    found |= from_several([source, *others], target.X[local], y, target.X[test])
    losses = {key: float(log_losses(target.y[test], eta).mean()) for key, eta in found.items()}
    return {key: loss - losses["original"] for key, loss in losses.items()}, seconds


def transfers(places: list[Hospital], boosted: bool) -> list[tuple[Source, list[Source], Hospital]]:
    """Every ordered pair of hospitals; with many, each to the next one; and the models of all others beside."""
    fit = [p for p in places if min(p.y.sum(), len(p.y) - p.y.sum()) >= 40]
    pairs = (
        [(a, b) for a in fit for b in fit if a is not b]
        if len(fit) < 6
        else list(zip(fit, fit[1:] + fit[:1], strict=True))
    )
    made = {place.name: make_source(place, boosted) for place in fit}
    return [(made[a.name], [made[c.name] for c in fit if c not in (a, b)], b) for a, b in pairs]


@dataclass(frozen=True, eq=False)
class Run:
    """One draw: of which transfer, how many patients, change in log-loss and seconds by strategy."""

    transfer: int
    n: int
    change: dict[str, float]
    seconds: dict[str, float]


def summary(label: str, runs: list[Run], draws: int) -> list[Row]:
    """Mean change, harm, shares of the oracles, seconds; `draws` counts those with too few events too."""
    keys = [key for key in runs[0].change if key != "original"]
    change = {key: np.array([run.change[key] for run in runs]) for key in ("original", *keys)}
    sizes = np.array([run.n for run in runs])
    of_run = np.min([values for key, values in change.items() if key not in SEVERAL], axis=0).sum()
    cells = list(pd.DataFrame([(run.transfer, run.n) for run in runs]).groupby([0, 1]).indices.values())
    of_transfer, of_local = (
        sum(min(change[key][rows].sum() for key in rungs) for rows in cells) for rungs in (RUNGS, LOCAL_RUNGS)
    )
    oracles = {"each run": of_run, "each transfer": of_transfer, "each transfer, no source patients": of_local}
    rows = []
    for key in keys:
        name = f"{label}, {key}"
        rows.append(Row(name, "mean change x1000", 1000 * change[key].mean(), ""))
        for n in sorted(set(sizes)):
            here = change[key][sizes == n]
            rows.append(Row(name, f"mean change x1000, n = {n}", 1000 * here.mean(), ""))
            rows.append(Row(name, f"harm, n = {n}", float((here > HARM).mean()), "share"))
        rows.append(Row(name, "harm", float((change[key] > HARM).mean()), "share"))
        rows.append(Row(name, "harm beyond .005", float((change[key] > 10 * HARM).mean()), "share"))
        rows.append(Row(name, "harm of all draws", float((change[key] > HARM).sum() / draws), "share"))
        for what, most in oracles.items():
            if most < 0:
                rows.append(Row(name, f"of the oracle's gain, {what}", float(change[key].sum() / most), "share"))
        if key in runs[0].seconds:
            rows.append(Row(name, "time", float(np.median([run.seconds[key] for run in runs])), "s"))
    return [*rows, Row(label, "runs", len(runs), ""), Row(label, "draws", draws, "")]


def together(done: dict[str, tuple[list[Run], int]]) -> list[Row]:
    """Harm among the draws of all data sets at once, those that medtune leaves alone among them."""
    runs, draws = [run for some, _ in done.values() for run in some], sum(count for _, count in done.values())
    return [
        Row(f"together, {key}", "harm of all draws", sum(run.change[key] > HARM for run in runs) / draws, "share")
        for key in runs[0].change
        if key != "original"
    ]


def main(arguments: list[str]) -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--boosted", action="store_true")
    parser.add_argument("--draws", type=int, default=30)
    chosen = parser.parse_args(arguments)
    if not DATA.exists():
        raise SystemExit("The public data for this benchmark are not here: expected in ../shared/data.")
    sizes, draws = ((50, 200), 2) if chosen.quick else (SIZES, chosen.draws)
    rows, found = [], {}
    for label, places in (("heart", heart()), ("GUSTO", gusto())):
        pairs = transfers(places, chosen.boosted)[: 3 if chosen.quick else None]
        work = [(at, n, draw) for at in range(len(pairs)) for n in sizes for draw in range(draws)]
        done = Parallel(n_jobs=-1)(delayed(one_draw)(*pairs[at], n, draw) for at, n, draw in work)
        runs = [Run(at, n, *told) for (at, n, _), told in zip(work, done, strict=True) if told is not None]
        found[label] = runs, sum(len(pairs[at][2].y) - n >= 30 for at, n, _ in work)
        rows += summary(label, *found[label])
    publish("transfers_boosted" if chosen.boosted else "transfers", [*rows, *together(found)])


if __name__ == "__main__":
    main(sys.argv[1:])
