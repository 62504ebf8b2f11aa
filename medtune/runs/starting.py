"""A run from what the user has chosen: checked, put into its folder, started."""

from __future__ import annotations

import math
import shutil

from medtune.cohort.columns import Column
from medtune.cohort.table import Cohort
from medtune.foundation.errors import ModelError, RunError
from medtune.foundation.settings import Feed, Settings, Starting
from medtune.foundation.words import Sentence, say
from medtune.models.mapping import mostly_absent
from medtune.models.matching import formula_of
from medtune.models.model_library import Library
from medtune.models.passport import Passport
from medtune.models.same_classes import NO_SCORE, NO_SOURCE, NO_VALIDATION, class_difference
from medtune.runs import execution
from medtune.runs.folder import RunFolder
from medtune.runs.record import START
from medtune.runs.store import Store

SAME = say(
    "The patients the model was made from cannot be the local patients themselves; "
    "choose others, or say that they are not at hand."
)
LIMITS = {"risk": (0, 1), "percent": (0, 100)}
MISFITS = {
    "risk": "Column '{column}' does not hold risks between 0 and 1; choose another column or scale.",
    "percent": "Column '{column}' does not hold risks between 0 and 100%; choose another column or scale.",
    "log-odds": "Column '{column}' does not hold numbers; choose another column.",
    "points": "Column '{column}' does not hold numbers; choose another column.",
}


def fits_scale(column: Column, scale: str) -> bool:
    """Whether a column can hold a score on a scale.

    Parameters
    ----------
    column : Column
    scale : str
        One of those of `medtune.foundation.settings.Starting`.

    Returns
    -------
    bool
    """
    low, high = LIMITS.get(scale, (-math.inf, math.inf))
    return column.kind == "number" and column.low >= low and column.high <= high


def proposed_scale(column: Column) -> str:
    """The scale that the range of a column speaks for: risk, percent, log-odds or points."""
    if fits_scale(column, "risk"):
        return "risk"
    if column.low < 0:
        return "log-odds"
    # Points are mostly few whole numbers; a risk in percent has many values and seldom only whole ones.
    return "percent" if fits_scale(column, "percent") and not column.integer else "points"


def missing_choice(cohort: Cohort, settings: Settings, library: Library) -> Sentence | None:
    """What has to be chosen before a run can start; None when nothing is missing.

    Parameters
    ----------
    cohort : Cohort
        The local patients.
    settings : Settings
        The draft.
    library : Library
        Where a starting model is looked up.

    Returns
    -------
    Sentence or None
    """
    starting = settings.starting
    if starting.kind == "model":
        try:
            passport = library.passport(starting.model)
        except ModelError:
            return say("Choose the model to start from.")
        difference = class_difference(passport, cohort.classes)
        if difference is not None:
            return difference
        if cohort.classes and starting.source:
            return NO_SOURCE
        if cohort.classes and settings.validates:
            return NO_VALIDATION
        if mostly_absent(starting.mapping, passport.columns):
            return say(
                "More than half of what the model reads has no column here; name more of them, or choose another."
            )
        if starting.source and starting.source == cohort.fingerprint:
            return SAME
        gap = _gap(starting, passport, cohort)
        if gap is not None:
            return gap
    if starting.kind == "score_column":
        if cohort.classes:
            return NO_SCORE
        column = cohort.columns.get(starting.name)
        if column is None:
            return say("Choose the column that holds the existing risk or score.")
        if not fits_scale(column, starting.scale):
            return say(MISFITS[starting.scale], column=starting.name)
    if settings.validation.design == "by_site":
        sites = cohort.site
        if sites is None or len(set(sites)) < 2:
            return say("To leave out one site at a time, choose a site column with two sites or more on the data page.")
    return None


def _gap(starting: Starting, passport: Passport, cohort: Cohort) -> Sentence | None:
    """A column without which an equation cannot be computed; every other model has its own rule for gaps."""
    formula = formula_of(passport)
    if formula is None:
        return None
    feeds = {feed.predictor: feed for feed in starting.mapping}
    for name in formula.columns:
        feed = feeds.get(name) or Feed(name, name)
        column = cohort.columns.get(feed.column)
        if (column is None or column.missing > 0) and not (feed.fill or formula.fills.get(name)):
            return say(
                "The equation needs '{column}' for everybody; say which column feeds it, or what a gap counts as.",
                column=name,
            )
    return None


def begin(store: Store, cohort: Cohort, cohort_id: str, settings: Settings, name: str = "") -> RunFolder:
    """Put a run into its folder and start its process.

    Parameters
    ----------
    store : Store
        Where it is kept.
    cohort : Cohort
        The local patients, kept under `cohort_id`.
    cohort_id : str
        Their id in the store.
    settings : Settings
        All that was chosen.
    name : str
        The user's words for it; made from model and patients when empty.

    Returns
    -------
    RunFolder

    Raises
    ------
    RunError
        When something is still to be chosen.
    """
    library = Library(store.place)
    missing = missing_choice(cohort, settings, library)
    if missing is not None:
        raise RunError.of(missing)
    start, source = settings.starting.name or str(say("from scratch")), settings.starting.source
    if source:
        store.cohort_folder(source)  # says so when it is not kept any more
    title = name or f"{start} → {cohort.name}"
    if settings.left_out and not name:  # a what-if run is told from the one with everybody
        title = str(say("{title}, {count} left out", title=title, count=len(settings.left_out)))
    run = store.new_run("fine_tune", title, cohort_id, settings.to_json(), start, source)
    if settings.starting.kind == "model":
        shutil.copyfile(library.path(settings.starting.model), run.path / START)
    execution.start(run.path)
    return run
