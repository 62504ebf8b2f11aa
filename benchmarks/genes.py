"""How long genes take, and how much memory: ``python -m benchmarks.genes [--quick]``.

Each case is a process of its own: a table of synthetic genes is read from a CSV file, made a cohort, an elastic net is
trained from scratch with its whole comparison, and the genes are looked at one by one. "Computing" is processor time
of the process and its children, which other work on the machine changes less than the clock. Memory is the largest
that the process held; its children, where folds go side by side, are told beside it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.table import Row, publish

QUICK, ALL = ((100, 2_000),), ((72, 7_000), (200, 20_000))
ROOT = Path(__file__).resolve().parents[1]


def write_table(path: Path, n: int, p: int) -> None:
    """A CSV file of genes, 40 of which carry the outcome."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    X = rng.normal(7, 1.5, (n, p))
    X[:, :40] += y[:, None]
    table = pd.DataFrame(X.round(3), columns=[f"GENE{at}" for at in range(p)])
    table.insert(0, "status", np.where(y, "relapse", "none"))
    table.to_csv(path, index=False)


def measure(path: str) -> None:
    """One case, in a process of its own; prints its seconds and megabytes as JSON."""
    from medtune.cohort.findings import find
    from medtune.cohort.reading import read_table
    from medtune.cohort.roles import Event, Roles
    from medtune.cohort.table import make_cohort
    from medtune.foundation.settings import Family, Settings
    from medtune.genes.looking import look_at_genes
    from medtune.runs.fine_tuning import fine_tune

    told: dict[str, float] = {}
    began = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal began
        now = time.perf_counter()
        told[name], began = now - began, now

    frame = read_table(path).frame
    lap("reading")
    genes = tuple(name for name in frame.columns if name != "status")
    cohort = make_cohort(frame, Roles("status", Event(values=("relapse",)), genes), name="genes")
    lap("cohort")
    find(cohort)
    lap("findings")
    settings = Settings(family=Family("elastic_net_path"))
    fine_tune(cohort, settings=settings)
    lap("full run")
    look_at_genes(cohort.predictor_columns, cohort.predictors, cohort.outcome, ("none", "relapse"), settings)
    lap("genes one by one")
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)  # so that the children's time is counted
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told["computing"] = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    told["memory"], told["memory of a child"] = own.ru_maxrss / 1024, children.ru_maxrss / 1024
    print(json.dumps(told))


def case(n: int, p: int) -> list[Row]:
    """Measure one size."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "genes.csv"
        write_table(path, n, p)
        command = [sys.executable, "-m", "benchmarks.genes", "--one", str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    units = {"memory": "MB", "memory of a child": "MB"}
    return [Row(f"{n} x {p}", name, value, units.get(name, "s")) for name, value in told.items()]


def main() -> None:
    """Measure every size, or the small one."""
    if "--one" in sys.argv:
        measure(sys.argv[-1])
        return
    sizes = QUICK if "--quick" in sys.argv else ALL
    publish("genes", [row for n, p in sizes for row in case(n, p)])


if __name__ == "__main__":
    main()
