"""The pieces every page is made of: the answer, the empty state, findings, how to read it, plots, deletion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from medtune.figures.numbers import Table as Numbers
from medtune.figures.numbers import numbers as numbers_of
from medtune.figures.theme import caption as captioned
from medtune.figures.theme import config
from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import Sentence
from medtune.ui import navigation
from medtune.ui.glossary import TERMS
from medtune.ui.state import state
from medtune.ui.text import markdown, markup, translate

Words = Sentence | str
SEVERITIES = {
    "error": (st.error, ":material/error:"),
    "warning": (st.warning, ":material/warning:"),
    "info": (st.info, ":material/info:"),
}


def title(heading: Words, answer: Words | None = None) -> None:
    """The title of the page and, under it, its answer in one sentence."""
    st.title(markdown(heading), anchor=False)
    if answer is not None:
        say_answer(answer)


def say_answer(sentence: Words) -> None:
    """One sentence, large enough to be the only thing that is read."""
    st.html(f'<p class="answer">{markup(sentence)}</p>')


def aside(*sentences: Words) -> None:
    """Quieter sentences: a limit, a source, a note."""
    if sentences:
        st.html('<p class="aside">' + " ".join(markup(sentence) for sentence in sentences) + "</p>")


def bullets(sentences: Iterable[Words]) -> None:
    """Sentences as a list."""
    st.html('<ul class="bullets">' + "".join(f"<li>{markup(sentence)}</li>" for sentence in sentences) + "</ul>")


def heading(words: Words) -> None:
    """The heading of a part of the page."""
    st.subheader(markdown(words), anchor=False)


def empty(sentence: Words, to: str, label: Words | None = None) -> None:
    """What is missing, the one link that fixes it, and the end of the page.

    Parameters
    ----------
    sentence : Sentence or str
        What is missing and what to do.
    to : str
        Key of the page that fills it.
    label : Sentence or str, optional
        Words of the link; the page's title when left out.
    """
    say_answer(sentence)
    navigation.link(to, label)
    st.stop()


def trouble(error: MedtuneError | Words) -> None:
    """One sentence on what is wrong and what to do."""
    sentence = error.sentence if isinstance(error, MedtuneError) else error
    st.error(markdown(sentence), icon=":material/error:")


def note(sentence: Words, severity: str = "info") -> None:
    """A sentence in a box: 'info', 'warning' or 'error'."""
    show, icon = SEVERITIES.get(severity, SEVERITIES["info"])
    show(markdown(sentence), icon=icon)


def finding(
    key: str,
    sentence: Words,
    remedies: Sequence[tuple[Words, Callable[[], None]]] = (),
    severity: str = "info",
) -> None:
    """A finding as a card, its remedies one click away.

    Parameters
    ----------
    key : str
        Tells this card from the others on the page.
    sentence : Sentence or str
        What was found, and where.
    remedies : sequence of (Sentence or str, callable)
        Words of each button, and what it does before the page is drawn again.
    severity : str
        'error', 'warning' or 'info'.
    """
    icon = SEVERITIES.get(severity, SEVERITIES["info"])[1]
    with st.container(border=True, key=f"finding_{key}"):
        words, button = st.columns([4, 1], vertical_alignment="center") if remedies else (st.container(), None)
        words.markdown(f"{icon}\N{NO-BREAK SPACE} {markdown(sentence)}")
        for place, (remedy, mend) in enumerate(remedies):
            again = f"_{place}" if place else ""
            button.button(markdown(remedy), key=f"remedy_{key}{again}", on_click=mend, width="stretch")


def fold(label: Words, open_: bool, icon: str) -> DeltaGenerator:
    """A part of the page that is folded away unless `open_`; then it stands there under its heading.

    An expander that begins open is no way to say so: Chromium may leave what is inside hidden when that is still
    being loaded, and the page looks empty until the reader closes the expander and opens it again.
    """
    if not open_:
        return st.expander(markdown(label), icon=icon)
    box = st.container(border=True)
    box.markdown(f"{icon}\N{NO-BREAK SPACE} {markdown(label)}")
    return box


def reading(*lines: Words) -> None:
    """'How to read this': three lines, folded, at the end of the page."""
    with st.expander(translate("How to read this"), icon=":material/menu_book:"):
        st.html('<ul class="reading">' + "".join(f"<li>{markup(line)}</li>" for line in lines) + "</ul>")


def term(key: str, label: Words | None = None) -> None:
    """A term of statistics that explains itself when clicked."""
    name, meaning = TERMS[key]
    with st.popover(markdown(label or name), type="tertiary", icon=":material/help:"):
        st.markdown(markdown(meaning))


def terms(*keys: str) -> None:
    """A row of terms, each explaining itself when clicked."""
    with st.container(horizontal=True, gap="small"):
        for key in keys:
            term(key)


def meaning(key: str) -> str:
    """A term's sentence, for the help of a widget or the header of a table's column."""
    return markdown(TERMS[key][1])


def confirm_delete(key: str, label: Words, what_goes: Words, delete: Callable[[], None]) -> None:
    """A delete button that asks once and names what will go.

    Parameters
    ----------
    key : str
        Tells this button from the others on the page.
    label : Sentence or str
        Words of the button, such as "Delete model".
    what_goes : Sentence or str
        What will be gone: "The model 'Cleveland 2024' and its two runs will be deleted."
    delete : callable
        Does it, before the page is drawn again.
    """
    with st.popover(markdown(label), icon=":material/delete:"):
        st.markdown(markdown(what_goes))
        st.button(translate("Delete for good"), key=f"delete_{key}", type="primary", on_click=delete)


def plot(
    figure: go.Figure,
    key: str,
    name: str = "medtune",
    caption: Words = "",
    numbers: Callable[[], Numbers] | bool = True,
    aid: Words = "",
) -> None:
    """Draw a figure of `medtune.figures`, made with ``look.theme()``, as it is, with its numbers below.

    Parameters
    ----------
    figure : plotly Figure
        It carries its own words for those who do not see it.
    key : str
        Tells this plot from the others on the page.
    name : str
        File name of the downloaded picture and of its numbers.
    caption : Sentence or str
        Whose patients, which model and when, so that the saved picture can stand alone; the page hides it.
    numbers : callable or bool
        Headings and rows of the numbers, where the figure's own traces do not tell them; False for a figure of
        single patients, whose values shall not leave the house by a click.
    aid : Sentence or str
        One line on how to read it.
    """
    alt = (figure.layout.meta or {}).get("alt")
    settings = config(name, state.picture)
    if caption:
        with st.container(key=f"captioned_{key}"):
            st.plotly_chart(captioned(figure, translate(caption)), theme=None, key=key, config=settings, alt=alt)
    else:
        st.plotly_chart(figure, theme=None, key=key, config=settings, alt=alt)
    if aid:
        aside(aid)
    if numbers is not False:
        numbers_button(key, name, (lambda: numbers_of(figure, translate)) if numbers is True else numbers)


def numbers_button(key: str, name: str, make: Callable[[], Numbers]) -> None:
    """The button that hands out the numbers of a plot or of a table.

    Parameters
    ----------
    key : str
        Of the plot or table.
    name : str
        File name without its ending.
    make : callable
        Gives headings and rows.
    """
    st.download_button(
        translate("Numbers (CSV)"),
        # Made when it is asked for.
        lambda: _csv(*make()),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"{key}_numbers",
        type="tertiary",
        on_click="ignore",
    )


def choosing(figure: go.Figure, key: str, name: str) -> int | None:
    """Draw a figure of single patients whose points can be clicked; the place in ``customdata[0]`` of a clicked one.

    Parameters
    ----------
    figure : plotly Figure
        Its traces carry places.
    key : str
        Tells this plot from the others on the page.
    name : str
        File name of the downloaded picture.
    """
    event = st.plotly_chart(
        figure,
        theme=None,
        key=key,
        config=config(name, state.picture),
        alt=(figure.layout.meta or {}).get("alt"),
        on_select="rerun",
        selection_mode="points",
    )
    points = [point for point in event["selection"]["points"] if point.get("customdata")]
    return int(points[0]["customdata"][0]) if points else None


def _csv(heads: list[str], rows: list[list[object]]) -> bytes:
    from pandas import DataFrame

    from medtune.models.scoring import safe_csv

    return safe_csv(DataFrame(rows, columns=heads))


def table(heads: list[Words], rows: list[list[str]], *, words: int = 1, marks: list[str] | None = None) -> None:
    """A table of ready-made texts with aligned numbers; wide ones scroll inside themselves on a phone.

    Parameters
    ----------
    heads : list of Sentence or str
        Column titles.
    rows : list of list of str
        Texts as `medtune.ui.text` makes them; what follows a line break is set small.
    words : int
        How many columns at the left hold words; the others are numbers, set flush right.
    marks : list of str, optional
        Per row "", "chosen" (emphasised) or "faint".
    """
    kind = ["words" if column < words else "" for column in range(len(heads))]
    head = "".join(f'<th scope="col" class="{k}">{markup(h)}</th>' for h, k in zip(heads, kind, strict=True))
    body = "".join(
        f'<tr class="{mark}">' + "".join(_cell(text, k) for text, k in zip(row, kind, strict=True)) + "</tr>"
        for row, mark in zip(rows, marks or [""] * len(rows), strict=True)
    )
    st.html(
        f'<div class="scroll"><table class="figures"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cell(text: str, kind: str) -> str:
    first, _, rest = text.partition("\n")
    small = f"<small>{markup(rest)}</small>" if rest else ""
    return f'<td class="{kind}">{markup(first)}{small}</td>'


@contextmanager
def troubles_shown():
    """Show a `MedtuneError` raised inside as its sentence; the rest of the page goes on."""
    try:
        yield
    except MedtuneError as error:
        trouble(error)
