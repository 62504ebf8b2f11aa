"""The models that new patients can be scored with: the one a run has chosen, and those of the library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from medtune.cohort.columns import Column
from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import Sentence, say
from medtune.models.model_library import Library
from medtune.models.passport import Passport
from medtune.models.scoring import own_threshold, template
from medtune.runs.execution import status
from medtune.runs.record import model_file, model_passport, read_result
from medtune.ui import widgets
from medtune.ui.binding import bind
from medtune.ui.columns_table import KIND_WORDS
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import percent, plain_number, translate

LEVELS = 12  # of a category, written out


@dataclass(frozen=True, eq=False)
class Scorer:
    """A model as the Score page needs it: two files and the words for it."""

    key: str
    passport: Passport
    file: Path
    label: Sentence

    @property
    def passport_file(self) -> Path:
        """The passport beside the model: under the model's name in a run, under its own in the library."""
        beside = self.file.with_suffix(".json")
        return beside if beside.exists() else self.file.with_name("passport.json")

    @property
    def own_threshold(self) -> float:
        """The threshold the model brings, else one half."""
        return own_threshold(self.passport)

    @property
    def threshold(self) -> float:
        """Risk from which a patient is flagged: the user's, else the model's own."""
        return self.own_threshold if state.scoring_threshold is None else state.scoring_threshold


def offered() -> dict[str, Scorer]:
    """The model of the run in view first, then the library; by key."""
    library = Library(state.store.place)
    kept = [Scorer(p.id, p, library.path(p.id), say("{model}", model=p.name)) for p in library.list()]
    ours = _of_run()
    return {scorer.key: scorer for scorer in ([ours] if ours is not None else []) + kept}


def _of_run() -> Scorer | None:
    """The model chosen by the run in view; None while it has none."""
    if state.run is None:
        return None
    folder = state.run.path
    try:
        if status(folder).state != "finished":
            return None
        key = once("chosen", folder.name, lambda: read_result(folder).verdict.chosen)
        if not model_file(folder, key).exists():
            return None
        passport = model_passport(folder, key)
    except MedtuneError as error:
        widgets.trouble(error)
        return None
    label = say("Run in view: {model}", model=passport.name)
    return Scorer(f"run {folder.name}", passport, model_file(folder, key), label)


def choose(scorers: dict[str, Scorer]) -> Scorer:
    """The widget that chooses among them, with where the model is from; the first one unless chosen otherwise."""
    if state.scoring not in scorers:
        state.scoring = next(iter(scorers))
    st.selectbox(
        translate("Model"),
        list(scorers),
        format_func=lambda key: translate(scorers[key].label),
        **bind("scoring", then=_forget_threshold),
    )
    scorer = scorers[state.scoring]
    widgets.aside(scorer.passport.made_from)
    return scorer


def _forget_threshold() -> None:
    """A threshold belongs to the model it was chosen for."""
    state.scoring_threshold = None


def needed(scorer: Scorer) -> None:
    """The columns the model reads, and a table without rows to be filled in."""
    columns = scorer.passport.columns
    heads = [say("Column"), say("Kind"), say("Known values"), say("Missing in training")]
    widgets.table(heads, [columns_row(column) for column in columns], words=3)
    st.download_button(
        translate("Empty table to fill in"),
        template(columns),
        file_name="patients_to_score.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="template",
    )


def columns_row(column: Column) -> list[str]:
    """Name, kind, range or levels and share of missing values of a column, as the texts of a table's row."""
    kind = translate(KIND_WORDS[column.kind])
    return [column.name, kind, known_values(column), percent(column.missing)]


def known_values(column: Column) -> str:
    """What the model has met in a column: a range, or the levels, and codes that stand for missing."""
    if column.kind == "category" and column.levels:
        shown = ", ".join(column.levels[:LEVELS])
        more = len(column.levels) - LEVELS
        words = translate("{levels} and {count} more", levels=shown, count=more) if more > 0 else shown
    elif column.low == column.low:
        words = translate("{low} to {high}", low=plain_number(column.low), high=plain_number(column.high))
    else:
        words = translate("any")
    codes = ", ".join(column.codes)
    return words + ("\n" + translate("{codes} stands for missing", codes=codes) if codes else "")
