"""The one table in a gzip file or an archive."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import PurePosixPath

from medtune.foundation.errors import LayoutError, PicturesError, TableError
from medtune.foundation.words import Sentence, listed, say

LARGEST = 4 * 2**30  # bytes after unpacking
_WORKBOOK_SIGNS = ("[Content_Types].xml", "META-INF/manifest.xml")
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".dicom")


def unpacked(content: bytes, part: str = "") -> tuple[bytes, str, tuple[str, ...], list[Sentence]]:
    """Unpack a file when it is packed.

    Parameters
    ----------
    content : bytes
        As it came; a workbook, which is an archive too, is left as it is.
    part : str
        Which file of an archive.

    Returns
    -------
    content : bytes
    part : str
        Name of the file taken from an archive, else "".
    parts : tuple of str
        The files of the archive that could be the table.
    report : list of Sentence

    Raises
    ------
    TableError
        When the package is damaged, locked, too large, or has no table in it; a `PicturesError` when it holds pictures.
    """
    if content[:2] == b"\x1f\x8b":
        return _gunzipped(content), "", (), [say("The file was packed with gzip and was unpacked.")]
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _from_archive(content, part)
    return content, "", (), []


def _gunzipped(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            inside = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as trouble:
        raise TableError("The file is packed with gzip but damaged; pack or download it again.") from trouble
    return _checked(inside)


def _checked(inside: bytes) -> bytes:
    if len(inside) > LARGEST:
        raise TableError("The packed file holds more than {limit} GB; split it.", limit=LARGEST // 2**30)
    return inside


def _from_archive(content: bytes, part: str) -> tuple[bytes, str, tuple[str, ...], list[Sentence]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = archive.namelist()
        if any(sign in names for sign in _WORKBOOK_SIGNS):
            return content, "", (), []
        if _holds_pictures(names):
            raise PicturesError("The archive holds pictures; read them as pictures, on the Data page.")
        parts = tuple(name for name in names if _may_be_a_table(name))
        chosen = part if part in parts else _only(parts)
        if archive.getinfo(chosen).flag_bits & 1:
            raise TableError("The archive is locked with a password; unpack it and choose the file inside.")
        with archive.open(chosen) as packed:
            inside = _checked(packed.read(LARGEST + 1))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as trouble:
        raise TableError("The file is an archive or workbook, but damaged; save or download it again.") from trouble
    if inside[:2] == b"\x1f\x8b":
        inside = _gunzipped(inside)
    return inside, chosen, parts, [say("The table was taken from '{part}' in the archive.", part=chosen)]


def _holds_pictures(names: list[str]) -> bool:
    """Whether most files are pictures, the labels beside them apart."""
    files = [name for name in names if not (name.endswith("/") or _hidden(name))]
    pictures = sum(name.lower().endswith(PICTURES) for name in files)
    return pictures >= 2 and 2 * pictures > len(files)


def _hidden(name: str) -> bool:
    return any(piece.startswith((".", "__MACOSX")) for piece in PurePosixPath(name).parts)


def _may_be_a_table(name: str) -> bool:
    path = PurePosixPath(name)
    return not (
        name.endswith("/") or _hidden(name) or path.suffix.lower() in (".txt.md5", ".md5", ".pdf", ".docx", ".png")
    )


def _only(parts: tuple[str, ...]) -> str:
    if not parts:
        raise TableError("The archive holds no table; pack one table, or choose it unpacked.")
    tables = [part for part in parts if PurePosixPath(part).suffix.lower() not in (".md", ".html", ".htm", ".xml")]
    readme = [part for part in tables if "readme" not in part.lower()]
    for fitting in (parts, tables, readme):
        if len(fitting) == 1:
            return fitting[0]
    raise LayoutError(
        "The archive holds {count} files: {names}; choose the one with the patients.",
        parts=parts,
        count=len(parts),
        names=listed(parts),
    )
