"""External validation: a model as it is on patients it was not made from, with nothing fitted and nothing judged."""

from __future__ import annotations

import math

import numpy as np

from medtune.evaluation.performance import Performance, evaluate
from medtune.evaluation.readings import calibration_reading
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import Sentence, say
from medtune.tuning.candidates import Candidate
from medtune.tuning.comparison import Comparing
from medtune.tuning.verdict import Verdict

STATE = "validated"
DESIGN = say("external validation on all patients; nothing was fitted to them")


def as_it_is(comparing: Comparing, risk: np.ndarray) -> Candidate:
    """The model measured on these patients.

    Parameters
    ----------
    comparing : Comparing
        The patients, the threshold and the resamples.
    risk : ndarray of shape (n,)
        One set of risks of patients the model never saw, so that AUROC has DeLong's interval and calibration Wald's;
        where patients have several rows, both come from resampled patients.

    Returns
    -------
    Candidate
    """
    performance = evaluate(comparing.y, risk, threshold=comparing.threshold, draws=comparing.draws)
    return Candidate("original", True, performance=performance)


def external_validation(performance: Performance, model: str, policy: str) -> Verdict:
    """What is said of a model that was only validated; no verdict on any change is made.

    Parameters
    ----------
    performance : Performance
    model : str
        Its name.
    policy : str
        As chosen; it makes no difference.

    Returns
    -------
    Verdict
        In the state ``validated``.
    """
    auroc, ratio = performance.headline["auroc"], performance.headline["oe"]
    headline = say("External validation: AUROC {auroc:.2f}, observed/expected {oe:.2f}.", auroc=auroc, oe=ratio)
    sentence = say(
        "“{model}” as it is, on {n} patients, {events} with the event: AUROC {auroc:.3f}.",
        model=model,
        n=performance.n,
        events=performance.events,
        auroc=auroc,
    )
    details: tuple[Sentence, ...] = tuple(
        calibration_reading(name, performance.headline[name]) for name in ("oe", "citl", "slope")
    )
    nothing = Estimate(math.nan)
    return Verdict(STATE, headline, sentence, details, "original", "original", policy, 0.0, math.nan, nothing)
