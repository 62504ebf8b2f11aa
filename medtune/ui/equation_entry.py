"""A published equation: pasted, loaded or typed row by row, shown back as a formula, checked, kept in the library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import from_plain
from medtune.foundation.settings import Starting
from medtune.foundation.words import Sentence, say
from medtune.models.formula_tables import Row
from medtune.models.formula_writing import formula_json, typeset
from medtune.models.model_library import Library
from medtune.models.passport import Passport
from medtune.models.terms import Formula
from medtune.runs.standby import ask, errand
from medtune.ui import widgets
from medtune.ui.binding import bind
from medtune.ui.state import PREFIX, state
from medtune.ui.text import markup, percent, translate

EXAMPLE = "-4.42 + 0.060*age + 0.246*(sex=male) - 0.0144*sbp + 0.74*log(creatinine)"
HOW: dict[str, Sentence] = {
    "linear": say("as it is"),
    "level": say("category (1 if it is …)"),
    "log": say("natural logarithm"),
    "log10": say("logarithm, base 10"),
    "log2": say("logarithm, base 2"),
    "exp": say("exponential"),
    "square": say("square"),
    "sqrt": say("square root"),
    "power": say("power"),
    "above_knot": say("what is above a knot"),
    "spline": say("restricted cubic spline"),
    "at_least": say("1 if at least"),
    "above": say("1 if above"),
    "at_most": say("1 if at most"),
    "below": say("1 if below"),
}
ROW = 35  # pixels of a row in an editor
FIELDS = ("coefficient", "column", "how", "details", "times")


def draw() -> None:
    """The whole way from a paper to a model of the library."""
    label = translate("Change the equation") if in_use() else translate("Enter the equation")
    with st.expander(label, expanded=not in_use(), icon=":material/function:"):
        _paste()
        _table()
        formula = _formula()
        if formula is not None:
            _shown(formula)
            _values(formula)
            _keep(formula)
    if formula is not None and in_use():
        _shown(formula)
        name = state.settings.starting.name
        widgets.aside(say("“{name}” is in the library, and fine-tuning starts from it.", name=name))


def in_use() -> bool:
    """Whether fine-tuning starts from the equation as it stands here."""
    draft = state.equation
    return bool(draft.kept) and draft.kept == state.settings.starting.model and draft.mark == draft.kept_as


def _formula() -> Formula | None:
    if not state.equation.begun:
        return None
    try:
        return state.equation.formula()
    except MedtuneError as error:
        widgets.trouble(error)
        return None


def _paste() -> None:
    st.text_area(
        translate("Formula, or terms and coefficients from a table"),
        placeholder=EXAMPLE,
        height=100,
        help=translate(
            "Paste a formula for the log-odds, two columns of terms and coefficients, or JSON. What R's rms prints "
            "with Function() is understood. Names with spaces stand in backticks."
        ),
        **bind("equation.text"),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(translate("Read it"), icon=":material/input:", on_click=_read_text)
        with st.popover(translate("From a file"), icon=":material/upload_file:"):
            key = f"{PREFIX}widget.equation.file.{state.uploads}"
            st.file_uploader(
                translate("JSON or CSV"), type=["json", "csv", "tsv", "txt"], key=key, on_change=_read_file, args=(key,)
            )


def _read_text() -> None:
    _take(state.equation.text)


def _read_file(key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    state.uploads += 1
    _take(file.getvalue().decode("utf-8", errors="replace"))


def _take(text: str) -> None:
    with state.troubles_kept():
        state.equation = state.equation.read(text)
        _forget("rows")


# -- the table of terms --


def _table() -> None:
    st.number_input(translate("Intercept"), format="%g", width=240, **bind("equation.intercept"))
    base = _base("rows", lambda: pd.DataFrame([_cells(row) for row in state.equation.rows], columns=list(FIELDS)))
    edited = st.data_editor(
        base.astype({"coefficient": "float64", **dict.fromkeys(FIELDS[1:], "str")}),
        key=_editor("rows"),
        num_rows="dynamic",
        hide_index=True,
        height=min(ROW * max(len(base) + 4, 7) + 3, 12 * ROW),
        column_config={
            "coefficient": st.column_config.NumberColumn(translate("Coefficient"), format="%g", width="small"),
            "column": st.column_config.TextColumn(translate("Column"), width="medium", default=""),
            "how": st.column_config.SelectboxColumn(
                translate("Transformation"),
                options=list(HOW),
                default="linear",
                format_func=lambda how: translate(HOW[how]) if how in HOW else str(how),
            ),
            "details": st.column_config.TextColumn(
                translate("Details"),
                default="",
                help=translate(
                    "The category; the power, knot or limit; the knots of a spline and which term: 40, 55, 70, term=1. "
                    "centre=60, scale=10 stands for (x − 60)/10."
                ),
            ),
            "times": st.column_config.TextColumn(
                translate("Times"),
                default="",
                help=translate("For an interaction, what it is multiplied with: age, or (sex=male)."),
            ),
        },
    )
    rows = tuple(_row(cells) for cells in edited.to_dict("records"))
    if _shown_rows(rows) != _shown_rows(state.equation.rows):
        state.equation = replace(state.equation, rows=rows)


def _cells(row: Row) -> dict[str, object]:
    return {name: getattr(row, name) for name in FIELDS}


def _row(cells: dict[str, object]) -> Row:
    number = cells["coefficient"]
    words = {name: "" if pd.isna(cells[name]) else str(cells[name]) for name in FIELDS[1:]}
    return Row(
        math.nan if number is None or pd.isna(number) else float(number), **(words | {"how": words["how"] or "linear"})
    )


def _shown_rows(rows: Sequence[Row]) -> list[str]:
    """For comparing: a missing coefficient is equal to another."""
    return [repr(row) for row in rows]


def _editor(what: str) -> str:
    return f"{PREFIX}widget.equation.{what}"


def _base(what: str, make) -> pd.DataFrame:
    """What an editor starts from: it must not change while its cells are edited, or the cursor would be lost."""
    place = f"{PREFIX}base.equation.{what}"
    if _editor(what) not in st.session_state or place not in st.session_state:
        st.session_state[place] = make()
    return st.session_state[place]


def _forget(what: str) -> None:
    for key in (_editor(what), f"{PREFIX}base.equation.{what}"):
        st.session_state.pop(key, None)


# -- shown back and checked --


def _shown(formula: Formula) -> None:
    first, *terms = typeset(formula)
    lines = "".join(f"<span>{markup(line)}</span> " for line in terms)
    st.html(f'<div class="formula" role="math"><span class="first">{markup(first)}</span> {lines}</div>')


def _values(formula: Formula) -> None:
    widgets.heading(say("Check it on the published example"))
    draft, what = state.equation, "values." + str(hash(formula.columns))
    base = _base(what, lambda: pd.DataFrame([_value_cells(formula, name) for name in formula.columns]))
    edited = st.data_editor(
        base.astype("str"),
        key=_editor(what),
        hide_index=True,
        disabled=["column", "reads"],
        height=min(ROW * (len(base) + 1) + 3, 12 * ROW),
        column_config={
            "column": st.column_config.TextColumn(translate("Column"), width="medium"),
            "reads": st.column_config.TextColumn(translate("Read as"), width="small"),
            "example": st.column_config.TextColumn(
                translate("Example patient"), help=translate("The values of a patient whose risk the paper gives.")
            ),
            "fill": st.column_config.TextColumn(
                translate("A gap counts as"),
                help=translate(
                    "What stands for a missing value, such as the mean in the paper. Left empty, gaps are refused."
                ),
            ),
        },
    )
    entered = {name: edited[name].fillna("").astype(str).str.strip() for name in ("example", "fill")}
    example, fills = (
        {name: value for name, value in zip(edited["column"], entered[part], strict=True) if value}
        for part in ("example", "fill")
    )
    if (example, fills) != (dict(draft.example), dict(draft.fills)):
        state.equation = replace(draft, example=example, fills=fills)
    _worked_example(formula, example)


def _value_cells(formula: Formula, name: str) -> dict[str, str]:
    kind = translate("category") if formula.reads_levels(name) else translate("number")
    draft = state.equation
    return {"column": name, "reads": kind, "example": draft.example.get(name, ""), "fill": draft.fills.get(name, "")}


def _worked_example(formula: Formula, example: dict[str, str]) -> None:
    lacking = [name for name in formula.columns if name not in example]
    if len(lacking) == len(formula.columns):
        widgets.aside(say("Type in a patient of the paper: the risk here must be the one that is printed there."))
        return
    if lacking:
        widgets.aside(say("The example patient still lacks {columns}.", columns=", ".join(lacking)))
        return
    with widgets.troubles_shown():
        risk = percent(formula.worked_example(example), 2)
        widgets.say_answer(say("These values give a risk of {risk}.", risk=risk))


# -- kept --


def _keep(formula: Formula) -> None:
    first, second = st.columns(2)
    first.text_input(
        translate("Name of the equation"), placeholder=translate("Published equation"), **bind("equation.name")
    )
    second.text_input(
        translate("It estimates the risk of"), placeholder=translate("the outcome"), **bind("equation.outcome")
    )
    draft = state.equation
    with st.container(horizontal=True, vertical_alignment="center"):
        if not in_use():
            st.button(translate("Use this equation"), type="primary", icon=":material/check:", on_click=_use)
        st.download_button(
            translate("Save as JSON"),
            formula_json(formula, draft.name, draft.outcome),
            file_name="equation.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
    if draft.kept and not in_use():
        widgets.aside(say("The equation in the library is another one now; use this one to keep it too."))


def _use() -> None:
    """Keep the equation in the library, unless it is there already, and start from it."""
    with state.troubles_kept():
        draft = state.equation
        library = Library(state.store.place)
        known = {passport.id: passport for passport in library.list()}
        passport = known.get(draft.kept) if draft.mark == draft.kept_as else None
        if passport is None:
            passport = keep(library)
            state.equation = replace(draft, kept=passport.id, kept_as=draft.mark)
        state.change(starting=Starting("model", passport.id, passport.name))


def keep(library: Library) -> Passport:
    """Put the equation into the library; the warm process makes the model, since the server never does."""
    published = state.equation.published(translate("Published equation"))
    with errand() as folder:
        kept = folder / "model.skops"
        passport = from_plain(Passport, ask("keep_equation", {"published": published, "keep": str(kept)}))
        return library.add_file(kept, passport)
