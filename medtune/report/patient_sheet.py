"""One patient on one page: a file of HTML that needs nothing else, runs nothing, and can be printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from medtune.foundation.words import Sentence, say

Translate = Callable[[Sentence], str]
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;color:#17212B;background:#fff;max-width:46rem;margin:2rem auto;"
    "padding:0 1rem}"
    "h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:1.4rem 0 .3rem}p{margin:.3rem 0}.quiet{color:#5B6875}"
    ".answer{font-size:1.15rem}table{border-collapse:collapse;width:100%}"
    "td,th{padding:.2rem .6rem .2rem 0;text-align:left;"
    "border-bottom:1px solid #D8DEE4;font-weight:400;vertical-align:top}th{color:#5B6875;font-size:.85rem}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
)


LOG_ODDS = say("log-odds")
CROSSING = say("What would move the risk across the threshold")


@dataclass(frozen=True)
class Sheet:
    """What stands on the page, in texts that are ready to be read.

    Attributes
    ----------
    title, answer : str
    model : str
        Which model, from where, when.
    values : sequence of (column, value, contribution)
        The patient's values, the largest contribution first.
    notes : sequence of str
        Every reason for doubt.
    alternatives : sequence of str
        What would move the patient across the threshold, a line each.
    unit : Sentence
        What contributions are counted in.
    crossing : Sentence
        Heading of the alternatives.
    """

    title: str
    answer: str
    model: str
    values: Sequence[tuple[str, str, str]]
    notes: Sequence[str] = ()
    alternatives: Sequence[str] = ()
    unit: Sentence = LOG_ODDS
    crossing: Sentence = CROSSING


def patient_sheet(sheet: Sheet, translate: Translate = str) -> bytes:
    """Write the page.

    Parameters
    ----------
    sheet : Sheet
        Texts as they are to be read: column names, levels and names are escaped here.
    translate : callable
        Sentence to text, for the headings.

    Returns
    -------
    bytes
        UTF-8. It forbids every script and every call to another host.
    """

    def text(words: object) -> str:
        return escape(str(words), quote=True)

    heads = (say("Column"), say("Value"), say("Contribution, {unit}", unit=sheet.unit))
    head = "".join(f"<th>{text(translate(name))}</th>" for name in heads)
    rows = "".join(
        f'<tr><td>{text(name)}</td><td>{text(value)}</td><td class="n">{text(part)}</td></tr>'
        for name, value, part in sheet.values
    )
    parts = [
        f"<h1>{text(sheet.title)}</h1>",
        f'<p class="answer">{text(sheet.answer)}</p>',
        f'<p class="quiet">{text(sheet.model)}</p>',
        f"<h2>{text(translate(say('Values and what each contributes')))}</h2>",
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>",
    ]
    lists = ((sheet.crossing, sheet.alternatives),
             (say("Reasons for doubt"), sheet.notes))  # fmt: skip
    for heading, lines in lists:
        if lines:
            items = "".join(f"<li>{text(line)}</li>" for line in lines)
            parts.append(f"<h2>{text(translate(heading))}</h2><ul>{items}</ul>")
    parts.append(f'<p class="quiet">{text(translate(FOOT))}</p>')
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width"><title>{text(sheet.title)}</title><style>{STYLE}</style>'
        f"</head><body>{''.join(parts)}</body></html>"
    ).encode()


FOOT = say(
    "An estimated risk says how often the event happens among patients like this one; it predicts nobody's fate. "
    "A contribution is an association in the model, not a cause."
)
