"""The library of models as cards: what each is, how good it was, and what can be done with it."""

from __future__ import annotations

import re

import streamlit as st

from medtune.foundation.errors import MedtuneError
from medtune.foundation.settings import Starting
from medtune.foundation.words import Sentence, say
from medtune.models.model_library import Library
from medtune.models.passport import Passport
from medtune.runs.standby import ask, errand
from medtune.tuning.candidates import TITLES
from medtune.ui import model_upload, navigation, source_patients, widgets
from medtune.ui.model_choices import FAMILIES
from medtune.ui.results.shown import stacked
from medtune.ui.score_classes import facts as facts_of_classes
from medtune.ui.score_models import columns_row
from medtune.ui.state import PREFIX, state
from medtune.ui.text import NOTHING, ago, markdown, number, percent, translate

METHODS: dict[str, Sentence] = {
    **FAMILIES,
    "imported": say("Brought from elsewhere"),
    "score_column": say("An existing score"),
    "several": say("Mean of several models"),
    **{key: say("Tuned: {method}", method=title) for key, title in TITLES.items()},
}


def kept_models() -> Library:
    """The user's models."""
    return Library(state.store.place)


def draw(passport: Passport) -> None:
    """One model: its name and origin, the few numbers that matter, details, and its buttons."""
    with st.container(border=True, key=f"model_{passport.id}"):
        st.subheader(markdown(passport.name), anchor=False)
        st.markdown(f"{markdown(passport.made_from)}  \n:gray[{markdown(facts(passport))}]")
        numbers(passport)
        for note in passport.notes:
            widgets.aside(note)
        with st.expander(translate("Columns and origin"), icon=":material/view_column:"):
            details(passport)
        buttons(passport)


def facts(passport: Passport) -> str:
    """Method and age in words."""
    method = METHODS.get(passport.method)
    return " · ".join([*([translate(method)] if method is not None else []), ago(passport.created)])


def numbers(passport: Passport) -> None:
    """Patients, AUROC and calibration slope; a dash where nobody knows."""
    if passport.classes:
        known = passport.performance
        heads = [say("Patients of each class"), say("AUROC over pairs (95% CI)"), say("Brier score (95% CI)")]
        counts = facts_of_classes(passport.counts, passport.classes)
        widgets.table(heads, [[counts, stacked(known.get("hand_till"), 3), stacked(known.get("brier"), 3)]], words=1)
        if not known:
            widgets.aside(say("How good it is on other patients was not measured."))
        return
    events = NOTHING
    if passport.n is not None and passport.events is not None:
        share = percent(passport.events / passport.n) if passport.n else NOTHING
        events = translate("{events} of {n}", events=number(passport.events), n=number(passport.n)) + "\n" + share
    heads = [say("Patients with the event"), say("AUROC (95% CI)"), say("Calibration slope (95% CI)"), say("Threshold")]
    known = passport.performance
    row = [events, stacked(known.get("auroc"), 3), stacked(known.get("slope"), 2), percent(passport.threshold)]
    widgets.table(heads, [row], words=1)
    if not known:
        widgets.aside(say("How good it is on other patients was not measured."))


def details(passport: Passport) -> None:
    """What it estimates, the columns it reads, and where it is from."""
    if passport.classes:
        names = ", ".join(passport.classes)
        template = "It estimates the risks of {count} classes of “{outcome}”: {names}."
        widgets.aside(say(template, count=len(passport.classes), outcome=passport.outcome, names=names))
    elif str(passport.outcome):
        widgets.aside(say("It estimates the risk of “{outcome}”.", outcome=passport.outcome))
    heads = [say("Column"), say("Kind"), say("Known values"), say("Missing in training")]
    widgets.table(heads, [columns_row(column) for column in passport.columns], words=3)
    widgets.aside(say("Made with medtune {version}.", version=passport.version))


def buttons(passport: Passport) -> None:
    """Start from it, score with it, rename, export, delete."""
    with st.container(horizontal=True):
        if st.button(translate("Start fine-tuning from this model"), key=f"start_{passport.id}"):
            state.change(starting=source_patients.starting_from(passport))
            state.starting_from = "model"
            navigation.go("fine_tune" if state.cohort is not None else "data")
        if st.button(translate("Score patients"), key=f"score_{passport.id}"):
            state.scoring, state.scoring_threshold = passport.id, None
            navigation.go("score")
        with st.popover(translate("Rename"), icon=":material/edit:"):
            key = f"{PREFIX}widget.name.{passport.id}"
            st.text_input(translate("New name"), value=passport.name, key=key, on_change=_rename, args=(passport, key))
        st.download_button(
            translate("Export"),
            _export(passport),
            file_name=f"{_file_name(passport.name)}.skops",
            mime="application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
            key=f"export_{passport.id}",
        )
        widgets.confirm_delete(f"model_{passport.id}", say("Delete"), what_goes(passport), lambda: _delete(passport.id))


def what_goes(passport: Passport) -> Sentence:
    """What a user loses with the model."""
    return say(
        "The model '{name}' will be deleted from the library. Runs that started from it stay, with their results.",
        name=passport.name,
    )


def broken(sentence: Sentence) -> None:
    """A model whose passport cannot be read, and the way to be rid of it."""
    identifier = str(sentence.fields["id"])
    gone = say("The folder of model '{id}' will be deleted with all that is in it.", id=identifier)
    with st.container(border=True, key=f"broken_{identifier}"):
        widgets.trouble(sentence)
        widgets.confirm_delete(f"broken_{identifier}", say("Delete"), gone, lambda: _delete(identifier))


def _rename(passport: Passport, key: str) -> None:
    with state.troubles_kept():
        renamed = kept_models().rename(passport.id, st.session_state[key])
        if state.settings.starting.model == passport.id:
            state.change(starting=Starting("model", passport.id, renamed.name))


def _delete(identifier: str) -> None:
    with state.troubles_kept():
        kept_models().delete(identifier)
        if state.settings.starting.model == identifier:
            state.change(starting=Starting())


def _export(passport: Passport):
    """What reads the file's bytes when they are asked for; it runs outside of the session."""
    home, identifier = str(state.store.place), passport.id

    def read() -> bytes:
        with errand() as folder:
            ask("export_model", {"home": home, "id": identifier, "file": str(folder / "model")})
            return (folder / "model").read_bytes()

    return read


def _file_name(name: str) -> str:
    """A name that every system takes for a file."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._")[:80] or "model"


def bring() -> None:
    """A model file from elsewhere, into the library."""
    key = f"{PREFIX}widget.import.{state.uploads}"
    st.file_uploader(
        translate("A model file (.skops), exported here or saved with skops; pickles are refused"),
        key=key,
        on_change=_bring,
        args=(key,),
    )


def _bring(key: str) -> None:
    upload = st.session_state[key]
    if upload is None:
        return
    state.uploads += 1
    try:
        passport = model_upload.admit(upload.getvalue(), upload.name)
    except MedtuneError as error:
        state.trouble = error
    else:
        st.toast(markdown(say("Model '{name}' is in the library now.", name=passport.name)))
