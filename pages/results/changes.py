"""What changed: the original against the tuned model, and the patients who change side."""

import streamlit as st

from medtune.foundation.words import say
from medtune.ui import navigation, run_in_view, widgets
from medtune.ui.changed import classes as between
from medtune.ui.changed import model, sides
from medtune.ui.class_choice import class_in_view
from medtune.ui.results.at_source import at_source
from medtune.ui.text import translate

run, result = run_in_view.finished(say("What changed"))
why = run_in_view.cannot_compare(result, run.path)
if why is not None:
    widgets.title(say("What changed"))
    widgets.empty(why, "results")
classes = getattr(result, "classes", ())
kind = between if classes else sides
found = kind.found(result, run.path)
widgets.title(say("What changed"), kind.answer(found[0]) if found else None)
names = ["Who changes side", "The model", *([] if classes else ["At the source"])]
tabs = st.tabs([translate(name) for name in names], on_change="rerun", key="changes")
if tabs[0].open:
    with tabs[0]:
        if found is None:
            widgets.note(say("The patients of this run are no longer kept, so nobody can be named here."))
        elif classes:
            between.tables(found[0], classes)
            between.scatter(*found, classes, class_in_view(result, "sides"))
            between.worklist(*found, classes, run.path)
            widgets.aside(between.ONLY)
        else:
            sides.threshold(result)
            sides.table(found[0])
            sides.scatter(*found)
            sides.worklist(*found, run.path)
if tabs[1].open:
    with tabs[1], widgets.troubles_shown():
        at = class_in_view(result, "model") if classes else None
        changes = model.compared(run.path, at)
        model.coefficients(changes, (classes[at], classes[changes.against]) if classes else None)
        left, right = st.columns(2, gap="medium")
        with left:
            model.curves(changes, result)
        with right:
            model.differences(changes)
        model.one_patient(changes)
if not classes and tabs[2].open:
    with tabs[2]:
        at_source(result, run.path)
navigation.link("patient", say("Look at one patient"))
widgets.terms("reclassification", "contribution", *([] if classes else ["threshold"]), "interval")
widgets.reading(
    say("Newly right is a gain, newly wrong a loss; a net gain counts gains less losses.")
    if classes
    else say("Newly flagged with the event is a gain, newly flagged without it a loss."),
    say("A risk of one class is set against all other classes together.")
    if classes
    else say("A net gain counts gains less losses; both outcomes matter, so there are two."),
    say("A reason says what the models count differently, not what causes the event."),
)
