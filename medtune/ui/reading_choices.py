"""How a file is read: each detail that was found in it can be changed, and the file is read again."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from medtune.cohort.decoding import ENCODINGS
from medtune.cohort.dialect import DELIMITER_WORDS
from medtune.cohort.reading import Table, read_table
from medtune.cohort.wishes import DECIMALS, LONG_ROWS, THOUSANDS, Wishes
from medtune.foundation.errors import LayoutError
from medtune.foundation.words import say
from medtune.ui import choices, wide_tables, widgets
from medtune.ui.state import PREFIX, Unread, state
from medtune.ui.text import number, translate

LARGE, LARGE_PACKED = 5_000_000, 500_000  # bytes from which on reading takes a while, of text and of what is packed
PACKED = (b"PK", b"\x1f\x8b", b"PA", b"$F")  # workbooks and archives, gzip, Parquet, SPSS
FOUND = say("(as found)")
THOUSAND_WORDS = {
    "none": say("nothing"),
    ",": say("comma"),
    ".": say("point"),
    " ": say("space"),
    "'": say("apostrophe"),
}
LONG_WORDS = {"refuse": say("stop and say so"), "leave out": say("leave them out")}


def read(content: bytes, name: str, upload: str, wishes: Wishes | None = None) -> None:
    """Read an uploaded file and put it on the page; one that needs a word from the user waits for it.

    Parameters
    ----------
    content : bytes
    name : str
        Of the file.
    upload : str
        Identity of the upload.
    wishes : Wishes, optional
        How to read it.

    Raises
    ------
    MedtuneError
        When it cannot be read.
    """
    state.unread = None
    try:
        table = read_with_bar(content, name, wishes)
    except LayoutError as error:
        state.unread = Unread(name, content, upload, error.parts, wishes)
        raise
    with wide_tables.patience(say("Looking at each column"), table):
        choices.take_table(table, name, upload)
        state.keep_table(table, name, content, wishes)


def read_with_bar(content: bytes, name: str, wishes: Wishes | None = None) -> Table:
    """Read a file; a large one with a bar that shows how far it is."""
    if len(content) < (LARGE_PACKED if content.startswith(PACKED) else LARGE):
        return read_table(content, name, wishes)
    words = translate("Reading {size} MB", size=number(len(content) / 1e6))
    bar = st.progress(0.0, words)
    try:
        return read_table(content, name, wishes, progress=lambda share: bar.progress(share, words))
    finally:
        bar.empty()


def draw() -> None:
    """The details of the table in view, folded; nothing for one that was not read from a file."""
    table = state.table
    if not (table.form and state.table_id and state.upload):
        return
    with st.expander(translate("Read it differently"), icon=":material/tune:"):
        _form(f"{state.edition}", table.found, table.parts, table.form)


def unread() -> None:
    """The same for a file that could not be read."""
    waiting = state.unread
    if waiting is not None:
        with st.container(border=True):
            widgets.aside(say("'{name}' is not read yet. Say how to read it:", name=waiting.name))
            _form("unread", waiting.wishes or Wishes(), waiting.parts, "text")


def _form(key: str, found: Wishes, parts: tuple[str, ...], form: str) -> None:
    with st.form(f"reading_{key}", border=False):
        given = _widgets(key, found, parts, form)
        if st.form_submit_button(translate("Read again")):
            changed = {name: value for name, value in given.items() if value != getattr(found, name)}
            _again(changed)
            st.rerun()


def _widgets(key: str, found: Wishes, parts: tuple[str, ...], form: str) -> dict[str, object]:
    """One widget for each detail that matters for this kind of file; returns their values."""
    given: dict[str, object] = {}
    if parts:
        label = translate("Sheet") if form == "workbook" else translate("File in the archive")
        given["part"] = _one_of(key, "part", label, parts, found.part)
    if form == "text":
        first, second, third, fourth = st.columns(4)
        with first:
            given["delimiter"] = _delimiter(key, found.delimiter)
        with second:
            given["decimal"] = _one_of(key, "decimal", translate("Decimal sign"), DECIMALS, found.decimal)
        with third:
            words = {name: translate(sentence) for name, sentence in THOUSAND_WORDS.items()}
            label = translate("Between thousands")
            given["thousands"] = _one_of(key, "thousands", label, THOUSANDS, found.thousands, words)
        with fourth:
            given["encoding"] = _encoding(key, found.encoding)
    if form in ("text", "workbook"):
        given |= _rows(key, found)
    given["missing"] = _missing(key, found)
    return given


def _one_of(key: str, name: str, label: str, options: tuple, found: str, words: dict[str, str] | None = None) -> str:
    offered = options if found in options else ("", *options)
    return st.selectbox(
        label,
        offered,
        index=offered.index(found) if found in offered else 0,
        format_func=lambda option: (words or {}).get(option, option) or translate(FOUND),
        key=f"{PREFIX}widget.reading.{name}.{key}",
    )


def _delimiter(key: str, found: str) -> str:
    options = tuple(dict.fromkeys([*([] if found else [""]), ",", ";", "\t", "|", " ", *([found] if found else [])]))
    return st.selectbox(
        translate("Between columns"),
        options,
        index=options.index(found) if found in options else 0,
        format_func=lambda sign: translate(DELIMITER_WORDS.get(sign, sign)) if sign else translate(FOUND),
        accept_new_options=True,
        help=translate("Choose, or type any sign."),
        key=f"{PREFIX}widget.reading.delimiter.{key}",
    )


def _encoding(key: str, found: str) -> str:
    plain = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(found, found)
    chosen = _one_of(key, "encoding", translate("Encoding"), tuple(ENCODINGS), plain, ENCODINGS)
    return found if chosen == plain else chosen


def _rows(key: str, found: Wishes) -> dict[str, object]:
    given: dict[str, object] = {}
    labels = {
        "header": (translate("Names in row"), translate("As a spreadsheet counts; 0 when there are no names.")),
        "header_rows": (translate("Rows of names"), translate("Names of several rows are joined.")),
        "footer": (translate("Rows below the patients"), translate("Sums and remarks at the end.")),
    }
    columns = st.columns(4)
    for (name, (label, help_)), place in zip(labels.items(), columns[:3], strict=True):
        value = getattr(found, name)
        with place:
            shown = st.number_input(
                label,
                min_value=1 if name == "header_rows" else 0,
                max_value=1_000_000,
                value=max(value, 1) if value is not None and name == "header_rows" else value,
                step=1,
                help=help_,
                placeholder=translate(FOUND),
                key=f"{PREFIX}widget.reading.{name}.{key}",
            )
            given[name] = value if shown is None or (name == "header_rows" and value == 0 and shown == 1) else shown
    with columns[3]:
        words = {name: translate(sentence) for name, sentence in LONG_WORDS.items()}
        label = translate("Rows with too many cells")
        given["long_rows"] = _one_of(key, "long_rows", label, LONG_ROWS, found.long_rows, words)
    return given


def _missing(key: str, found: Wishes) -> tuple[str, ...] | None:
    codes = list(found.codes)
    chosen = st.multiselect(
        translate("Codes for a missing value, in every column"),
        codes,
        default=codes,
        accept_new_options=True,
        key=f"{PREFIX}widget.reading.missing.{key}",
    )
    return found.missing if tuple(chosen) == found.codes else tuple(chosen)


def _again(changed: dict[str, object]) -> None:
    """Read the file at hand again, with what was changed."""
    from medtune.runs.tables import renew_table, table_source

    with state.troubles_kept():
        waiting = state.unread
        if waiting is not None:
            wishes = replace(waiting.wishes or Wishes(), **changed)
            read(waiting.content, waiting.name, waiting.upload, wishes)
        elif changed:
            wishes = replace(state.wishes or Wishes(), **changed)
            place, name = state.store.place, state.table_name
            table = read_with_bar(table_source(place, state.table_id), name, wishes)
            choices.take_table(table, name, state.upload)
            state.wishes = wishes
            renew_table(place, state.table_id, table, name, wishes)
