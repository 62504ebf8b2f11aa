"""How often the 95% intervals hold the truth, in simulated cohorts whose truth is known."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

import medtune.evaluation as ev
from benchmarks.table import Row, publish
from medtune.evaluation.logistic import expit
from medtune.foundation.estimate import Estimate

DOCS = Path(__file__).resolve().parents[1] / "docs" / "coverage.md"
MARKS = "<!-- table -->", "<!-- end of table -->"
THRESHOLD = 0.3
POPULATION = 900_000
HEADLINE = ("log_loss", "auroc", "brier", "scaled_brier", "citl", "intercept", "slope", "oe", "net_benefit")
AT_THRESHOLD = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "flagged", "balanced_accuracy", "f1", "mcc",
                "lr_positive", "lr_negative")  # fmt: skip
DISTANCES = ("ici", "e50", "e90", "emax", "eci")
DIFFERENCES = ("auroc", "log_loss", "brier", "net_benefit")
# How far risks are from right: slope and shift of their log-odds.
OFF = {"right": (1.0, 0.0), "somewhat off": (1.15, 0.15), "far off": (1.5, 0.9)}
ROWS_OF_ONE = 3

Estimates = dict[str, Estimate]
Cohort = tuple[np.ndarray, ...]


def two_models(n: int, seed: int) -> Cohort:
    """Outcomes, risks of a noisy model that is too sure of itself, and those of a better one."""
    rng = np.random.default_rng(seed)
    eta = rng.normal(-1.2, 1.2, n)
    y = (rng.random(n) < expit(eta)).astype(int)
    return y, expit(1.3 * eta + 0.3 + rng.normal(0, 0.6, n)), expit(eta + rng.normal(0, 0.4, n))


def of_two_models(cohort: Cohort, draws: ev.Resamples) -> Estimates:
    """Every measure of the first model, and the paired gains of the second."""
    y, p, better = cohort
    heads = [ev.headline(y, risks, draws, THRESHOLD) for risks in (p, better)]
    found = {f"{name}, bootstrap": heads[0].estimate(name) for name in HEADLINE}
    found["auroc, DeLong"] = ev.auroc_delong(y, p)
    found["citl, Wald"], found["slope, Wald"] = ev.calibration_in_the_large(y, p), ev.calibration_slope(y, p)
    at = ev.at_threshold(y, p, THRESHOLD, draws=draws).measures
    found |= {name: at[name] for name in AT_THRESHOLD}
    exact = ev.at_threshold(y, p, THRESHOLD, exact=True).measures
    found |= {f"{name}, Clopper-Pearson": exact[name] for name in ("sensitivity", "ppv")}
    found |= {f"difference in {name}": heads[1].difference(heads[0], name) for name in DIFFERENCES}
    found["average precision"] = ev.precision_recall_curve(y, p, draws).average
    return found


def risks_off(slope: float, shift: float) -> Callable[[int, int], Cohort]:
    """Cohorts whose risks are off by a slope and a shift."""

    def cohort(n: int, seed: int) -> Cohort:
        rng = np.random.default_rng(seed)
        eta = rng.normal(-1.2, 1.2, n)
        return (rng.random(n) < expit(eta)).astype(int), expit(slope * eta + shift)

    return cohort


def of_distances(cohort: Cohort, draws: ev.Resamples) -> Estimates:
    """The distances between calibration curve and risks."""
    return ev.calibration_distances(*cohort, draws)


def several_rows(n: int, seed: int) -> Cohort:
    """Patients with three rows each, whose risks and outcomes go together; the patient of each row comes last."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n // ROWS_OF_ONE), ROWS_OF_ONE)
    own = rng.normal(0, 1.2, n // ROWS_OF_ONE)[patient]
    eta = -1.2 + own + rng.normal(0, 0.5, patient.size)
    hidden = rng.normal(0, 1.0, n // ROWS_OF_ONE)[patient]
    return (rng.random(patient.size) < expit(eta + hidden)).astype(int), expit(eta), patient


def of_several_rows(cohort: Cohort, draws: ev.Resamples) -> Estimates:
    """A few measures with whole patients resampled, and what taking rows for patients would have said."""
    y, p, patient = cohort
    whole = ev.Resamples.draw(y.size, draws.size, int(draws.counts[0, 0]), patient)
    head = ev.headline(y, p, whole, THRESHOLD)
    found = {f"{name}, patients resampled": head.estimate(name) for name in ("log_loss", "auroc", "citl", "slope")}
    at = ev.at_threshold(y, p, THRESHOLD, draws=whole).measures
    found |= {f"{name}, patients resampled": at[name] for name in ("sensitivity", "specificity", "ppv")}
    found["auroc, rows taken for patients"] = ev.auroc_delong(y, p)
    found["log_loss, rows taken for patients"] = ev.headline(y, p, draws, THRESHOLD).estimate("log_loss")
    return found


CASES: dict[str, tuple[Callable[[int, int], Cohort], Callable[[Cohort, ev.Resamples], Estimates]]] = {
    "two models": (two_models, of_two_models),
    **{f"risks {name}": (risks_off(*how), of_distances) for name, how in OFF.items()},
    f"{ROWS_OF_ONE} rows a patient": (several_rows, of_several_rows),
}


def coverage(case: str, n: int, cohorts: int, resamples: int) -> list[Row]:
    """Share of simulated cohorts whose interval holds the value in 900,000 patients.

    Parameters
    ----------
    case : str
        A key of `CASES`.
    n : int
        Patients (rows) of each cohort.
    cohorts, resamples : int
        How many cohorts, and resamples in each.

    Returns
    -------
    list of Row
        In percent, one for each measure; cohorts without an interval count as misses.
    """
    drawn, measured = CASES[case]
    # Two resamples, since some measures want to have been drawn; the intervals of the population are not looked at.
    everybody = measured(drawn(POPULATION, 1), ev.Resamples.draw(POPULATION, 2))
    truth = {name: found.value for name, found in everybody.items()}
    hits = dict.fromkeys(truth, 0)
    for seed in range(cohorts):
        found = measured(drawn(n, 10_000 + seed), ev.Resamples.draw(n, resamples, seed))
        for name, estimate in found.items():
            hits[name] += estimate.low <= truth[name] <= estimate.high
    return [Row(f"{case}, n = {n}", name, round(100 * hit / cohorts, 1), "%") for name, hit in hits.items()]


def markdown(rows: list[Row]) -> str:
    """The rows as a table for the documentation, cohorts of different sizes side by side."""
    sizes = list(dict.fromkeys(row.case.rpartition(" = ")[2] for row in rows))
    cells = {(row.case.rpartition(", n")[0], row.measure): {} for row in rows}
    for row in rows:
        cells[row.case.rpartition(", n")[0], row.measure][row.case.rpartition(" = ")[2]] = row.value
    lines = [
        "| cohort | measure | " + " | ".join(f"n = {size}" for size in sizes) + " |",
        "|--|--|" + "--|" * len(sizes),
    ]
    for (case, measure), values in cells.items():
        lines.append(f"| {case} | {measure} | " + " | ".join(f"{values.get(size, '')}" for size in sizes) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer cohorts; ends within 50 seconds")
    parser.add_argument("--docs", action="store_true", help="also write the table into docs/coverage.md")
    given = parser.parse_args()
    sizes, cohorts, resamples = ((300,), 40, 200) if given.quick else ((300, 1200), 400, 300)
    rows = [row for n in sizes for case in CASES for row in coverage(case, n, cohorts, resamples)]
    publish("coverage", rows)
    if given.docs:
        before, _, rest = DOCS.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        DOCS.write_text(f"{before}{MARKS[0]}\n{markdown(rows)}\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
