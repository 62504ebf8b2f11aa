"""Files that are either the old one or the new one, never half of either."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from medtune.foundation.records import to_json

TRIES, PAUSE = 25, 0.02


def write_atomically(path: Path | str, content: bytes | str, *, durable: bool = True) -> Path:
    """Write a whole file so that a reader finds either what was there or what is new.

    The content goes to a temporary name in the same folder, readable by this
    user only, and is renamed over `path`.

    Parameters
    ----------
    path : Path or str
        Where the file shall be; its folder exists.
    content : bytes or str
        All of it; text is written as UTF-8 with its line ends as they are.
    durable : bool
        Whether to wait until the disk has it. Turn it off for what is written
        many times and worth nothing after a power cut, such as progress.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    OSError
        When the folder is missing, read-only or full; `path` is then untouched.
    """
    path = Path(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        patiently(os.replace, temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return path


def write_record(path: Path | str, record: Any, *, durable: bool = True) -> Path:
    """Write a record as JSON (see `medtune.foundation.records`), atomically.

    Parameters
    ----------
    path : Path or str
        Where the file shall be; its folder exists.
    record : object
        A dataclass or plain values.
    durable : bool
        As in `write_atomically`.

    Returns
    -------
    Path
        `path`.
    """
    return write_atomically(path, to_json(record), durable=durable)


def patiently(action: Callable, *arguments: Any) -> Any:
    """Do something to a file, waiting up to half a second while another process has it open.

    Only Windows refuses to rename or remove a file that somebody reads; elsewhere
    a refusal is final and raised at once.
    """
    for _ in range(TRIES if os.name == "nt" else 0):
        try:
            return action(*arguments)
        except PermissionError:
            time.sleep(PAUSE)
    return action(*arguments)
