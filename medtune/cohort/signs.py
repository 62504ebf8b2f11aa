"""Signs in one column: that it tells who a patient is, gives the outcome away, or hides codes for "missing"."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.values import as_numbers, level_codes
from medtune.cohort.vocabulary import (
    ALWAYS_PRIVATE,
    BIRTH,
    OFTEN_PRIVATE,
    names_a_person,
    names_an_identifier,
    words_of,
)
from medtune.evaluation.discrimination import placements

SAMPLE = 300  # cells looked at
_CODES = (-9, -1, -99, -999, 99, 999, 9999)
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙史陶贺毛段郝"
)
_STREET = r"(street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|platz|weg)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[^@\s]+@[^@\s]+\.[a-z]{2,}",  # e-mail address
        r"(\+|00)?[\d ()/-]{7,17}\d",  # telephone or fax number, Chinese mobile number
        r"\d{3}-\d{2}-\d{4}",  # American social security number
        r"https?://\S+|www\.\S+",  # web address
        r"(\d{1,3}\.){3}\d{1,3}|([0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}|([0-9a-f]{2}[:-]){5}[0-9a-f]{2}",  # of a computer
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",  # UUID
        r"[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?",  # bank account
        rf"\d+[a-z]? [\w.' -]+ {_STREET}\.?(,.*)?|[\w. -]+(straße|strasse|str\.|gasse|weg|platz) \d+.*",  # street
        r".*(省|市|区|县).*(路|街|巷|村|号|弄).*",
        r"[\w -]+\.(jpe?g|png|dcm|tiff?|bmp|wav)",  # pictures and voices
    )
)
_DISTINCT_PATTERNS = tuple(  # only where nearly every cell differs
    re.compile(pattern)
    for pattern in (
        r"[A-HJ-NPR-Z0-9]{17}",  # vehicle
        r"[A-Z]{1,3}[- ]?[A-Z]{0,2}[- ]?\d{2,4}[- ]?[A-Z]{0,3}|[\u4e00-\u9fff][A-Z]·?[A-Z0-9]{5,6}",  # number plate
        r"[A-ZÀ-Ý][a-zà-ÿ'’-]+,? ([A-ZÀ-Ý]\. ?)?[A-ZÀ-Ý][A-Za-zÀ-ÿ'’-]+( [A-ZÀ-Ý][a-zà-ÿ'-]+)?",
    )
)
_WEIGHTS, _CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"


def chinese_id(text: str) -> bool:
    """Whether a text is a Chinese national id: 17 digits with a possible day of birth, and the right check sign.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
        By GB 11643-1999 (ISO 7064, MOD 11-2).
    """
    if not re.fullmatch(r"\d{6}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]", text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == text[-1].upper()


def identifies(frame: pd.DataFrame, column: Column) -> bool:
    """Whether a column tells who a patient is: by its kind, by its name, or by how its cells are written.

    The eighteen kinds of the American privacy rule (HIPAA, 45 CFR 164.514) and the Chinese national id.

    Parameters
    ----------
    frame : DataFrame of n rows
    column : Column
        What `describe` said of the column.

    Returns
    -------
    bool
    """
    words = words_of(column.name)
    known = len(frame) * (1 - column.missing)
    if column.kind == "identifier" or names_a_person(column.name) or words & ALWAYS_PRIVATE:
        return True
    if column.kind == "date":
        return bool(words & BIRTH)
    differing = column.distinct > 0.5 * known and known >= 10
    if differing and column.kind != "number" and (words & OFTEN_PRIVATE or names_an_identifier(column.name)):
        return True
    if column.kind == "number":
        long = column.integer and column.low >= 1e7 and column.distinct > 0.9 * known
        private = column.integer and differing and column.low >= 1000 and words & OFTEN_PRIVATE
        return bool((long and len(frame) >= 10) or private)
    if column.kind not in ("text", "category") or column.distinct < 3:
        return False
    cells = [str(cell).strip() for cell in frame[column.name].dropna().iloc[:SAMPLE]]
    if np.mean([chinese_id(cell) for cell in cells]) > 0.5:
        return True
    if any(np.mean([pattern.fullmatch(cell) is not None for cell in cells]) > 0.8 for pattern in _PATTERNS):
        return True
    if column.distinct <= 0.8 * known or known < 10:
        return False
    if any(np.mean([pattern.fullmatch(cell) is not None for cell in cells]) > 0.8 for pattern in _DISTINCT_PATTERNS):
        return True
    hanzi = [cell[0] in SURNAMES and 2 <= len(cell) <= 4 for cell in cells]
    return bool(np.mean(hanzi) > 0.8) or _free_text(cells)


def _free_text(cells: list[str]) -> bool:
    """Sentences may name anybody."""
    return float(np.mean([len(cell.split()) for cell in cells])) >= 5


def separation(series: pd.Series, column: Column, y: np.ndarray) -> float:
    """How well one column alone tells events from non-events: AUROC in the better direction, by ranks.

    Missing cells are left out for numbers; a category is ordered by its share of events, and a category
    with fewer than ten patients a level on average is passed over (0.5), since it would look perfect by chance.

    Parameters
    ----------
    series : Series of shape (n,)
    column : Column
        What `describe` said of it.
    y : ndarray of int, shape (n,)

    Returns
    -------
    float
        From 0.5 to 1.
    """
    if column.kind == "number":
        values = as_numbers(series)[0]
    elif column.kind == "category":
        codes, levels = level_codes(series)
        known = codes >= 0
        if not levels or known.sum() < 10 * len(levels):
            return 0.5
        events = np.bincount(codes[known], weights=y[known], minlength=len(levels))
        share = events / np.maximum(np.bincount(codes[known], minlength=len(levels)), 1)
        values = np.where(known, share[codes], np.nan)
    else:
        return 0.5
    known = ~np.isnan(values)
    if min(y[known].sum(), (1 - y[known]).sum()) < 5:
        return 0.5
    area = float(placements(y[known], values[known])[0].mean())
    return max(area, 1 - area)


def codes_that_stand_apart(values: np.ndarray) -> list[int]:
    """Usual codes for "missing" (0, -9, 999) that lie far from all other numbers of a column.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Without NaN.

    Returns
    -------
    list of int
    """
    found = []
    for code in (0, *_CODES):
        rest = values[values != code]
        if 0 < rest.size < values.size and _stands_apart(code, rest):
            found.append(code)
    return found


def _stands_apart(code: int, rest: np.ndarray) -> bool:
    low, middle, high = rest.min(), np.median(rest), rest.max()
    if code == 0:
        return bool(low > 0.25 * middle and low >= 5)
    if code < 0:
        return bool(low >= 0)
    return bool(high < code / 2)
