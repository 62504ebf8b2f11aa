"""Treatments: whether the options that patients had differ, for whom, and what the design allows one to say."""

import streamlit as st

from medtune.foundation.words import say
from medtune.runs.execution import status
from medtune.runs.treatments import read_comparison
from medtune.ui import progress, treatment_parts, widgets
from medtune.ui.memory import once

run = treatment_parts.in_view()
now = status(run.path) if run is not None else None
result = once("comparison", run.id, lambda: read_comparison(run.path)) if now and now.state == "finished" else None
widgets.title(say("Treatments"), result.headline if result else treatment_parts.invitation())
if now is not None and not now.final:
    progress.watch(run.path)
    st.stop()
if now is not None:
    progress.ended(now, run.path)
treatment_parts.choices(open_=result is None)
if result is not None:
    treatment_parts.evidence(result)
    treatment_parts.details(result, run.path)
widgets.reading(
    say("Differences are between groups of patients; below zero an option goes with fewer events."),
    say("Only when chance decided who got what is a difference an effect of the treatment."),
    say("For one patient the page estimates risks; it recommends nothing."),
)
