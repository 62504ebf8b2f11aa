"""Results: the verdict in one sentence, the evidence for it, and the model to keep."""

import streamlit as st

from medtune.foundation.words import say
from medtune.runs.execution import status
from medtune.runs.record import read_result
from medtune.ui import navigation, progress, result_parts, widgets
from medtune.ui.memory import once
from medtune.ui.state import state

run = state.run
if run is None:
    widgets.title(say("Results"))
    widgets.empty(say("There is no run yet. Fine-tune a model first."), "fine_tune")
now = status(run.path)
if now.state != "finished":
    widgets.title(say("Results"))
    progress.ended(now)
    widgets.empty(say("This run has no result yet."), "fine_tune")

result = once("result", run.id, lambda: read_result(run.path))
widgets.title(say("Results"), result.verdict.headline)
result_parts.verdict(result)
if result.verdict.state == "too few":
    widgets.note(say("Nothing was fitted; below, the starting model is measured on these patients as it is."))
result_parts.methods(result)
result_parts.curves(result)
result_parts.threshold(result)
result_parts.more(result)
result_parts.keep(result, run.path)
with st.container(horizontal=True):
    navigation.link("explain", say("See what drives the risks"))
    navigation.link("fine_tune", say("Change a setting and train again"))
widgets.terms("log_loss", "auroc", "calibration_slope", "net_benefit", "interval")
widgets.reading(
    say("Log-loss decides: it rewards risks that are close to what happened. Lower is better."),
    say("An interval that contains zero means that these patients cannot settle the question."),
    say("All numbers come from patients that the model was not fitted to."),
)
