"""From the bytes of a text file to UTF-8: refuse what is no table, find the encoding."""

from __future__ import annotations

import re

from medtune.cohort.scripts import likeliest
from medtune.foundation.errors import LayoutError, TableError
from medtune.foundation.words import Sentence, say

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Western European (CP1252)",
    "iso8859-15": "Western European (Latin-9)",
    "gb18030": "Chinese (GB18030)",
    "big5": "Chinese (Big5)",
    "cp932": "Japanese (Shift-JIS)",
    "euc_jp": "Japanese (EUC)",
    "euc_kr": "Korean (EUC)",
    "cp1250": "Central European (CP1250)",
    "cp1251": "Cyrillic (CP1251)",
    "cp1253": "Greek (CP1253)",
    "cp1254": "Turkish (CP1254)",
    "mac_roman": "Mac Roman",
    "cp437": "DOS (CP437)",
}
_NO_TABLES = (
    (b"%PDF", "a PDF document"),
    (b"SQLite format", "a database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "packed with bzip2"),
    (b"\xfd7zXZ", "packed with xz"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd"),
    (b"RDX2", "a data file of R"),
    (b"RDX3", "a data file of R"),
    (b"{\\rtf", "a text document"),
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
MOST_MIXED = 0.2  # share of the lines with accents that may be in another encoding than the rest


def refuse_what_is_no_table(content: bytes) -> None:
    """Raise `TableError` for an empty file and for formats that never hold a table."""
    if not content or re.search(rb"\S", content) is None:
        raise TableError("The file is empty; choose a file with a row of column names and a row for each patient.")
    for start, what in _NO_TABLES:
        if content.startswith(start):
            raise TableError("The file is {what}, not a table; save the table as CSV and choose that.", what=what)


def to_utf8(content: bytes, wanted: str = "") -> tuple[bytes, str, list[Sentence]]:
    """Decode a text file.

    Parameters
    ----------
    content : bytes
    wanted : str
        Encoding that the user chose; "" means: find it.

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
    refuse_what_is_no_table(content)
    encoding, report = wanted or _encoding(content), []
    if encoding == "mixed":
        text, encoding, report = _line_by_line(content.removeprefix(b"\xef\xbb\xbf"))
    else:
        text = _decoded(content, encoding)
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    refuse_what_is_no_table(text)
    opening = text[:2000].lstrip().lower()
    if re.match(rb"<(!doctype|html|head|body|\?xml|table|script|div)", opening):
        raise TableError(
            "The file is a web page, not a table. If it opens as a table in a spreadsheet program, save it there as "
            ".xlsx; else it is an error or sign-in page, so download the table again."
        )
    if re.match(rb"[\[{]\s*[\[{\"]", opening):
        raise TableError("The file is JSON, not a table; save the table as CSV and choose that.")
    if _holds_conflict_marks(text):
        raise TableError("The file holds conflict marks (<<<<<<<) of a version control system; resolve them first.")
    return text, encoding, report


def _holds_conflict_marks(text: bytes) -> bool:
    if text.startswith(b"<<<<<<< "):
        return True
    # one sign is found many times as fast as several
    return (b"<" in text and b"\n<<<<<<< " in text) or (b">" in text and b"\n>>>>>>> " in text)


def _encoding(content: bytes) -> str:
    """By its mark, else by what it can be: UTF-16 by its pattern of zeros, UTF-8, else by how its bytes stand."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding if encoding != "utf-8-sig" or _is_utf8(content) else "mixed"
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
    if _control_share(sample) > 0.05:
        raise TableError("The file is binary, not a text table; export it as CSV and choose that.")
    if _is_utf8(content):
        return "utf-8"
    return "mixed" if _mostly_utf8(content) else likeliest(content)


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(content: bytes) -> bool:
    """Whether most lines with signs beyond ASCII are UTF-8, so that the others were pasted in from elsewhere."""
    lines = [line for line in content.split(b"\n") if not line.isascii()]
    broken = sum(not _is_utf8(line) for line in lines)
    return broken < len(lines) and broken <= max(1, MOST_MIXED * len(lines))


def _line_by_line(content: bytes) -> tuple[bytes, str, list[Sentence]]:
    lines, rows, others = content.split(b"\n"), [], []
    for place, line in enumerate(lines):
        if not _is_utf8(line):
            rows.append(place + 1)
            others.append(line)
    other = likeliest(b"\n".join(others))
    for row, line in zip(rows, others, strict=True):
        lines[row - 1] = line.decode(other, errors="replace").encode("utf-8")
    said = say(
        "The text is UTF-8, but not in rows {rows}, which were read as {encoding}; check their letters."
        if len(rows) > 1
        else "The text is UTF-8, but not in row {rows}, which was read as {encoding}; check its letters.",
        rows=rows_listed(rows),
        encoding=ENCODINGS[other],
    )
    return b"\n".join(lines), "utf-8", [said]


def rows_listed(rows, most: int = 5) -> str:
    """Row numbers for a sentence: "3, 5, 8 and 12 more"."""
    shown, rest = ", ".join(str(row) for row in rows[:most]), len(rows) - most
    return f"{shown} and {rest} more" if rest > 0 else shown


def _control_share(sample: bytes) -> float:
    return sum(byte < 9 or 13 < byte < 32 for byte in sample if byte != 31) / max(len(sample), 1)


def _decoded(content: bytes, encoding: str) -> bytes:
    if encoding in ("utf-8", "utf-8-sig") and _is_utf8(content):
        return content.removeprefix(b"\xef\xbb\xbf")
    # CP1252 leaves five bytes undefined, which are replaced; elsewhere a byte that fits nowhere is a wrong guess
    errors = "replace" if encoding == "cp1252" else "strict"
    try:
        return content.decode(encoding, errors=errors).encode("utf-8").removeprefix(b"\xef\xbb\xbf")
    except UnicodeDecodeError as trouble:
        raise LayoutError(
            "The file cannot be read as {encoding} text throughout; choose another encoding, or export it again as "
            "CSV UTF-8.",
            encoding=ENCODINGS.get(encoding, encoding.upper()),
        ) from trouble
    except (LookupError, UnicodeEncodeError) as trouble:
        raise LayoutError("No encoding is called '{encoding}'; choose another.", encoding=encoding) from trouble
