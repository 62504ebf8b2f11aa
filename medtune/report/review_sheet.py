"""The review of hard patients on paper: who was looked at, what the reader made of them, where errors gather."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from medtune.foundation.words import Sentence, say
from medtune.report.patient_sheet import STYLE

Translate = Callable[[Sentence], str]


@dataclass(frozen=True)
class ReviewSheet:
    """What stands on the page, in texts that are ready to be read.

    Attributes
    ----------
    title, answer, about : str
        What it is, the most surprising patient, which model of which patients.
    marks : sequence of (patient, mark, reason, *numbers)
        Every marked patient; the numbers, see `numbers_heads`, are empty for one who did not take part in the run.
    open : sequence of (patient, *numbers)
        Those of the list whom nobody has marked yet.
    groups : sequence of sequence of str
        Where errors gather, see `group_heads`.
    notes : sequence of str
        How to read it.
    several : bool
        Whether the outcome has several classes.
    """

    title: str
    answer: str
    about: str
    marks: Sequence[Sequence[str]]
    open: Sequence[Sequence[str]]
    groups: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    several: bool = False


def numbers_heads(several: bool) -> tuple[Sentence, ...]:
    """What is told of each hard patient, for an event or for several classes."""
    if several:
        return (say("Recorded class"), say("Its risk"), say("Most likely"), say("Log-loss"), say("Label score"))
    return say("Outcome"), say("Risk"), say("Log-loss"), say("Label score")


def group_heads(several: bool) -> tuple[Sentence, ...]:
    """What is told of each group in which errors gather, for an event or for several classes."""
    if several:
        right, risk = say("Most likely class right (95% CI)"), say("Mean risk of the recorded class")
    else:
        right, risk = say("With event (95% CI)"), say("Mean risk")
    return say("Patients"), say("n"), right, risk, say("Log-loss (95% CI)")


def review_sheet(sheet: ReviewSheet, translate: Translate = str) -> bytes:
    """Write the page.

    Parameters
    ----------
    sheet : ReviewSheet
        Names and reasons are escaped here.
    translate : callable
        Sentence to text, for the headings.

    Returns
    -------
    bytes
        UTF-8 HTML that forbids every script and every call to another host.
    """

    def text(words: object) -> str:
        return escape(str(words), quote=True)

    def table(heads: Sequence[Sentence], rows: Sequence[Sequence[str]]) -> str:
        head = "".join(f"<th>{text(translate(name))}</th>" for name in heads)
        body = "".join(f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    numbers = numbers_heads(sheet.several)
    parts = [
        f"<h1>{text(sheet.title)}</h1>",
        f'<p class="answer">{text(sheet.answer)}</p>',
        f'<p class="quiet">{text(sheet.about)}</p>',
        f"<h2>{text(translate(say('Marked patients')))}</h2>",
    ]
    if sheet.marks:
        parts.append(table((say("Patient"), say("Mark"), say("Reason"), *numbers), sheet.marks))
    else:
        parts.append(f"<p>{text(translate(say('Nobody has been marked yet.')))}</p>")
    if sheet.open:
        parts.append(f"<h2>{text(translate(say('Not looked at yet')))}</h2>")
        parts.append(table((say("Patient"), *numbers), sheet.open))
    if sheet.groups:
        parts.append(f"<h2>{text(translate(say('Where errors gather')))}</h2>")
        parts.append(table(group_heads(sheet.several), sheet.groups))
    parts += [f'<p class="quiet">{text(note)}</p>' for note in sheet.notes]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width"><title>{text(sheet.title)}</title><style>{STYLE}</style>'
        f"</head><body>{''.join(parts)}</body></html>"
    ).encode()
