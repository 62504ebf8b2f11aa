"""The parts of the Results page: the verdict, the methods, the curves, the threshold, what to keep."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from medtune.figures.calibration import calibration
from medtune.figures.candidates import forest
from medtune.figures.decisions import confusion, decision_curve
from medtune.figures.discrimination import roc
from medtune.figures.distribution import distribution
from medtune.figures.verdict import number_line
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.models.library import Library
from medtune.runs.record import RunResult, model_file, model_passport
from medtune.tuning.candidates import MEANINGS, TITLES, Candidate
from medtune.tuning.original_here import OriginalHere
from medtune.ui import look, navigation, widgets
from medtune.ui.binding import bind
from medtune.ui.state import state
from medtune.ui.text import estimate, markdown, number, percent, plain_number, translate

# Measure at a threshold -> its name, what it says in one plain sentence, and whether it is a share.
AT_THRESHOLD: dict[str, tuple[Sentence, Sentence, bool]] = {
    "accuracy": (say("Accuracy"), say("Share of all patients on the right side of the threshold."), True),
    "sensitivity": (say("Recall (sensitivity)"), say("Of patients with the event, the share that is flagged."), True),
    "specificity": (say("Specificity"), say("Of patients without the event, the share that is not flagged."), True),
    "ppv": (say("Precision (PPV)"), say("Of flagged patients, the share that has the event."), True),
    "npv": (say("NPV"), say("Of patients not flagged, the share without the event."), True),
    "f1": (say("F1"), say("Harmonic mean of precision and recall, between 0 and 1."), False),
    "net_benefit": (say("Net benefit"), say("True alarms less weighted false alarms, for each patient."), False),
}
VERDICT_MARKS = {
    "better": ":material/check_circle:",
    "probably better": ":material/contrast:",
    "keep the original": ":material/undo:",
    "too few": ":material/group_off:",
}


def compared_with(result: RunResult) -> list[Candidate]:
    """The reference and the judged method, in this order; one of them when nothing was judged."""
    return list({c.key: c for c in (result.reference, result.tuned) if c.performance is not None}.values())


def verdict(result: RunResult) -> None:
    """The card: the state, the gain, what changed, and the number line."""
    said = result.verdict
    with st.container(border=True, key="verdict"):
        words, line = st.columns([5, 6], gap="medium")
        with words:
            st.markdown(f"**{VERDICT_MARKS[said.state]} {markdown(said.sentence)}**")
            for sentence in said.details:
                st.markdown(markdown(sentence))
            widgets.aside(
                say("The model to use under this policy: {title}. Comparison: {design}.", title=TITLES[said.chosen],
                    design=result.design)
            )  # fmt: skip
        comparison = result.tuned.comparison
        with line:
            if comparison is not None:
                against = translate(result.reference.title)
                widgets.aside(say("Difference from “{original}”, with 95% CI", original=against))
                widgets.plot(number_line(comparison.differences, look.theme(), translate=translate), "line", "verdict")


def methods(result: RunResult) -> None:
    """The table of candidates on the same patients."""
    widgets.heading(say("Methods compared on the same patients"))
    heads = [say("Method"), say("AUROC"), say("Gain in log-loss"), say("Calibration slope"), say("Observed / expected"),
             say("Brier score")]  # fmt: skip
    rows, marks = [], []
    for candidate in result.candidates:
        title = translate(candidate.title)
        if candidate.performance is None:
            rows.append([f"{title}\n{translate(candidate.why_not)}", *["–"] * 5])
            marks.append("faint")
            continue
        head = candidate.performance.headline
        gain = candidate.comparison.gain if candidate.comparison else None
        rows.append(
            [
                f"{title}\n{translate(MEANINGS[candidate.key])}",
                _stacked(head["auroc"], 3),
                _stacked(gain, 3, sign=True) if gain else translate("reference"),
                _stacked(head["slope"], 2),
                _stacked(head["oe"], 2),
                _stacked(head["brier"], 3),
            ]
        )
        marks.append("chosen" if candidate.key == result.verdict.chosen else "")
    widgets.table(heads, rows, marks=marks)
    widgets.aside(
        say(
            "{n} patients, {events} with the event. Brackets: 95% CI. Gain above 0 is better.",
            n=number(result.scored),
            events=number(result.reference.performance.events),
        )
    )


def _stacked(value: Estimate | None, digits: int, sign: bool = False) -> str:
    """A value with its interval below it."""
    text = estimate(value, digits, sign=sign)
    first, _, rest = text.partition(" (")
    return f"{first}\n({rest}" if rest else first


def caption(result: RunResult) -> Sentence:
    """What a picture says of itself when it is saved: whose patients, which model, and when."""
    return say(
        "{cohort}, n = {n}. {model}: {method}. {date}.",
        cohort=result.cohort,
        n=number(result.scored),
        model=result.starting or translate("Trained from scratch"),
        method=TITLES[result.verdict.method],
        date=result.made[:10],
    )


def curves(result: RunResult) -> None:
    """ROC and calibration of the original and the judged method, side by side."""
    theme, shown = look.theme(), compared_with(result)
    first, second = st.columns(2, gap="medium")
    last = shown[-1].key
    with first:
        widgets.heading(say("Telling patients apart"))
        lines = [(c.key, c.title, c.performance.roc, c.performance.headline["auroc"], c.key == last) for c in shown]
        at = round(100 * result.threshold)
        marks = [(c.key, c.performance.thresholds, at) for c in shown]
        widgets.plot(roc(lines, theme, marks=marks, translate=translate), "roc", "roc", caption(result))
        widgets.aside(say("The further above the diagonal, the better events are told from non-events."))
    with second:
        widgets.heading(say("Risks against what happened"))
        lines = [(c.key, c.title, c.performance, c.key == last) for c in shown]
        widgets.plot(calibration(lines, theme, translate=translate), "calibration", "calibration", caption(result))
        widgets.aside(say("Points above the diagonal: the model's risks are too low; below: too high."))


@st.fragment
def threshold(result: RunResult) -> None:
    """The slider, the two-by-two and the measures at the threshold; only this part is drawn when it moves."""
    widgets.heading(say("At a threshold"))
    shown = compared_with(result)
    first, second = st.columns([5, 6], gap="medium", vertical_alignment="bottom")
    chosen = first.segmented_control(
        translate("Model"),
        [c.key for c in shown],
        default=shown[-1].key,
        format_func=lambda key: translate(TITLES[key]),
        required=True,
        key="threshold_model",
    )
    at = second.slider(
        translate("A patient is flagged from this risk on, %"),
        0,
        100,
        **bind(
            "threshold",
            show=lambda share: round(100 * (result.threshold if share is None else share)),
            read=lambda percent: percent / 100,
        ),
    )
    table = result.candidate(chosen).performance.thresholds
    left, right = st.columns([5, 6], gap="medium")
    with left:
        widgets.plot(confusion(table, at, look.theme(), translate=translate), "confusion", "confusion-matrix")
        widgets.aside(say("Counts are means over the repeats of the comparison."))
    with right:
        widgets.table([say("Measure"), say("Value (95% CI)")], [_measure(table, key, at) for key in AT_THRESHOLD])
        widgets.aside(
            say(
                "Accuracy, recall and F1 depend on the threshold and do not judge the risks themselves. "
                "The first threshold is {risk}: {reason}.",
                risk=percent(result.threshold),
                reason=translate("the event rate, or what was set for the run"),
            )
        )


def _measure(table, key: str, at: int) -> list[str]:
    name, meaning, share = AT_THRESHOLD[key]
    value = Estimate(*(float(x) for x in table.measures[key][:, at]))
    text = estimate(value, 1 if share else 3, as_percent=share)
    return [f"{translate(name)}\n{translate(meaning)}", text]


def more(result: RunResult) -> None:
    """What stands behind: gains of all methods, net benefit, risks by outcome, the update itself, notes."""
    names = [say("All methods"), say("Net benefit"), say("Risks by outcome"), say("The update"), say("Notes")]
    tabs = st.tabs([translate(name) for name in names], on_change="rerun", key="more")
    parts = (_gains, _benefit, _risks, _update, _notes)
    for tab, draw in zip(tabs, parts, strict=True):
        if tab.open:
            with tab:
                draw(result)


def _gains(result: RunResult) -> None:
    figure = forest(result.candidates, look.theme(), chosen=result.verdict.chosen, translate=translate)
    widgets.plot(figure, "gains", "methods", caption(result))
    widgets.aside(say("An interval that contains 0 settles nothing: these patients are too few to tell."))


def _benefit(result: RunResult) -> None:
    shown = compared_with(result)
    lines = [(c.key, c.title, c.performance.thresholds, c.key == shown[-1].key) for c in shown]
    figure = decision_curve(lines, look.theme(), threshold=result.threshold, translate=translate)
    widgets.plot(figure, "benefit", "net-benefit", caption(result))
    widgets.aside(say("A model is useful at a threshold where it lies above both “treat all” and “treat none”."))


def _risks(result: RunResult) -> None:
    shown = compared_with(result)[-1]
    figure = distribution(shown.performance.distribution, look.theme(), threshold=result.threshold, translate=translate)
    widgets.plot(figure, "risks", "risks", caption(result))
    widgets.aside(say("The less the two overlap, the better the model tells patients apart."))


def _update(result: RunResult) -> None:
    if result.support:
        support = result.support
        widgets.table(
            [say("What the patients support"), say("Weight")],
            [
                [translate("The model unchanged"), number(support["unchanged"], 2)],
                [translate("A shift of all risks together"), number(support["intercept"], 2)],
                [translate("A stretch or shrinkage of all risks"), number(support["slope"], 2)],
                [translate("Predictors acting differently here"), number(support["predictors"], 2)],
            ],
        )
        widgets.aside(say("Weights lie between 0 and 1; they are judged for each kind of change on its own."))
    if result.original is not None and not result.verdict.from_scratch:
        _beside(result.original)
    if not result.coefficients:
        widgets.aside(say("This method has no coefficients."))
        return
    names = {"intercept": translate("Intercept"), "slope": translate("Slope of the original's log-odds")}
    rows = [
        [names.get(c.name, c.name), plain_number(c.estimate.value), _limits(c.estimate)] for c in result.coefficients
    ]
    widgets.table([say("Coefficient"), say("Log-odds"), say("95% CI")], rows)
    widgets.aside(say("Updated log-odds = intercept + slope × original log-odds + sum of the changes by column."))


def _beside(original: OriginalHere) -> None:
    """What tests and the case mix say; the verdict does not rest on them."""
    test = original.closed_test
    widgets.aside(original.case_mix)
    kept = {**TITLES, "revision": say("Revision of the coefficients")}[test.selected]
    widgets.aside(say("A closed test procedure would choose: “{method}”.", method=kept))
    rows = [
        [translate(TITLES[key]), number(test.statistic[key], 2), number(test.df[key]), _p(test.p[key])]
        for key in test.df
    ]
    largest = TITLES["recalibration"] if test.guarded else TITLES["refit"]
    head = say("Tested against “{largest}”", largest=largest)
    widgets.table([head, say("Likelihood ratio"), say("Degrees of freedom"), say("p")], rows)


def _p(value: float) -> str:
    return number(value, 3) if value >= 0.001 else "< 0.001"


def _limits(value: Estimate) -> str:
    return f"{plain_number(value.low)} {translate('to')} {plain_number(value.high)}" if value.bounded else "–"


def _notes(result: RunResult) -> None:
    for note in result.notes or (say("Nothing had to be left out or changed."),):
        st.markdown("- " + markdown(note))
    seconds = sum(result.seconds.values())
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    widgets.aside(say("Worker time {seconds} s. Versions: {versions}.", seconds=number(seconds, 1), versions=versions))


def keep(result: RunResult, folder: Path) -> None:
    """Save a model of this run to the library; another than the verdict's is recorded as such."""
    keys = [c.key for c in result.candidates if model_file(folder, c.key).exists()]
    if not keys:
        return
    widgets.heading(say("Keep a model"))
    first, second, third = st.columns([4, 5, 2], vertical_alignment="bottom")
    default = result.verdict.chosen if result.verdict.chosen in keys else keys[-1]
    key = first.selectbox(
        translate("Model of the method"),
        keys,
        index=keys.index(default),
        format_func=lambda key: translate(TITLES[key]),
        key=f"keep_{folder.name}",
    )
    passport = model_passport(folder, key)
    name = second.text_input(translate("Name"), value=passport.name, key=f"keep_name_{folder.name}_{key}")
    if key != result.verdict.chosen:
        widgets.aside(say("This is not the model that the verdict chose; that is recorded with it."))
        overruled = say("Saved against the verdict of its run: {headline}", headline=result.verdict.headline)
        passport = passport.with_(notes=(*passport.notes, overruled))
    if third.button(translate("Save to library"), type="primary", width="stretch"):
        with widgets.troubles_shown():
            kept = Library(state.store.place).add_file(model_file(folder, key), passport.with_(name=name))
            st.success(markdown(say("Saved as “{name}”.", name=kept.name)), icon=":material/check:")
            navigation.link("models", say("See all models"))
