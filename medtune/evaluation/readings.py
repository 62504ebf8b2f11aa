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


# Of calibration: what the number says, given its value.
LARGE = (
    say("Risks are too high on the whole."),
    say("Risks are too low on the whole."),
    say("On the whole risks are right, as far as these patients can tell."),
)
SLOPE = (
    say("Risks are too extreme: high ones too high, low ones too low."),
    say("Risks are too close together: high ones too low, low ones too high."),
    say("Risks are spread as they should be, as far as these patients can tell."),
)
SCORES = {
    "oe": say("For 100 expected events, {hundred:.0f} were observed."),
    "ici": say("A patient's risk is off by {points:.1f} percentage points on average."),
    "e50": say("Half of the patients have a risk that is off by less than {points:.1f} percentage points."),
    "e90": say("Nine of ten patients have a risk that is off by less than {points:.1f} percentage points."),
    "emax": say("The largest gap between risk and curve is {points:.1f} percentage points."),
    "eci": say("The curve's distance from the risks is {hundred:.0f}% of that of the event rate; 0 is ideal."),
    "brier": say("The mean squared distance between risk and outcome; it is lower for rare events by itself."),
    "scaled_brier": say("The squared distance is {hundred:.0f}% smaller than with the event rate for everybody."),
    "log_loss": say("The penalty for risks far from what happened; lower is better, and it decides the verdict."),
}
WORSE = say("The squared distance is {hundred:.0f}% larger than with the event rate for everybody.")
NOT_KNOWN = say("This cannot be computed for these patients.")


def calibration_reading(measure: str, estimate: Estimate) -> Sentence:
    """What the value of a measure of calibration, or of a proper score, means.

    Parameters
    ----------
    measure : str
        citl, slope, or a key of `SCORES`.
    estimate : Estimate

    Returns
    -------
    Sentence
    """
    if not estimate.known:
        return NOT_KNOWN
    if measure in ("citl", "slope"):
        ideal, (below, above, same) = (0.0, LARGE) if measure == "citl" else (1.0, SLOPE)
        return same if not estimate.excludes(ideal) else below if estimate.value < ideal else above
    template = WORSE if measure == "scaled_brier" and estimate.value < 0 else SCORES[measure]
    size = abs(estimate.value) if measure == "scaled_brier" else estimate.value
    fields = {"hundred": 100 * size, "points": 100 * size}
    return Sentence(template.template, {name: v for name, v in fields.items() if "{" + name in template.template})
