"""Who of a cohort takes part in a run: without copies, without those left out by name, with a score where needed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from medtune.cohort.table import Cohort
from medtune.foundation.settings import Settings
from medtune.foundation.words import Sentence, say

LEFT_OUT = (
    "1 patient marked ‘exclude’ by a reader was left out.",
    "{count} patients marked ‘exclude’ by a reader were left out.",
)


def taking_part(cohort: Cohort, settings: Settings) -> tuple[Cohort, np.ndarray]:
    """The patients of a run, and where they stand in the cohort that was given.

    Parameters
    ----------
    cohort : Cohort
        As it is kept.
    settings : Settings
        Say whether copies go, who is left out, and which column holds a score.

    Returns
    -------
    cohort : Cohort
        Those who take part; what was left out is counted in its notes.
    places : ndarray of int
        Position of each of them in the cohort given.
    """
    places, how = np.arange(cohort.n), settings.preparation.duplicates
    first = ~cohort.copies(how)
    if not first.all():
        cohort, places = cohort.without_duplicates(how), places[first]
    kept = ~np.isin(places, settings.left_out)
    if not kept.all():
        note = left_out_note(int((~kept).sum()))
        cohort, places = replace(cohort.take(kept), notes=(*cohort.notes, note)), places[kept]
    starting = settings.starting
    if starting.kind == "score_column" and starting.name in cohort.frame:
        there = cohort.frame[starting.name].notna().to_numpy()
        if not there.all():
            note = say("{count} patients without a risk in the score column were left out.", count=int((~there).sum()))
            cohort, places = replace(cohort.take(there), notes=(*cohort.notes, note)), places[there]
    return cohort, places


def classes_as(cohort: Cohort, classes: tuple[str, ...]) -> Cohort:
    """A cohort whose classes have the numbers that a model or a run gives them.

    Parameters
    ----------
    cohort : Cohort
    classes : tuple of str
        The same classes in the order wanted; empty for an event.

    Returns
    -------
    Cohort
    """
    if not classes or cohort.classes == classes:
        return cohort
    return replace(cohort, roles=replace(cohort.roles, classes=classes))


def left_out_note(count: int) -> Sentence:
    """How many patients were left out because a reader marked them; for the notes of a run and of its models."""
    return say(LEFT_OUT[0]) if count == 1 else say(LEFT_OUT[1], count=count)


def notes_on_left_out(cohort: Cohort) -> tuple[Sentence, ...]:
    """Of the notes of those who take part, the one that a model made from them has to carry along."""
    return tuple(note for note in cohort.notes if note.template in LEFT_OUT)
