"""Whether a model estimates what the outcome of a table is: the same event, or the same classes."""

from __future__ import annotations

from collections.abc import Sequence

from medtune.foundation.words import Sentence, listed, say
from medtune.models.passport import Passport

NO_SCORE = say(
    "A score in a column is one risk, but the outcome has several classes; start from a model of these classes, "
    "from nothing, or choose an event."
)
NO_SOURCE = say(
    "Patients that the model was made from are put to use for an event alone; leave them out for several classes."
)
NO_VALIDATION = say(
    "Validation without a change is offered for an event alone; fine-tune the model, and the original is measured too."
)


def class_difference(passport: Passport, classes: Sequence[str]) -> Sentence | None:
    """Why a model cannot be tuned to these classes; None when it estimates just them, in whatever order.

    Parameters
    ----------
    passport : Passport
        Of the starting model.
    classes : sequence of str
        Of the local patients; empty when their outcome is an event or not.

    Returns
    -------
    Sentence or None
    """
    if not passport.classes and not classes:
        return None
    if not passport.classes:
        return say("The model estimates one event, but the outcome here has several classes; choose an event instead.")
    if not classes:
        return say(
            "The model estimates the classes {names}, but the outcome here is an event; choose all classes instead.",
            names=listed(passport.classes, limit=8),
        )
    strange = [name for name in classes if name not in passport.classes]
    if strange:
        return say(
            "The model does not estimate class {strange}; it knows {known}. "
            "Mark it as missing or choose another model.",
            strange=listed(strange),
            known=listed(passport.classes, limit=8),
        )
    absent = [name for name in passport.classes if name not in classes]
    if absent:
        return say(
            "The model also estimates class {absent}, which no patient here has; "
            "choose other patients or another model.",
            absent=listed(absent),
        )
    return None
