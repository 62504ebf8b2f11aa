"""How long and how much memory reading a large table takes, against bare readers of the same file.

`python -m benchmarks.reading [--quick]`. Each reading runs in a process of its own, in turn, so that its peak memory
is its own; Linux only, since it is read from /proc. `pandas.read_csv` and pyarrow are here anyway; polars is put into
an environment of its own under `benchmarks/peers`. The table of medtune comes with everything found in it; "with types"
also says what each column is.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.against import python_with
from benchmarks.table import Row, publish

ROOT = Path(__file__).resolve().parents[1]
READERS = {
    "medtune": "from medtune.cohort.reading import read_table; frame = read_table(path).frame",
    "medtune, with types": (
        "from medtune.cohort.reading import read_table; from medtune.cohort.columns import describe; "
        "frame = read_table(path).frame; describe(frame)"
    ),
    "pandas": "import pandas as pd; frame = pd.read_csv(path)",
    "pyarrow": "import pyarrow.csv as c; frame = c.read_csv(path).to_pandas()",
    "polars": "import polars as pl; frame = pl.read_csv(path, ignore_errors=True)",
}
MEASURE = """
import json, sys, time
path = sys.argv[1]
def memory(what):  # of this process alone; what `getrusage` says is carried over from the one that started it
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(what))
{warm}
before = memory("VmRSS")
start, busy = time.perf_counter(), time.process_time()
{work}
seconds, busy = time.perf_counter() - start, time.process_time() - busy
peak = memory("VmHWM") - before
size = int(frame.memory_usage(deep=True).sum()) if hasattr(frame, "memory_usage") else int(frame.estimated_size())
print(json.dumps([seconds, busy, peak / 1024, size / 2**20]))
"""
WARM = {
    "medtune": "import medtune.cohort.reading as r; r.read_table(b'a,b\\n1,2\\n')",
    "medtune, with types": "import medtune.cohort.reading as r; r.read_table(b'a,b\\n1,2\\n')",
    "pandas": "import pandas, io; pandas.read_csv(io.StringIO('a,b\\n1,2\\n'))",
    "pyarrow": "import pyarrow.csv, pandas",
    "polars": "import polars",
}


def write(path: Path, rows: int, columns: int) -> None:
    """A table of patients: numbers with gaps, whole numbers, words; about 250 bytes a row with 40 columns."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    for start in range(0, rows, 100_000):
        n = min(100_000, rows - start)
        frame = {}
        for place in range(columns):
            if place % 8 == 7:
                frame[f"ward_{place}"] = rng.choice(["north", "south", "east", "west"], n)
            elif place % 4 == 3:
                frame[f"count_{place}"] = rng.integers(0, 1000, n)
            else:
                values = rng.normal(60, 12, n).round(3)
                values[rng.random(n) < 0.05] = np.nan
                frame[f"value_{place}"] = values
        pd.DataFrame(frame).to_csv(path, mode="a", header=start == 0, index=False)


def measure(reader: str, path: Path, python: Path | str = sys.executable) -> list[float]:
    """Seconds by the clock and of the processor, peak memory and size of the table, both in MB."""
    code = MEASURE.format(warm=WARM[reader], work=READERS[reader])
    done = subprocess.run([python, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 rows; ends within 50 seconds")
    quick = parser.parse_args().quick
    rows_, times = (100_000, 2) if quick else (1_000_000, 3)
    peer = python_with("polars")
    readers = [name for name in READERS if name != "polars" or peer is not None]
    found: dict[str, list[list[float]]] = {name: [] for name in readers}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "patients.csv"
        write(path, rows_, 40)
        case = f"{rows_:,} rows x 40 columns, {path.stat().st_size / 2**20:.0f} MB"
        for _ in range(times):
            for name in readers:
                found[name].append(measure(name, path, peer if name == "polars" else sys.executable))
    middle = {name: [median(column) for column in zip(*runs, strict=True)] for name, runs in found.items()}
    table = []
    for name, (seconds, busy, peak, size) in middle.items():
        table.append(Row(case, f"{name}, time", round(seconds, 2), "s"))
        table.append(Row(case, f"{name}, processor time", round(busy, 2), "s"))
        table.append(Row(case, f"{name}, peak memory", round(peak), "MB"))
        table.append(Row(case, f"{name}, size of the table", round(size), "MB"))
        if not name.startswith("medtune"):
            table.append(Row(case, f"medtune / {name}, time", round(middle["medtune"][0] / seconds, 2), "times"))
    for place, what in enumerate(("time", "processor time")):
        typed = middle["medtune, with types"][place] / middle["pandas"][place]
        table.append(Row(case, f"medtune, with types / pandas, {what}", round(typed, 2), "times"))
    for name in ("medtune", "pandas"):
        *_, peak, size = middle[name]
        table.append(Row(case, f"{name}, peak memory / size of the table", round(peak / size, 2), "times"))
    publish("reading", table)


if __name__ == "__main__":
    main()
