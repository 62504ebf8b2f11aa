"""One patient: the estimated risk, what it rests on, what if values were different."""

import streamlit as st

from medtune.foundation.words import say
from medtune.runs.record import model_passport
from medtune.ui import navigation, run_in_view, run_patients, widgets
from medtune.ui.memory import once
from medtune.ui.patient import answers, classes, form, summary

run, result = run_in_view.finished(say("One patient"))
why = run_in_view.cannot_ask(result, run.path)
those = run_patients.those()
if why is not None or those is None:
    widgets.title(say("One patient"))
    widgets.empty(why or say("The patients of this run are no longer kept; open their file again."), "results")

cohort, _ = those
passport = once("passport", run.id, lambda: model_passport(run.path, result.verdict.chosen))
widgets.title(say("One patient"))
answer = st.empty()
left, right = st.columns([3, 2], vertical_alignment="bottom")
with left:
    form.choose(cohort)
own = form.own_values(cohort, passport)
values = form.draw(passport, own, run_in_view.by_importance(run))
with right:  # after the form, which says whether there is anything to take back
    form.back(passport)
several = bool(getattr(result, "classes", ()))
told = (classes if several else answers).seen(run.path, values)
if told is None:
    st.stop()
if several:
    with answer:
        widgets.say_answer(classes.answer(told, result))
    classes.page(run.path, result, cohort, passport, values, told)
else:
    said, beside = answers.answer(told, result), answers.beside(told, result, cohort, run.path)
    with answer:
        widgets.say_answer(said)
    answers.doubts(told)
    widgets.aside(*beside)
    left, right = st.columns(2, gap="medium")
    with left:
        answers.parts(told.explanation)
    with right:
        answers.curve(run.path, values, told.explanation, result)
    alternatives = answers.alternatives(run.path, values, cohort, passport, told, result)
    doubts = (*beside, *told.notes)
    summary.download(told.explanation, values, said, doubts, alternatives, passport, result)
navigation.link("score", say("Estimate the risk of many new patients"))
terms = ("contribution", "log_odds", "ice", "counterfactual", "conformal", "threshold", "instability", "interval")
widgets.terms(*(term for term in terms if not several or term not in ("threshold", "instability")))
widgets.reading(
    say("Change values in the form to see what if; the patients of the run stay as they are."),
    say("An estimated risk tells of patients like this one; it predicts nobody's fate."),
    say("Values outside the range of the training patients make the risk an extrapolation."),
)
