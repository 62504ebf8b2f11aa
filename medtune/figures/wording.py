"""Numbers and names as a figure writes them: per cent, intervals, minus signs, shortened names."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape

from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

Translate = Callable[[Sentence], str]

MINUS = "\N{MINUS SIGN}"
THIN = "\N{NARROW NO-BREAK SPACE}"


def plain(text: object) -> str:
    """A user's own words made safe for plotly, which would read tags and %{places} in them."""
    return escape(str(text), quote=False).replace("%{", "%&#123;")


def worded(title: Sentence | str, translate: Translate = str) -> str:
    """A title in the reader's language; a bare string is the user's own name for something."""
    return plain(translate(title) if isinstance(title, Sentence) else title)


def number(value: float, digits: int = 2, sign: bool = False) -> str:
    """A number with fixed decimals and a true minus sign; "–" when there is none.

    >>> number(-0.0312, 3)
    '−0.031'
    """
    if value is None or not math.isfinite(value):
        return "–"
    text = format(round(value, digits) + 0.0, f"{'+' if sign else ''},.{digits}f")
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("+-")
    return text.replace(",", THIN).replace("-", MINUS)


def compact(value: float) -> str:
    """A measured value as a clinician would write it: four significant digits at most.

    >>> compact(71.0), compact(0.12345)
    ('71', '0.1235')
    """
    if not math.isfinite(value):
        return "–"
    if value == int(value) and abs(value) < 1e7:
        return number(value, 0) if abs(value) >= 1e4 else format(int(value), "d").replace("-", MINUS)
    return format(value, ".4g").replace("-", MINUS)


def percent(share: float, digits: int = 1) -> str:
    """A share between 0 and 1 as per cent.

    >>> percent(0.3605)
    '36.0%'
    """
    return number(share, digits) if not math.isfinite(share) else number(100 * share, digits) + "%"


def interval(estimate: Estimate, digits: int = 2, translate: Translate = str, sign: bool = False) -> str:
    """A value with its limits in brackets, for example "0.74 (0.69 to 0.79)"."""
    value = number(estimate.value, digits, sign)
    if not (estimate.known and estimate.bounded):
        return value
    low, high = (number(limit, digits, sign) for limit in (estimate.low, estimate.high))
    return translate(say("{value} ({low} to {high})", value=value, low=low, high=high))


def clipped(name: object, letters: int) -> str:
    """A name cut at its end: levels differ early."""
    name = str(name)
    return name if len(name) <= letters else name[: letters - 1] + "…"


def shortened(name: object, letters: int = 22) -> str:
    """A name cut in the middle, because long column names that resemble each other differ at their ends."""
    name = str(name)
    if len(name) <= letters:
        return name
    tail = letters // 3
    return name[: letters - tail - 1] + "…" + name[-tail:]
