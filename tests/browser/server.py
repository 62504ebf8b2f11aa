"""A dashboard of its own for tests, pictures and measurements in a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from start import find_chromium

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 60


class Server:
    """The dashboard as start.py serves it, on a free port; a context manager.

    Parameters
    ----------
    home : Path, optional
        Folder for models and runs; a temporary one unless given.

    Attributes
    ----------
    url : str
        Address of the first page, without a slash at the end.
    home : Path
        The folder in use.
    """

    def __init__(self, home: Path | None = None) -> None:
        self._temporary = None if home else tempfile.TemporaryDirectory(prefix="medtune-", ignore_cleanup_errors=True)
        self.home = Path(home or self._temporary.name)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = self.home / "server.log"
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> Server:
        command = [sys.executable, "-m", "medtune.ui.serve", "--server.port", str(self.port)]
        command += ["--server.headless", "true"]
        environment = {**os.environ, "MEDTUNE_HOME": str(self.home), "OMP_NUM_THREADS": "1"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._temporary is not None:
            self._temporary.cleanup()

    def log(self) -> str:
        """What the server has printed so far."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def _wait(self) -> None:
        ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with ask(self.url + "/_stcore/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the dashboard did not start:\n{self.log()}")


def free_port() -> int:
    """A port nobody uses at this moment."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return asking.getsockname()[1]


def browser_options() -> dict:
    """How Playwright starts the system's Chromium: quiet towards the outside, and without its sandbox for root.

    Returns
    -------
    dict
        Arguments of `playwright.chromium.launch`; empty when there is no Chromium.
    """
    chromium = find_chromium()
    if chromium is None:
        return {}
    flags = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    flags += ["--disable-default-apps", "--disable-domain-reliability", "--metrics-recording-only"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags += ["--no-sandbox", "--disable-dev-shm-usage"]
    return {"executable_path": chromium, "args": flags}
