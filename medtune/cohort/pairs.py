"""Blood pressures written as pairs, 120/80, as two columns of numbers."""

from __future__ import annotations

import pandas as pd

from medtune.cohort.vocabulary import words_of
from medtune.foundation.words import Sentence, say

_NAMED = frozenset(["bp", "nibp", "abp", "rr", "血压"])
_WORDS = frozenset(("blood", "pressure")), frozenset(("blutdruck",)), frozenset(("tension", "artérielle"))
_PAIR = r"\s*(\d{2,3}(?:[.,]\d)?)\s*/\s*(\d{2,3}(?:[.,]\d)?)\s*(?:mm\s?hg)?\s*"
NEARLY_ALL = 0.9


def apart(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Sentence]]:
    """Put the upper and the lower pressure into columns of their own, where nearly all cells hold such a pair.

    Parameters
    ----------
    frame : DataFrame
        As read.

    Returns
    -------
    frame : DataFrame
        The two columns stand where the pair stood, called by its name and "systolic" or "diastolic".
    report : list of Sentence
    """
    pairs = {str(name): found for name in frame.columns if (found := _pairs(frame[name], str(name))) is not None}
    if not pairs:
        return frame, []
    parts, report = [], []
    for name in frame.columns:
        made = pairs.get(str(name))
        if made is None or set(made.columns) & set(frame.columns):
            parts.append(frame[[name]])
            continue
        parts.append(made)
        unread = int(frame[name].notna().sum() - made.iloc[:, 0].notna().sum())
        said = say(
            "'{name}' holds pairs such as 120/80 and became '{upper}' and '{lower}'.",
            name=name,
            upper=made.columns[0],
            lower=made.columns[1],
        )
        more = say("{said} Other cells count as missing: {count}.", said=said, count=unread)
        report.append(more if unread else said)
    return pd.concat(parts, axis=1), report


def _pairs(series: pd.Series, name: str) -> pd.DataFrame | None:
    words = words_of(name)
    if not (words & _NAMED or any(both <= words for both in _WORDS)) or pd.api.types.is_numeric_dtype(series.dtype):
        return None
    known = series.dropna().astype("str")
    cells = series.astype("str").str.extract("^(?i:" + _PAIR + ")$")
    cells = cells.apply(lambda part: pd.to_numeric(part.str.replace(",", ".", regex=False), errors="coerce"))
    if not len(known) or cells[0].notna().sum() < NEARLY_ALL * len(known) or cells[0].median() <= cells[1].median():
        return None
    return cells.set_axis([f"{name} systolic", f"{name} diastolic"], axis=1)
