"""The patient in view on one page, to be saved or printed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from medtune.explanation.contributions import Explanation
from medtune.figures.contributions import factor_of, unit_of
from medtune.foundation.words import Sentence
from medtune.models.passport import Passport
from medtune.report.patient_sheet import CROSSING, Sheet, patient_sheet
from medtune.runs.record import RunResult
from medtune.ui import run_patients
from medtune.ui.state import PREFIX, state
from medtune.ui.text import plain_number, signed, translate


def download(
    told: Explanation, values: dict, said: Sentence, doubts: Sequence[Sentence], alternatives: tuple[str, ...],
    passport: Passport, result: RunResult, crossing: Sentence = CROSSING,
) -> None:  # fmt: skip
    """The button; the patient's id is on the page only when that is wanted."""
    named = st.toggle(translate("With the patient's id"), key=PREFIX + "widget.named", disabled=state.patient is None)

    def make() -> bytes:
        order = np.argsort(-np.abs(told.contributions[0]), kind="stable")
        names = [told.columns[at] for at in order]
        factor, (unit, digits) = factor_of(told), unit_of(told)
        sizes = factor * told.contributions[0][order]
        parts = {name: signed(float(size), digits) for name, size in zip(names, sizes, strict=True)}
        rest = [column.name for column in passport.columns if column.name not in parts]
        rows = [(name, _written(values.get(name)), parts.get(name, "")) for name in (*names, *rest)]
        who = (
            run_patients.names([state.patient])[0] if named and state.patient is not None else translate("One patient")
        )
        changed = [translate("Values changed to see what if: {names}.", names=", ".join(state.what_if))]
        notes = [translate(line) for line in doubts] + (changed if state.what_if else [])
        model = translate(
            "{model}. {outcome}. {date}.",
            model=passport.name,
            outcome=translate(passport.outcome),
            date=result.made[:10],
        )
        return patient_sheet(Sheet(who, translate(said), model, rows, notes, alternatives, unit, crossing), translate)

    st.download_button(
        translate("Summary of this patient (HTML)"),
        make,
        file_name="patient.html",
        mime="text/html",
        icon=":material/download:",
        on_click="ignore",
        key="patient_summary",
    )


def _written(value: object) -> str:
    if value is None:
        return translate("missing")
    return plain_number(value) if isinstance(value, (int, float)) else str(value)
