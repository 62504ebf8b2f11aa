"""What several parts of the Results page show: the two models compared, and what a saved picture says of itself."""

from __future__ import annotations

from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.runs.class_record import ClassResult
from medtune.runs.record import RunResult
from medtune.tuning.candidates import TITLES, Candidate
from medtune.tuning.classes.candidates import CLASS_TITLES
from medtune.ui.text import estimate, number, translate


def compared_with(result: RunResult) -> list[Candidate]:
    """The reference and the judged method, in this order; one of them when nothing was judged."""
    return list({c.key: c for c in (result.reference, result.tuned) if c.performance is not None}.values())


def titles(result: RunResult | ClassResult) -> dict[str, Sentence]:
    """What the methods of a run are called, by key."""
    return CLASS_TITLES if getattr(result, "classes", ()) else TITLES


def stacked(value: Estimate | None, digits: int, sign: bool = False, as_percent: bool = False) -> str:
    """A value with its interval below it, for a cell of a table."""
    text = estimate(value, digits, sign=sign, as_percent=as_percent)
    first, _, rest = text.partition(" (")
    return f"{first}\n({rest}" if rest else first


def caption(result: RunResult) -> Sentence:
    """What a picture says of itself when it is saved: whose patients, which model, and when."""
    return say(
        "{cohort}, n = {n}. {model}: {method}. {date}.",
        cohort=result.cohort,
        n=number(result.scored),
        model=result.starting or translate("Trained from scratch"),
        method=titles(result)[result.verdict.method],
        date=result.made[:10],
    )
