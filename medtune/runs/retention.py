"""Retention: how well the original and its tuned kin still do on the patients the original was made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medtune.evaluation.headline import headline
from medtune.evaluation.performance import compare
from medtune.evaluation.resampling import Resamples
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

if TYPE_CHECKING:
    from medtune.models.clinical import ClinicalModel
    from medtune.runs.at_hand import AtHand

MEASURES = ("log_loss", "auroc", "slope", "oe", "brier")
FLATTERED = say(
    "The original was fitted to these patients, which flatters it here. "
    "So were, in part, models that pool source and local patients."
)


@dataclass(frozen=True)
class Kept:
    """One model on the source patients.

    Attributes
    ----------
    key : str
        The method, one of `medtune.tuning.candidates.TITLES`.
    measures : dict of str to Estimate
        log_loss, auroc, slope, oe (observed events / expected) and brier.
    change : Estimate or None
        Its log-loss less that of the original on the same patients, above 0 is worse; None for the original.
    """

    key: str
    measures: dict[str, Estimate]
    change: Estimate | None = None


@dataclass(frozen=True)
class Retention:
    """What tuning costs, or gains, among the patients the original was made from.

    Attributes
    ----------
    name : str
        What these patients are called.
    n, events : int
        How many they are, and how many have the event.
    kept : tuple of Kept
        The original first.
    sentence : Sentence
        What happened to the judged method, in one sentence.
    """

    name: str
    n: int
    events: int
    kept: tuple[Kept, ...]
    sentence: Sentence


def retention(
    at_hand: AtHand,
    models: Mapping[str, ClinicalModel],
    tuned: str,
    *,
    resamples: int = 500,
    seed: int = 0,
    step: Callable[[], None] = lambda: None,
) -> Retention:
    """Measure every model of a run on the source patients.

    Parameters
    ----------
    at_hand : AtHand
        The source patients.
    models : mapping of str to ClinicalModel
        Fitted on all local patients; ``original`` among them.
    tuned : str
        Key of the judged method.
    resamples, seed : int
        For the paired bootstrap intervals.
    step : callable
        Called after each model.

    Returns
    -------
    Retention
    """
    y = at_hand.y
    draws = Resamples.draw(len(y), resamples, seed, at_hand.patients)
    original = models["original"].risk(at_hand.frame)
    before = headline(y, original, draws)
    kept = []
    for key, model in models.items():
        risk = original if key == "original" else model.risk(at_hand.frame)
        head = before if key == "original" else headline(y, risk, draws)
        change = None
        if key != "original":
            heads = {"original_head": before, "candidate_head": head}
            change = compare(y, original, risk, clusters=at_hand.patients, **heads).differences["log_loss"]
        kept.append(Kept(key, {measure: head.estimate(measure) for measure in MEASURES}, change))
        step()
    change = next(one.change for one in kept if one.key == tuned)
    return Retention(at_hand.name, len(y), int(np.sum(y)), tuple(kept), told(len(y), change))


def told(n: int, change: Estimate) -> Sentence:
    """What tuning does to log-loss among the source patients.

    Parameters
    ----------
    n : int
        Source patients.
    change : Estimate
        Log-loss of the tuned model less that of the original.

    Returns
    -------
    Sentence
    """
    if not change.excludes(0):
        return say(
            "On the {n} source patients the tuned model keeps what the original did: log-loss changes by {change:.3f}.",
            n=n,
            change=change,
        )
    template = (
        "On the {n} source patients the tuned model loses {size:.3f} of log-loss: it is for here, not for there."
        if change.value > 0
        else "On the {n} source patients the tuned model gains {size:.3f} of log-loss: it is better there too."
    )
    return say(template, n=n, size=change if change.value > 0 else change.scaled(-1))
