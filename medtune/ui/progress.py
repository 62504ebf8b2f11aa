"""A run while it is going: what is being done now, what is left, and a way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from medtune.runs.execution import Status, cancel, status
from medtune.runs.searching import enough, found_by, going, said_of, stopped
from medtune.runs.searching import standing as found
from medtune.ui.text import duration, markdown, number, translate
from medtune.ui.widgets import trouble, troubles_shown

EVERY = 0.5  # seconds between two looks


def watch(folder: Path, when_ended: Callable[[Status], None] | None = None) -> Status:
    """Show a run until it has ended; the rest of the page is not drawn again meanwhile.

    Parameters
    ----------
    folder : Path
        The run's folder.
    when_ended : callable, optional
        Called once with the last status when the run ends while it is watched;
        it may switch to another page. Without it the page is drawn again.

    Returns
    -------
    Status
        Where the run stands now; when it is final nothing was drawn.
    """
    now = status(folder)
    if not now.final:
        _live(folder, when_ended)
    return now


@st.fragment(run_every=EVERY)
def _live(folder: Path, when_ended: Callable[[Status], None] | None) -> None:
    now = status(folder)
    if now.final:
        if when_ended is not None:
            when_ended(now)
        st.rerun()
    draw(now)
    _search(folder)
    if st.button(translate("Cancel the run"), key=f"cancel_{folder.name}", icon=":material/close:"):
        with troubles_shown():
            cancel(folder)
            st.rerun()


def draw(now: Status) -> None:
    """The stage, a bar and the time left; stages already done in small."""
    standing = now.progress
    if standing is None:
        st.progress(0.0, text=markdown(now.sentence))
        return
    steps = translate("{done} of {total}", done=number(standing.done), total=number(standing.total))
    left = duration(standing.seconds_left)
    parts = [markdown(standing.stage), steps if standing.total > 1 else "", _left(left)]
    st.progress(min(max(standing.fraction, 0.0), 1.0), text=" · ".join(part for part in parts if part))
    if standing.finished:
        done = ", ".join(
            f"{translate(stage.stage).rstrip('.')} ({duration(stage.seconds)})" for stage in standing.finished
        )
        st.caption(markdown("Done: {stages}", stages=done))


def _search(folder: Path) -> None:
    """What a search for settings has found so far, and a way to be content with it."""
    told = going(folder)
    if told is None:
        return
    st.caption(markdown(said_of(told)))
    if stopped(folder):
        return
    if st.button(
        translate("Stop searching, go on with the best so far"),
        key=f"enough_{folder.name}",
        icon=":material/skip_next:",
        help=translate("Every method is still compared; searches that have not begun try the usual settings alone."),
    ):
        enough(folder)
        st.rerun(scope="fragment")


def _left(left: str) -> str:
    return translate("about {time} left", time=left) if left.strip("\N{EN DASH}") else ""


def ended(now: Status, folder: Path) -> None:
    """One sentence on how a run ended when it did not finish, and what its search for settings had found."""
    if now.state in ("failed", "interrupted"):
        trouble(now.error or now.sentence)
    elif now.state == "cancelled":
        st.info(markdown(now.sentence))
    told = None if now.state == "finished" else found(folder)
    if told is not None:
        st.caption(markdown(found_by(told)))
