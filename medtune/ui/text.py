"""Words and numbers as a reader meets them: translation, escaping, number, time and interval formats."""

from __future__ import annotations

import gettext
import html
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from numbers import Integral

from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence

MINUS = "\N{MINUS SIGN}"
THIN = "\N{NARROW NO-BREAK SPACE}"
NOTHING = "\N{EN DASH}"
_MARKDOWN = re.compile(r"([\\`*_\[\]<>$~|#])|:(?=\w)")


def translate(thing: Sentence | str, /, **fields: object) -> str:
    """The text of a marked sentence in the language of the session.

    Parameters
    ----------
    thing : Sentence or str
        What the core said with `say`, or a template written on a page.
    **fields : object
        What goes into the places of a template; a `Sentence` among them is
        translated too.

    Returns
    -------
    str
        Plain text, not yet safe for Markdown: see `markdown`.
    """
    template, given = (thing.template, thing.fields) if isinstance(thing, Sentence) else (thing, fields)
    text = gettext.gettext(template) if template else ""
    return text.format(**_ready(given)) if isinstance(thing, Sentence) or fields else text


def _ready(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: _field(value) for name, value in fields.items()}


def _field(value: object) -> object:
    """Sentences are translated; counts get thin spaces between thousands wherever they stand."""
    if isinstance(value, Sentence):
        return translate(value)
    if isinstance(value, Integral) and not isinstance(value, bool):
        return _Count(value)
    return _Number(value) if isinstance(value, float) else value


class _Count(int):
    """A whole number that writes itself as `number` does, unless its place asks for another form."""

    def __format__(self, form: str) -> str:
        return super().__format__(form) if form else number(int(self))

    def __str__(self) -> str:
        return number(int(self))


class _Number(float):
    """A number that writes itself with a true minus sign, in whatever form its place asks for."""

    def __format__(self, form: str) -> str:
        text = super().__format__(form)
        return MINUS + text[1:] if text.startswith("-") else text


def markdown(thing: Sentence | str, /, **fields: object) -> str:
    """The translated text with every sign escaped that Markdown would take for itself.

    Column names and levels come from the user's file: ``blood_pressure *``
    must be shown as written.
    """
    return _MARKDOWN.sub(lambda found: "\\" + found.group(0), translate(thing, **fields))


def markup(thing: Sentence | str, /, **fields: object) -> str:
    """The translated text, safe to stand in HTML."""
    return html.escape(translate(thing, **fields))


def number(value: float | None, digits: int = 0) -> str:
    """A number with a true minus sign and thin spaces between thousands: ``12 345``, ``−0.21``."""
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.removeprefix("-")
    return text.replace(",", THIN).replace("-", MINUS)


def plain_number(value: float | None, digits: int = 3) -> str:
    """A number of a column with as few digits as it needs, at most `digits`: ``63``, ``2.3``, ``0.0012``."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if float(value).is_integer() or abs(value) >= 1000:
        return number(value)
    text = number(value, max(0, min(3 + digits, digits - 1 - math.floor(math.log10(abs(value))))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals(column: Iterable[Estimate]) -> int:
    """How many decimals a column of a table needs, the same in every line.

    Parameters
    ----------
    column : iterable of Estimate
        What will stand in it.

    Returns
    -------
    int
        Two digits of the narrowest half interval; where there are none, of the smallest value. From 2 to 6.
    """
    known = [value for value in column if value.known]
    sizes = [abs(value.high - value.low) / 2 for value in known if value.bounded] or [abs(v.value) for v in known]
    sizes = [size for size in sizes if size > 0]
    return min(6, max(2, 1 - math.floor(math.log10(min(sizes))))) if sizes else 2


def signed(value: float | None, digits: int = 3) -> str:
    """A difference, with its sign always shown."""
    text = number(value, digits)
    return text if text == NOTHING or text.startswith(MINUS) or float(f"{value:.{digits}f}") == 0 else "+" + text


def percent(share: float | None, digits: int = 1) -> str:
    """A share or a risk as LOOK has it: ``36.1%``."""
    if share is None or not math.isfinite(share):
        return NOTHING
    return number(100 * share, digits) + "%"


def estimate(value: Estimate | None, digits: int = 3, *, as_percent: bool = False, sign: bool = False) -> str:
    """A number with its interval in brackets: ``0.78 (0.72 to 0.84)``.

    Parameters
    ----------
    value : Estimate or None
        What was estimated; None and NaN give a dash.
    digits : int
        Decimals; 2 for an AUROC in a sentence, 3 in a table, 1 for percentages.
    as_percent : bool
        Whether the estimate is a share to be shown in percent.
    sign : bool
        Whether the sign is always shown, as for differences.
    """
    if value is None or not value.known:
        return NOTHING
    one = (lambda x: percent(x, digits)) if as_percent else (lambda x: (signed if sign else number)(x, digits))
    if not value.bounded:
        return one(value.value)
    inside = translate("{low} to {high}", low=one(value.low).removesuffix("%"), high=one(value.high))
    return f"{one(value.value)} ({inside})"


def of_patients(count: int, total: int) -> str:
    """A count with its share and its n beside it: ``106 of 294 (36.1%)``."""
    share = percent(count / total) if total else NOTHING
    return translate("{count} of {total} ({share})", count=number(count), total=number(total), share=share)


def duration(seconds: float | None) -> str:
    """A length of time in one unit: ``4 s``, ``12 min``, ``3 h``."""
    if seconds is None or not math.isfinite(seconds):
        return NOTHING
    for limit, unit, template in ((90, 1, "{n} s"), (5400, 60, "{n} min"), (129_600, 3600, "{n} h")):
        if seconds < limit:
            return translate(template, n=number(max(1, math.ceil(seconds / unit))))
    return translate("{n} days", n=number(seconds / 86_400))


def ago(moment: str | float | datetime | None) -> str:
    """How long ago a moment was, in words: ``just now``, ``3 min ago``, ``2 days ago``.

    Parameters
    ----------
    moment : str, float, datetime or None
        ISO text, seconds since 1970 or a datetime; without a zone it is UTC.
    """
    if moment is None:
        return NOTHING
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    elif isinstance(moment, (int, float)):
        moment = datetime.fromtimestamp(moment, UTC)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (datetime.now(UTC) - moment).total_seconds()
    return translate("just now") if seconds < 45 else translate("{time} ago", time=duration(seconds))
