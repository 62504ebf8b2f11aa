"""A worker that has its imports behind it and waits for a run, so that a click need not wait for them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from medtune.runs.surroundings import ROOT, detached, environment

WAIT = "--wait"  # instead of a folder: import first, then read the folder from stdin


class Spare:
    """At most one waiting process.

    Parameters
    ----------
    worker : str
        The module that does runs.
    """

    def __init__(self, worker: str) -> None:
        self._command = [sys.executable, "-m", worker, WAIT]
        self._lock = threading.Lock()
        self._child: subprocess.Popen | None = None
        self._kept = False

    def keep(self) -> None:
        """Have a process waiting from now on; it ends by itself when this one does."""
        self._kept = True
        self.renew()

    def renew(self) -> None:
        """Have the next process waiting, if one is to be kept."""
        with self._lock:
            if not self._kept:
                return
            if self._child is not None and self._child.poll() is None:
                return
            try:
                self._child = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    env=environment(), cwd=ROOT, **detached(),
                )  # fmt: skip
            except OSError:
                self._child = None  # a run then starts a process of its own, and says what is wrong if it cannot

    def take(self, folder: Path) -> subprocess.Popen | None:
        """Give the waiting process its run.

        Parameters
        ----------
        folder : Path
            The run's folder.

        Returns
        -------
        Popen or None
            None when there is none that listens.
        """
        with self._lock:
            child, self._child = self._child, None
        if child is None or child.poll() is not None:
            return None
        try:
            child.stdin.write(f"{folder}\n".encode())
            child.stdin.close()
        except OSError:
            child.kill()
            child.wait()
            return None
        return child

    def close(self) -> None:
        """End the waiting process, and keep none any more."""
        with self._lock:
            self._kept = False
            child, self._child = self._child, None
        if child is not None:
            child.stdin.close()
            child.wait(timeout=30)


def wait_for_folder(ahead: tuple[str, ...], log: str) -> Path | None:
    """In the waiting process: import, then wait for the folder of a run and write to its log from then on.

    Parameters
    ----------
    ahead : tuple of str
        Modules to import first.
    log : str
        Name of the log in a run's folder.

    Returns
    -------
    Path or None
        None when whoever started this process has gone.
    """
    import importlib

    for module in ahead:
        importlib.import_module(module)
    place = sys.stdin.readline().rstrip("\n")
    if not place:
        return None
    written = os.open(Path(place) / log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.close(written)
    return Path(place)
