"""One plain sentence for each measure at a threshold."""

from __future__ import annotations

from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say

UNKNOWN = say("This cannot be computed here: nobody, or everybody, is on one side of the threshold.")
SENTENCES = {
    "sensitivity": say("Of 100 patients with the event, {hundred:.0f} are flagged."),
    "specificity": say("Of 100 patients without the event, {hundred:.0f} are not flagged."),
    "ppv": say("Of 100 flagged patients, {hundred:.0f} have the event."),
    "npv": say("Of 100 patients not flagged, {hundred:.0f} do not have the event."),
    "accuracy": say(
        "Of 100 patients, {hundred:.0f} are on the right side of the threshold; how common the event is weighs in."
    ),
    "balanced_accuracy": say("The mean of sensitivity and specificity is {hundred:.0f}%; 50% is chance."),
    "f1": say(
        "F1 joins PPV and sensitivity: {value:.2f}, where 1 is perfect; patients rightly not flagged do not count."
    ),
    "mcc": say("The correlation between flag and event is {value:.2f}; 0 is chance, 1 is perfect."),
    "lr_positive": say("A flag is {value:.2g} times as common in patients with the event as in those without."),
    "lr_negative": say("No flag is {value:.2g} times as common in patients with the event as in those without."),
    "net_benefit": say(
        "Acting on the flag is worth as much as finding {hundred:.1f} true cases in 100 patients without a false alarm."
    ),
    "flagged": say("Of 100 patients, {hundred:.0f} are flagged."),
}


def reading(measure: str, estimate: Estimate) -> Sentence:
    """What the value of a measure at a threshold means.

    Parameters
    ----------
    measure : str
        A key of `ThresholdTable.measures`.
    estimate : Estimate

    Returns
    -------
    Sentence
    """
    if not estimate.known:
        return UNKNOWN
    return Sentence(SENTENCES[measure].template, {"value": estimate.value, "hundred": 100 * estimate.value})
