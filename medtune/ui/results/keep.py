"""The model to keep: saving a model of the run to the library."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.foundation.words import say
from medtune.models.model_library import Library
from medtune.runs.record import RunResult, model_file, model_passport
from medtune.tuning.candidates import TITLES
from medtune.ui import navigation, widgets
from medtune.ui.state import state
from medtune.ui.text import markdown, translate


def keep(result: RunResult, folder: Path) -> None:
    """Save a model of this run to the library; another than the verdict's is recorded as such."""
    keys = [c.key for c in result.candidates if model_file(folder, c.key).exists()]
    if not keys:
        return
    widgets.heading(say("Keep a model"))
    first, second, third = st.columns([4, 5, 2], vertical_alignment="bottom")
    default = result.verdict.chosen if result.verdict.chosen in keys else keys[-1]
    key = first.selectbox(
        translate("Model of the method"),
        keys,
        index=keys.index(default),
        format_func=lambda key: translate(TITLES[key]),
        key=f"keep_{folder.name}",
    )
    passport = model_passport(folder, key)
    name = second.text_input(translate("Name"), value=passport.name, key=f"keep_name_{folder.name}_{key}")
    if key != result.verdict.chosen:
        widgets.aside(say("This is not the model that the verdict chose; that is recorded with it."))
        overruled = say("Saved against the verdict of its run: {headline}", headline=result.verdict.headline)
        passport = passport.with_(notes=(*passport.notes, overruled))
    if third.button(translate("Save to library"), type="primary", width="stretch"):
        with widgets.troubles_shown():
            kept = Library(state.store.place).add_file(model_file(folder, key), passport.with_(name=name))
            st.success(markdown(say("Saved as “{name}”.", name=kept.name)), icon=":material/check:")
            navigation.link("models", say("See all models"))
