"""One at a time, across threads and processes."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from medtune.foundation.errors import RunError

PAUSE = 0.02


@contextlib.contextmanager
def exclusive(path: Path, timeout: float = 10.0) -> Iterator[None]:
    """Hold the lock that the file `path` stands for; the system frees it when the process ends, however it ends.

    Parameters
    ----------
    path : Path
        A file for this purpose only; it is made when missing and stays.
    timeout : float
        Seconds to wait for whoever holds it.

    Raises
    ------
    RunError
        When it was not free in time.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        end = time.monotonic() + timeout
        while not _take(handle):
            if time.monotonic() > end:
                raise RunError("Another window is changing the same folder; try again in a moment.")
            time.sleep(PAUSE)
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
