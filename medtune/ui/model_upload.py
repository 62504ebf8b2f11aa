"""A model file brought by the user: looked at in the warm process, then kept in the library."""

from __future__ import annotations

import streamlit as st

from medtune.foundation.records import from_plain
from medtune.models.model_library import Library
from medtune.models.passport import Passport
from medtune.runs.standby import ask, errand
from medtune.ui import widgets
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import translate


def draw(key: str) -> Passport | None:
    """An uploader for one model file.

    Parameters
    ----------
    key : str
        Tells this uploader from others.

    Returns
    -------
    Passport or None
        Of the model as the library keeps it, once a file was accepted.
    """
    file = st.file_uploader(translate("Model file (.skops), saved here or with skops.io.dump"), key=f"model_{key}")
    if file is None:
        return None
    with widgets.troubles_shown():
        return once(f"model.{key}", file.file_id, lambda: admit(file.getvalue(), file.name))
    return None


def admit(data: bytes, name: str) -> Passport:
    """Take a model file into the library.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What the user calls it.

    Returns
    -------
    Passport

    Raises
    ------
    ModelError
        When it is a pickle, damaged, or not a model that can be used here.
    """
    with st.spinner(translate("Looking at the model")), errand() as folder:
        given, kept = folder / "given", folder / "model.skops"
        given.write_bytes(data)
        found = from_plain(Passport, ask("inspect_model", {"model": str(given), "name": name, "keep": str(kept)}))
        return Library(state.store.place).add_file(kept, found)
