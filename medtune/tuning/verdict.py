"""The verdict: is the tuned model better here, and which model should be used."""

from __future__ import annotations

import math
from dataclasses import dataclass

from medtune.evaluation.performance import Comparison, Performance
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.tuning.candidates import CAUTIOUS, TITLES

STATES = {
    "better": say("The tuned model is better here."),
    "probably better": say("The tuned model is probably better; these patients cannot settle it."),
    "keep the original": say("No gain over the original: keep it."),
    "too few": say("Too few events to change anything."),
}
SCRATCH_STATES = {
    "better": say("The new model tells patients apart better than the event rate alone."),
    "probably better": say(
        "The new model is probably better than the event rate alone; these patients cannot settle it."
    ),
    "keep the original": say("The new model does no better than giving every patient the event rate."),
    "too few": say("Too few events to train a model."),
}
SCORE_STATES = {
    "better": say("Turned into risks, the points do better than the event rate alone."),
    "probably better": say(
        "Turned into risks, the points probably do better than the event rate alone; these patients cannot settle it."
    ),
    "keep the original": say("Turned into risks, the points do no better than giving every patient the event rate."),
    "too few": say("Too few events to turn the points into risks."),
}
THE_ORIGINAL, RATE_ALONE = say("the original"), say("giving everyone the event rate")
POINTS_THAT_MATTER = 0.01


@dataclass(frozen=True)
class Verdict:
    """What the comparison says, and which model the policy chooses.

    Attributes
    ----------
    state : str
        One of `STATES`.
    headline : Sentence
        The state in one sentence.
    sentence : Sentence
        The gain with its interval.
    details : tuple of Sentence
        What happened to calibration and to ranking.
    method : str
        Key of the method that was judged.
    chosen : str
        Key of the model that the policy chooses.
    policy : str
        ``likely``, ``clear`` or ``blend``.
    blend : float
        Weight of the tuned model in the chosen one, between 0 and 1.
    toward : str
        Where the chosen model lies between the original and a tuned one: key of the update it goes toward, "" for
        `method`.
    t : float
        Mean paired gain in log-loss over its standard error.
    gain : Estimate
        Log-loss of the original less that of the tuned model, in nats a patient.
    from_scratch : bool
        Whether the comparison is with the event rate alone, since there is no original.
    """

    state: str
    headline: Sentence
    sentence: Sentence
    details: tuple[Sentence, ...]
    method: str
    chosen: str
    policy: str
    blend: float
    t: float
    gain: Estimate
    from_scratch: bool = False
    toward: str = ""

    @property
    def goes_toward(self) -> str:
        """Key of the update that the chosen model is, or lies on the way to."""
        return self.toward or self.method


def state_of(comparison: Comparison) -> str:
    """The state of the verdict; log-loss decides."""
    if comparison.gain.bounded and comparison.gain.low > 0:
        return "better"
    return "probably better" if comparison.t > 0 else "keep the original"


def blend_weight(state: str, t: float, policy: str, aim: str = "") -> float:
    """Weight of the tuned model, or of the update it goes toward, in the chosen one.

    Parameters
    ----------
    state : str
        State of the verdict.
    t : float
        Mean paired gain over its standard error.
    policy : str
        ``likely``: tuned when the interval is above 0; with a smaller gain as far as it is surer that tuning helps
        than that it harms, 2 Phi(t) - 1; ``clear``: tuned only when the interval is above 0; ``blend``:
        max(0, 1 - 1/t^2), 0 where t <= 1.
    aim : str
        From `toward`. The cautious update is drawn to the original already, so under ``likely`` its weight is the
        probability that tuning helps, Phi(t).

    Returns
    -------
    float
        Between 0 and 1.

    Notes
    -----
    Where nothing is to be gained, t is above 0 in a third of the draws; docs/transfers.md has what each rule gained
    and harmed.
    """
    if state in ("keep the original", "too few"):
        return 0.0
    if policy == "blend":
        return max(0.0, 1 - 1 / t**2) if t > 1 else 0.0
    if state == "better":
        return 1.0
    if policy != "likely":
        return 0.0
    surer = math.erf(max(t, 0.0) / math.sqrt(2))
    return (1 + surer) / 2 if aim == CAUTIOUS else surer


def toward(method: str, state: str, policy: str) -> str:
    """The update that a chosen model between the original and a tuned one goes toward.

    Parameters
    ----------
    method : str
        Key of the judged method.
    state, policy : str
        As for `blend_weight`.

    Returns
    -------
    str
        The cautious update where the policy ``likely`` believes an averaged update in part; else "", the method itself.

    Notes
    -----
    Where nothing is to be gained, going toward the cautious update harms a third as often as going toward the
    averaged update itself (docs/transfers.md).
    """
    return CAUTIOUS if policy == "likely" and state == "probably better" and method == "averaged" else ""


def _states(from_scratch: bool, points: bool) -> dict[str, Sentence]:
    return SCORE_STATES if points else SCRATCH_STATES if from_scratch else STATES


def too_few(
    events: int, n: int, policy: str, from_scratch: bool = False, points: bool = False, needed: int = 6
) -> Verdict:
    """The verdict when nothing may be changed.

    Parameters
    ----------
    events, n : int
        Events and patients here.
    policy : str
        As chosen; it makes no difference.
    from_scratch : bool
        Whether there is no original.
    points : bool
        Whether there is none because the patients have points, not risks.
    needed : int
        Fewest events.

    Returns
    -------
    Verdict
    """
    states = _states(from_scratch, points)
    reference = "prevalence" if from_scratch else "original"
    sentence = say(
        "Of {n} patients {events} have the event and {rest} do not; at least {needed} of each are needed.",
        needed=needed,
        n=n,
        events=events,
        rest=n - events,
    )
    nothing = Estimate(math.nan)
    return Verdict(
        "too few", states["too few"], sentence, (), reference, reference, policy, 0.0, math.nan, nothing, from_scratch
    )


def judge(
    method: str,
    comparison: Comparison,
    original: Performance,
    tuned: Performance,
    *,
    policy: str = "likely",
    from_scratch: bool = False,
    points: bool = False,
) -> Verdict:
    """Judge the tuned model against the original on the same out-of-fold patients.

    Parameters
    ----------
    method : str
        Key of the tuned model.
    comparison : Comparison
        Paired differences.
    original, tuned : Performance
        Of both models; of prevalence only, when training from scratch.
    policy : str
        How bold the choice of `chosen` is.
    from_scratch : bool
        There is no original: the sentences say so.
    points : bool
        There is none because the patients have points, not risks.

    Returns
    -------
    Verdict
    """
    state = state_of(comparison)
    aim = toward(method, state, policy)
    weight = blend_weight(state, comparison.t, policy, aim)
    states = _states(from_scratch, points)
    reference = "prevalence" if from_scratch else "original"
    return Verdict(
        state=state,
        headline=states[state],
        sentence=gain_told(TITLES[method], comparison.gain, tuned.n, RATE_ALONE if from_scratch else THE_ORIGINAL),
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


def gain_told(method: Sentence, gain: Estimate, n: int, against: Sentence) -> Sentence:
    """The gain in log-loss in one sentence.

    Parameters
    ----------
    method : Sentence
        Name of the judged method.
    gain : Estimate
        Log-loss of the reference less that of the method.
    n : int
        Patients it was measured on.
    against : Sentence
        What it is compared with.

    Returns
    -------
    Sentence
    """
    lowers = gain.value >= 0
    template = (
        "On {n} local patients “{method}” lowers log-loss by {gain:.3f}, compared with {against}."
        if lowers
        else "On {n} local patients “{method}” raises log-loss by {gain:.3f}, compared with {against}."
    )
    return say(template, n=n, method=method, gain=gain if lowers else gain.scaled(-1), against=against)


def _details(comparison: Comparison, original: Performance, tuned: Performance, from_scratch: bool) -> tuple:
    if from_scratch:
        return (say("Its AUROC is {auroc:.2f}; 0.50 would be chance.", auroc=tuned.headline["auroc"]),)
    return tuple(s for s in (_calibration(original, tuned), _ranking(comparison, original, tuned)) if s is not None)


def _calibration(original: Performance, tuned: Performance) -> Sentence | None:
    before, after = _excess(original), _excess(tuned)
    if before is None or after is None or abs(before) < POINTS_THAT_MATTER:
        return None
    ratio = original.headline["oe"]
    if not ratio.excludes(1.0) or abs(after) >= abs(before):
        return None
    template = (
        "It corrects an over-prediction of {points:.1f} percentage points."
        if before > 0
        else "It corrects an under-prediction of {points:.1f} percentage points."
    )
    return say(template, points=100 * (abs(before) - abs(after)))


def _excess(performance: Performance) -> float | None:
    """Mean predicted risk less the event rate."""
    rate, ratio = performance.events / performance.n, performance.headline["oe"].value
    return rate / ratio - rate if rate > 0 and ratio > 0 and math.isfinite(ratio) else None


def _ranking(comparison: Comparison, original: Performance, tuned: Performance) -> Sentence | None:
    change = comparison.differences["auroc"]
    if not change.known:
        return None
    before, after = original.headline["auroc"].value, tuned.headline["auroc"].value
    if change.excludes(0):
        digits = 2 if f"{before:.2f}" != f"{after:.2f}" else 3  # a change is said by two numbers that differ
        template = (
            "It ranks patients better: AUROC {before} before, {after} after."
            if change.value > 0
            else "It ranks patients worse: AUROC {before} before, {after} after."
        )
        return say(template, before=f"{before:.{digits}f}", after=f"{after:.{digits}f}")
    if abs(change.value) < 0.0005 and change.bounded and max(abs(change.low), abs(change.high)) < 0.005:
        return say("Ranking is unchanged: AUROC {after:.2f}.", after=after)
    return say("No clear change in ranking: AUROC {before:.2f} before, {after:.2f} after.", before=before, after=after)
