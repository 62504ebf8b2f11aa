"""A model on one page of paper: points to add up, the risk of each sum, what that costs, and the nomogram."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from medtune.foundation.words import Sentence, say
from medtune.report.patient_sheet import STYLE

if TYPE_CHECKING:
    from medtune.explanation.nomogram import Nomogram, Scale
    from medtune.explanation.points import Line, PointsScore

Translate = Callable[[Sentence], str]
WIDTH, LEFT, ROW = 900, 150, 46
INK, QUIET, LINE = "#17212B", "#5B6875", "#0F766E"
PRINT = "table.sums{width:auto}table.sums td{padding-right:1.2rem}svg{width:100%;height:auto}@page{margin:14mm}"


def line_in_words(line: Line, translate: Translate = str) -> str:
    """What a line of the sheet stands for: "50 to below 60", "male", "missing".

    Parameters
    ----------
    line : Line
    translate : callable
        Sentence to text.

    Returns
    -------
    str
    """
    if line.missing:
        return translate(say("missing"))
    if line.level is not None:
        return line.level
    if line.names:
        return ", ".join(line.names)
    if line.low is not None and line.high is not None:
        return translate(say("{low} to below {high}", low=f"{line.low:g}", high=f"{line.high:g}"))
    if line.low is not None:
        return translate(say("{low} or more", low=f"{line.low:g}"))
    high = line.high
    return translate(say("any value")) if high is None else translate(say("below {high}", high=f"{high:g}"))


def paper_sheet(
    title: str, about: str, sheet: PointsScore, nomogram: Nomogram, notes: Sequence[str], translate: Translate = str
) -> bytes:
    """Write the page.

    Parameters
    ----------
    title, about : str
        What the risk is of; which model, from whom, when.
    sheet : PointsScore
    nomogram : Nomogram
    notes : sequence of str
        What the whole numbers cost, and how that was found out.
    translate : callable
        Sentence to text.

    Returns
    -------
    bytes
        UTF-8 HTML that needs nothing else, runs nothing, and can be printed.
    """

    def text(words: object) -> str:
        return escape(str(words), quote=True)

    def said(template: str) -> str:
        return text(translate(say(template)))

    rows = "".join(
        f"<tr><td>{text(item.column) if at == 0 else ''}</td><td>{text(line_in_words(line, translate))}</td>"
        f'<td class="n">{line.points}</td></tr>'
        for item in sheet.items
        for at, line in enumerate(item.lines)
    )
    sums = "".join(
        f'<tr><td class="n">{total}</td><td class="n">{100 * risk:.1f}%</td></tr>'
        for total, risk in enumerate(sheet.risks)
    )
    dropped = ""
    if sheet.dropped:
        words = say("Columns of the model that never reach one point: {names}.", names=", ".join(sheet.dropped))
        dropped = f'<p class="quiet">{text(translate(words))}</p>'
    costs = "".join(f"<li>{text(note)}</li>" for note in notes)
    body = [
        f"<h1>{text(title)}</h1>",
        f'<p class="quiet">{text(about)}</p>',
        f"<h2>{said('Points')}</h2>",
        f"<table><thead><tr><th>{said('Column')}</th><th>{said('Value')}</th>"
        f'<th class="n">{said("Points")}</th></tr></thead><tbody>{rows}</tbody></table>{dropped}',
        f"<h2>{said('Estimated risk')}</h2>",
        f'<table class="sums"><thead><tr><th>{said("Sum of points")}</th><th>{said("Estimated risk")}</th></tr></thead>'
        f"<tbody>{sums}</tbody></table>",
        f"<h2>{said('What whole numbers cost')}</h2><ul>{costs}</ul>",
        f"<h2>{said('The exact model as a nomogram')}</h2>{nomogram_picture(nomogram, translate)}",
        f'<p class="quiet">{said("An estimated risk tells of patients like this one; it predicts nobody’s fate.")}</p>',
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width"><title>{text(title)}</title>'
        f"<style>{STYLE}{PRINT}</style></head><body>{''.join(body)}</body></html>"
    ).encode()


def nomogram_picture(shown: Nomogram, translate: Translate = str) -> str:
    """The nomogram as SVG, for paper.

    Parameters
    ----------
    shown : Nomogram
    translate : callable
        Sentence to text.

    Returns
    -------
    str
    """
    points = [(f"{value}", value / 100) for value in range(0, 101, 10)]
    step = next(size for size in (5, 10, 20, 25, 50, 100, 200, 500, 1000, 10_000, 10**6) if shown.total / size <= 12)
    totals = [(f"{value:g}", value / shown.total) for value in range(0, int(shown.total) + 1, step)]
    risks = [(f"{100 * risk:.3g}%", at / shown.total) for risk, at in shown.risks]
    lines = [(translate(say("Points")), points)]
    lines += [(scale.column, _marks(scale, translate)) for scale in shown.scales]
    lines += [(translate(say("Sum of points")), totals), (translate(say("Estimated risk")), risks)]
    height = ROW * len(lines) + 10
    drawn = "".join(_scale(name, marks, ROW * row + 26) for row, (name, marks) in enumerate(lines))
    return f'<svg viewBox="0 0 {WIDTH} {height}" font-family="system-ui,sans-serif" font-size="11">{drawn}</svg>'


def _marks(scale: Scale, translate: Translate) -> list[tuple[str, float]]:
    return [(mark.name or translate(say("missing")), mark.points / 100) for mark in scale.marks]


def _scale(name: str, marks: list[tuple[str, float]], y: int) -> str:
    reach = WIDTH - LEFT - 30
    places = [LEFT + 10 + reach * share for _, share in marks]
    short = name if len(name) <= 22 else name[:21] + "…"
    parts = [
        f'<text x="0" y="{y + 4}" fill="{INK}">{escape(short)}</text>',
        f'<line x1="{min(places):.1f}" x2="{max(places):.1f}" y1="{y}" y2="{y}" stroke="{LINE}" stroke-width="1.5"/>',
    ]
    ends = {True: -99.0, False: -99.0}
    for (label, _), x in sorted(zip(marks, places, strict=True), key=lambda pair: pair[1]):
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 4}" y2="{y + 4}" stroke="{LINE}"/>')
        half = 3.2 * len(label) + 3
        above = x - half > ends[True]
        if not above and x - half <= ends[False]:
            continue
        ends[above] = x + half
        where = f'x="{x:.1f}" y="{y - 7 if above else y + 15}"'
        parts.append(f'<text {where} text-anchor="middle" fill="{QUIET}">{escape(label)}</text>')
    return "".join(parts)
