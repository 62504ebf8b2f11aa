"""Results: the verdict in one sentence, the evidence for it, and the model to keep."""

import streamlit as st

from medtune.foundation.words import say
from medtune.ui import navigation, run_in_view, widgets
from medtune.ui.results import classes
from medtune.ui.results.curves import curves
from medtune.ui.results.keep import keep
from medtune.ui.results.methods import methods
from medtune.ui.results.report import report
from medtune.ui.results.tabs import more
from medtune.ui.results.threshold import threshold
from medtune.ui.results.verdict import verdict

run, result = run_in_view.finished(say("Results"))
widgets.title(say("Results"), result.verdict.headline)
if getattr(result, "classes", ()):
    classes.page(result, run.path)
    report(run, result)
    with st.container(horizontal=True):
        navigation.link("score", say("Estimate the risks of new patients"))
        navigation.link("fine_tune", say("Change a setting and train again"))
    widgets.terms("log_loss", "hand_till", "brier", "interval", "classes")
    widgets.reading(
        say("Log-loss over all classes decides: it rewards risks that are close to what happened. Lower is better."),
        say("AUROC over pairs: of two patients of two classes, how often the right one has the higher risk."),
        say("All numbers come from patients that the model was not fitted to."),
    )
    st.stop()
verdict(result)
if result.verdict.state == "too few":
    widgets.note(say("Nothing was fitted; below, the starting model is measured on these patients as it is."))
if not result.validation:
    methods(result)
curves(result)
threshold(result)
more(result, run.path)
if not result.validation:
    keep(result, run.path)
report(run, result)
with st.container(horizontal=True):
    navigation.link("explain", say("See what drives the risks"))
    navigation.link("fine_tune", say("Change a setting and train again"))
widgets.terms("log_loss", "auroc", "calibration_slope", "net_benefit", "interval")
widgets.reading(
    say("AUROC says how well patients are ranked; calibration, whether the risks mean what they say.")
    if result.validation
    else say("Log-loss decides: it rewards risks that are close to what happened. Lower is better."),
    say("An interval that contains zero means that these patients cannot settle the question."),
    say("All numbers come from patients that the model was not fitted to."),
)
