"""What a run of several classes will do, in one sentence, before it is started."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from medtune.cohort.columns import Column
from medtune.foundation.settings import Settings
from medtune.foundation.words import say
from medtune.tuning.candidates import FROM_SCRATCH, objections_for_genes
from medtune.tuning.classes.candidates import class_objections
from medtune.tuning.planning import COSTS, START_UP, Foreseen, Reads, read_by_methods
from medtune.tuning.validation import describe_design, repeats_for

SMALL_FIT, MEASURE = 0.012, 0.05  # seconds
FREE, PRODUCT = 6e-5, 4.5e-8  # seconds of the averaged update, by free coefficient squared, and by product of columns
RIDGES = 7 / 45  # strengths of the shrunken revision, over the points of the grid


def foresee_classes(
    settings: Settings,
    columns: Sequence[Column],
    counts: Sequence[int],
    classes: Sequence[str],
    *,
    sites: int = 0,
    cores: int = 1,
    known: Collection[str] | None = None,
) -> Foreseen:
    """Say what a run of several classes will do.

    Parameters
    ----------
    settings : Settings
        All that was chosen.
    columns : sequence of Column
        The predictors.
    counts : sequence of int
        Local patients of each class.
    classes : sequence of str
        Their names.
    sites : int
        How many sites there are, for a design that leaves one out at a time.
    cores : int
        Processors that may work side by side.
    known : collection of str, optional
        Columns that the starting model reads, where that is known.

    Returns
    -------
    Foreseen
    """
    n = sum(counts)
    reads = read_by_methods(settings, columns, n, known)
    why_not = class_objections(settings, counts, classes, reads.updates, new=reads.new)
    why_not = objections_for_genes(why_not) if reads.genes else why_not
    methods = tuple(key for key, why in why_not.items() if why is None)
    left_out = {key: why for key, why in why_not.items() if why is not None}
    if min(counts) < settings.guards.averaged:
        nothing = say("Too few patients of one class to change anything: the starting model will be measured as it is.")
        return Foreseen(methods, left_out, START_UP, nothing)
    design = settings.validation
    repeats = 1 if design.design in ("hold_out", "by_site") else repeats_for(n, design)
    splits = {"hold_out": 1, "by_site": max(1, sites)}.get(design.design) or design.folds * repeats
    fit = sum(_fit(key, settings, n, reads, len(counts)) for key in methods)
    measures = len(methods) * len(counts) * repeats * MEASURE * (1 + min(n, 20_000) / 2000)
    seconds = START_UP + fit * (1 + splits / max(1, min(cores, splits))) + measures
    sentence = say(
        "Will compare {count} methods on {classes} classes by {design} on {n} patients, about {seconds} s.",
        count=len(methods),
        classes=len(counts),
        design=describe_design(n, design, sites),
        n=n,
        seconds=max(1, round(seconds)),
    )
    return Foreseen(methods, left_out, seconds, sentence)


def _fit(key: str, settings: Settings, n: int, reads: Reads, classes: int) -> float:
    """Seconds of one fit, about."""
    if key in FROM_SCRATCH:
        fixed, variable = COSTS[settings.family.name]
        trees = settings.family.trees if settings.family.name in ("random_forest", "gradient_boosting") else 1
        one = trees * classes * (fixed + variable * n * max(1, reads.family))
        return one * (3 * max(1, settings.aids.search) if key == "searched" else 1)
    width = reads.updates
    whole = FREE * ((classes - 1) * (width + 2)) ** 2
    whole += PRODUCT * n * classes * (classes - 1) / 2 * (width + classes) ** 2
    return {"averaged": whole, "revision": RIDGES * whole, "extension": RIDGES * whole}.get(key, 0.0) + SMALL_FIT
