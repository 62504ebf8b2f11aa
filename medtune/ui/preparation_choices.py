"""The settings of the preparation, each with one plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from medtune.cohort.units import CONVERSIONS, quantity_of
from medtune.foundation.settings import Preparation
from medtune.foundation.words import Sentence, say
from medtune.ui.binding import bind
from medtune.ui.state import PREFIX, state
from medtune.ui.text import translate
from medtune.ui.widgets import meaning

PLACE = "settings.preparation."
WORDS: dict[str, dict[str, Sentence]] = {
    "duplicates": {
        "drop": say("Leave exact copies out"),
        "near": say("Leave near copies out too"),
        "keep": say("Keep every row"),
    },
    "numbers": {
        "median": say("The median"),
        "mean": say("The mean"),
        "iterative": say("Estimated from the other numbers"),
    },
    "categories": {"mode": say("The commonest level"), "level": say("A level of its own")},
    "ordered": {
        "levels": say("One feature for each level"),
        "rank": say("One number, the place of the level"),
    },
    "curves": {
        "straight": say("A straight line"),
        "spline": say("A curve (restricted cubic spline)"),
    },
    "skewed": {"keep": say("Stay as they are"), "log": say("Become their logarithm")},
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
    "ordered": say("A category with an order becomes"),
    "curves": say("The effect of a number follows"),
    "skewed": say("Numbers skewed to the right"),
    "scale": say("Numbers are scaled"),
}
HELP = {
    "duplicates": say(
        "The same row twice would count one patient twice. Near copies agree in every predictor and the outcome,"
        " or in nearly all of hundreds of columns."
    ),
    "numbers": say("The median is safe; estimating uses the other columns and takes longer."),
    "categories": say("A level of its own suits values that are missing for a reason."),
    "ordered": say("A place needs one coefficient for all levels; it takes each step for equally large."),
    "curves": say("A curve may bend, at the price of more coefficients; it needs more events."),
    "skewed": say("Suits laboratory values that double rather than add; learnt from the training patients."),
    "scale": say("Scaling lets coefficients be compared; quartiles ignore extreme values."),
}


SHAPE_WORDS = {
    None: say("As all numbers"),
    "straight": say("A straight line"),
    "spline": say("A curve"),
    "log": say("Its logarithm"),
}
SHAPED = ("ordered", "curves", "skewed")


def draw() -> None:
    """One widget for each setting; what changes the shape of columns is folded away."""
    _choices([name for name in WORDS if name not in SHAPED])
    _rest()
    changed = any(getattr(state.settings.preparation, name) != getattr(Preparation(), name) for name in SHAPED)
    with st.expander(translate("Curves, logarithms and ranks"), expanded=changed, icon=":material/ssid_chart:"):
        _choices(SHAPED)
        preparation = state.settings.preparation
        if preparation.curves == "spline" or any(shape == "spline" for _, shape in preparation.shapes):
            st.segmented_control(
                translate("Knots of a curve"),
                Preparation.choices("knots"),
                required=True,
                help=meaning("spline"),
                **bind(PLACE + "knots", then=_changed),
            )


def _choices(names: Sequence[str]) -> None:
    for name in names:
        words = WORDS[name]
        st.selectbox(
            translate(LABELS[name]),
            Preparation.choices(name),
            format_func=lambda choice, words=words: translate(words[choice]),
            help=translate(HELP[name]),
            **bind(PLACE + name, then=_changed),
        )


def _rest() -> None:
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


def shape_and_unit(name: str) -> None:
    """For one number: the shape in which it reaches a model, and its unit, each instead of what holds for all."""
    if state.cohort.columns[name].kind != "number":
        return
    shape, unit = st.columns(2)
    with shape:
        st.selectbox(
            translate("Shape of this number"),
            list(SHAPE_WORDS),
            format_func=lambda one: translate(SHAPE_WORDS[one]),
            placeholder=translate(SHAPE_WORDS[None]),
            **bind(PLACE + "shapes", key=name, show=_shown(name), read=_kept(name, "shapes"), then=_changed),
        )
    quantity = quantity_of(name)
    if quantity is None:
        return
    offered = [None, *(key for key, one in CONVERSIONS.items() if one.quantity == quantity.key)]
    with unit:
        st.selectbox(
            translate("Convert its unit"),
            offered,
            format_func=_conversion,
            placeholder=_conversion(None),
            help=translate("Coefficients are then told in the other unit; the model itself stays the same."),
            **bind(PLACE + "units", key=name, show=_shown(name), read=_kept(name, "units"), then=_changed),
        )


def _conversion(key: str | None) -> str:
    if key is None:
        return translate("No")
    return translate("From {source} to {target}", source=CONVERSIONS[key].source, target=CONVERSIONS[key].target)


def _shown(name: str) -> Callable[[tuple], str | None]:
    """What is chosen for one column, of choices made by column."""
    return lambda pairs: dict(pairs).get(name)


def _kept(name: str, field: str) -> Callable[[str | None], tuple]:
    """The choices by column with another one for this column; none when it goes with all."""

    def write(chosen: str | None) -> tuple[tuple[str, str], ...]:
        others = {column: one for column, one in getattr(state.settings.preparation, field) if column != name}
        return tuple(sorted({**others, **({name: chosen} if chosen else {})}.items()))

    return write


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
