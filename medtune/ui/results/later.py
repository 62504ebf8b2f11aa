"""What is worked out after the result: waited for without a reload, and one click away when it did not come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.words import say
from medtune.runs.execution import Status
from medtune.runs.folder import LATER
from medtune.runs.follow_up import follow, follow_again, later_standing
from medtune.ui import progress, widgets
from medtune.ui.memory import once
from medtune.ui.text import markdown, translate

Part = TypeVar("Part")
EVERY = 1.0  # seconds between two looks

ENDED = {
    "cancelled": say("This gave way to another run."),
    "interrupted": say("This was interrupted before it was ready."),
}


def worked_out(folder: Path, name: str, read: Callable[[Path], Part | None]) -> Part | None:
    """What was worked out after a result.

    Parameters
    ----------
    folder : Path
        The run's folder.
    name : str
        Its file.
    read : callable
        Reads it, given the run's folder.

    Returns
    -------
    object or None
        None until it is there.

    Raises
    ------
    MedtuneError
        When its file is damaged.
    """
    place = folder / LATER / name
    if not place.exists():
        return None
    return once(name, (folder.name, place.stat().st_mtime_ns), lambda: read(folder))


def coming(folder: Path, name: str) -> None:
    """Say that a part of the result is being worked out, and draw the page again when its file is there.

    Parameters
    ----------
    folder : Path
        The run's folder.
    name : str
        The file that is waited for.
    """
    with widgets.troubles_shown():
        now = later_standing(folder)
        if now is None or now.state == "queued":
            follow(folder)
            now = later_standing(folder)
        if now is None:
            widgets.aside(say("Nothing was fitted, so there is nothing to work out."))
        elif now.final:
            _ended(folder, now)
        else:
            _live(folder, folder / LATER / name)


@st.fragment(run_every=EVERY)
def _live(folder: Path, arrived: Path) -> None:
    try:
        now = later_standing(folder)
    except MedtuneError:  # the run was deleted in another window; the page says so
        st.rerun()
    if arrived.exists() or now is None or now.final:
        st.rerun()
    widgets.aside(say("This is being worked out; the results above are complete without it."))
    progress.draw(now)


def _ended(folder: Path, now: Status) -> None:
    """One sentence on why it is not there, and the button."""
    if now.state == "failed":
        widgets.trouble(now.error or now.sentence)
    else:
        st.info(markdown(ENDED.get(now.state, say("This was not worked out for this run."))))
    if now.state != "finished" and st.button(
        translate("Work it out again"), key="later_again", icon=":material/replay:"
    ):
        with widgets.troubles_shown():
            follow_again(folder)
            st.rerun()
