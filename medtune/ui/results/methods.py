"""The table of all methods on the same patients."""

from __future__ import annotations

from medtune.foundation.words import say
from medtune.runs.record import RunResult
from medtune.tuning.candidates import MEANINGS
from medtune.ui import widgets
from medtune.ui.results.shown import stacked
from medtune.ui.text import number, translate


def methods(result: RunResult) -> None:
    """The table of candidates on the same patients."""
    widgets.heading(say("Methods compared on the same patients"))
    heads = [say("Method"), say("AUROC"), say("Gain in log-loss"), say("Calibration slope"), say("Observed / expected"),
             say("Brier score")]  # fmt: skip
    rows, marks = [], []
    for candidate in result.candidates:
        title = translate(candidate.title)
        if candidate.performance is None:
            rows.append([f"{title}\n{translate(candidate.why_not)}", *["–"] * 5])
            marks.append("faint")
            continue
        head = candidate.performance.headline
        gain = candidate.comparison.gain if candidate.comparison else None
        rows.append(
            [
                f"{title}\n{translate(MEANINGS[candidate.key])}",
                stacked(head["auroc"], 3),
                stacked(gain, 3, sign=True) if gain else translate("reference"),
                stacked(head["slope"], 2),
                stacked(head["oe"], 2),
                stacked(head["brier"], 3),
            ]
        )
        marks.append("chosen" if candidate.key == result.verdict.chosen else "")
    widgets.table(heads, rows, marks=marks)
    widgets.aside(
        say(
            "{n} patients, {events} with the event. Brackets: 95% CI. Gain above 0 is better.",
            n=number(result.scored),
            events=number(result.reference.performance.events),
        )
    )
