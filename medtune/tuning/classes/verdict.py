"""The verdict for several classes: the same states and policies, decided by log-loss over all classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from medtune.evaluation.class_performance import ClassPerformance
from medtune.evaluation.performance import Comparison
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.tuning.classes.candidates import CLASS_TITLES
from medtune.tuning.verdict import (
    POINTS_THAT_MATTER,
    STATES,
    THE_ORIGINAL,
    Verdict,
    blend_weight,
    gain_told,
    state_of,
    toward,
)

SCRATCH_CLASS_STATES = {
    "better": say("The new model tells the classes apart better than their shares alone."),
    "probably better": say(
        "The new model is probably better than the shares of the classes alone; these patients cannot settle it."
    ),
    "keep the original": say("The new model does no better than giving every patient the share of each class."),
    "too few": say("Too few patients of one class to train a model."),
}
SHARES_ALONE = say("giving everyone the share of each class")
CLASS_STATES = {**STATES, "too few": say("Too few patients of one class to change anything.")}


def _states(from_scratch: bool) -> dict[str, Sentence]:
    return SCRATCH_CLASS_STATES if from_scratch else CLASS_STATES


def too_few_of_a_class(
    counts: Sequence[int], classes: Sequence[str], policy: str, needed: int, from_scratch: bool = False
) -> Verdict:
    """The verdict when nothing may be changed.

    Parameters
    ----------
    counts : sequence of int
        Patients of each class.
    classes : sequence of str
        Their names.
    policy : str
        As chosen; it makes no difference.
    needed : int
        Fewest of each class.
    from_scratch : bool
        Whether there is no original.

    Returns
    -------
    Verdict
    """
    reference, fewest = "prevalence" if from_scratch else "original", min(counts)
    sentence = say(
        "Of {n} patients {few} are of class ‘{rarest}’; at least {needed} of each class are needed.",
        n=sum(counts),
        few=fewest,
        rarest=classes[list(counts).index(fewest)],
        needed=needed,
    )
    headline, nothing = _states(from_scratch)["too few"], Estimate(math.nan)
    return Verdict(
        "too few", headline, sentence, (), reference, reference, policy, 0.0, math.nan, nothing, from_scratch
    )


def judge_classes(
    method: str,
    comparison: Comparison,
    original: ClassPerformance,
    tuned: ClassPerformance,
    *,
    policy: str = "likely",
    from_scratch: bool = False,
) -> Verdict:
    """Judge the tuned model against the original on the same out-of-fold patients.

    Parameters
    ----------
    method : str
        Key of the tuned model.
    comparison : Comparison
        Paired differences.
    original, tuned : ClassPerformance
        Of both models; of the shares of the classes, when training from scratch.
    policy : str
        How bold the choice is.
    from_scratch : bool
        There is no original: the sentences say so, and there is nothing to blend with.

    Returns
    -------
    Verdict
    """
    state = state_of(comparison)
    aim = toward(method, state, policy)
    weight = blend_weight(state, comparison.t, policy, aim)
    reference = "prevalence" if from_scratch else "original"
    if from_scratch and weight > 0:
        weight = 1.0
    return Verdict(
        state=state,
        headline=_states(from_scratch)[state],
        sentence=gain_told(
            CLASS_TITLES[method], comparison.gain, tuned.n, SHARES_ALONE if from_scratch else THE_ORIGINAL
        ),
        details=_details(comparison, original, tuned, from_scratch),
        method=method,
        chosen=method if weight == 1 else "blended" if weight > 0 else reference,
        policy=policy,
        blend=weight,
        t=comparison.t,
        gain=comparison.gain,
        from_scratch=from_scratch,
        toward=aim,
    )


def _details(comparison, original: ClassPerformance, tuned: ClassPerformance, from_scratch: bool) -> tuple:
    if from_scratch:
        template = "Its mean AUROC over pairs of classes is {area:.2f}; 0.50 would be chance."
        return (say(template, area=tuned.headline["hand_till"]),)
    return tuple(s for s in (_calibration(original, tuned), _ranking(comparison, original, tuned)) if s is not None)


def _calibration(original: ClassPerformance, tuned: ClassPerformance) -> Sentence | None:
    """The class whose mean risk was furthest off, where that is sure and was mended."""
    gaps = [(_excess(before), _excess(after), before) for before, after in zip(original.each, tuned.each, strict=True)]
    sure = [gap for gap in gaps if gap[2].headline["oe"].excludes(1.0) and math.isfinite(gap[0] + gap[1])]
    if not sure:
        return None
    before, after, one = max(sure, key=lambda gap: abs(gap[0]))
    if abs(before) < POINTS_THAT_MATTER or abs(after) >= abs(before):
        return None
    template = (
        "The mean risk of class ‘{name}’ was {points:.1f} percentage points too high; now it is off by {left:.1f}."
        if before > 0
        else "The mean risk of class ‘{name}’ was {points:.1f} percentage points too low; now it is off by {left:.1f}."
    )
    return say(template, name=one.name, points=100 * abs(before), left=100 * abs(after))


def _excess(one) -> float:
    """Mean risk of a class less its share."""
    rate, ratio = one.events / one.n, one.headline["oe"].value
    return rate / ratio - rate if ratio > 0 else math.nan


def _ranking(comparison, original: ClassPerformance, tuned: ClassPerformance) -> Sentence | None:
    change = comparison.differences["hand_till"]
    if not change.known:
        return None
    before, after = original.headline["hand_till"].value, tuned.headline["hand_till"].value
    template = "No clear change in telling classes apart: mean AUROC over pairs {before:.2f} before, {after:.2f} after."
    if change.excludes(0):
        template = (
            "It tells classes apart better: mean AUROC over pairs {before:.2f} before, {after:.2f} after."
            if change.value > 0
            else "It tells classes apart worse: mean AUROC over pairs {before:.2f} before, {after:.2f} after."
        )
    return say(template, before=before, after=after)
