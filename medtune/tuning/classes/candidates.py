"""The methods that are compared for several classes, what guards say of them, and how each did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from medtune.evaluation.class_performance import ClassPerformance
from medtune.evaluation.performance import Comparison
from medtune.evaluation.sample_size import development_size, max_cox_snell
from medtune.foundation.settings import Settings
from medtune.foundation.words import Sentence, say
from medtune.tuning.candidates import EXPECTED_SHARE, TITLES

CLASS_TITLES: dict[str, Sentence] = {**TITLES, "recalibration": say("Vector recalibration")}
CLASS_MEANINGS: dict[str, Sentence] = {
    "original": say("The starting model, as it came."),
    "averaged": say("An average over small changes, each as strong as these patients support."),
    "intercept": say("The risk of each class moves up or down, so that its mean fits."),
    "recalibration": say("Risks of each class move, and are stretched or shrunken."),
    "revision": say("Each predictor may act a little differently here, drawn toward the original."),
    "extension": say("The same, with predictors that the original never had."),
    "refit": say("Every coefficient is estimated anew on these patients alone."),
    "scratch": say("A new model, trained on these patients alone."),
    "searched": say("The best of many settings on inner folds of the training patients."),
    "prevalence": say("Every patient gets the share of each class."),
    "blended": say("Between the original and the tuned model, the nearer to the tuned one the surer the gain."),
}
# What a user can ask for that works on an event alone.
NOT_FOR_CLASSES = say("It is made for an event and its absence, not for several classes.")


@dataclass(frozen=True)
class ClassCandidate:
    """One method and how well it did on patients it was not fitted to.

    Attributes
    ----------
    key : str
        One of `CLASS_MEANINGS`.
    offered : bool
        Whether a guard lets it take part.
    why_not : Sentence or None
        What a guard says when it does not.
    parameters : float
        Local parameters of the final fit (effective, where shrunken).
    performance : ClassPerformance or None
        On out-of-fold patients.
    comparison : Comparison or None
        Against the original (or the shares of the classes, from scratch) on the same patients.
    """

    key: str
    offered: bool
    why_not: Sentence | None = None
    parameters: float = 0.0
    performance: ClassPerformance | None = None
    comparison: Comparison | None = None

    @property
    def title(self) -> Sentence:
        """Its name for the user."""
        return CLASS_TITLES[self.key]


def compared_classes(settings: Settings, new: bool = False) -> tuple[str, ...]:
    """Keys of the methods a run of several classes compares, guards aside.

    Parameters
    ----------
    settings : Settings
        All that was chosen.
    new : bool
        Whether there are local predictors that the original never had.

    Returns
    -------
    tuple of str
    """
    search = ("searched",) if settings.aids.search else ()
    if settings.starting.kind == "scratch":
        return ("prevalence", "scratch", *search)
    extension = ("extension",) if new else ()
    return ("original", "averaged", "intercept", "recalibration", "revision", *extension, "refit", "scratch", *search)


def class_objections(
    settings: Settings, counts: Sequence[int], classes: Sequence[str], features: int, new: bool = False
) -> dict[str, Sentence | None]:
    """What the guards say of each method: they go by the rarest class.

    Parameters
    ----------
    settings : Settings
        Its `guards` hold the thresholds.
    counts : sequence of int
        Local patients of each class.
    classes : sequence of str
        Their names.
    features : int
        Prepared columns q.
    new : bool
        Whether there are local predictors that the original never had.

    Returns
    -------
    dict of str to Sentence or None
        For each method of `compared_classes`, None where it may take part; aids that are asked for but work on an
        event alone are among them.
    """
    guards, fewest = settings.guards, min(counts)
    rarest = classes[list(counts).index(fewest)]

    def at_least(needed: int) -> Sentence | None:
        if fewest >= needed:
            return None
        template = "Needs {needed} patients of each class; there are {there} of class ‘{rarest}’."
        return say(template, needed=needed, there=fewest, rarest=rarest)

    def refit() -> Sentence | None:
        few = at_least(guards.refit_per_parameter * (features + 1))
        needed = class_development_size(counts, features) if few is None and features else 0
        if few is not None or sum(counts) >= needed:
            return few
        template = "Needs {needed} patients to estimate {parameters} coefficients reliably; there are {there}."
        return say(template, needed=needed, parameters=(features + 1) * (len(counts) - 1), there=sum(counts))

    averaged, revision = at_least(guards.averaged), at_least(guards.revision)
    rules = {
        "original": None,
        "prevalence": None,
        "averaged": averaged,
        "intercept": at_least(guards.intercept),
        "recalibration": at_least(guards.recalibration),
        "revision": revision,
        "extension": revision,
        "refit": refit(),
        "scratch": averaged,
        "searched": averaged,
    }
    said = {key: rules[key] for key in compared_classes(settings, new)}
    aids = settings.aids
    asked = {"augmented": aids.augmentation != "none", "hard_examples": aids.hard_examples, "network": aids.network}
    return said | {key: NOT_FOR_CLASSES for key, wanted in asked.items() if wanted}


def class_development_size(counts: Sequence[int], features: int) -> int:
    """Patients needed to estimate a model of several classes from nothing.

    Parameters
    ----------
    counts : sequence of int
        Patients of each class.
    features : int
        Prepared columns.

    Returns
    -------
    int
        The largest need of any pair of classes, over the share that the pair has of all.

    Notes
    -----
    Pate 2023 Stat Methods Med Res 32:555: the binary criteria of Riley 2020 for each pair of classes, a pair being
    expected to explain 15% of what can be explained.
    """
    total, largest = sum(counts), 0.0
    for one, other in combinations(counts, 2):
        rate = other / (one + other)
        size = development_size(EXPECTED_SHARE * max_cox_snell(rate), features, rate).needed
        largest = max(largest, size * total / (one + other))
    return int(largest + 0.999)
