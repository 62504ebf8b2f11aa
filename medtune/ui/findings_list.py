"""What is doubtful about the patients in view, each finding with a remedy one click away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from medtune.cohort.doubts import Finding, Remedy
from medtune.cohort.findings import find
from medtune.cohort.table import Cohort
from medtune.foundation.words import Sentence, listed, say
from medtune.images.labels import PICTURE
from medtune.images.measuring import measures_of
from medtune.ui import choices, widgets
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import number, translate

SHOWN = 4
LOOKED_AT = 50_000  # patients
# What people enter: in another unit, as a code for missing, or after the outcome.
OF_ENTRIES = ("unit_mixture", "hidden_codes", "given_away")
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
    "validate_only": (say("Validate only"), lambda _mend: choices.validate_only()),
    "drop_late_rows": (say("Leave these rows out"), lambda mend: choices.drop_late_rows(mend.columns)),
    "keep_first_row": (say("Keep first rows only"), lambda mend: choices.keep_one_row(mend.columns[0], "first")),
    "keep_last_row": (say("Keep last rows only"), lambda mend: choices.keep_one_row(mend.columns[0], "last")),
    "leave_out_level": (say("Leave them out"), lambda mend: choices.leave_out_level(mend.columns[0], mend.codes)),
    "fix_threshold": (say("Fix this threshold"), lambda mend: choices.fix_threshold(mend.rule[0])),
    "weigh_consequences": (say("Weigh consequences"), lambda _mend: choices.weigh_consequences()),
}


@dataclass(frozen=True)
class Mended:
    """The remedy last used, with all that remedies change as it was before and after."""

    edition: int
    words: Sentence
    columns: tuple[str, ...]
    before: tuple
    after: tuple


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
    """Whether the settings deal with it already, or it cannot be meant: nobody enters what is measured in pictures."""
    if finding.key in OF_ENTRIES and PICTURE in state.table.frame and measures_of(finding.columns) is not None:
        return True
    dealt_with = {"duplicates": ("drop", "near"), "near_copies": ("near",), "genes_alike": ("near",)}
    if finding.remedy is not None and finding.remedy.action == "validate_only" and state.settings.validates:
        return True
    if finding.key == "imbalance" and (state.settings.threshold is not None or state.acting.way == "consequence"):
        return True
    return state.settings.preparation.duplicates in dealt_with.get(finding.key, ())


def _card(place: int, finding: Finding) -> None:
    mends = []
    for remedy in (finding.remedy, *finding.others):
        if remedy is None or remedy.action not in REMEDIES:
            continue
        if remedy.action == "validate_only" and not state.settings.starting.has_risk:
            continue  # what has no risk of its own cannot be validated
        mends.append((REMEDIES[remedy.action][0], partial(_mend, remedy)))
    widgets.finding(f"{finding.key}_{place}", finding.sentence, mends, BOXES[finding.severity])


def _changeable() -> tuple:
    """All that a remedy may change."""
    return state.roles, state.cleaning, state.settings, state.acting


def _mend(remedy: Remedy) -> None:
    """Do what the button says, and remember how it was before."""
    words, act = REMEDIES[remedy.action]
    before = _changeable()
    act(remedy)
    state.mended = Mended(state.edition, words, remedy.columns, before, _changeable())


def last_mended() -> None:
    """What the last remedy did, to be undone as long as nothing was changed since; said whatever came of it."""
    mended = state.mended
    if mended is None or mended.edition != state.edition or mended.after != _changeable():
        return
    said = say("Done: {words} ({columns}).", words=mended.words, columns=listed(mended.columns))
    said = said if mended.columns else say("Done: {words}.", words=mended.words)
    widgets.finding("mended", said, [(say("Undo"), _undo)])


def _undo() -> None:
    state.roles, state.cleaning, state.settings, state.acting = state.mended.before
    state.mended = None
