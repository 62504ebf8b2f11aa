"""Questions made for tests of the process kept warm."""

import os
import sys
import time
import warnings

from medtune.foundation.errors import ColumnsError
from medtune.foundation.estimate import Estimate

SECRET = "Mrs-Marigold-1931"


def double(payload):
    print("a library says something on standard output")
    return {"twice": 2 * payload["number"], "pid": os.getpid(), "name": payload.get("name")}


def record(payload):
    return Estimate(0.7, 0.6)


def refuse(payload):
    raise ColumnsError("Column '{column}' is missing; add it.", column=payload["column"])


def stumble(payload):
    warnings.warn(f"cannot read {SECRET}", stacklevel=1)
    return {"number": float(SECRET)}


def sleep(payload):
    time.sleep(payload["seconds"])
    return {}


def die(payload):
    os._exit(9)


def imported(payload):
    return {"there": [name for name in ("pandas", "sklearn.pipeline") if name in sys.modules]}


NAMES = ("double", "record", "refuse", "stumble", "sleep", "die", "imported")
QUESTIONS = {name: f"tests.runs.trial_questions:{name}" for name in NAMES}
