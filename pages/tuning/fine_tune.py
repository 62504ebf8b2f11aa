"""Fine-tune: what to start from, how to compare, the plan in one sentence, and the run while it goes."""

import os
from dataclasses import replace

import streamlit as st

from medtune.foundation.words import Sentence, say
from medtune.runs import participants
from medtune.runs.execution import Status, status
from medtune.runs.starting import begin
from medtune.tuning.candidates import TITLES
from medtune.tuning.classes.planning import foresee_classes
from medtune.tuning.planning import foresee
from medtune.ui import (
    leave_out,
    mapping_choices,
    model_choices,
    navigation,
    progress,
    source_patients,
    starting_choices,
    widgets,
)
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import translate

cohort = state.cohort
if cohort is None:
    widgets.title(say("Fine-tune"))
    widgets.empty(say("There are no patients yet. Choose a table first."), "data")

run = state.run
now = status(run.path) if run is not None else None
mapping_choices.settle()
missing = starting_choices.missing()
sites = len(set(cohort.site)) if cohort.site is not None else 0
drop, without = state.settings.preparation.duplicates, leave_out.chosen()
those = replace(state.settings, left_out=without)
taking_part = once("taking_part", (state.cohort_id, drop, without), lambda: participants.taking_part(cohort, those)[0])
counted = {"sites": sites, "cores": os.cpu_count() or 1, "known": mapping_choices.columns_read()}
if cohort.classes:
    whom = taking_part.counts, cohort.classes
    plan = foresee_classes(state.settings, cohort.predictor_columns, *whom, **counted)
else:
    whom = taking_part.n, taking_part.events
    plan = foresee(state.settings, cohort.predictor_columns, *whom, **counted, source=source_patients.count())


def answer() -> Sentence:
    """What goes on, or what starting would do."""
    if now is not None and not now.final:
        return say("The run goes on, whether or not this page stays open.")
    return missing or plan.sentence


def start() -> None:
    """Start the run and bring it into view."""
    with state.troubles_kept():
        state.use_run(begin(state.store, cohort, state.cohort_id, those).id)


def ended(status: Status) -> None:
    """A run that finished while it was watched leads to its results."""
    if status.state == "finished":
        navigation.go("results")


widgets.title(say("Fine-tune"), answer())
if now is not None and not now.final:
    progress.watch(run.path, ended)
    st.stop()
if now is not None:
    progress.ended(now, run.path)

starting_choices.starting()
if model_choices.task():
    model_choices.validation()
    first, second = st.columns(2)
    with first, st.expander(translate("Model from scratch")):
        model_choices.family()
        model_choices.aids(plan.search)
    with second, st.expander(translate("More settings")):
        model_choices.more()
else:
    model_choices.threshold()

leave_out.draw()
for key, why in plan.left_out.items():
    widgets.aside(say("{method} is left out. {why}", method=TITLES[key], why=why))
if missing is not None:
    widgets.trouble(missing)
tuning = translate("Start training") if state.settings.starting.kind == "scratch" else translate("Start fine-tuning")
st.button(
    translate("Start validation") if state.settings.validates else tuning,
    type="primary",
    icon=":material/play_arrow:",
    disabled=missing is not None,
    on_click=start,
)
if now is not None and now.state == "finished":
    navigation.link("results", say("See the results of the last run"))
widgets.reading(
    say("Every method is scored on patients that none of its steps has seen."),
    say("“Averaged update” is the default: it changes the model only as far as these patients support."),
    say("The job runs by itself; closing this page does not stop it."),
)
