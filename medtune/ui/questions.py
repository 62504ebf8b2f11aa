"""Questions that pages ask the warm process, so that the server itself never fits anything."""

from __future__ import annotations

import threading

import streamlit as st

from medtune.cohort.preview import Preview
from medtune.cohort.table import Cohort, open_cohort
from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import from_plain
from medtune.runs.execution import keep_spare
from medtune.runs.standby import ask, errand, warm
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import translate
from medtune.ui.widgets import trouble


def warm_up() -> None:
    """Start the warm processes aside, so that neither this page nor the first question or run waits for them."""

    def start() -> None:
        warm()
        keep_spare()

    threading.Thread(target=start, daemon=True, name="warm up").start()


def preview_preparation(column: str) -> Preview | None:
    """What the settings draft does to the patients in use and to one column; None after saying why it cannot be had."""
    given = (state.cohort_id, state.settings.preparation, column)

    def make() -> Preview:
        folder = str(state.store.cohort_folder(state.cohort_id))
        payload = {"folder": folder, "preparation": state.settings.preparation, "column": column}
        with st.spinner(translate("Looking at the patients")):
            return from_plain(Preview, ask("preview_preparation", payload))

    try:
        return once("preview", given, make)
    except MedtuneError as error:
        trouble(error)
        return None


def demo_cohort(demo: str, place: int) -> Cohort:
    """The source (0) or local (1) patients of a demo; RunError when they cannot be had."""
    with errand() as folder:
        ask("demo_cohort", {"demo": demo, "place": place, "folder": str(folder)})
        return open_cohort(folder)
