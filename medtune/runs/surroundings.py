"""What every process that computes is started with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """The surroundings of a process that computes: one thread each, this medtune, and no warnings that quote cells."""
    single = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "VECLIB_MAXIMUM")
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        **{f"{name}_NUM_THREADS": "1" for name in single},
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONWARNINGS": "ignore",
        "PYTHONIOENCODING": "utf-8",
    }


def detached() -> dict[str, object]:
    """What makes a child of `subprocess.Popen` live on without its parent's terminal and signals."""
    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def private(path: str, flags: int) -> int:
    """Opener of files that only this user may read."""
    return os.open(path, flags, 0o600)
