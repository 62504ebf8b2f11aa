"""A writer of small SAS data files (.sas7bdat), since no library writes them; two libraries read what it writes.

The layout is that of Shotwell's description of the format (SAS7BDAT Database Binary Format, 2013): a header, a page
of subheaders that say what the columns are, and a page with the rows; 32 bits, little-endian, not compressed.
"""

from __future__ import annotations

import struct

MAGIC = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
HEADER, PAGE, POINTERS = 1024, 8192, 24
UTF_8 = 20
ROW_SIZE, COLUMN_SIZE, TEXT, NAMES, ATTRIBUTES, FORMAT = (
    0xF7F7F7F7,
    0xF6F6F6F6,
    0xFFFFFFFD,
    0xFFFFFFFF,
    0xFFFFFFFC,
    0xFFFFFBFE,
)


def sas7bdat(columns: dict[str, tuple[str, list]]) -> bytes:
    """Write a table.

    Parameters
    ----------
    columns : dict of str to (format, values)
        The format is that of SAS, such as "DATE" or "DATETIME", or "" for none; values are floats (None for missing;
        of dates the days, of times the seconds since 1960) or text.

    Returns
    -------
    bytes
    """
    widths = [_width(values) for _, values in columns.values()]
    rows = list(zip(*(values for _, values in columns.values()), strict=True))
    text, places = _texts([*columns, *(form for form, _ in columns.values())])
    named, formatted = places[: len(columns)], places[len(columns) :]
    kinds = [2 if isinstance(values[0], str) else 1 for _, values in columns.values()]
    starts = [sum(widths[:at]) for at in range(len(widths))]
    subheaders = [
        _row_size(sum(widths), len(rows), len(columns)),
        struct.pack("<II", COLUMN_SIZE, len(columns)) + bytes(4),
        struct.pack("<IHHHH", TEXT, len(text) - 8, 0, 0, 0) + text[8:],
        _with_head(NAMES, b"".join(struct.pack("<HHHH", 0, *place, 0) for place in named)),
        _with_head(
            ATTRIBUTES,
            b"".join(
                struct.pack("<IIHBx", start, width, 4, kind)
                for start, width, kind in zip(starts, widths, kinds, strict=True)
            ),
        ),
        *(struct.pack("<I30xHHHHHH6x", FORMAT, 0, *place, 0, 0, 0) for place in formatted),
    ]
    cells = b"".join(_cell(value, width) for row in rows for value, width in zip(row, widths, strict=True))
    data = struct.pack("<16xHHHH", 0x100, len(rows), 0, 0) + cells
    return _header(pages=2) + _page_of(subheaders) + data.ljust(PAGE, b"\0")


def _header(pages: int) -> bytes:
    head = bytearray(HEADER)
    head[: len(MAGIC)] = MAGIC
    head[32], head[35], head[37], head[39], head[70] = 0x22, 0x22, 1, ord("1"), UTF_8
    head[84:92], head[92:124], head[156:164] = b"SAS FILE", b"PATIENTS".ljust(32), b"DATA    "
    struct.pack_into("<III", head, 196, HEADER, PAGE, pages)
    head[216:224] = b"9.0401M7"
    return bytes(head)


def _page_of(subheaders: list[bytes]) -> bytes:
    """A page of subheaders: pointers in front, the subheaders from its end backwards."""
    page, end = bytearray(PAGE), PAGE
    struct.pack_into("<HHHH", page, 16, 0, len(subheaders), len(subheaders), 0)
    for place, content in enumerate(subheaders):
        end -= len(content)
        page[end : end + len(content)] = content
        struct.pack_into("<IIBB", page, POINTERS + 12 * place, end, len(content), 0, 0)
    assert end > POINTERS + 12 * len(subheaders), "too many columns for one page"
    return bytes(page)


def _row_size(width: int, rows: int, columns: int) -> bytes:
    content = bytearray(480)
    struct.pack_into("<I", content, 0, ROW_SIZE)
    struct.pack_into("<II", content, 20, width, rows)
    struct.pack_into("<II", content, 36, columns, 0)
    struct.pack_into("<I", content, 60, rows)
    return bytes(content)


def _with_head(signature: int, body: bytes) -> bytes:
    return struct.pack("<IHHHH", signature, len(body) + 8, 0, 0, 0) + body + bytes(8)


def _texts(words: list[str]) -> tuple[bytes, list[tuple[int, int]]]:
    """All names in one block, and where each begins (counted behind the signature) and how long it is."""
    block, places = bytes(8), []
    for word in words:
        coded = word.encode()
        places.append((len(block), len(coded)))
        block += coded.ljust(-(-len(coded) // 4) * 4, b"\0")
    return block + bytes(8), places  # SAS leaves some room behind them


def _width(values: list) -> int:
    return max(len(value.encode()) for value in values) if isinstance(values[0], str) else 8


def _cell(value: float | str | None, width: int) -> bytes:
    if isinstance(value, str):
        return value.encode().ljust(width)
    return b"\0\0\0\0\0\xfe\xff\xff" if value is None else struct.pack("<d", value)  # SAS's missing value is a NaN
