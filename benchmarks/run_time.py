"""How long a full fine-tuning takes: ``python -m benchmarks.run_time [--quick | --large]``.

A run is what a user starts: a worker process of its own, from its start to its result, with a
logistic model made on other patients as the starting point. The parts are the stages that the
worker reports; "process" is the rest: interpreter, imports, reading and writing the folder.
"Again" is the same run a second time, which finds the parts that the first one left.
"Computing" is processor time of the same stages in this process, one thread, which other work on the machine
hardly changes. The growth exponent says how it grows with rows times columns. ``--large`` adds 100,000 rows.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd

from benchmarks.table import Row, publish
from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import Cohort, make_cohort
from medtune.foundation.settings import Settings, Starting
from medtune.foundation.words import Sentence
from medtune.models.clinical import ClinicalModel
from medtune.models.files import save_model
from medtune.runs.execution import start, status
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.progress import Progress
from medtune.runs.record import START, read_result
from medtune.runs.stage_cache import forget_cohort
from medtune.runs.store import Store
from medtune.runs.training import train_source

SIZES = ((300, 10), (3_000, 20), (30_000, 30))
QUICK, LARGE = SIZES[:2], (*SIZES, (100_000, 30))
TIMES = 3


class Computing(Progress):
    """Counts the processor time of each stage."""

    def __init__(self) -> None:
        super().__init__()
        self.computed: dict[str, float] = {}
        self._current, self._since = "", time.process_time()

    def stage(self, sentence: Sentence, total: int, key: str = "") -> None:
        """Begin a stage; the one before it is finished."""
        self._count(key)
        super().stage(sentence, total, key)

    def close(self) -> None:
        """End the last stage."""
        self._count("")
        super().close()

    def _count(self, following: str) -> None:
        now = time.process_time()
        if self._current:
            self.computed[self._current] = self.computed.get(self._current, 0.0) + now - self._since
        self._current, self._since = following, now


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


def computing(cohort: Cohort, model: ClinicalModel, times: int) -> dict[str, float]:
    """Median processor seconds by stage, on one thread and in one process."""
    runs = []
    for _ in range(times):
        progress = Computing()
        with joblib.parallel_config(backend="sequential"):
            fine_tune(cohort, model, progress=progress)
        runs.append({**progress.computed, "whole": sum(progress.computed.values())})
    return {f"computing: {part}": statistics.median(run[part] for run in runs) for part in runs[0]}


def measure(sizes, times: int) -> dict[str, dict[str, float]]:
    """Median seconds by size and part."""
    medians = {}
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for n, q in sizes:
            model = train_source(patients(4 * min(n, 5_000), q, 0.0, 1), "source")
            source = save_model(model, Path(folder) / "m.skops")
            cohort = patients(n, q, 0.7, 2)
            some, runs = times if n < 10_000 else 1, []
            for _ in range(some):
                forget_cohort(store.place, cohort.fingerprint)
                runs.append(one_run(store, cohort, source))
            again = one_run(store, cohort, source)
            parts = {part: statistics.median(run[1][part] for run in runs) for part in runs[0][1]}
            worked = again[0] - again[1]["process"]
            whole = {"whole run": statistics.median(run[0] for run in runs), "again: whole run": again[0]}
            computed = computing(cohort, model, some)
            medians[cohort.name] = {**whole, "again: in stages": worked, **parts, **computed}
    return medians


def main(arguments: list[str]) -> None:
    """Measure, print the table, write the JSON."""
    sizes, times = (LARGE if "--large" in arguments else SIZES), TIMES
    if "--quick" in arguments:
        sizes, times = QUICK, 1
    medians = measure(sizes, times)
    rows = [Row(case, part, value, "s") for case, parts in medians.items() for part, value in parts.items()]
    (n0, q0), (n1, q1) = sizes[-2:]
    small, large = (medians[f"{n} x {q}"] for n, q in sizes[-2:])
    for part in large:
        if part.startswith("computing"):
            exponent = math.log(large[part] / small[part]) / math.log(n1 * q1 / (n0 * q0))
            rows.append(Row(f"{n0} x {q0} to {n1} x {q1}", f"{part}, growth exponent", exponent, ""))
    publish("run_time", rows)


if __name__ == "__main__":
    main(sys.argv[1:])
