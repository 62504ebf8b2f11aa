"""What one run has worked out and the next may use: kept beside the cohort it is of, bounded, never trusted blindly."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from medtune.foundation.errors import MedtuneError
from medtune.foundation.files import write_atomically
from medtune.foundation.records import from_json, to_json
from medtune.runs.folder import checked_id

PLACE = "kept"
LIMIT = 500_000_000  # bytes, over all cohorts; the entries that were used longest ago go first
DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, MedtuneError)

Record = TypeVar("Record")


class StageCache:
    """Results of stages, by a digest of everything they depend on.

    Parameters
    ----------
    home : Path, optional
        The folder of everything kept. None keeps nothing and finds nothing.
    cohort : str
        Id of the cohort as the store knows it; its entries go when it goes.

    Notes
    -----
    An entry is a file of its own, written to a temporary name and renamed, so any number of processes may read and
    write at once. One that cannot be read counts as absent and is written anew. A full disk keeps nothing and hurts
    nobody.
    """

    def __init__(self, home: Path | None = None, cohort: str = "") -> None:
        self.place = home / PLACE if home else None
        self.folder = self.place / checked_id(cohort) if self.place else None

    def array(self, digest: str) -> np.ndarray | None:
        """The array kept under a digest; None where there is none."""
        return self._read(digest + ".npz", lambda data: np.load(BytesIO(data), allow_pickle=False)["array"])

    def keep_array(self, digest: str, array: np.ndarray) -> None:
        """Keep an array under a digest."""
        content = BytesIO()
        np.savez(content, array=array)  # with a checksum for each array
        self._write(digest + ".npz", content.getvalue())

    def record(self, kind: type[Record], digest: str) -> Record | None:
        """The record kept under a digest; None where there is none."""
        return self._read(digest + ".json", lambda data: from_json(kind, data.decode()))

    def keep_record(self, digest: str, record: object) -> None:
        """Keep a record under a digest."""
        if self.folder is not None:
            self._write(digest + ".json", to_json(record).encode())

    def content(self, digest: str, understand: Callable[[bytes], Any]) -> Any:
        """What `understand` makes of the bytes kept under a digest; None where there are none."""
        return self._read(digest + ".bin", understand)

    def keep_content(self, digest: str, content: bytes) -> None:
        """Keep bytes under a digest."""
        self._write(digest + ".bin", content)

    def _read(self, name: str, understand: Callable[[bytes], Any]) -> Any:
        if self.folder is None:
            return None
        path = self.folder / name
        try:
            found = understand(path.read_bytes())
            path.touch()  # used now, so it is not the next to go
        except FileNotFoundError:
            return None
        except DAMAGED:
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        return found

    def _write(self, name: str, content: bytes) -> None:
        if self.folder is None or len(content) > LIMIT // 4:
            return
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self.folder / name, content, durable=False)
            _make_room(self.place)


def forget_cohort(home: Path, cohort: str) -> None:
    """Remove everything that was worked out from a cohort's patients."""
    shutil.rmtree(home / PLACE / checked_id(cohort), ignore_errors=True)


def digest_of(*parts: object) -> str:
    """One short text for arrays, records and plain values that is another where any of them is.

    Parameters
    ----------
    parts : ndarray, or what `medtune.foundation.records.to_json` takes

    Returns
    -------
    str
    """
    digest = hashlib.sha256(_code().encode())
    for part in parts:
        if isinstance(part, np.ndarray):
            part = np.ascontiguousarray(part)
            digest.update(f"array {part.shape} {part.dtype}".encode())
            digest.update(part.data if part.dtype.kind in "biuf" else to_json(part.tolist()).encode())
        else:
            digest.update(b"record " + to_json(part).encode())
    return digest.hexdigest()[:40]


@cache
def _code() -> str:
    """The program that works things out, by size and time of its files: after an update nothing old is served."""
    from medtune.runs.passports import versions

    root = Path(__file__).parents[1]
    files = sorted(root.glob("*/*.py"))
    told = [(path.relative_to(root).as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return to_json([versions(), told])


def _make_room(place: Path) -> None:
    """Drop the entries that were used longest ago until all of them fit."""
    entries = []
    for path in place.glob("*/*"):
        with contextlib.suppress(OSError):  # another process may have dropped it
            told = path.stat()
            entries.append((told.st_mtime_ns, told.st_size, path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= LIMIT:
            break
        with contextlib.suppress(OSError):
            path.unlink()
        total -= size
