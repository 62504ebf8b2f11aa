"""Every measure of calibration, and the proper scores, of the original and the tuned model side by side."""

from __future__ import annotations

from pathlib import Path

from medtune.evaluation.readings import calibration_reading
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.runs.record import RunResult
from medtune.ui import widgets
from medtune.ui.results.closer import closer_look
from medtune.ui.results.shown import compared_with
from medtune.ui.text import estimate, translate

MEASURES: dict[str, tuple[Sentence, int]] = {
    "citl": (say("Calibration in the large"), 2),
    "slope": (say("Calibration slope"), 2),
    "oe": (say("Observed / expected"), 2),
    "ici": (say("ICI (mean distance)"), 3),
    "e50": (say("E50 (median distance)"), 3),
    "e90": (say("E90 (90th percentile)"), 3),
    "emax": (say("Emax (largest distance)"), 3),
    "eci": (say("ECI (scaled)"), 3),
    "brier": (say("Brier score"), 3),
    "scaled_brier": (say("Scaled Brier score"), 3),
    "log_loss": (say("Log-loss"), 3),
}


def calibration_measures(result: RunResult, folder: Path) -> None:
    """One row for each measure; its sentence speaks of the judged method."""
    shown = compared_with(result)
    looks = closer_look(folder).models
    rows = []
    for key, (name, digits) in MEASURES.items():
        values = [_value(c, key, looks) for c in shown]
        sentence = translate(calibration_reading(key, values[-1]))
        rows.append([f"{translate(name)}\n{sentence}", *(_stacked(value, digits) for value in values)])
    widgets.table([say("Measure"), *(c.title for c in shown)], rows)
    widgets.terms("calibration", "calibration_in_the_large", "calibration_slope", "ici", "brier", "log_loss")
    widgets.aside(
        say("Sentences are about “{title}”. Brackets: 95% CI.", title=shown[-1].title),
        say("ICI, E50, E90, Emax and ECI are distances between the curve above and the diagonal."),
        say("With few patients Emax is the least certain: it hangs on those with the most extreme risks."),
    )


def _value(candidate, key: str, looks) -> Estimate:
    if candidate.key in looks and key in looks[candidate.key].distances:
        return looks[candidate.key].distances[key]
    return candidate.performance.headline[key]


def _stacked(value: Estimate, digits: int) -> str:
    first, _, rest = estimate(value, digits).partition(" (")
    return f"{first}\n({rest}" if rest else first
