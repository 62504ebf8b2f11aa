"""How fast the evaluation is, against a plain scikit-learn loop and a package for intervals too."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np

import medtune.evaluation as ev
from benchmarks.against import confidenceinterval
from benchmarks.table import Row, publish
from medtune.evaluation.logistic import expit, logit

CANDIDATES = 6


def cohort(n: int, repeats: int = 1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes, and risks of a model that is too sure of itself and noisy."""
    rng = np.random.default_rng(seed)
    eta = rng.normal(-1.2, 1.2, n)
    y = (rng.random(n) < expit(eta)).astype(int)
    return y, expit(1.3 * eta + 0.3 + rng.normal(0, 0.4, (repeats, n)))


def seconds(work: Callable[[], object], times: int) -> float:
    """Median wall time of some calls, after one that warms up imports."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def run_like(n: int, repeats: int, resamples: int) -> None:
    """The headline measures of all candidates of a run, and their comparisons with the original."""
    y, risks = cohort(n, repeats)
    draws = ev.Resamples.draw(n, resamples)
    candidates = [expit(logit(risks) * (1 + c / 20)) for c in range(CANDIDATES)]
    heads = [ev.headline(y, r, draws) for r in candidates]
    for risks_, head in zip(candidates[1:], heads[1:], strict=True):
        ev.compare(y, candidates[0], risks_, draws=draws, original_head=heads[0], candidate_head=head)


def plain_loop(y: np.ndarray, p: np.ndarray, resamples: int, slope: bool) -> None:
    """What a reader would write with scikit-learn on resampled rows; the slope, a fit each time, if wanted."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    rng = np.random.default_rng(0)
    eta = logit(p)[:, None]
    t = y.mean()
    for _ in range(resamples):
        rows = rng.integers(0, y.size, y.size)
        y_, p_ = y[rows], p[rows]
        roc_auc_score(y_, p_), brier_score_loss(y_, p_), log_loss(y_, p_)
        flagged = p_ >= t
        np.mean(flagged * y_) - np.mean(flagged * (1 - y_)) * t / (1 - t), y_.sum() / p_.sum()
        if slope:
            LogisticRegression(C=np.inf).fit(eta[rows], y_)


def speed(quick: bool) -> list[Row]:
    """Times of the calls that a run and a page wait for."""
    rows = []

    def add(case: str, measure: str, value: float, unit: str) -> None:
        rows.append(Row(case, measure, round(value, 4), unit))

    times = 3 if quick else 7
    y, p = cohort(1_000_000)
    add("1M patients", "AUROC with DeLong interval", seconds(lambda: ev.auroc_delong(y, p[0]), times), "s")
    add("1M patients", "headline measures", seconds(lambda: ev.headline(y, p[0]), times), "s")
    add("1M patients", "evaluate, 500 resamples", seconds(lambda: ev.evaluate(y, p[0]), 1 if quick else 3), "s")
    y3, p3 = cohort(100_000)
    add("100k patients", "evaluate, 500 resamples", seconds(lambda: ev.evaluate(y3, p3[0]), times), "s")
    add("100k patients", "everything, two models and four groups", seconds(lambda: everything(y3, p3[0]), 1), "s")
    add(
        "300 patients x 5 repeats", "evaluate, 500 resamples", seconds(lambda: ev.evaluate(*cohort(300, 5)), times), "s"
    )
    add("300 patients x 5 repeats", "6 candidates, 500 resamples", seconds(lambda: run_like(300, 5, 500), times), "s")
    add("3k patients x 2 repeats", "6 candidates, 500 resamples", seconds(lambda: run_like(3000, 2, 500), times), "s")
    add("30k patients", "6 candidates, 500 resamples", seconds(lambda: run_like(30_000, 1, 500), times), "s")

    y4, p4 = cohort(10_000)
    ours = seconds(lambda: ev.headline(y4, p4[0], ev.Resamples.draw(10_000, 2000)), times)
    some = 10 if quick else 50
    add("10k patients", "2,000 resamples of the headline", ours, "s")
    for slope, words in ((True, "scikit-learn loop"), (False, "scikit-learn loop without slope")):
        plain = seconds(lambda slope=slope: plain_loop(y4, p4[0], some, slope), 3) / some * 2000
        add("10k patients", f"the same, {words} (from {some} resamples)", plain, "s")
        add("10k patients", f"{words} / medtune", plain / ours, "times")
    each = confidenceinterval(y4, p4[0], some)
    if each is not None:
        add("10k patients", f"three of them, confidenceinterval (from {some} resamples)", 2000 * each, "s")
        add("10k patients", "confidenceinterval, three measures / medtune, all", 2000 * each / ours, "times")
    return rows


def everything(y: np.ndarray, p: np.ndarray) -> None:
    """All that the Results page shows of an original and a tuned model, groups among it."""
    draws = ev.Resamples.draw(y.size, 500)
    other = expit(0.8 * logit(p))
    for risks in (p, other):
        ev.evaluate(y, risks, draws=draws)
    ev.compare(y, p, other, draws=draws)
    ev.look_closer(y, {"original": p[None], "averaged": other[None]}, draws, "original", "averaged")
    groups = np.arange(y.size) % 4
    for risks in (p, other):
        ev.subgroups(y, risks, groups)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions; ends within 50 seconds")
    quick = parser.parse_args().quick
    publish("evaluation", speed(quick))


if __name__ == "__main__":
    main()
