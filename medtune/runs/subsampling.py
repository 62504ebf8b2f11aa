"""What a run does on a part of the patients where they are many, said to its reader."""

from __future__ import annotations

from collections.abc import Collection

from medtune.evaluation.resampling import Resamples
from medtune.evaluation.smoothing import BINS
from medtune.foundation.settings import Settings
from medtune.foundation.words import Sentence, say
from medtune.models.families import FOREST_ROWS
from medtune.tuning.averaged import EVIDENCE_ROWS
from medtune.tuning.boosted import CHOICE_ROWS
from medtune.tuning.candidates import FROM_SCRATCH


def subsampled(
    n: int, methods: Collection[str], settings: Settings, draws: Resamples, explained: int
) -> tuple[Sentence, ...]:
    """One sentence for each part of a run that does not use all patients, or not one by one.

    Parameters
    ----------
    n : int
        Patients.
    methods : collection of str
        Those that are compared.
    settings : Settings
        All that was chosen.
    draws : Resamples
        What intervals come from.
    explained : int
        Most patients that are explained.

    Returns
    -------
    tuple of Sentence
        Empty where every patient counts everywhere.
    """
    many = n > EVIDENCE_ROWS  # below, the plots' own captions say enough
    forest = settings.family.name == "random_forest" and any(key in methods for key in FROM_SCRATCH)
    told = (
        (
            "averaged" in methods and n > EVIDENCE_ROWS,
            say(
                "Averaged update: {some:,} random patients set the weights of its parts; the parts are fitted to all.",
                some=EVIDENCE_ROWS,
            ),
        ),
        (
            "boosted" in methods and n > CHOICE_ROWS,
            say("Boosted revision: {some:,} random patients choose how many trees.", some=CHOICE_ROWS),
        ),
        (
            forest and n > FOREST_ROWS,
            say("Each tree of the forest is grown on {some:,} random patients.", some=FOREST_ROWS),
        ),
        (draws.grouped, draws.note),
        (many, say("Calibration curves go through {bins:,} groups of similar risk.", bins=BINS)),
        (many and n > explained, say("{some:,} random patients are explained.", some=explained)),
    )
    return tuple(sentence for happens, sentence in told if happens)
