"""What is doubtful about the patients in view, each finding with a remedy one click away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from medtune.cohort.findings import Finding, find
from medtune.cohort.table import Cohort
from medtune.foundation.words import Sentence, say
from medtune.ui import choices, widgets
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import number, translate

SHOWN = 4
LOOKED_AT = 50_000  # patients
BOXES = {"stop": "error", "warn": "warning", "note": "info"}
# Action of a remedy -> words of the button, and what it does with the remedy.
REMEDIES: dict[str, tuple[Sentence, Callable]] = {
    "leave_out": (say("Leave out"), lambda mend: choices.leave_out(*mend.columns)),
    "mark_missing": (say("Mark as missing"), lambda mend: choices.mark_missing(mend.columns, mend.codes)),
    "choose_patient": (say("Use as patient id"), lambda mend: choices.choose_patient(mend.columns[0])),
    "merge_levels": (say("Read as one"), lambda mend: choices.merge_spellings(mend.columns)),
    "one_unit": (say("Convert them"), lambda mend: choices.one_unit(mend.columns[0], mend.rule)),
    "drop_duplicates": (say("Leave copies out"), lambda _mend: choices.drop_duplicates()),
    "drop_near_copies": (say("Leave near copies out"), lambda _mend: choices.drop_duplicates("near")),
    "validate_only": (say("Validate only, change nothing"), lambda _mend: choices.validate_only()),
    "drop_late_rows": (say("Leave these rows out"), lambda mend: choices.drop_late_rows(mend.columns)),
}


def draw(cohort: Cohort) -> None:
    """The gravest findings as cards, the others folded."""
    found = once("findings", (state.edition, state.roles, state.cleaning), lambda: find(_some(cohort)))
    found = [finding for finding in found if not _settled(finding)]
    if not found:
        return
    widgets.heading(say("Worth a look"))
    if cohort.n > LOOKED_AT:
        counts = {"some": number(LOOKED_AT), "n": number(cohort.n)}
        widgets.aside(say("Counted in {some} of {n} patients, evenly spread over the table.", **counts))
    for place, finding in enumerate(found[:SHOWN]):
        _card(place, finding)
    rest = found[SHOWN:]
    if rest:
        with st.expander(translate("{count} more", count=len(rest))):
            for place, finding in enumerate(rest, start=SHOWN):
                _card(place, finding)


def _some(cohort: Cohort) -> Cohort:
    """All patients, or so many that looking at them does not keep the page waiting."""
    return cohort if cohort.n <= LOOKED_AT else cohort.take(np.linspace(0, cohort.n - 1, LOOKED_AT).astype(int))


def _settled(finding: Finding) -> bool:
    """Whether the settings deal with it already."""
    dealt_with = {"duplicates": ("drop", "near"), "near_copies": ("near",)}
    if finding.remedy is not None and finding.remedy.action == "validate_only" and state.settings.validates:
        return True
    return state.settings.preparation.duplicates in dealt_with.get(finding.key, ())


def _card(place: int, finding: Finding) -> None:
    remedy = finding.remedy
    words, act = REMEDIES.get(remedy.action, (None, None)) if remedy else (None, None)
    if remedy and remedy.action == "validate_only" and not state.settings.starting.has_risk:
        act = None  # what has no risk of its own cannot be validated
    mend = partial(act, remedy) if act else None
    widgets.finding(f"{finding.key}_{place}", finding.sentence, words, mend, BOXES[finding.severity])
