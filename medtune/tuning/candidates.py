"""The methods that are compared, in the one order and under the one name they have everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from medtune.evaluation.performance import Comparison, Performance
from medtune.evaluation.sample_size import development_size, max_cox_snell
from medtune.foundation.settings import Guards, Settings, Starting
from medtune.foundation.words import Sentence, say
from medtune.models.boosting_here import boosting_missing

TITLES: dict[str, Sentence] = {
    "original": say("Original"),
    "averaged": say("Averaged update"),
    "intercept": say("Intercept update"),
    "recalibration": say("Logistic recalibration"),
    "revision": say("Shrunken revision"),
    "extension": say("Extended revision"),
    "boosted": say("Boosted revision"),
    "boosted_searched": say("Boosted revision, settings searched"),
    "refit": say("Refit"),
    "pooled": say("Pooled refit"),
    "scratch": say("From scratch"),
    "searched": say("From scratch, settings searched"),
    "augmented": say("From scratch, augmented"),
    "hard_examples": say("From scratch, hard patients weighted"),
    "network": say("Network tuned to the pictures"),
    "prevalence": say("Prevalence only"),
    "blended": say("Blend of tuned and original"),
}

MEANINGS: dict[str, Sentence] = {
    "original": say("The starting model, as it came."),
    "averaged": say("An average over small changes, each as strong as these patients support."),
    "intercept": say("All risks move up or down together, so that their mean fits."),
    "recalibration": say("Risks move together and are stretched or shrunken."),
    "revision": say("Each predictor may act a little differently here, drawn toward the original."),
    "extension": say("The same, with predictors that the original never had."),
    "boosted": say("A few small trees correct the recalibrated risks, as many as these patients support."),
    "boosted_searched": say("The same, with the best of many settings of its trees on inner folds."),
    "refit": say("Every coefficient is estimated anew on these patients alone."),
    "pooled": say("Every coefficient is estimated on source and local patients together."),
    "scratch": say("A new model, trained on these patients alone."),
    "searched": say("The best of many settings on inner folds of the training patients."),
    "augmented": say("Trained with made-up patients of the rarer outcome, then recalibrated on the real ones."),
    "hard_examples": say("Trained with more weight on patients it gets wrong, then recalibrated."),
    "network": say("The last block of the pretrained network and a linear head, trained on these pictures."),
    "prevalence": say("Every patient gets the event rate."),
    "blended": say("Between the original and the tuned model, the nearer to the tuned one the surer the gain."),
}

# The averaged update that believes more firmly that nothing has changed. It is no method of the comparison: where the
# gain of the averaged update is not certain, the policy "likely" goes toward this one.
CAUTIOUS = "cautious"
# Methods whose settings are searched for.
SEARCHED = ("searched", "boosted_searched")
# Methods that do not look at the original.
FROM_SCRATCH = ("scratch", "searched", "augmented", "hard_examples")

# What needs a risk to begin with: points have none, so a run from points is compared with the event rate alone.
POINTLESS = {
    "original": say("Points have no risk of their own, so there is no original to compare with."),
    "averaged": say("It changes risks a little, and points have none; logistic recalibration makes risks of them."),
    "intercept": say("It moves risks up or down, and points have none."),
}

NOT_FOR_GENES = say("Not offered where columns are many more than patients.")
UNOFFERED = ("augmented", "hard_examples", "boosted", "boosted_searched", "pooled", "refit")

# Of each outcome, before a block of 170,000 weights is tuned: an engineering default.
FEWEST_FOR_NETWORK = 50
# Until a model has shown more, a new one is expected to explain this share of what can be explained (Riley 2020).
EXPECTED_SHARE = 0.15


@dataclass(frozen=True)
class Candidate:
    """One method and how well it did on patients it was not fitted to.

    Attributes
    ----------
    key : str
        One of `TITLES`.
    offered : bool
        Whether a guard lets it take part.
    why_not : Sentence or None
        What a guard says when it does not.
    parameters : float
        Local parameters of the final fit (effective, where shrunken).
    performance : Performance or None
        On out-of-fold patients.
    comparison : Comparison or None
        Against the original (or prevalence only, from scratch) on the same patients.
    """

    key: str
    offered: bool
    why_not: Sentence | None = None
    parameters: float = 0.0
    performance: Performance | None = None
    comparison: Comparison | None = None

    @property
    def title(self) -> Sentence:
        """Its name for the user."""
        return TITLES[self.key]


def usual_method(starting: Starting) -> str:
    """Key of the method that is judged unless the user chooses another; points have no risk to be averaged over."""
    if starting.kind == "scratch":
        return "scratch"
    return "averaged" if starting.has_risk else "recalibration"


def compared(settings: Settings, new: bool = False) -> tuple[str, ...]:
    """Keys of the methods a run compares, guards aside.

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
    if settings.validates:
        return ("original",)
    aids = ("searched",) if settings.aids.search else ()
    aids += ("augmented",) if settings.aids.augmentation != "none" else ()
    aids += ("hard_examples",) if settings.aids.hard_examples else ()
    aids += ("network",) if settings.aids.network else ()
    if settings.starting.kind == "scratch":
        return ("prevalence", "scratch", *aids)
    extension = ("extension",) if new else ()
    boosted = ("boosted", "boosted_searched") if settings.aids.search else ("boosted",)
    if not settings.starting.has_risk:
        rungs = ("recalibration", "revision", *extension, *boosted, "refit")
        return ("prevalence", *POINTLESS, *rungs, "scratch", *aids)
    pooled = ("pooled",) if settings.starting.source else ()
    rungs = ("averaged", "intercept", "recalibration", "revision", *extension, *boosted, "refit", *pooled)
    return ("original", *rungs, "scratch", *aids)


def objections(
    settings: Settings, n: int, events: int, features: int, cox_snell: float | None = None, new: bool = False
) -> dict[str, Sentence | None]:
    """What the guards say of each method.

    Parameters
    ----------
    settings : Settings
        Its `guards` hold the thresholds: engineering defaults, no published minimum was found.
    n, events : int
        Local patients and events among them.
    features : int
        Prepared columns q.
    cox_snell : float, optional
        R2 that a refit is expected to reach; 15% of the largest possible when None.
    new : bool
        Whether there are local predictors that the original never had.

    Returns
    -------
    dict of str to Sentence or None
        For each method of `compared`, None where it may take part.
    """
    guards: Guards = settings.guards
    fewer = min(events, n - events)
    smaller = say("events") if events <= n - events else say("patients without the event")
    rate = events / n if n else 0.0
    expected = cox_snell if cox_snell and cox_snell > 0 else EXPECTED_SHARE * max_cox_snell(rate)

    def at_least(needed: int) -> Sentence | None:
        if fewer >= needed:
            return None
        return say("Needs {needed} {what}; there are {there}.", needed=needed, what=smaller, there=fewer)

    def refit() -> Sentence | None:
        few = at_least(guards.refit_per_parameter * (features + 1))
        if few is not None or features == 0:
            return few
        size = development_size(expected, features, rate).needed
        if n >= size:
            return None
        return say(
            "Needs {needed} patients to estimate {parameters} coefficients reliably; there are {there}.",
            needed=size,
            parameters=features + 1,
            there=n,
        )

    rules = {
        "original": lambda: None,
        "prevalence": lambda: None,
        "averaged": lambda: at_least(guards.averaged),
        "intercept": lambda: at_least(guards.intercept),
        "recalibration": lambda: at_least(guards.recalibration),
        "revision": lambda: at_least(guards.revision),
        "extension": lambda: at_least(guards.revision),
        "boosted": lambda: boosting_missing() or at_least(guards.revision),
        "boosted_searched": lambda: boosting_missing() or at_least(guards.revision),
        "refit": refit,
        "pooled": lambda: at_least(guards.pooled),
        "scratch": lambda: at_least(guards.averaged),
        "searched": lambda: at_least(guards.averaged),
        "augmented": lambda: at_least(guards.recalibration),
        "hard_examples": lambda: at_least(guards.recalibration),
        "network": lambda: at_least(FEWEST_FOR_NETWORK),
    }
    said = {key: rules[key]() for key in compared(settings, new)}
    with_points = settings.starting.kind == "score_column" and not settings.starting.has_risk
    return {**said, **POINTLESS} if with_points else said


def objections_for_genes(why_not: Mapping[str, Sentence | None]) -> dict[str, Sentence | None]:
    """What the guards say, with the methods that are not made for more columns than patients left out."""
    return {key: NOT_FOR_GENES if key in UNOFFERED else why for key, why in why_not.items()}
