"""The settings of the preparation, each with one plain sentence."""

from __future__ import annotations

import streamlit as st

from medtune.foundation.settings import Preparation
from medtune.foundation.words import Sentence, say
from medtune.ui.binding import bind
from medtune.ui.state import PREFIX, state
from medtune.ui.text import translate
from medtune.ui.widgets import meaning

PLACE = "settings.preparation."
WORDS: dict[str, dict[str, Sentence]] = {
    "duplicates": {"drop": say("Leave exact copies out"), "keep": say("Keep every row")},
    "numbers": {
        "median": say("The median"),
        "mean": say("The mean"),
        "iterative": say("Estimated from the other numbers"),
    },
    "categories": {"mode": say("The commonest level"), "level": say("A level of its own")},
    "scale": {
        "standard": say("By mean and standard deviation"),
        "robust": say("By median and quartiles"),
        "none": say("Not at all"),
    },
}
LABELS = {
    "duplicates": say("Copied rows"),
    "numbers": say("A missing number becomes"),
    "categories": say("A missing category becomes"),
    "scale": say("Numbers are scaled"),
}
HELP = {
    "duplicates": say("The same row twice would count one patient twice."),
    "numbers": say("The median is safe; estimating uses the other columns and takes longer."),
    "categories": say("A level of its own suits values that are missing for a reason."),
    "scale": say("Scaling lets coefficients be compared; quartiles ignore extreme values."),
}


def draw() -> None:
    """One widget for each setting."""
    for name, words in WORDS.items():
        st.selectbox(
            translate(LABELS[name]),
            Preparation.choices(name),
            format_func=lambda choice, words=words: translate(words[choice]),
            help=translate(HELP[name]),
            **bind(PLACE + name, then=_changed),
        )
    st.toggle(
        translate("Mark missing values"),
        help=meaning("indicator"),
        **bind(PLACE + "indicators", then=_changed),
    )
    _share(
        "rare_below", translate("Group levels rarer than"), translate("Rare levels are too few to learn from alone.")
    )
    _share(
        "clip", translate("Draw in extremes beyond"), translate("Protects from single wild values; 0 leaves all as is.")
    )


def column() -> str:
    """Which column is shown before and after; at first one with gaps, since most happens there."""
    names = state.cohort.roles.predictors
    gaps = [name for name in names if 0 < state.cohort.columns[name].missing < 1]
    first = names.index(gaps[0]) if gaps else 0
    return st.selectbox(
        translate("Column"), names, index=first, key=f"{PREFIX}widget.prepare.column", persist_state="session"
    )


def _share(name: str, label: str, help_: str) -> None:
    low, high = Preparation.limits(name)
    st.slider(
        label,
        min_value=100 * low,
        max_value=100 * high,
        step=0.5,
        format="%.1f%%",
        help=help_,
        **bind(PLACE + name, show=lambda share: round(100 * share, 1), read=lambda shown: shown / 100, then=_changed),
    )


def _changed() -> None:
    state.prepared = False


def accept() -> None:
    """The step is done."""
    state.prepared = True
