"""Processes known by number and birth, so that a number given to another process later is never mistaken for ours."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")
PAUSE = 0.02


@dataclass(frozen=True)
class Process:
    """A process that may have ended since.

    Attributes
    ----------
    pid : int
        Its number, which the system gives away again after its end.
    birth : str
        When it began, in the system's own finest count; "" when that cannot be known.
    host : str
        The machine it runs on.
    """

    pid: int
    birth: str
    host: str

    @classmethod
    def of(cls, pid: int) -> Process:
        """The process that has this number now; its birth is "" when there is none."""
        return cls(pid, birth_of(pid), platform.node())

    @property
    def here(self) -> bool:
        """Whether it belongs to this machine, so that its number means something."""
        return self.host == platform.node()

    @property
    def alive(self) -> bool:
        """Whether this very process still runs; one that ended but was not yet collected does not."""
        return self.here and bool(self.birth) and birth_of(self.pid) == self.birth

    def end(self, grace: float = 1.0) -> None:
        """Ask it to end, wait `grace` seconds, then end it and the group it leads; nothing is done to any other."""
        if not self.alive:
            return
        if os.name == "nt":
            _end_on_windows(self)
            self.wait(5.0)
            return
        _signal(self, signal.SIGTERM)
        if not self.wait(grace) and self.alive:
            with contextlib.suppress(ProcessLookupError):
                if os.getpgid(self.pid) == self.pid:
                    os.killpg(self.pid, signal.SIGKILL)
                else:
                    _signal(self, signal.SIGKILL)
            self.wait(5.0)

    def wait(self, seconds: float) -> bool:
        """Wait for its end; says whether it came."""
        end = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > end:
                return False
            time.sleep(PAUSE)
        return True


def birth_of(pid: int) -> str:
    """When the process with this number began; "" when there is none, or one that ended and waits to be collected."""
    if pid <= 0:
        return ""
    if os.name == "nt":
        return _birth_on_windows(pid)
    if sys.platform.startswith("linux") and (PROC / "self" / "stat").exists():
        return _birth_from_proc(pid)
    return _birth_from_ps(pid)


def _birth_from_proc(pid: int) -> str:
    try:
        # The name in brackets may hold anything, brackets and spaces too: what follows the last one is in fixed order.
        fields = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""
    state, ticks_since_boot = fields[0], fields[19]
    return "" if state in "ZX" else f"{_boot()}/{ticks_since_boot}"


@cache
def _boot() -> str:
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "boot unknown"


def _birth_from_ps(pid: int) -> str:
    command = ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False)
    state, _, began = answer.stdout.strip().partition(" ")
    return "" if not state or state.startswith("Z") else " ".join(began.split())


def _signal(process: Process, number: int) -> None:
    """Send a signal to this very process; where the system can hold on to a process, nothing can slip in between."""
    with contextlib.suppress(ProcessLookupError):
        if not hasattr(os, "pidfd_open"):
            if process.alive:
                os.kill(process.pid, number)
            return
        handle = os.pidfd_open(process.pid)
        try:
            if process.alive:
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _opened_on_windows(pid: int, rights: int) -> Iterator[int | None]:
    import ctypes

    system = ctypes.windll.kernel32
    system.OpenProcess.restype = ctypes.c_void_p
    handle = system.OpenProcess(rights, False, pid)
    try:
        yield handle
    finally:
        if handle:
            system.CloseHandle(ctypes.c_void_p(handle))


def _times_on_windows(handle: int) -> str:
    import ctypes

    system = ctypes.windll.kernel32
    began, ended, kernel, user = (ctypes.c_uint64() for _ in range(4))
    code = ctypes.c_uint32()
    known = system.GetProcessTimes(ctypes.c_void_p(handle), *map(ctypes.byref, (began, ended, kernel, user)))
    running = system.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code)) and code.value == 259
    return str(began.value) if known and running else ""


def _birth_on_windows(pid: int) -> str:
    with _opened_on_windows(pid, 0x1000) as handle:  # query limited information
        return _times_on_windows(handle) if handle else ""


def _end_on_windows(process: Process) -> None:
    import ctypes

    with _opened_on_windows(process.pid, 0x1001) as handle:  # query, and terminate
        if handle and _times_on_windows(handle) == process.birth:
            ctypes.windll.kernel32.TerminateProcess(ctypes.c_void_p(handle), 1)
