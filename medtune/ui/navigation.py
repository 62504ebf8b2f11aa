"""The pages as configuration: where each lives, what it is called, when its step is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from medtune.foundation.words import Sentence, say
from medtune.ui.state import state
from medtune.ui.text import translate

OPEN, DONE = ":material/radio_button_unchecked:", ":material/check_circle:"


@dataclass(frozen=True)
class Step:
    """One page of the dashboard.

    Attributes
    ----------
    key : str
        What other pages call it.
    path : str
        The script, from the folder of app.py.
    title : Sentence
        What the sidebar and the browser tab say.
    section : Sentence
        Heading in the sidebar.
    icon : str
        Shown when the page is no step that can be done.
    done : callable, optional
        Says whether the step is done in this session.
    """

    key: str
    path: str
    title: Sentence
    section: Sentence
    icon: str = ""
    done: Callable[[], bool] | None = None

    def sign(self) -> str:
        """The icon of the page now: a tick when its step is done."""
        return self.icon if self.done is None else DONE if self.done() else OPEN


START, PATIENTS = say(""), say("Patients")
MODEL, RESULTS, LIBRARY = say("Model"), say("Results"), say("Library")

STEPS = (
    Step("start", "pages/home/start.py", say("Start"), START, ":material/home:"),
    Step("data", "pages/cohort/data.py", say("Data"), PATIENTS, done=lambda: state.cohort is not None),
    Step("prepare", "pages/cohort/prepare.py", say("Prepare"), PATIENTS, done=lambda: state.prepared),
    Step("fine_tune", "pages/tuning/fine_tune.py", say("Fine-tune"), MODEL, done=lambda: bool(state.run_id)),
    Step("results", "pages/results/results.py", say("Results"), RESULTS, ":material/analytics:"),
    Step("explain", "pages/results/explain.py", say("Explain"), RESULTS, ":material/bar_chart:"),
    Step("changes", "pages/results/changes.py", say("What changed"), RESULTS, ":material/compare_arrows:"),
    Step("patient", "pages/results/patient.py", say("One patient"), RESULTS, ":material/person:"),
    Step("review", "pages/results/review.py", say("Hard patients"), RESULTS, ":material/rate_review:"),
    Step("pictures", "pages/results/pictures.py", say("Pictures"), RESULTS, ":material/image:"),
    Step("genes", "pages/results/genes.py", say("Genes"), RESULTS, ":material/genetics:"),
    Step("treatments", "pages/results/treatments.py", say("Treatments"), RESULTS, ":material/medication:"),
    Step("score", "pages/library/score.py", say("Score"), LIBRARY, ":material/calculate:"),
    Step("models", "pages/library/models.py", say("Models"), LIBRARY, ":material/inventory_2:"),
    Step("runs", "pages/library/runs.py", say("Runs"), LIBRARY, ":material/history:"),
)
BY_KEY = {step.key: step for step in STEPS}


def pages() -> dict[str, list]:
    """The pages in their sections, as `st.navigation` takes them; each call reads anew which steps are done."""
    sections: dict[str, list] = {}
    for step in STEPS:
        page = st.Page(
            step.path, title=translate(step.title), icon=step.sign(), url_path=step.key, default=step is STEPS[0]
        )
        sections.setdefault(translate(step.section), []).append(page)
    return sections


def link(key: str, label: Sentence | str | None = None) -> None:
    """A link to another page, by its key; nothing when there is no such page."""
    step = BY_KEY.get(key)
    if step is not None:
        st.page_link(step.path, label=translate(label or step.title), icon=":material/arrow_forward:")


def go(key: str) -> None:
    """Switch to another page, by its key; stay when there is no such page."""
    if key in BY_KEY:
        st.switch_page(BY_KEY[key].path)
