"""A run on paper: the verdict, the numbers behind it with intervals, what was done, and what readers marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from medtune.foundation.words import Sentence, say
from medtune.report.patient_sheet import STYLE

Translate = Callable[[Sentence], str]
PRINT = "tr.chosen td{font-weight:600}table{font-size:.9rem}@page{margin:14mm}"


@dataclass(frozen=True)
class RunSheet:
    """What stands on the page, in texts that are ready to be read.

    Attributes
    ----------
    title, answer, about : str
        What it is, the verdict in one sentence, whose patients and which model, and when.
    verdict : sequence of str
        The gain with its interval, and what happened to calibration and ranking.
    heads : sequence of Sentence
        Of the table of methods.
    methods : sequence of sequence of str
        A line each, intervals in brackets.
    chosen : int
        Line of the method that the policy chose; -1 for none.
    done : sequence of (what, how)
        What was done.
    notes : sequence of str
        What a reader must know: who was left out, what was changed.
    marks : sequence of (patient, mark, reason, whether the patient took part)
        What readers wrote beside patients of this cohort.
    """

    title: str
    answer: str
    about: str
    verdict: Sequence[str]
    heads: Sequence[Sentence]
    methods: Sequence[Sequence[str]]
    chosen: int
    done: Sequence[tuple[str, str]]
    notes: Sequence[str]
    marks: Sequence[Sequence[str]]


MARK_HEADS = (say("Patient"), say("Mark"), say("Reason"), say("In this run"))
NO_MARKS = say("Nobody marked a patient of this cohort.")
FOOT = (
    say("All numbers come from patients that the models compared were not fitted to; brackets are 95% intervals."),
    say("Marks are readers’ own words, kept with the cohort, as they stood when this page was made; a mark changes "
        "nothing by itself."),
)  # fmt: skip


def run_sheet(sheet: RunSheet, translate: Translate = str) -> bytes:
    """Write the page.

    Parameters
    ----------
    sheet : RunSheet
        Names and reasons are escaped here.
    translate : callable
        Sentence to text, for the headings.

    Returns
    -------
    bytes
        UTF-8 HTML that needs nothing else, and forbids every script and every call to another host.
    """

    def text(words: object) -> str:
        return escape(str(words), quote=True)

    def heading(words: Sentence) -> str:
        return f"<h2>{text(translate(words))}</h2>"

    def table(heads: Sequence[Sentence], rows: Sequence[Sequence[str]], chosen: int = -1) -> str:
        head = "".join(f"<th>{text(translate(name))}</th>" for name in heads)
        body = "".join(
            f"<tr{' class=chosen' if at == chosen else ''}>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>"
            for at, row in enumerate(rows)
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    parts = [
        f"<h1>{text(sheet.title)}</h1>",
        f'<p class="answer">{text(sheet.answer)}</p>',
        f'<p class="quiet">{text(sheet.about)}</p>',
        *(f"<p>{text(sentence)}</p>" for sentence in sheet.verdict),
        heading(say("Methods compared on the same patients")),
        table(sheet.heads, sheet.methods, sheet.chosen),
        heading(say("What was done")),
        table((say("What"), say("How")), sheet.done),
    ]
    if sheet.notes:
        parts.append(heading(say("Notes")))
        parts.append("<ul>" + "".join(f"<li>{text(note)}</li>" for note in sheet.notes) + "</ul>")
    parts.append(heading(say("Marked patients")))
    parts.append(table(MARK_HEADS, sheet.marks) if sheet.marks else f"<p>{text(translate(NO_MARKS))}</p>")
    parts += [f'<p class="quiet">{text(translate(sentence))}</p>' for sentence in FOOT]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width"><title>{text(sheet.title)}</title>'
        f"<style>{STYLE}{PRINT}</style></head><body>{''.join(parts)}</body></html>"
    ).encode()
