"""Notes as a list, those of one kind about many columns folded into one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from medtune.cohort.conform import OUTSIDE, REFUSED, UNKNOWN
from medtune.foundation.words import Sentence, say
from medtune.ui.text import markdown, number

ONE_BY_ONE = 3  # notes of a kind; from the next on they are folded
KINDS = (
    (OUTSIDE, say("{values} values in {columns} columns lie outside the range the model was made with.")),
    (REFUSED, say("{values} cells in {columns} columns are not numbers and are taken as missing.")),
    (UNKNOWN, say("{columns} columns have categories that the model has never seen.")),
)


def draw(notes: Iterable[Sentence | str]) -> None:
    """Each note as a line; more than three of one kind become one sentence that opens."""
    alone, folded = sorted_out(list(notes))
    for note in alone:
        st.markdown("- " + markdown(note))
    for sentence, some in folded:
        with st.expander(markdown(sentence)):
            for note in some:
                st.markdown("- " + markdown(note))


def sorted_out(notes: Sequence[Sentence | str]) -> tuple[list, list[tuple[Sentence, list]]]:
    """Notes that stand alone, and those of one kind under a sentence for all of them."""
    alone, folded = list(notes), []
    for templates, summary in KINDS:
        some = [note for note in notes if getattr(note, "template", "") in templates]
        if len(some) > ONE_BY_ONE:
            values = sum(int(note.fields.get("count", 1)) for note in some)
            counts = {"values": number(values), "columns": number(len(some))}
            folded.append((say(summary.template, **counts), some))
            alone = [note for note in alone if note not in some]
    return alone, folded
