"""The widgets that say which rows are used and what each column is for."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from medtune.cohort.roles import Event
from medtune.cohort.values import as_number
from medtune.foundation.words import listed, say
from medtune.images.labels import PICTURE
from medtune.ui import choices, wide_tables, widgets
from medtune.ui.binding import bind
from medtune.ui.state import PREFIX, state
from medtune.ui.text import number, translate
from medtune.ui.widgets import meaning

FROM, AMONG = say("at least"), say("one of")


def patients() -> None:
    """'Use only patients where ...', and what to call them."""
    everybody = translate("(all patients)")
    first, second, third = st.columns(3)
    with first:
        st.selectbox(
            translate("Use only patients where"),
            [None, *choices.filterable()],
            format_func=lambda name: name or everybody,
            placeholder=everybody,
            **bind(
                "cleaning.only",
                key="column",
                show=lambda only: only[0] if only else None,
                read=lambda name: (name, ()) if name else None,
                then=choices.choose_filter,
            ),
        )
    only = state.cleaning.only
    if only is not None:
        levels = list(dict.fromkeys((*choices.levels_of(only[0], all_rows=True), *only[1])))
        with second:
            st.multiselect(
                translate("is"),
                levels,
                **bind("cleaning.only", show=lambda only: list(only[1]), read=lambda kept: (only[0], tuple(kept))),
            )
    with third if only is not None else second:
        placeholder = choices.cohort_name()
        st.text_input(translate("Name of these patients"), placeholder=placeholder, **bind("cohort_name"))


def outcome() -> None:
    """The outcome, and which of its values count as the event."""
    first, second, third = st.columns(3)
    columns = wide_tables.offered(choices.view().columns, _outcome())
    names = [name for name, column in columns.items() if column.distinct > 1 or name == _outcome()]
    with first:
        st.selectbox(
            translate("Outcome"),
            ["", *names],
            format_func=lambda name: name or translate("(choose)"),
            help=meaning("outcome"),
            **bind("roles.outcome", then=choices.choose_outcome),
        )
    if not _outcome():
        return
    offered = choices.classes_offered()
    if offered or state.roles.classes:
        _classes_or_event(offered)
    if state.roles.classes:
        with second:
            _classes()
        return
    levels, event = choices.levels_of(_outcome()), state.roles.event
    ways = _ways(levels, event)
    with second:
        st.selectbox(
            translate("Event when the value is"),
            ways,
            format_func=translate,
            disabled=len(ways) == 1,
            **bind(
                "roles.event",
                key="way",
                show=lambda event: ways[0] if event.at_least is not None or len(ways) == 1 else AMONG,
                read=lambda way: Event(at_least=choices.counted_from()) if way == FROM else Event(),
            ),
        )
    with third:
        if ways[0] == FROM and (event.at_least is not None or len(ways) == 1):
            _from()
        else:
            _among(levels)


def _classes_or_event(offered: tuple[str, ...]) -> None:
    """One question, or each value a class of its own."""
    if state.roles.classes and offered and set(offered) != set(state.roles.classes):
        # Other rows or another code for missing: the classes are those that are left.
        state.roles = replace(state.roles, classes=offered)
    count = len(offered or state.roles.classes)
    words = {False: say("An event or not"), True: say("All {count} classes", count=count)}
    st.radio(
        translate("What is estimated"),
        list(words),
        format_func=lambda every: translate(words[every]),
        horizontal=True,
        help=meaning("classes"),
        **bind("roles.classes", key="every", show=bool, read=lambda every: offered if every else (), then=_settle),
    )


def _settle() -> None:
    choices.choose_classes(bool(state.roles.classes))


def _classes() -> None:
    st.text_input(
        translate("Classes"),
        value=", ".join(state.roles.classes),
        disabled=True,
        key=f"classes_{'_'.join(state.roles.classes)}",
    )


def _outcome() -> str:
    return state.roles.outcome


def _ways(levels: tuple[str, ...], event: Event) -> list:
    """How the event can be told: two values need no number unless one was given, many values leave only that."""
    if not levels:
        return [FROM]
    numbers = all(as_number(level) is not None for level in levels)
    return [FROM, AMONG] if numbers and (len(levels) > 2 or event.at_least is not None) else [AMONG]


def _from() -> None:
    if state.roles.event.at_least is None:
        state.roles = replace(state.roles, event=Event(at_least=choices.counted_from()))
    st.number_input(
        translate("this number"),
        step=1.0,
        format="%g",
        **bind("roles.event", key="at_least", show=lambda event: event.at_least, read=lambda x: Event(at_least=x)),
    )


def _among(levels: tuple[str, ...]) -> None:
    chosen = state.roles.event.values
    st.multiselect(
        translate("these values"),
        list(dict.fromkeys((*levels, *chosen))),
        **bind("roles.event", key="values", show=lambda e: list(e.values), read=lambda v: Event(values=tuple(v))),
    )


def predictors() -> None:
    """What a model may use; all or none in one click."""
    columns = choices.view().columns
    if wide_tables.wide(columns) or PICTURE in columns:
        _many_predictors()
        return
    st.multiselect(
        translate("Predictors"),
        choices.predictors_offered(),
        help=meaning("predictor"),
        **bind("roles.predictors", show=list, read=tuple),
    )
    with st.container(horizontal=True):
        st.button(translate("All"), on_click=choices.use_predictors, args=(True,))
        st.button(translate("None"), on_click=choices.use_predictors, args=(False,))
    unread = choices.unreadable()
    if unread:
        widgets.aside(
            say(
                "Not offered, since models cannot read dates, times, free text or identifiers: {names}. "
                "Where one is taken for the wrong kind, change it in the table of columns above.",
                names=listed(unread, limit=8),
            )
        )


def _many_predictors() -> None:
    """Of a wide table: columns that are no plain numbers by name, and the numbers together."""
    columns, chosen = choices.view().columns, set(state.roles.predictors)
    every = choices.predictors_offered()
    plain = [name for name in every if wide_tables.plain(columns[name])]
    kept = sum(name in chosen for name in plain)
    widgets.aside(say("{kept} of {all} columns of numbers are predictors.", kept=number(kept), all=number(len(plain))))
    few = [name for name in every if not wide_tables.plain(columns[name])][: wide_tables.OFFERED]
    numbers = tuple(name for name in state.roles.predictors if name not in set(few))
    if few:
        st.multiselect(
            translate("Other predictors"),
            few,
            help=meaning("predictor"),
            **bind(
                "roles.predictors",
                key="few",
                show=lambda names: [name for name in names if name in set(few)],
                read=lambda names: (*names, *numbers),
            ),
        )
    with st.container(horizontal=True):
        st.button(translate("All"), on_click=choices.use_predictors, args=(True,))
        st.button(translate("None"), on_click=choices.use_predictors, args=(False,))
    with st.expander(translate("Leave single columns out"), icon=":material/search:"):
        some = wide_tables.portion(plain, "leave_out")
        gone = [name for name in some if name not in chosen]
        st.multiselect(
            translate("Leave out"),
            some,
            default=gone,
            key=f"{PREFIX}widget.leave_out.{hash((tuple(some), tuple(gone)))}",
            on_change=_leave_out,
            args=(f"{PREFIX}widget.leave_out.{hash((tuple(some), tuple(gone)))}", tuple(some)),
        )


def _leave_out(key: str, some: tuple[str, ...]) -> None:
    """Of these columns the chosen ones are no predictors, all others are."""
    gone = set(st.session_state[key])
    wanted = (set(state.roles.predictors) - gone) | {name for name in some if name not in gone}
    order = (str(name) for name in state.table.frame.columns)
    state.roles = replace(state.roles, predictors=tuple(name for name in order if name in wanted))


def others() -> None:
    """Columns with a role of their own, each optional."""
    nothing = translate("(none)")
    kinds = {
        "patient": (say("Patient id"), ("number", "category", "text", "identifier"), None),
        "site": (say("Site"), ("category", "number", "text"), "site"),
        "date": (say("Date"), ("date",), None),
        "score": (say("Existing risk (0 to 1)"), ("number",), "existing_risk"),
        "treatment": (say("Treatment, if compared"), ("category", "number"), None),
    }
    for place, (role, (words, fitting, term)) in zip(st.columns(5), kinds.items(), strict=True):
        now = getattr(state.roles, role)
        columns = wide_tables.offered(choices.view().columns, now)
        names = [n for n, c in columns.items() if n == now or (c.kind in fitting and n != _outcome())]
        with place:
            st.selectbox(
                translate(words),
                [None, *names],
                format_func=lambda name: name or nothing,
                placeholder=nothing,
                help=meaning(term) if term else None,
                **bind(f"roles.{role}", then=choices.keep_roles_apart),
            )
