"""Time and memory of pictures becoming a table, with and without the network: ``python -m benchmarks.images``.

The archive is drawn (256 x 256 pixels, colour); reading, decoding, measuring and writing the table are all counted, in
a process of its own, as the worker does it. Processor seconds tell the cost on a machine that is busy with other work.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from benchmarks.table import Row, publish
from medtune.images.decoding import as_png
from medtune.images.measuring import PLAIN, WITH_NETWORK
from medtune.images.network import network_here

ROOT = Path(__file__).resolve().parents[1]
SIDE = 256
MEASURE = """
import json, resource, sys, time
from pathlib import Path
from medtune.images.measuring import ALL
from medtune.images.opening import read_set
began = time.perf_counter()
found = read_set(Path(sys.argv[1]), "drawn.zip", Path(sys.argv[2]), measures=ALL[sys.argv[3]])
seconds = time.perf_counter() - began
from joblib.externals.loky import get_reusable_executor
get_reusable_executor().shutdown(wait=True)
own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
spent = sum(used.ru_utime + used.ru_stime for used in (own, others))
print(json.dumps([seconds, spent, own.ru_maxrss / 1024, others.ru_maxrss / 1024, len(found.frame)]))
"""


def drawn(count: int) -> bytes:
    """An archive of pictures of two kinds, in a folder for each."""
    rng, packed = np.random.default_rng(0), io.BytesIO()
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    with zipfile.ZipFile(packed, "w") as archive:
        for place in range(count):
            wave = 40 * np.sin(rows / rng.uniform(3, 30)) * np.cos(columns / rng.uniform(3, 30))
            picture = 120 + wave[..., None] + rng.normal(0, 8, (SIDE, SIDE, 1)) + rng.normal(0, 20, 3)
            content = as_png(np.clip(picture, 0, 255).astype(np.uint8))
            archive.writestr(f"{'ab'[place % 2]}/{place}.png", content)
    return packed.getvalue()


def measured(path: Path, key: str) -> list[float]:
    """Seconds, processor seconds, peak memory of the process and of its largest child in MB, pictures."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-c", MEASURE, str(path), home, key]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 pictures; ends within 50 seconds")
    count = 100 if parser.parse_args().quick else 1_000
    kinds = [PLAIN, *([WITH_NETWORK] if network_here() else [])]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.zip"
        path.write_bytes(drawn(count))
        for kind in kinds:
            seconds, spent, own, other, n = measured(path, kind.key)
            case = f"{n:,} pictures, {'with' if kind.with_network else 'without'} the network"
            rows += [
                Row(case, "time", round(seconds, 1), "s"),
                Row(case, "processor seconds", round(spent, 1), "s"),
                Row(case, "a picture, processor", round(1000 * spent / n, 1), "ms"),
                Row(case, "peak memory, main process", round(own), "MB"),
                Row(case, "peak memory, largest of its helpers", round(other), "MB"),
            ]
    rows.append(Row("this machine", "others waiting for a processor at the end", round(os.getloadavg()[0], 1), ""))
    publish("images", rows)


if __name__ == "__main__":
    main()
