"""Start medtune: make its environment, run the dashboard, open the browser.

    python3 start.py                         the dashboard, on this computer only
    python3 start.py --port 9000             look for a free port from 9000 on
    python3 start.py --no-browser            do not open a browser
    python3 start.py test [PYTEST OPTIONS]   code checks and all tests
    python3 start.py screenshots             pictures of every page into docs/screenshots/

Needs Python 3.11 or newer and nothing else. What it installs goes into the folder
.venv beside this file; delete that folder and nothing of it is left.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import webbrowser
from collections import deque
from pathlib import Path

OLDEST = (3, 11)
TESTED = ("3.11", "3.12")
FIRST_PORT = 8501
PORTS_TRIED = 50
SECONDS_TO_START = 90

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = ENVIRONMENT / "installed.json"
INSTALL_LOG = ENVIRONMENT / "install.log"
SERVER_LOG = ENVIRONMENT / "server.log"
CHROMIUM_LOG = ENVIRONMENT / "chromium.log"
FOR_USE = "requirements.txt"
FOR_TESTS = "requirements-dev.txt"
READ_ALL = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}


class CannotGoOn(Exception):  # noqa: N818 - it is a reason, told to a user, rather than an error
    """What is missing and how to get it, in one sentence."""


def main(arguments: list[str]) -> int:
    """Do what the command line asks; a trouble is one sentence, never a traceback."""
    commands = {"test": test, "screenshots": take_screenshots}
    for name in ("SIGTERM", "SIGHUP"):  # being told to end is like Ctrl-C: nothing started here is left behind
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        refuse_old_python()
        if arguments and arguments[0] in commands:
            return commands[arguments[0]](arguments[1:])
        return serve(arguments)
    except CannotGoOn as reason:
        tell(str(reason))
    except OSError as error:
        tell(f"The computer refused a step: {error}.")
    except KeyboardInterrupt:
        tell("Stopped.")
    return 1


def tell(sentence: str) -> None:
    """Print one line at once, also when the output is a file."""
    print(sentence, flush=True)


def name_of(path: Path) -> str:
    """The path as seen from this folder."""
    return str(path.relative_to(ROOT))


# --- the environment -------------------------------------------------------------------------------------------


def refuse_old_python() -> None:
    """Stop when this Python is older than medtune needs."""
    if sys.version_info >= OLDEST:
        return
    newer = next((name for name in ("python3.12", "python3.11") if works(name)), None)
    remedy = f"run: {newer} start.py" if newer else "install it from python.org and run start.py with it"
    have, need = ".".join(map(str, sys.version_info[:2])), ".".join(map(str, OLDEST))
    raise CannotGoOn(f"Python {have} is too old, medtune needs {need} or newer: {remedy}.")


def works(command: str) -> bool:
    """Whether a command is there and is a Python that runs."""
    return (
        shutil.which(command) is not None and subprocess.run([command, "-c", ""], capture_output=True).returncode == 0
    )


def prepare(requirements: str) -> None:
    """Have .venv with the packages of a requirements file; quick when nothing changed."""
    version = environment_version()
    if version is None:
        make_environment()
        version = environment_version()
    wanted = fingerprint(requirements, version)
    if wanted in read_stamp():
        return
    install(requirements)
    installed = {wanted} if requirements == FOR_USE else {wanted, fingerprint(FOR_USE, version)}
    STAMP.write_text(json.dumps(sorted(installed)), encoding="utf-8")


def environment_version() -> str | None:
    """Version of Python inside .venv, or None when there is none that works."""
    if not PYTHON.exists():
        return None
    question = f"import pip, platform, sys; assert sys.version_info >= {OLDEST}; print(platform.python_version())"
    answer = subprocess.run([str(PYTHON), "-c", question], capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else None


def make_environment() -> None:
    """Make .venv anew with Python's own venv module."""
    tell("Making a Python environment in .venv ...")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], capture_output=True, text=True, check=False
    )
    if made.returncode == 0:
        return
    said = made.stdout + made.stderr
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if "ensurepip" in said or "No module named venv" in said:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        raise CannotGoOn(
            f"This Python has no ensurepip to make an environment with: install it "
            f"(Debian and Ubuntu: sudo apt install {package}) and run start.py again."
        )
    raise CannotGoOn(f"Python could not make an environment in {ENVIRONMENT}: {said.strip()}")


def fingerprint(requirements: str, version: str) -> str:
    """What an installation depends on: the Python and the text of the requirement files."""
    names = (FOR_USE,) if requirements == FOR_USE else (FOR_USE, requirements)
    digest = hashlib.sha256(version.encode())
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return f"{requirements} {digest.hexdigest()}"


def read_stamp() -> set[str]:
    """Fingerprints of what is installed; empty when unknown."""
    try:
        return set(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return set()


def install(requirements: str) -> None:
    """Run pip; its output goes to a log, what it is busy with to the screen."""
    tell(f"Installing the packages of {requirements} (the first time takes a few minutes) ...")
    STAMP.unlink(missing_ok=True)
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    command += ["--prefer-binary", "-r", str(ROOT / requirements)]
    said = []
    with subprocess.Popen(command, **READ_ALL) as pip, INSTALL_LOG.open("w", encoding="utf-8") as log:
        for line in pip.stdout:
            log.write(line)
            said.append(line.strip())
            show_progress(line)
    show_progress("")
    if pip.returncode != 0:
        raise CannotGoOn(why_pip_failed(said))


def show_progress(line: str) -> None:
    """Show which package pip is at, on a line that is written over; nothing when nobody watches."""
    words = line.split()
    if sys.stdout.isatty() and (not words or words[0] in ("Collecting", "Downloading", "Installing")):
        print("\r\033[K" + " ".join(words)[:78], end="", flush=True)


def why_pip_failed(said: list[str]) -> str:
    """One sentence from pip's output."""
    text = "\n".join(said)
    log = name_of(INSTALL_LOG)
    unreachable = ("name resolution", "NewConnectionError", "ConnectTimeout", "ProxyError", "getaddrinfo", "SSLError")
    if any(sign in text for sign in unreachable):
        return f"The package index was not reached: check the network or proxy and run start.py again (see {log})."
    if "No space left" in text:
        return f"The disk is full: free about 2 GB and run start.py again (see {log})."
    errors = [line for line in said if line.startswith("ERROR")]
    cause = (errors or said or ["ERROR: no word from pip"])[0].replace("ERROR: ", "").rstrip(".")
    hint = ""
    if "{}.{}".format(*sys.version_info[:2]) not in TESTED:
        hint = f" (medtune is tested with Python {' and '.join(TESTED)})"
    return f"pip could not install the packages{hint}: {cause}; its whole output is in {log}."


# --- the dashboard ---------------------------------------------------------------------------------------------


def serve(arguments: list[str]) -> int:
    """Run the dashboard until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=FIRST_PORT, help="the first port to try (default: %(default)s)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    options = parser.parse_args(arguments)
    prepare(FOR_USE)
    dashboard = start_dashboard(options.port)
    try:
        tell(f"medtune is running at {dashboard.address} - press Ctrl-C to end it.")
        if not options.no_browser and has_screen():
            webbrowser.open(dashboard.address)
        code = dashboard.process.wait()
        tell(f"The dashboard ended by itself with code {code}: run start.py again.")
        return 1
    except KeyboardInterrupt:
        tell("\nEnding medtune ...")
        return 0
    finally:
        dashboard.stop()


class Dashboard:
    """The Streamlit server; what it prints is kept until it answers and shown from then on."""

    def __init__(self, port: int) -> None:
        command = [str(PYTHON), "-m", "medtune.ui.serve", "--server.port", str(port), "--server.headless", "true"]
        self.address = f"http://127.0.0.1:{port}"
        self.said: deque[str] = deque(maxlen=200)
        self.is_up = False
        self.process = subprocess.Popen(command, cwd=ROOT, **READ_ALL)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        """Read what the server prints until it ends."""
        for line in self.process.stdout:
            if self.is_up:
                print(line, end="", flush=True)
            else:
                self.said.append(line)

    def answers(self) -> bool:
        """Wait for the server's health page; False when it ended or stayed silent."""
        ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # no proxy stands before localhost
        deadline = time.monotonic() + SECONDS_TO_START
        while not self.is_up and self.process.poll() is None and time.monotonic() < deadline:
            try:
                with ask(self.address + "/_stcore/health", timeout=5):
                    self.is_up = True
            except OSError:
                time.sleep(0.1)
        return self.is_up

    def stop(self) -> None:
        """End the server, gently first."""
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_dashboard(first: int) -> Dashboard:
    """Start the server on the first free port and wait until it answers."""
    port = free_port(first)
    if port != first:
        tell(f"Port {first} is taken, using {port}.")
    tell("Starting the dashboard ...")
    dashboard = Dashboard(port)
    try:
        if dashboard.answers():
            return dashboard
    except BaseException:
        dashboard.stop()
        raise
    dashboard.stop()
    if not is_free(port):  # another program was quicker
        return start_dashboard(port + 1)
    SERVER_LOG.write_text("".join(dashboard.said), encoding="utf-8")
    raise CannotGoOn(f"The dashboard did not start: see {name_of(SERVER_LOG)}, or delete .venv and run start.py again.")


def free_port(first: int) -> int:
    """The first port from `first` on that nobody uses."""
    if not 1 <= first <= 65535:
        raise CannotGoOn(f"Port {first} does not exist: choose one between 1024 and 65535.")
    last = min(first + PORTS_TRIED, 65536)
    port = next((port for port in range(first, last) if is_free(port)), None)
    if port is None:
        raise CannotGoOn(f"No port from {first} to {last - 1} is free: name another one with --port.")
    return port


def is_free(port: int) -> bool:
    """Whether nobody answers at the port and it can be had."""
    with socket.socket() as caller:
        caller.settimeout(0.5)
        if caller.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket() as owner:
        if os.name == "posix":  # a port closed a moment ago is free; on Windows this option means another thing
            owner.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            owner.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def has_screen() -> bool:
    """Whether a browser window can be seen by whoever started this."""
    if os.environ.get("CI") or os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


# --- tests and pictures ----------------------------------------------------------------------------------------


def test(arguments: list[str]) -> int:
    """Check the code, then run the tests; pytest's summary comes last."""
    prepare(FOR_TESTS)
    environment = with_chromium(required=bool(os.environ.get("CI")))
    checks = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["pytest", *side_by_side(), *arguments])
    codes = []
    for check in checks:
        tell(" ".join(check))
        codes.append(subprocess.call([str(PYTHON), "-m", *check], cwd=ROOT, env=environment))
    return next((code for code in codes if code != 0), 0)


def side_by_side() -> list[str]:
    """What makes pytest run files of tests on several cores at once (pytest-xdist); a later ``-n 0`` undoes it."""
    return ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile", "--no-loadscope-reorder"]


def take_screenshots(arguments: list[str]) -> int:
    """Walk through the demo in a real browser and keep a picture of every page."""
    prepare(FOR_TESTS)
    walk = [str(PYTHON), "-m", "tests.browser.screenshots", *arguments]
    return subprocess.call(walk, cwd=ROOT, env=with_chromium(required=True))


def with_chromium(required: bool) -> dict[str, str]:
    """Environment variables that name the browser, installing one where that is ours to do."""
    chromium = find_chromium()
    if chromium is None and may_install_chromium():
        install_chromium()
        chromium = find_chromium()
    if chromium is not None:
        return {**os.environ, "MEDTUNE_CHROMIUM": chromium}
    remedy = "install Chromium or Chrome, or name one in MEDTUNE_CHROMIUM"
    if required:
        raise CannotGoOn(f"There is no browser to test in: {remedy}.")
    tell(f"Without a browser its tests are skipped: {remedy}.")
    return dict(os.environ)


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome: the one named in MEDTUNE_CHROMIUM, else one in a usual place."""
    named = os.environ.get("MEDTUNE_CHROMIUM")
    if named:
        if not Path(named).is_file():
            raise CannotGoOn(f"MEDTUNE_CHROMIUM names {named}, which is no file: correct it or unset it.")
        return named
    on_path = map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))
    mac = [f"/Applications/{name}.app/Contents/MacOS/{name}" for name in ("Chromium", "Google Chrome")]
    folders = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    windows = [str(Path(folder, "Google/Chrome/Application/chrome.exe")) for folder in folders if folder]
    return next((path for path in (*on_path, *mac, *windows) if path and Path(path).is_file()), None)


def may_install_chromium() -> bool:
    """Whether this is Debian and we are root, as in a container of continuous integration."""
    release = Path("/etc/os-release")
    is_debian = release.is_file() and "ID=debian" in release.read_text(encoding="utf-8").splitlines()
    return is_debian and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_chromium() -> None:
    """Install Debian's Chromium; when that fails the caller finds none and says so."""
    tell("Installing Chromium for the browser tests ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ["chromium", "fonts-dejavu-core", "libgomp1"]  # the last one is what LightGBM needs
    with CHROMIUM_LOG.open("wb") as log:
        for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            if subprocess.call(["apt-get", *step], env=environment, stdout=log, stderr=subprocess.STDOUT) != 0:
                tell(f"apt-get {step[0]} failed; what it said is in {name_of(CHROMIUM_LOG)}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
