"""The worker with jobs made for tests; started as a process of its own by them, never collected as a test."""

import logging
import sys
import threading
import time
import warnings

from medtune.foundation.errors import ColumnsError
from medtune.foundation.files import write_atomically
from medtune.foundation.words import say
from medtune.runs.folder import RunFolder, Summary
from medtune.runs.worker import main

SECRET = "Mrs-Marigold-1931"


def quick(folder, progress):
    progress.plan([("first", 1.0), ("second", 3.0)])
    for key in ("first", "second"):
        progress.stage(say("Doing the {which} stage.", which=key), total=2, key=key)
        progress.step(2)
    (folder / "result.json").write_text(RunFolder(folder).settings)
    return Summary(n=294, events=106, verdict="better", sentence=say("Better on {n} patients.", n=294))


def patient(folder, progress):
    """Finishes a first stage, then waits in its second until somebody writes the file 'go'."""
    progress.plan([("first", 1.0), ("second", 3.0)])
    progress.stage(say("Doing the first stage."), total=1)
    write_atomically(folder / "first.json", "done")
    progress.step()
    progress.stage(say("Waiting."), total=2)
    progress.step()
    while not (folder / "go").exists():
        time.sleep(0.02)


def stubborn(folder, progress):
    """Never comes back to hear a signal, as a long call into a library does not."""
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    patient(folder, progress)


def refused(folder, progress):
    raise ColumnsError("Column '{column}' is missing; add it.", column="age")


def leaky(folder, progress):
    """Says a patient's value in every way a library might."""
    warnings.warn(f"could not parse {SECRET}", stacklevel=1)
    logging.getLogger("library").warning("odd value %s", SECRET)
    thread = threading.Thread(target=lambda: float(SECRET))
    thread.start()
    thread.join()
    try:
        float(SECRET)
    except ValueError as error:
        raise KeyError(SECRET) from error


def full(folder, progress):
    raise OSError(28, "No space left on device")


JOBS = {
    name: f"tests.runs.trial_worker:{name}" for name in ("quick", "patient", "stubborn", "refused", "leaky", "full")
}

if __name__ == "__main__":
    sys.exit(main(jobs=JOBS))
