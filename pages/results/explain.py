"""Explain: what each of the user's own columns contributes to the risks of the chosen model."""

import streamlit as st

from medtune.foundation.words import say
from medtune.runs.record import EXPLANATION, model_file, read_explanation
from medtune.tuning.classes.candidates import CLASS_TITLES
from medtune.ui import explain_parts, navigation, paper_parts, run_in_view, site_parts, widgets
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import translate

run, result = run_in_view.finished(say("Explain"))
classes = getattr(result, "classes", ())
if not (model_file(run.path, result.verdict.chosen) if classes else run.path / EXPLANATION).exists():
    widgets.title(say("Explain"))
    widgets.empty(say("This run made no model, so there is nothing to explain."), "results")

of = ""
if classes:
    widgets.title(say("Explain"))
    answer = st.empty()
    explanation = explain_parts.one_class(result, run.path)
    if explanation is None:
        st.stop()
    of = classes[state.class_in_view or 0]
    with answer:
        widgets.say_answer(explain_parts.answer(explanation, of))
else:
    explanation = once("explanation", run.id, lambda: read_explanation(run.path))
    widgets.title(say("Explain"), explain_parts.answer(explanation))
widgets.aside(say("Model: {title}. {note}", title=CLASS_TITLES[result.verdict.chosen], note=explanation.note))
explain_parts.overall(explanation)
names = [say("One column"), say("One patient"), *([] if classes else [say("On paper")])]
column, patient, *paper = st.tabs([translate(name) for name in names], on_change="rerun", key="explain_tabs")
if column.open:
    with column:
        explain_parts.columns(explanation, None if classes else run.path)
if patient.open:
    with patient:
        explain_parts.patient(explanation, of)
for tab in paper:
    if tab.open:
        with tab, widgets.troubles_shown():
            paper_parts.on_paper(result, run.path)
site_parts.sites(explanation, explain_parts.by_importance(explanation), of)
navigation.link("score", say("Estimate the risk of new patients"))
paper_terms = ("interaction", "nomogram", "points_score", "main_effect")
widgets.terms("contribution", "log_odds", "dependence", "decision_path", *(() if classes else paper_terms))
widgets.reading(
    say("A contribution says what the model does with a column, not what causes the event."),
    explain_parts.sums_to(explanation),
    say("A column of categories is one bar; its levels have colours and markers of their own."),
)
