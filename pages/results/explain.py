"""Explain: what each of the user's own columns contributes to the risks of the chosen model."""

import streamlit as st

from medtune.foundation.words import say
from medtune.runs.record import EXPLANATION, read_explanation
from medtune.tuning.candidates import TITLES
from medtune.ui import explain_parts, navigation, run_in_view, site_parts, widgets
from medtune.ui.memory import once

run, result = run_in_view.finished(say("Explain"))
if getattr(result, "classes", ()):
    widgets.title(say("Explain"))
    widgets.empty(
        say("Contributions are not offered for several classes; the Results page shows each class by itself."),
        "results",
    )
if not (run.path / EXPLANATION).exists():
    widgets.title(say("Explain"))
    widgets.empty(say("This run made no model, so there is nothing to explain."), "results")

explanation = once("explanation", run.id, lambda: read_explanation(run.path))
widgets.title(say("Explain"), explain_parts.answer(explanation))
widgets.aside(say("Model: {title}. {note}", title=TITLES[result.verdict.chosen], note=explanation.note))
explain_parts.overall(explanation)
left, right = st.columns(2, gap="medium")
with left:
    explain_parts.column(explanation)
with right:
    explain_parts.patient(explanation)
site_parts.sites(explanation, explain_parts.by_importance(explanation))
navigation.link("score", say("Estimate the risk of new patients"))
widgets.terms("contribution", "log_odds")
widgets.reading(
    say("A contribution says what the model does with a column, not what causes the event."),
    say("Contributions are in log-odds: they add up to the log-odds of the estimated risk."),
    say("A column of categories is one bar; its levels have colours and markers of their own."),
)
