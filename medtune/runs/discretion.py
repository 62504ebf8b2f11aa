"""Logs that tell where something went wrong without telling what stood in a patient's row."""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
import warnings
from types import TracebackType
from typing import TextIO

from medtune.foundation.errors import MedtuneError


def describe(error: BaseException) -> str:
    """Kinds and places of an exception and of those behind it.

    Messages of other libraries are left out, since pandas and scikit-learn
    quote cells in them; ours are kept, since they carry none.
    """
    parts, seen = [], set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        words = f": {current}" if isinstance(current, MedtuneError) else ""
        frames = traceback.extract_tb(current.__traceback__)
        places = [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in frames]
        parts.append("\n".join([f"{type(current).__module__}.{type(current).__qualname__}{words}", *places]))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\nwhich came from\n".join(parts)


def note(words: str, log: TextIO | None = None) -> None:
    """Write a line with the time to the log, which is standard error unless given."""
    print(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {words}", file=log or sys.stderr, flush=True)


def keep_values_out_of_logs() -> None:
    """From here on warnings, uncaught exceptions and others' log lines tell kind and place in this process, no more."""

    def uncaught(_kind: type, error: BaseException, _trace: TracebackType | None) -> None:
        note(describe(error))

    def warned(_message: object, category: type, filename: str, lineno: int, *_: object) -> None:
        note(f'{category.__name__} at "{filename}", line {lineno}')

    handler = logging.StreamHandler()
    handler.format = lambda record: f'{record.levelname} of {record.name} at "{record.pathname}", line {record.lineno}'
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    sys.excepthook = uncaught
    sys.unraisablehook = lambda event: note(describe(event.exc_value) if event.exc_value else "unraisable")
    threading.excepthook = lambda event: note(describe(event.exc_value) if event.exc_value else "thread ended")
    warnings.showwarning = warned
    # The environment silences warnings for grandchildren, who would print them in full; here they may be told.
    warnings.resetwarnings()
    warnings.simplefilter("default")
    warnings.simplefilter("ignore", DeprecationWarning)
