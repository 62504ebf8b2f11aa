"""Table 1 of the patients in use: by outcome or by site, on the page and as files."""

from __future__ import annotations

from pathlib import PurePath

import streamlit as st

from medtune.cohort.table import Cohort
from medtune.cohort.table_one import BY, TableOne, table_one
from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import from_plain
from medtune.foundation.words import say
from medtune.report.table_one import as_csv, as_document, as_frame, as_workbook
from medtune.runs.standby import ask
from medtune.ui import choices, wide_tables, widgets
from medtune.ui.memory import once
from medtune.ui.state import PREFIX, state
from medtune.ui.text import translate

BY_WORDS = {"outcome": say("by outcome"), "site": say("by site")}
NOTE = say(
    "Counts below 5 are hidden (<5), and larger ones from which these could be worked out (“hidden”). "
    "Shares are of patients with a value; a standardised difference above 0.1 is worth a look."
)


def draw(cohort: Cohort | None) -> None:
    """The table, once these patients are in use; by site where there is one."""
    if cohort is None or not choices.in_use(cohort):
        widgets.aside(say("Table 1 tells of the patients in use; press 'Use these patients' below first."))
        return
    by = BY[0]
    if cohort.roles.site is not None:
        by = st.segmented_control(
            translate("Side by side"),
            BY,
            default=BY[0],
            required=True,
            format_func=lambda name: translate(BY_WORDS[name]),
            key=PREFIX + "widget.table_one",
        )
    try:
        shown, kept = (_table(cohort, by, hide) for hide in (False, True))
    except MedtuneError as error:
        widgets.trouble(error)
        return
    frame = as_frame(shown, translate)
    widths = dict(zip(frame.columns[:2], (150, 140), strict=True))
    settings = {
        name: st.column_config.TextColumn(width=width, pinned=name == frame.columns[0])
        for name, width in widths.items()
    }
    st.dataframe(frame, height=420, hide_index=True, column_config=settings)
    _downloads(kept)


def _table(cohort: Cohort, by: str, hide: bool) -> TableOne:
    def make() -> TableOne:
        if wide_tables.wide(cohort.columns):  # its numbers are not listed; to open it elsewhere would take longer
            return table_one(cohort, by, hide)
        folder = str(state.store.cohort_folder(state.cohort_id))
        return from_plain(TableOne, ask("describe_patients", {"folder": folder, "by": by, "hide": hide}))

    return once(f"table_one.{hide}", (state.cohort_id, by), make)


def _downloads(table: TableOne) -> None:
    """The same with small counts hidden, in three kinds of file, each made when it is asked for."""
    name = PurePath(choices.cohort_name()).stem + "_table_1"
    title = translate("Table 1. {name}", name=choices.cohort_name())
    kinds = {
        "CSV": ("csv", "text/csv", lambda: as_csv(table, translate)),
        "Excel": (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            lambda: as_workbook(table, translate),
        ),
        "Word": (
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            lambda: as_document(table, title, translate(NOTE), translate),
        ),
    }
    with st.container(horizontal=True):
        for label, (ending, kind, make) in kinds.items():
            st.download_button(
                translate("{kind} file", kind=label),
                make,
                file_name=f"{name}.{ending}",
                mime=kind,
                key=f"table_one_{ending}",
                icon=":material/download:",
                on_click="ignore",
            )
    widgets.aside(translate("In the files: {note}", note=NOTE))
