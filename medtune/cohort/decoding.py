"""From the bytes of a file to UTF-8 text: unpack, refuse what is no table, find the encoding."""

from __future__ import annotations

import gzip
import io
import re
import zlib

from medtune.foundation.errors import TableError
from medtune.foundation.words import Sentence, say

LARGEST = 4 * 2**30  # bytes after unpacking

_KNOWN_FORMATS = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"$FL2", "an SPSS file"),
    (b"<stata_dta", "a Stata file"),
    (b"SQLite format", "a database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def to_utf8(content: bytes) -> tuple[bytes, str, list[Sentence]]:
    """Decode a file.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    text : bytes
        UTF-8, line ends as one "\\n".
    encoding : str
        What it was in.
    report : list of Sentence

    Raises
    ------
    TableError
        For an empty file, a known format that is not text, an HTML page, binary content.
    """
    report: list[Sentence] = []
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content)
        report.append(say("The file was packed with gzip and was unpacked."))
    if not content.strip():
        raise TableError("The file is empty; choose a file with a row of column names and a row for each patient.")
    for start, what in _KNOWN_FORMATS:
        if content.startswith(start):
            raise TableError("The file is {what}, not a text table; save it as CSV and choose that.", what=what)
    encoding = _encoding(content)
    text = _decoded(content, encoding)
    opening = text[:2000].lstrip().lower()
    if re.match(rb"<(!doctype|html|head|body|\?xml|table)", opening):
        raise TableError(
            "The file is a web page, not a table; it may be an error or sign-in page saved under the name of the "
            "table, so download the table again."
        )
    if b"\n<<<<<<< " in text or b"\n>>>>>>> " in text:
        raise TableError("The file holds conflict marks (<<<<<<<) of a version control system; resolve them first.")
    return text, encoding, report


def _unpacked(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            inside = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as trouble:
        raise TableError("The file is packed with gzip but damaged; pack or download it again.") from trouble
    if len(inside) > LARGEST:
        raise TableError("The packed file holds more than {limit} GB; split it.", limit=LARGEST // 2**30)
    return inside


def _encoding(content: bytes) -> str:
    """By its mark, else by what it can be: UTF-16 by its pattern of zeros, UTF-8, GB18030 by pairs, else CP1252."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    sample = content[: 2**16]
    if b"\0" in sample:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        half = len(sample) // 2
        if odd > 0.4 * half and even < 0.05 * half:
            return "utf-16-le"
        if even > 0.4 * half and odd < 0.05 * half:
            return "utf-16-be"
    if b"\0" in content:
        raise TableError(
            "The file holds zero bytes (first in row {row}), so it is damaged or not a text table; "
            "export it again as CSV.",
            row=content.count(b"\n", 0, content.index(b"\0")) + 1,
        )
    if _decodes(content, "utf-8"):
        return "utf-8"
    if _control_share(sample) > 0.05:
        raise TableError("The file is binary, not a text table; export it as CSV and choose that.")
    return "gb18030" if _comes_in_pairs(content) and _decodes(content, "gb18030") else "cp1252"


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _control_share(sample: bytes) -> float:
    return sum(byte < 9 or 13 < byte < 32 for byte in sample) / max(len(sample), 1)


def _comes_in_pairs(content: bytes) -> bool:
    """Whether bytes above 127 stand in runs, as Chinese characters do, and not alone, as accented letters do."""
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", content[: 2**20])]
    return bool(runs) and sum(run for run in runs if run % 2 == 0) > 0.7 * sum(runs)


def _decoded(content: bytes, encoding: str) -> bytes:
    if encoding == "utf-8-sig":
        content = content[3:]
        if not _decodes(content, "utf-8"):
            raise TableError("The file says it is UTF-8 but is not throughout; export it again as CSV UTF-8.")
    elif encoding != "utf-8":
        # cp1252 leaves five bytes undefined; latin-1 reads every byte
        errors = "strict" if encoding.startswith(("gb", "utf")) else "replace"
        try:
            content = content.decode(encoding, errors=errors).encode("utf-8")
        except UnicodeDecodeError as trouble:
            raise TableError(
                "The file looks like {encoding} text but cannot be read as that throughout; export it again as "
                "CSV UTF-8.",
                encoding=encoding.upper(),
            ) from trouble
        content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content
