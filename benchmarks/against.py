"""Peers to be measured against, each installed into an environment of its own under benchmarks/peers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent / "peers"
# Run by the peer's own Python: seconds for one resample of AUROC, Brier score and log-loss, with its intervals.
CONFIDENCEINTERVAL = """
import json, sys, time
import numpy as np
from sklearn.metrics import brier_score_loss, log_loss
from confidenceinterval import roc_auc_score
from confidenceinterval.bootstrap import bootstrap_ci
data, some = np.load(sys.argv[1]), int(sys.argv[2])
y, p = data["y"].tolist(), data["p"].tolist()
how = {"n_resamples": some, "method": "bootstrap_percentile", "confidence_level": 0.95}
def work():
    roc_auc_score(y, p, **how)
    for metric in (brier_score_loss, log_loss):
        bootstrap_ci(y_true=y, y_pred=p, metric=metric, **how)
work()
taken = []
for _ in range(3):
    start = time.perf_counter()
    work()
    taken.append(time.perf_counter() - start)
print(json.dumps(sorted(taken)[1] / some))
"""


def python_with(package: str, *more: str) -> Path | None:
    """The interpreter of a peer's own environment, made on first use; None when it cannot be installed here.

    `more` are packages that the measurement needs beside it.
    """
    folder = FOLDER / package
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if (folder / "complete").exists():
        return python
    venv.create(folder, with_pip=True, clear=True)
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", package, *more], check=False)
    if done.returncode:
        print(f"{package} could not be installed, so it is left out.", file=sys.stderr)
        return None
    (folder / "complete").touch()
    return python


def confidenceinterval(y: np.ndarray, p: np.ndarray, some: int) -> float | None:
    """Seconds that the package confidenceinterval takes for one resample of three measures; None where it is absent.

    Parameters
    ----------
    y, p : ndarray of shape (n,)
    some : int
        Resamples that are timed.

    Returns
    -------
    float or None
    """
    python = python_with("confidenceinterval")
    if python is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "patients.npz"
        np.savez(path, y=y, p=p)
        done = subprocess.run(
            [python, "-c", CONFIDENCEINTERVAL, path, str(some)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return None
    return float(json.loads(done.stdout.splitlines()[-1]))
