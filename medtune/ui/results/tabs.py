"""The details behind the verdict, a tab each; a tab does no work until it is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from medtune.foundation.words import Sentence, say
from medtune.runs.record import RunResult
from medtune.ui.results.at_source import at_source
from medtune.ui.results.benefit import benefit
from medtune.ui.results.calibration import calibration_measures
from medtune.ui.results.certainty import certainty
from medtune.ui.results.discrimination import discrimination
from medtune.ui.results.enough import enough
from medtune.ui.results.gains import gains
from medtune.ui.results.groups import groups
from medtune.ui.results.notes import notes
from medtune.ui.results.steadiness import steadiness
from medtune.ui.results.update import update
from medtune.ui.text import translate

# Name of the tab -> what draws it, given the result and the folder of the run. A further tab is a line here.
TABS: tuple[tuple[Sentence, Callable[[RunResult, Path], None]], ...] = (
    (say("All methods"), gains),
    (say("Calibration"), calibration_measures),
    (say("Discrimination"), discrimination),
    (say("Usefulness"), benefit),
    (say("Who it serves"), groups),
    (say("Certainty"), certainty),
    (say("The update"), update),
    (say("At the source"), at_source),
    (say("Enough patients?"), enough),
    (say("How steady?"), steadiness),
    (say("Notes"), notes),
)


# What is left of them where a model was only validated: nothing was compared, nothing was changed.
OF_VALIDATION = (calibration_measures, discrimination, benefit, groups, certainty, notes)


def more(result: RunResult, folder: Path) -> None:
    """The tabs; only the open one is drawn."""
    shown = [(name, draw) for name, draw in TABS if draw in OF_VALIDATION] if result.validation else TABS
    tabs = st.tabs([translate(name) for name, _ in shown], on_change="rerun", key="more")
    for tab, (_, draw) in zip(tabs, shown, strict=True):
        if tab.open:
            with tab:
                draw(result, folder)
