"""Which encoding a text that is not UTF-8 is most likely in, by how the bytes above 127 stand together."""

from __future__ import annotations

import re

import numpy as np

SAMPLE = 2**20
FEWEST = 0.55  # share of common characters from which on an East Asian encoding is believed
# Lead and trail bytes of the characters that make up nearly all running text: level 1 of GB 2312, Big5 and JIS X 0208.
_COMMON = {
    "gb18030": (rb"[\xb0-\xd7][\xa1-\xfe]", rb"[\x81-\xfe](?:[\x40-\x7e\x80-\xfe]|[\x30-\x39][\x81-\xfe][\x30-\x39])"),
    "big5": (rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]", rb"[\xa1-\xfe][\x40-\x7e\xa1-\xfe]"),
    "cp932": (
        rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]|[\x88-\x97][\x40-\x7e\x80-\xfc]|\x81[\x40-\x5b]",
        rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\xa1-\xdf]",
    ),
    "euc_kr": (rb"[\xb0-\xc8][\xa1-\xfe]", rb"[\xa1-\xfe][\xa1-\xfe]"),
}
_SIGNS = re.compile(rb"[\xa1-\xa3\xa8][\x40-\xfe]")  # full-width punctuation and letters, alike in Chinese encodings
_LETTERS_ALONE = re.compile(
    rb"[\xb0\xb5\xb1\xb2\xb3\xbd\xbc\xbe\xa7\xb7\xab\xbb\xa9\xae\xaa\xba\xa0]"  # signs of units and quotations
    rb"|(?<=[A-Za-z])[\xc0-\xd6\xd8-\xf6\xf8-\xff]{1,2}|[\xc0-\xd6\xd8-\xf6\xf8-\xff]{1,2}(?=[A-Za-z])"
    rb"|(?<=[A-Za-z])\x92(?=[a-z])"
)
_NEUTRAL = re.compile(rb"[\x80\x85\x91\x93\x94\x96\x97]")  # quotation marks, dashes and the euro of CP1252


def likeliest(content: bytes) -> str:
    """Guess the encoding.

    Parameters
    ----------
    content : bytes
        Text in which bytes above 127 occur and which is not UTF-8.

    Returns
    -------
    str
        "gb18030", "big5", "cp932" (Shift-JIS), "euc_kr" or "cp1252".

    Notes
    -----
    Accented letters stand alone or in twos between letters of the alphabet; characters of Chinese and Japanese come
    in pairs of bytes, and in each encoding the common ones lie in a block of their own.
    """
    sample = b"\n".join(line for line in content[:SAMPLE].split(b"\n") if not line.isascii())[: SAMPLE // 4]
    if _western(sample) >= 0.85:
        return "cp1252"
    scores = {encoding: _score(sample, encoding) for encoding in _COMMON if _decodes(content, encoding)}
    best = max(scores, key=scores.get, default="cp1252")
    return best if scores.get(best, 0) >= FEWEST else "cp1252"


def _western(sample: bytes) -> float:
    """Share of the high bytes that stand as accented letters and signs do."""
    high = np.count_nonzero(np.frombuffer(sample, dtype=np.uint8) > 127)
    neutral = len(_NEUTRAL.findall(sample))
    known = sum(sum(byte > 127 for byte in found) for found in _LETTERS_ALONE.findall(sample))
    return known / max(high - neutral, 1)


def _score(sample: bytes, encoding: str) -> float:
    common, whole = (re.compile(pattern) for pattern in _COMMON[encoding])
    characters = whole.findall(sample)
    if encoding in ("gb18030", "big5"):
        characters = [character for character in characters if not _SIGNS.fullmatch(character)]
    if not characters:
        return 0.0
    score = sum(common.fullmatch(character) is not None for character in characters) / len(characters)
    if encoding == "euc_kr":  # Hangul fill one block that level 1 of GB 2312 covers too; Chinese text goes beyond it
        return 1.01 * score if score > 0.97 and len(set(characters)) >= 6 else 0.0
    return score


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
