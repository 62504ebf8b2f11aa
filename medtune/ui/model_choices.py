"""The widgets of the Fine-tune page: how to compare, and what may be changed beside."""

from __future__ import annotations

import streamlit as st

from medtune.foundation.settings import METHODS, VALIDATE, Aids, Family, Validation
from medtune.foundation.words import Sentence, say
from medtune.images.keeping import keys_of
from medtune.images.network import NETWORK, network_here
from medtune.tuning.candidates import MEANINGS, TITLES, compared, usual_method
from medtune.ui import widgets
from medtune.ui.binding import bind
from medtune.ui.state import state
from medtune.ui.text import duration, number, translate

TASKS: dict[str, Sentence] = {
    "tune": say("Fine-tune and compare"),
    "validate": say("Validate only, change nothing"),
}
FAMILIES: dict[str, Sentence] = {
    "logistic": say("Logistic regression"),
    "elastic_net": say("Elastic net"),
    "elastic_net_path": say("Elastic net, strength chosen on inner folds"),
    "pca_ridge": say("Ridge on principal components"),
    "random_forest": say("Random forest"),
    "gradient_boosting": say("Gradient boosting"),
}
AUGMENTATIONS: dict[str, Sentence] = {
    "none": say("Do not"),
    "smote": say("SMOTE: between neighbours"),
    "jitter": say("Jitter: a real patient with small noise"),
    "mixup": say("Mixup: between two patients of the same outcome"),
}
DESIGNS: dict[str, Sentence] = {
    "cross_validation": say("Repeated cross-validation"),
    "hold_out": say("One random split"),
    "by_site": say("One site left out at a time"),
}
POLICIES: dict[str, Sentence] = {
    "likely": say("Likely: use the tuned model unless there is no gain"),
    "clear": say("Clear: use the tuned model only when the gain is certain"),
    "blend": say("Blend: mix both, the surer the gain the more of the tuned model"),
}
BETWEEN = say(
    "Under “Likely”, a gain that is not certain is believed in part: the model used then lies between the original and"
    " a more cautious update, the surer the gain the nearer to the update. Under “Blend” it always lies between the"
    " original and the tuned model, and nearer to the original."
)
# What the half widths of the averaged update's prior are multiplied by.
TRUST: dict[float, Sentence] = {
    0.25: say("The source far more"),
    0.5: say("The source more"),
    1.0: say("Balanced"),
    2.0: say("Local patients more"),
    4.0: say("Local patients far more"),
}
# A select box takes None for "nothing chosen yet", so "left to medtune" is shown as "" or 0.
REPEATS = (0, 1, 2, 5, 10, 20, 50)
TRIALS = (0, 10, 25, 50, 100, 200)
SECONDS = (30, 60, 120, 300, 600, 1800, 3600)
DEPTHS = (0, 1, 2, 3, 4, 6, 8, 12, 20)
OPEN = {"show": lambda value: value or 0, "read": lambda shown: shown or None}


def family() -> None:
    """The kind of model to train from scratch, with the settings it knows."""
    if state.settings.starting.kind != "scratch":
        widgets.aside(say("A model trained on these patients alone is compared too; most often it is worse."))
    st.selectbox(
        translate("Kind of model"),
        Family.choices("name"),
        format_func=lambda key: translate(FAMILIES[key]),
        **bind("settings.family.name"),
    )
    name = state.settings.family.name
    if name in ("logistic", "elastic_net"):
        _number("settings.family.strength", say("Strength of shrinkage"), "strength", 0.1, "%g")
    if name == "pca_ridge":
        _number("settings.family.components", say("Principal components at most"), "components", 5)
    if name in ("elastic_net", "elastic_net_path"):
        _number("settings.family.l1_ratio", say("Share of lasso in the penalty"), "l1_ratio", 0.1, "%.2f")
    if name in ("random_forest", "gradient_boosting"):
        _number("settings.family.trees", say("Trees"), "trees", 50)
        _number("settings.family.leaf", say("Fewest patients in a leaf"), "leaf", 5)
        _depth()
    if name == "gradient_boosting":
        _number("settings.family.learning_rate", say("Learning rate"), "learning_rate", 0.01, "%g")


def aids(search: Sentence | None) -> None:
    """Searched settings, made-up patients and weights for hard ones, as further candidates.

    Parameters
    ----------
    search : Sentence or None
        How the time for a search is divided, from the plan of the run.
    """
    _search(search)
    st.selectbox(
        translate("Make up patients of the rarer outcome"),
        Aids.choices("augmentation"),
        format_func=lambda key: translate(AUGMENTATIONS[key]),
        **bind("settings.aids.augmentation"),
    )
    st.toggle(translate("Weight patients more that the model gets wrong"), **bind("settings.aids.hard_examples"))
    _network()
    if state.settings.aids.augmentation != "none":
        widgets.aside(say("Where events are rare, move the threshold first: made-up patients rarely help."))


def _network() -> None:
    """Tuning the network itself, for patients with pictures that it has measured."""
    cohort = state.cohort
    if cohort is None or cohort.classes or NETWORK[0] not in cohort.frame or keys_of(cohort.frame) is None:
        return
    if not network_here():
        return
    st.toggle(
        translate("Tune the last block of the network to the pictures"),
        help=translate(
            "In each training fold the block is trained on pictures that are mirrored, turned, moved, brightened and "
            "mixed, until an inner fold gains no more. It is one more method, and kept only where it beats the others "
            "beyond doubt."
        ),
        **bind("settings.aids.network"),
    )


def _search(share: Sentence | None) -> None:
    first, second = st.columns(2)
    what = (
        say(
            "Tries settings on inner folds of the training patients. What it finds is one more method, which has to "
            "win like any other."
        )
        if state.settings.starting.kind == "scratch"
        else say(
            "Tries settings of the model from scratch and of the boosted revision on inner folds of the training "
            "patients. What it finds is one more method of each kind, which has to win like any other."
        )
    )
    first.selectbox(
        translate("Search for settings"),
        TRIALS,
        format_func=lambda n: translate("up to {n} tries", n=number(n)) if n else translate("Do not"),
        help=translate(what),
        **bind("settings.aids.search"),
    )
    if not state.settings.aids.search:
        return
    chosen = state.settings.aids.search_seconds
    second.selectbox(
        translate("Time for it in all"),
        sorted({*SECONDS, chosen}),
        format_func=duration,
        help=translate("Where time does not run out, the same settings give the same numbers."),
        **bind("settings.aids.search_seconds"),
    )
    if share is not None:
        widgets.aside(share)


def _number(path: str, label: Sentence, field: str, step: float, format: str | None = None) -> None:
    low, high = Family.limits(field)
    st.number_input(translate(label), min_value=low, max_value=high, step=step, format=format, **bind(path))


def _depth() -> None:
    st.selectbox(
        translate("Deepest tree"),
        DEPTHS,
        format_func=lambda depth: number(depth) if depth else translate("(no limit)"),
        **bind("settings.family.depth", **OPEN),
    )


def task() -> bool:
    """Whether the model is tuned or only validated as it is; says whether it is tuned."""
    if not state.settings.starting.has_risk:
        return True
    st.segmented_control(
        translate("What to do"),
        list(TASKS),
        format_func=lambda key: translate(TASKS[key]),
        required=True,
        **bind(
            "settings.method",
            key="task",
            show=lambda method: "validate" if method == VALIDATE else "tune",
            read=lambda shown: VALIDATE if shown == "validate" else None,
        ),
    )
    if state.settings.validates:
        widgets.aside(
            say("External validation: the model is measured on these patients as it is, and nothing is fitted to them.")
        )
    return not state.settings.validates


def threshold() -> None:
    """The threshold that a run begins with."""
    st.number_input(
        translate("Threshold of risk, %"),
        min_value=1.0,
        max_value=99.0,
        step=1.0,
        placeholder=translate("the event rate"),
        **bind(
            "settings.threshold",
            show=lambda share: None if share is None else round(100 * share, 4),
            read=lambda percent: None if percent is None else percent / 100,
        ),
    )


def validation() -> None:
    """How the methods are compared."""
    sites = state.cohort.site
    several = sites is not None and len(set(sites)) > 1
    designs = [design for design in DESIGNS if design != "by_site" or several]
    if state.settings.validation.design not in designs:
        state.change(validation=Validation())
    st.radio(
        translate("Comparison"),
        designs,
        format_func=lambda key: translate(DESIGNS[key]),
        horizontal=True,
        **bind("settings.validation.design"),
    )
    design = state.settings.validation.design
    if design == "cross_validation":
        first, second = st.columns(2)
        low, high = Validation.limits("folds")
        first.number_input(translate("Folds"), min_value=low, max_value=high, **bind("settings.validation.folds"))
        second.selectbox(
            translate("Repeats"),
            REPEATS,
            format_func=lambda repeats: number(repeats) if repeats else translate("(by number of patients)"),
            **bind("settings.validation.repeats", **OPEN),
        )
    elif design == "hold_out":
        low, high = Validation.limits("held_out")
        st.slider(
            translate("Patients held out, %"),
            round(100 * low),
            round(100 * high),
            step=5,
            **bind(
                "settings.validation.held_out", show=lambda share: round(100 * share), read=lambda share: share / 100
            ),
        )
        if state.cohort.n < 1000:
            widgets.note(
                say(
                    "One random split of {n} patients is a weak test; cross-validation uses them better.",
                    n=state.cohort.n,
                ),
                "warning",
            )


def _trust() -> None:
    """How far the averaged update may move away from the source."""
    widths = sorted({*TRUST, state.settings.averaging.width})
    st.select_slider(
        translate("Trust the source or the local patients"),
        widths,
        format_func=lambda width: translate(TRUST.get(width, say("Prior × {width}", width=f"{width:g}"))),
        help=translate(
            "How far the averaged update may move away from the original. On twenty real transfers, trusting the "
            "source more (half the prior's width) lost .001 to .003 of the gain in log-loss and did harm less often; "
            "trusting the local patients more (double) lost .0005 to .001 and did harm more often."
        ),
        **bind("settings.averaging.width"),
    )


def more() -> None:
    """What is judged, how bold the choice is, the threshold and the seed."""
    if state.settings.starting.kind != "scratch":
        usual = usual_method(state.settings.starting)
        default = say("{method} (default)", method=TITLES[usual])
        offered = [key for key in compared(state.settings, new=True) if key in METHODS]
        st.selectbox(
            translate("Method to judge"),
            ("", *offered),
            format_func=lambda key: translate(TITLES[key] if key else default),
            help=translate(MEANINGS[state.settings.method or usual]),
            # A browser answers with the label it was shown, so another default is another widget.
            **bind(
                "settings.method", key=usual, show=lambda k: k if k in offered else "", read=lambda key: key or None
            ),
        )
        if state.settings.starting.has_risk:
            _trust()
    st.selectbox(
        translate("When to use the tuned model"),
        list(POLICIES),
        format_func=lambda key: translate(POLICIES[key]),
        help=translate(BETWEEN),
        **bind("settings.policy"),
    )
    threshold()
    st.number_input(translate("Seed of the random splits"), min_value=0, step=1, **bind("settings.seed"))
