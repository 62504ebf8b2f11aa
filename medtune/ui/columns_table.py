"""The table of columns: kind, missing share, values and missing codes, the first and last of them to be changed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from medtune.cohort.columns import KINDS, Column
from medtune.foundation.words import say
from medtune.ui import choices, wide_tables
from medtune.ui.state import PREFIX, state
from medtune.ui.text import plain_number, translate
from medtune.ui.widgets import meaning

EDITOR, ORDER = PREFIX + "widget.columns", PREFIX + "widget.order"
# Pixels; together they fit beside the sidebar of a laptop, so that the codes can be edited without scrolling.
WIDTHS = {"name": 150, "kind": 85, "why": 190, "missing": 90, "values": 165, "codes": 125}
FIRST_ROWS, FIRST_COLUMNS, LEVELS = 50, 100, 6
KIND_WORDS = {
    "number": say("number"),
    "category": say("category"),
    "ordinal": say("ordered"),
    "date": say("date"),
    "text": say("free text"),
    "identifier": say("identifier"),
}


def draw() -> None:
    """An editor of the columns; a change is a new choice at once."""
    columns = choices.view().columns
    names = wide_tables.portion([str(name) for name in state.table.frame.columns], "columns")
    if not names:
        return
    facts = pd.DataFrame([_row(columns[name]) for name in names])
    # Another portion is another editor: edits are kept by the place of a row.
    key = EDITOR if len(names) == state.table.frame.shape[1] else f"{EDITOR}.{names[0]}.{len(names)}"
    st.data_editor(
        facts,
        key=key,
        on_change=_changed,
        args=(key, tuple(names)),
        hide_index=True,
        disabled=["name", "why", "missing", "values"],
        height=min(35 * (len(facts) + 1) + 3, 420),
        column_config={
            "name": st.column_config.TextColumn(translate("Column"), pinned=True, width=WIDTHS["name"]),
            "kind": st.column_config.SelectboxColumn(
                translate("Kind"),
                options=list(KINDS),
                format_func=lambda kind: translate(KIND_WORDS[kind]),
                required=True,
                width=WIDTHS["kind"],
            ),
            "why": st.column_config.TextColumn(translate("Because of"), width=WIDTHS["why"]),
            "missing": st.column_config.NumberColumn(translate("Missing, %"), format="%.1f", width=WIDTHS["missing"]),
            "values": st.column_config.TextColumn(translate("Values"), width=WIDTHS["values"]),
            "codes": st.column_config.TextColumn(
                translate("Missing codes"), help=meaning("missing_code"), width=WIDTHS["codes"]
            ),
        },
    )


def orders() -> None:
    """The order of the levels of each ordered category, to be changed by their places."""
    columns = [column for column in choices.view().columns.values() if column.ordered]
    if not columns:
        return
    box = st.expander(
        translate("Order of levels"),
        icon=":material/format_list_numbered:",
        on_change="rerun",
        key=PREFIX + "widget.orders",
    )
    if not box.open:
        return
    with box:
        names = [column.name for column in columns]
        name = st.selectbox(translate("Ordered column"), names, key=PREFIX + "widget.ordered")
        levels = columns[names.index(name) if name in names else 0].levels
        key = f"{ORDER}.{name}.{hash(levels)}"
        places = [translate("lowest"), *[""] * (len(levels) - 2), translate("highest")]
        st.data_editor(
            pd.DataFrame({"place": range(1, len(levels) + 1), "level": levels, "which": places}),
            key=key,
            on_change=_reordered,
            args=(key, name, levels),
            hide_index=True,
            disabled=["level", "which"],
            column_config={
                "place": st.column_config.NumberColumn(translate("Place"), min_value=1, step=1, required=True),
                "level": st.column_config.TextColumn(translate("Level"), width="medium"),
                "which": st.column_config.TextColumn("", width="small"),
            },
        )


def _reordered(key: str, name: str, levels: tuple[str, ...]) -> None:
    """A level takes the place it was given; those behind it make room."""
    edits = st.session_state[key]["edited_rows"]
    wanted = {int(row): int(edit["place"]) for row, edit in edits.items() if edit.get("place") is not None}
    choices.order_levels(name, placed(levels, wanted))


def placed(levels: tuple[str, ...], wanted: dict[int, int]) -> tuple[str, ...]:
    """The levels with some of them, told by their position, put at a place counted from 1."""
    order = list(levels)
    for at, place in wanted.items():
        order.remove(levels[at])
        order.insert(place - 1, levels[at])
    return tuple(order)


def first_rows() -> None:
    """The first rows as they were read."""
    rows = state.table.frame.iloc[:FIRST_ROWS, :FIRST_COLUMNS]
    dates = {str(name): st.column_config.DateColumn() for name in rows.select_dtypes("datetime").columns}
    st.dataframe(rows, height=420, hide_index=True, column_config=dates)


def _row(column: Column) -> dict[str, object]:
    return {
        "name": column.name,
        "kind": column.type,
        "why": translate(choices.evidence_of(column)),
        "missing": 100 * column.missing,
        "values": values_of(column),
        "codes": ", ".join(state.cleaning.missing.get(column.name, ())),
    }


def values_of(column: Column) -> str:
    """The range of a number, the levels of a category, else how many different values there are."""
    if column.distinct == 0:
        return translate("all missing")
    if column.kind == "number":
        return translate("{low} to {high}", low=plain_number(column.low), high=plain_number(column.high))
    if column.kind == "category":
        more = column.distinct - LEVELS
        rest = [translate("{count} more", count=more)] if more > 0 else []
        return ", ".join([*column.levels[:LEVELS], *rest])
    return translate("{count} different", count=column.distinct)


def _changed(key: str, names: tuple[str, ...]) -> None:
    places = {str(name): place for place, name in enumerate(state.table.frame.columns)}
    for row, edits in st.session_state[key]["edited_rows"].items():
        kind, codes = edits.get("kind"), edits.get("codes")
        choices.edit_column(places[names[int(row)]], kind, (codes or "") if "codes" in edits else None)
