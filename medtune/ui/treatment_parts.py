"""The parts of the Treatments page: what to compare, the differences, who benefits, and one patient."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.figures.treatment import balance_plot, benefit_by_risk, options_apart, policy
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate
from medtune.foundation.settings import Treatment
from medtune.foundation.words import Sentence, say
from medtune.runs.folder import RunFolder
from medtune.runs.treatments import begin_comparison, read_patients
from medtune.treatment.record import Contrast, TreatmentResult
from medtune.ui import look, made_up_trial, navigation, widgets
from medtune.ui.binding import bind
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import estimate, number, translate

SMALL = 0.5  # points, below which one decimal says too little
DESIGNS = {
    "randomised": say("Yes, chance decided who got what"),
    "not randomised": say("No"),
    "unknown": say("Not known"),
}


def in_view() -> RunFolder | None:
    """The comparison in view, unless it has gone or is one of other patients."""
    if not state.comparison_id:
        return None
    try:
        run = state.store.run(state.comparison_id)
    except MedtuneError as error:
        state.comparison_id = ""
        widgets.trouble(error)
        return None
    return run if run.job.cohort == state.cohort_id else None


def invitation() -> Sentence:
    """What the page does, while there is nothing to show."""
    return say("Compare treatments that these patients had, and see who may benefit more.")


def choices(open_: bool) -> None:
    """What was given, how it was given, what it is compared with; and the start."""
    from medtune.treatment.options import options_of

    cohort = state.cohort
    if cohort is None or cohort.roles.treatment is None:
        st.button(
            translate("Try it on a made-up trial"),
            icon=":material/play_arrow:",
            on_click=made_up_trial.try_it,
            key="try_trial",
        )
    if cohort is None:
        widgets.empty(say("There are no patients yet. Choose a table first."), "data")
    if cohort.classes:
        widgets.empty(say("Treatments are compared for an event, not for several classes. Choose an event."), "data")
    if cohort.roles.treatment is None:
        widgets.empty(say("No column says which treatment was given. Choose it on the Data page."), "data")
    counts = once("options", state.cohort_id, lambda: options_of(cohort))
    names = list(counts)
    with widgets.fold(say("What is compared"), open_, ":material/tune:"):
        first, second = st.columns(2)
        with first:
            st.radio(
                translate("Was “{column}” decided by chance (randomised)?", column=cohort.roles.treatment),
                list(Treatment.choices("design")),
                format_func=lambda key: translate(DESIGNS[key]),
                **bind("settings.treatment.design"),
            )
        with second:
            st.selectbox(
                translate("Compare the others with"),
                names,
                format_func=lambda name: translate("{name} ({n} patients)", name=name, n=number(counts[name])),
                **bind("settings.treatment.reference", show=lambda name: name if name in names else (names or [""])[0]),
            )
        st.button(translate("Compare the treatments"), type="primary", icon=":material/play_arrow:", on_click=_start)


def _start() -> None:
    with state.troubles_kept():
        cohort = state.cohort
        run = begin_comparison(state.store, cohort.name, state.cohort_id, cohort.roles.treatment, state.settings)
        state.comparison_id = run.id


def evidence(result: TreatmentResult) -> None:
    """The differences in one plot, the benefit by risk beside it, the numbers below."""
    for note in result.notes:
        widgets.aside(note)
    if result.withheld:
        return
    contrast = _chosen(result)
    first, second = st.columns(2, gap="medium")
    caption = _caption(result)
    with first:
        widgets.heading(say("Difference in event rate"))
        figure = options_apart(result.contrasts, result.reference, look.theme(), translate)
        aid = say("Adjusted for the predictors; an interval that contains 0 settles nothing.")
        widgets.plot(figure, "options_apart", "treatments", caption, aid=aid)
    with second:
        widgets.heading(say("Who benefits: by risk without the treatment"))
        figure = benefit_by_risk(contrast.quarters, look.theme(), translate)
        aid = say("The same relative effect spares more events where the risk is higher.")
        widgets.plot(figure, "benefit_by_risk", "benefit-by-risk", caption, aid=aid)
    _table(result)


def _chosen(result: TreatmentResult) -> Contrast:
    if len(result.contrasts) == 1:
        return result.contrasts[0]
    name = st.segmented_control(
        translate("Option"),
        [contrast.option for contrast in result.contrasts],
        default=result.contrasts[0].option,
        required=True,
        key="treatment_option",
    )
    return next(contrast for contrast in result.contrasts if contrast.option == name)


def _caption(result: TreatmentResult) -> Sentence:
    return say(
        "{cohort}, n = {n}. {treatment} and {outcome}. {date}.",
        cohort=result.cohort,
        n=number(result.n),
        treatment=result.treatment,
        outcome=result.outcome,
        date=result.made[:10],
    )


def _table(result: TreatmentResult) -> None:
    found = {contrast.option: contrast for contrast in result.contrasts}
    rows = []
    for option in result.options:
        contrast = found.get(option.name)
        rows.append(
            [
                option.name,
                number(option.n),
                number(option.events),
                estimate(option.rate, 1, as_percent=True),
                _points(contrast.unadjusted) if contrast else translate("reference"),
                _points(contrast.effect) if contrast else translate("reference"),
                estimate(contrast.odds_ratio, 2) if contrast else translate("reference"),
            ]
        )
    heads = [say("Option"), say("Patients"), say("Events"), say("Event rate"), say("Plain difference, points"),
             say("Adjusted difference, points"), say("Odds ratio")]  # fmt: skip
    widgets.table(heads, rows)
    widgets.aside(say("Brackets: 95% CI. Adjusted: doubly robust, on patients that no model was fitted to."))


def _points(value: Estimate) -> str:
    points = value.scaled(100)
    small = max(abs(points.value), abs(points.low), abs(points.high)) < SMALL
    return estimate(points, 2 if small else 1, sign=True)


def details(result: TreatmentResult, folder: Path) -> None:
    """Tabs that do nothing until they are opened."""
    if result.withheld:
        return
    names = [say("Treat by benefit"), say("Comparable groups"), say("One patient")]
    tabs = st.tabs([translate(name) for name in names], on_change="rerun", key="treatment_more")
    for tab, draw in zip(tabs, (_policy, _balance, _one_patient), strict=True):
        if tab.open:
            with tab:
                draw(result, folder)


def _of_view(result: TreatmentResult) -> Contrast:
    name = st.session_state.get("treatment_option", result.contrasts[0].option)
    return next((c for c in result.contrasts if c.option == name), result.contrasts[0])


def _policy(result: TreatmentResult, folder: Path) -> None:
    contrast = _of_view(result)
    figure = policy(contrast.policy, look.theme(), translate)
    aid = say("Where the line stays near “treat everybody”, treating fewer patients keeps most of the difference.")
    widgets.plot(figure, "policy", "treat-by-benefit", _caption(result), aid=aid)
    widgets.aside(say("“{option}” against “{reference}”.", option=contrast.option, reference=result.reference))


def _balance(result: TreatmentResult, folder: Path) -> None:
    contrast = _of_view(result)
    widgets.plot(balance_plot(contrast.balance, look.theme(), translate), "balance", "balance", _caption(result))
    widgets.aside(
        say("Right of the dashed line (0.1 SD) the groups differ in that column."),
        say("Chance of an option below 5% or above 95%: {share:.1%} of the patients.", share=result.outside),
    )


def _one_patient(result: TreatmentResult, folder: Path) -> None:
    if result.individual:
        widgets.aside(result.individual)
        return
    rows, risk, difference = once("treated", folder.name, lambda: read_patients(folder))
    at = st.number_input(translate("Patient (of {n})", n=number(len(rows))), 1, len(rows), 1, key="treated_patient") - 1
    table = []
    for place, option in enumerate(result.options):
        apart = Estimate(*(float(x) for x in difference[at, place]))
        table.append(
            [
                option.name,
                estimate(Estimate(*(float(x) for x in risk[at, place])), 1, as_percent=True),
                _points(apart) if place else translate("reference"),
            ]
        )
    widgets.table([say("Option"), say("Estimated risk"), say("Difference, points")], table)
    widgets.aside(
        say("Row {row} of the table.", row=number(int(rows[at]) + 1)),
        say("If the groups are comparable, this is the estimated difference for patients like this one.")
        if result.randomised
        else say(
            "Patients like this one who had the other option had this difference in risk: association, not effect."
        ),
        say("The relative effect is taken to be the same for all.")
        if not result.interaction < 0.05
        else say("The relative effect may differ between patients."),
    )
    navigation.link("data", say("See the patients"))
