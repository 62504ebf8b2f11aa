"""What the weights of the averaged update say, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from medtune.foundation.words import Sentence, say

# Posterior weight from which a kind of change counts as supported, up to which there is no sign of it, and from which
# the model as it is counts as supported (its weight before any patient). Engineering defaults: the weights are shown.
SUPPORTED, NO_SIGN, UNCHANGED = 0.7, 0.3, 0.5

KINDS: dict[str, Sentence] = {
    "unchanged": say("the model as it is (weight {weight:.2f})"),
    "intercept": say("a shift of all risks (weight {weight:.2f})"),
    "slope": say("a stretch or shrinkage of all risks (weight {weight:.2f})"),
    "predictors": say("predictors acting differently here (weight {weight:.2f})"),
}
CHANGES = ("intercept", "slope", "predictors")


def support_told(support: Mapping[str, float]) -> Sentence | None:
    """Say what the local patients support, what they leave open, and what they show no sign of.

    Parameters
    ----------
    support : mapping of str to float
        Posterior weights between 0 and 1 of ``unchanged``, ``intercept``, ``slope`` and ``predictors``, as
        `medtune.tuning.averaged.AveragedFit.support` gives them; empty for other methods.

    Returns
    -------
    Sentence or None
        None where there are no weights.
    """
    if not support:
        return None
    shown = {kind: round(float(weight), 2) for kind, weight in support.items()}
    supported = [kind for kind in CHANGES if shown[kind] >= SUPPORTED]
    unclear = [kind for kind in CHANGES if NO_SIGN < shown[kind] < SUPPORTED]
    absent = [kind for kind in CHANGES if shown[kind] <= NO_SIGN]
    if not supported and shown["unchanged"] >= UNCHANGED:
        supported = ["unchanged"]
    return _joined(
        supported and say("The data support {kinds}.", kinds=_named(supported, shown)),
        unclear and say("They leave open {kinds}." if supported else "The data leave open {kinds}.",
                        kinds=_named(unclear, shown)),
        absent and say("No sign of {kinds}.", kinds=_named(absent, shown)),
    )  # fmt: skip


def _named(kinds: Sequence[str], weights: Mapping[str, float]) -> Sentence:
    told = [say(KINDS[kind].template, weight=weights[kind]) for kind in kinds]
    if len(told) == 1:
        return told[0]
    if len(told) == 2:
        return say("{first} and {second}", first=told[0], second=told[1])
    return say("{first}, {second} and {third}", first=told[0], second=told[1], third=told[2])


def _joined(*sentences: Sentence | list) -> Sentence:
    there = [sentence for sentence in sentences if sentence]
    whole = there[0]
    for further in there[1:]:
        whole = say("{first} {second}", first=whole, second=further)
    return whole
