"""The files of an archive of pictures: which are pictures, which are tables of labels, and reading them safely."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from medtune.cohort.unpacking import PICTURES
from medtune.foundation.errors import PicturesError

TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")
MOST = 20_000  # pictures
LARGEST_FILE = 300 * 2**20  # bytes after unpacking
LARGEST = 8 * 2**30  # bytes of all files after unpacking
SUSPICIOUS = 1_000  # times larger unpacked than packed: no picture or table is packed that well
DICOM_SIGN = b"DICM"


@dataclass(frozen=True)
class Contents:
    """What an archive holds: names of its pictures and tables, and how many files are neither."""

    pictures: tuple[str, ...]
    tables: tuple[str, ...]
    others: int


class Archive:
    """A zip archive of pictures, looked at before anything is unpacked.

    Parameters
    ----------
    source : path or bytes
        The archive.

    Raises
    ------
    PicturesError
        When it is damaged, locked, holds too much, or no picture.
    """

    def __init__(self, source: Path | bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as trouble:
            raise _damaged() from trouble
        files = {item.filename: item for item in self._zip.infolist() if not (item.is_dir() or _hidden(item.filename))}
        self._check(list(files.values()))
        self._files = files
        self.contents = self._sorted()

    @classmethod
    def again(cls, source: Path) -> Archive:
        """An archive that was looked at before, to read files of it: nothing else is looked at again.

        Parameters
        ----------
        source : Path

        Returns
        -------
        Archive
            A context manager, without `contents`.
        """
        known = cls.__new__(cls)
        known._zip = zipfile.ZipFile(source)
        known._files = known._zip.NameToInfo
        return known

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def read(self, name: str) -> bytes:
        """The bytes of one file; PicturesError when it is damaged or larger than it says."""
        try:
            with self._zip.open(self._files[name]) as packed:
                content = packed.read(LARGEST_FILE + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError) as trouble:
            raise PicturesError(
                "File '{name}' in the archive is damaged; pack it again.", name=PurePosixPath(name).name
            ) from trouble
        if len(content) > LARGEST_FILE:
            raise _too_large()
        return content

    def _check(self, files: list[zipfile.ZipInfo]) -> None:
        if any(item.flag_bits & 1 for item in files):
            raise PicturesError("The archive is locked with a password; pack the pictures without one.")
        if any(item.file_size > LARGEST_FILE for item in files):
            raise _too_large()
        whole, packed = sum(item.file_size for item in files), sum(item.compress_size for item in files)
        if whole > LARGEST or (whole > LARGEST_FILE and whole > SUSPICIOUS * max(packed, 1)):
            raise PicturesError(
                "The archive would unpack to {size} GB, more than the {limit} GB allowed; bring fewer pictures.",
                size=f"{whole / 2**30:.1f}",
                limit=LARGEST // 2**30,
            )

    def _sorted(self) -> Contents:
        pictures, tables = [], []
        for name in self._files:
            ending = PurePosixPath(name).suffix.lower()
            if ending in PICTURES or (ending == "" and self._is_dicom(name)):
                pictures.append(name)
            elif ending in TABLES:
                tables.append(name)
        if not pictures:
            raise PicturesError("The archive holds no picture; bring PNG, JPEG, TIFF or DICOM files in a zip file.")
        if len(pictures) > MOST:
            raise PicturesError(
                "The archive holds {count} pictures; at most {most} can be read at once, so bring fewer.",
                count=len(pictures),
                most=MOST,
            )
        return Contents(tuple(sorted(pictures)), tuple(sorted(tables)), len(self._files) - len(pictures) - len(tables))

    def _is_dicom(self, name: str) -> bool:
        """Scanners export DICOM files without an ending; their bytes 128 to 132 say what they are."""
        try:
            with self._zip.open(self._files[name]) as packed:
                return packed.read(132)[128:] == DICOM_SIGN
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError):
            return False


def _hidden(name: str) -> bool:
    return any(piece.startswith((".", "__MACOSX")) for piece in PurePosixPath(name).parts)


def _damaged() -> PicturesError:
    return PicturesError("The archive of pictures is damaged; pack or download it again.")


def _too_large() -> PicturesError:
    return PicturesError(
        "A file in the archive is larger than {limit} MB unpacked; leave it out or make it smaller.",
        limit=LARGEST_FILE // 2**20,
    )
