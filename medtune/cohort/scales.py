"""Levels that have an order of their own: degrees, grades, classes, frequencies, bands of age."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SCALES = tuple(
    tuple(scale.split("|"))
    for scale in (
        "absent|none|no|nil|minimal|trivial|slight|mild|light|moderate|marked|severe|critical|extreme",
        "never|rarely|ex|former|past|seldom|sometimes|occasional|occasionally|often|frequent|current|always|daily",
        "very low|low|below normal|normal|medium|intermediate|borderline|elevated|high|very high",
        "neg|negative|trace|1+|2+|3+|4+",
        "-|±|+-|+|++|+++|++++",
        "very poor|poor|fair|average|good|very good|excellent",
        "i|ia|ib|ii|iia|iib|iii|iiia|iiib|iv|iva|ivb|v",
        "t0|tis|t1|t2|t3|t4",
        "n0|n1|n2|n3",
        "normal weight|overweight|obese|severely obese",
        "underweight|normal|overweight|obese",
        "newborn|infant|child|adolescent|young|adult|middle-aged|old|elderly",
        "small|medium|large",
        "dead|vegetative state|severe disability|moderate disability|good recovery",
        "无|轻微|轻|轻度|中|中度|重|重度|极重度|危重",
        "低|中|高",
        "阴性|弱阳性|阳性|强阳性",
        "keine|leicht|mittel|mäßig|schwer",
        "aucun|léger|modéré|sévère",
    )
)
_PREFIX = re.compile(
    r"^(stage|grade|class|nyha|asa|killip|ecog|level|degree|type|cat|g|stadium|grad)[\s_-]*(?=[\divx]+)"
)
_BAND = re.compile(
    r"(?:[<>≤≥]=?|under|over|up to|below|above)?\s*(\d+(?:[.,]\d+)?)"
    r"\s*(?:(?:-|–|to|bis|至|~)\s*(\d+(?:[.,]\d+)?)|\+)?\s*(?:y|yr|yrs|years?|jahre|岁|months?|days?)?"
)
_GRADES = "nyha asa killip ecog stage grade severity gcs degree apgar ccs mrs rankin child birads 级 期 分期 分级"
GRADED = frozenset(_GRADES.split())
_BELOW, _ABOVE = ("<", "≤", "under", "up to", "below"), (">", "≥", "over", "above")


def ranked(levels: Iterable[str]) -> tuple[str, ...] | None:
    """Levels in the order they have by their words, or None when they have none.

    Parameters
    ----------
    levels : iterable of str

    Returns
    -------
    tuple of str or None
        For three levels or more of one known scale, or bands such as "40-49".
    """
    levels = list(levels)
    if len(levels) < 3:
        return None
    plain = {level: _PREFIX.sub("", " ".join(level.casefold().split())) for level in levels}
    if len(set(plain.values())) < len(levels):
        return None
    for scale in _SCALES:
        if all(word in scale for word in plain.values()):
            return tuple(sorted(levels, key=lambda level: scale.index(plain[level])))
    if any(plain[level] != level.casefold() for level in levels) and all(word.isdigit() for word in plain.values()):
        return tuple(sorted(levels, key=lambda level: int(plain[level])))
    return _bands(levels, plain)


def _bands(levels: list[str], plain: dict[str, str]) -> tuple[str, ...] | None:
    matches = {level: _BAND.fullmatch(plain[level]) for level in levels}
    if not all(matches.values()) or sum(match.group(2) is not None for match in matches.values()) < 1:
        return None

    def place(level: str) -> tuple[float, int]:
        low = float(matches[level].group(1).replace(",", "."))
        word = plain[level]
        return low, -1 if word.startswith(_BELOW) else int(word.startswith(_ABOVE))

    return tuple(sorted(levels, key=place))


def in_given_order(levels: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    """Levels as another list orders them.

    Parameters
    ----------
    levels : sequence of str
    order : sequence of str

    Returns
    -------
    tuple of str
        Levels that the list does not have come last, as they stand.
    """
    place = {level: at for at, level in enumerate(order)}
    return tuple(sorted(levels, key=lambda level: place.get(level, len(place))))
