"""How long a full fine-tuning takes: ``python -m benchmarks.run_time [--quick]``.

A run is what a user starts: a worker process of its own, from its start to its result, with a
logistic model made on other patients as the starting point. The parts are the stages that the
worker reports; "process" is the rest: interpreter, imports, reading and writing the folder.
The growth exponent says how the time of a part grows with rows times columns.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.table import Row, publish
from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import Cohort, make_cohort
from medtune.foundation.settings import Settings, Starting
from medtune.models.files import save_model
from medtune.runs.execution import start, status
from medtune.runs.record import START, read_result
from medtune.runs.store import Store
from medtune.runs.training import train_source

SIZES = ((300, 10), (3_000, 20), (30_000, 30))
QUICK = SIZES[:2]
TIMES = 3


def patients(n: int, q: int, shift: float, seed: int) -> Cohort:
    """Simulated patients: numbers and categories, 3% of the cells missing, a fifth with the event."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, q))
    eta = X[:, : q // 2] @ np.linspace(0.8, 0.1, q // 2) - 1.6 + shift
    table = pd.DataFrame(X, columns=[f"x{at}" for at in range(q)])
    for at in range(0, q, 5):
        table[f"x{at}"] = np.where(X[:, at] > 0.5, "high", np.where(X[:, at] < -0.5, "low", "middle"))
    table = table.mask(rng.random(table.shape) < 0.03)
    predictors = tuple(table.columns)
    table["died"] = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    return make_cohort(table, Roles("died", Event(values=("1",)), predictors), name=f"{n} x {q}")


def one_run(store: Store, cohort: Cohort, model: Path) -> tuple[float, dict[str, float]]:
    """Seconds from starting a worker to its result, and by part."""
    settings = Settings(starting=Starting("model", name="source"))
    run = store.new_run("fine_tune", cohort.name, store.add_cohort(cohort), settings.to_json())
    (run.path / START).write_bytes(model.read_bytes())
    began = time.perf_counter()
    start(run.path)
    while not (now := status(run.path)).final:
        time.sleep(0.02)
    whole = time.perf_counter() - began
    if now.state != "finished":
        raise SystemExit(f"The run did not finish: {now.error or now.sentence}")
    parts = dict(read_result(run.path).seconds)
    return whole, {**parts, "process": whole - sum(parts.values())}


def measure(sizes, times: int) -> dict[str, dict[str, float]]:
    """Median seconds by size and part."""
    medians = {}
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for n, q in sizes:
            source = save_model(
                train_source(patients(4 * min(n, 5_000), q, 0.0, 1), "source"), Path(folder) / "m.skops"
            )
            cohort = patients(n, q, 0.7, 2)
            runs = [one_run(store, cohort, source) for _ in range(times if n < 10_000 else 1)]
            parts = {part: statistics.median(run[1][part] for run in runs) for part in runs[0][1]}
            medians[cohort.name] = {"whole run": statistics.median(run[0] for run in runs), **parts}
    return medians


def main(arguments: list[str]) -> None:
    """Measure, print the table, write the JSON."""
    sizes, times = (QUICK, 2) if "--quick" in arguments else (SIZES, TIMES)
    medians = measure(sizes, times)
    rows = [Row(case, part, value, "s") for case, parts in medians.items() for part, value in parts.items()]
    (n0, q0), (n1, q1) = sizes[-2:]
    small, large = (medians[f"{n} x {q}"] for n, q in sizes[-2:])
    for part in large:
        if part != "process":
            exponent = math.log(large[part] / small[part]) / math.log(n1 * q1 / (n0 * q0))
            rows.append(Row(f"{n0} x {q0} to {n1} x {q1}", f"{part}, growth exponent", exponent, ""))
    publish("run_time", rows)


if __name__ == "__main__":
    main(sys.argv[1:])
