"""What a run will do, in one sentence, before it is started."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from medtune.cohort.columns import Column
from medtune.cohort.genes import gene_names, reads_genes
from medtune.cohort.shapes import FEW_VALUES
from medtune.foundation.settings import Preparation, Settings
from medtune.foundation.words import Sentence, say
from medtune.tuning.candidates import FROM_SCRATCH, SEARCHED, objections, objections_for_genes
from medtune.tuning.validation import describe_design, repeats_for

# Seconds, measured with benchmarks.run_time on one core: (for each fit, for each row and column of it).
COSTS = {
    "prepare": (0.004, 6e-8),
    "averaged": (0.008, 2.2e-6),
    "intercept": (0.0004, 1e-8),
    "recalibration": (0.0006, 2e-8),
    "revision": (0.003, 4e-7),
    "extension": (0.003, 4e-7),
    "boosted": (0.016, 4e-7),
    "boosted_searched": (0.012, 3e-7),  # for each combination
    "refit": (0.001, 2e-7),
    "pooled": (0.006, 1.2e-6),
    "logistic": (0.010, 3e-7),
    "elastic_net": (0.012, 4e-6),
    "elastic_net_path": (0.20, 3e-7),
    "pca_ridge": (0.10, 2e-7),
    "random_forest": (0.0015, 3e-8),  # for each tree
    "gradient_boosting": (0.0012, 4e-9),  # for each tree
}
# Fits of the family that each takes: the aids are recalibrated by five inner folds, weights need five more.
FITS_INSIDE = {"scratch": 1, "searched": 1, "augmented": 6, "hard_examples": 11}
INNER_FOLDS = 3
NETWORK = 0.06, 0.06  # processor seconds for each picture: once with its altered copies, and in each training fold
START_UP, MEASURES, EXPLANATION = 1.6, (0.08, 3e-5), 0.3


@dataclass(frozen=True)
class Foreseen:
    """What a run will do.

    Attributes
    ----------
    methods : tuple of str
        Keys that will be compared.
    left_out : dict of str to Sentence
        Keys that a guard leaves out, and why.
    seconds : float
        About how long it takes.
    sentence : Sentence
        The plan in one sentence.
    search : Sentence or None
        How the time for searches is divided; None when nothing is searched for.
    """

    methods: tuple[str, ...]
    left_out: dict[str, Sentence]
    seconds: float
    sentence: Sentence
    search: Sentence | None = None


def prepared_columns(columns: Sequence[Column], preparation: Preparation) -> int:
    """About how many columns the preparation makes of these predictors."""
    return sum(_features(column, preparation) for column in columns)


@dataclass(frozen=True)
class Reads:
    """How many prepared columns the methods of a run read.

    Attributes
    ----------
    genes : bool
        Whether the columns are taken for genes: updates then read those that the starting model knows, and no others.
    updates, family : int
        Of the updates, and of a model from scratch.
    new : bool
        Whether there are predictors that the starting model never had, for methods that can use them.
    """

    genes: bool
    updates: int
    family: int
    new: bool


def read_by_methods(settings: Settings, columns: Sequence[Column], n: int, known: Collection[str] | None) -> Reads:
    """What the methods of a run will read.

    Parameters
    ----------
    settings : Settings
    columns : sequence of Column
        The predictors.
    n : int
        Patients.
    known : collection of str, optional
        Columns that the starting model reads, where that is known.

    Returns
    -------
    Reads
    """
    if reads_genes(columns, settings.genes, n):
        count = len(gene_names(columns, settings.genes.clinical, settings.genes.batch))
        ours = len(columns) if known is None else sum(column.name in known for column in columns)
        return Reads(True, ours, min(settings.genes.keep, count) + len(columns) - count, False)
    width = prepared_columns(columns, settings.preparation)
    return Reads(False, width, width, known is not None and any(column.name not in known for column in columns))


def _features(column: Column, preparation: Preparation) -> int:
    marked = int(preparation.indicators and column.missing > 0)
    if column.kind == "number":
        shape = dict(preparation.shapes).get(column.name)
        bent = shape == "spline" or (shape is None and preparation.curves == "spline")
        return (preparation.knots - 1 if bent and column.distinct > FEW_VALUES else 1) + marked
    if len(column.levels) < 3 or (column.ordered and preparation.ordered == "rank"):
        return 1 + marked
    return len(column.levels) + marked


def foresee(
    settings: Settings,
    columns: Sequence[Column],
    n: int,
    events: int,
    *,
    sites: int = 0,
    cores: int = 1,
    known: Collection[str] | None = None,
    source: int = 0,
) -> Foreseen:
    """Say what a run will do.

    Parameters
    ----------
    settings : Settings
        All that was chosen.
    columns : sequence of Column
        The predictors.
    n, events : int
        Local patients, and events among them.
    sites : int
        How many sites there are, for a design that leaves one out at a time.
    cores : int
        Processors that may work side by side.
    known : collection of str, optional
        Columns that the starting model reads, where that is known.
    source : int
        Patients the starting model was made from, where they are at hand.

    Returns
    -------
    Foreseen
    """
    reads = read_by_methods(settings, columns, n, known)
    why_not = objections(settings, n, events, reads.updates, new=reads.new)
    why_not = objections_for_genes(why_not) if reads.genes else why_not
    methods = tuple(key for key, why in why_not.items() if why is None)
    left_out = {key: why for key, why in why_not.items() if why is not None}
    if settings.validates:
        told = say("Will validate the model as it is on {n} patients; nothing is fitted to them.", n=n)
        return Foreseen(methods, {}, START_UP + MEASURES[0] + EXPLANATION, told)
    if min(events, n - events) < settings.guards.averaged:
        nothing = say("Too few events to change anything: the starting model will be measured as it is.")
        return Foreseen(methods, left_out, START_UP, nothing)
    seconds = _seconds(settings, methods, n, reads, sites, cores, source)
    sentence = say(
        "Will compare {count} methods by {design} on {n} patients, about {seconds} s.",
        count=len(methods),
        design=describe_design(n, settings.validation, sites),
        n=n,
        seconds=max(1, round(seconds)),
    )
    return Foreseen(methods, left_out, seconds, sentence, _search(settings, methods, n, sites))


def _search(settings: Settings, methods: tuple[str, ...], n: int, sites: int) -> Sentence | None:
    splits = _splits(settings, n, sites)
    share = search_share(settings, methods, splits)
    if not share:
        return None
    return say(
        "The search is done anew in each of {splits} training folds and once on all patients: {count} searches, "
        "about {seconds:.1f} s for each.",
        splits=splits,
        count=len(set(SEARCHED) & set(methods)) * (splits + 1),
        seconds=share,
    )


def _seconds(
    settings: Settings, methods: tuple[str, ...], n: int, reads: Reads, sites: int, cores: int, source: int
) -> float:
    splits = _splits(settings, n, sites)
    share = search_share(settings, methods, splits)
    width = reads.updates
    fit = _cost("prepare", n, reads.family if set(methods) & set(FROM_SCRATCH) else width)
    for key in methods:
        if key in FITS_INSIDE:
            trees = settings.family.trees if settings.family.name in ("random_forest", "gradient_boosting") else 1
            one = trees * _cost(settings.family.name, n, reads.family)
            fit += FITS_INSIDE[key] * one
            if key == "searched":
                fit += min(share, INNER_FOLDS * settings.aids.search * one)
        elif key == "boosted_searched":
            fit += min(share, settings.aids.search * _cost(key, n, width))
        elif key in COSTS:
            fit += _cost(key, n + source if key == "pooled" else n, width)
    measures = len(methods) * (MEASURES[0] + MEASURES[1] * min(n, 20_000) * settings.validation.resamples / 500)
    if "network" in methods:  # one repeat of the folds, and once on all pictures
        once = 1 if settings.validation.design != "cross_validation" else settings.validation.folds
        measures += n * (NETWORK[0] + NETWORK[1] * once) / max(1, min(cores, once)) + n * NETWORK[1]
    # One more fit of each for the final models.
    return START_UP + fit * splits / max(1, min(cores, splits)) + fit + measures + EXPLANATION


def _splits(settings: Settings, n: int, sites: int) -> int:
    design = settings.validation
    return {"hold_out": 1, "by_site": max(1, sites)}.get(design.design) or design.folds * repeats_for(n, design)


def search_share(settings: Settings, methods: Collection[str], splits: int) -> float:
    """Seconds that one search for settings may take.

    Parameters
    ----------
    settings : Settings
        Its `aids.search_seconds` are for all searches of a run together.
    methods : collection of str
        Keys of the methods that are compared.
    splits : int
        Training folds; each search is done in every one of them, and once more on all patients.

    Returns
    -------
    float
        The same for each; 0 when nothing is searched for.
    """
    searches = len(set(SEARCHED) & set(methods)) * (splits + 1)
    return settings.aids.search_seconds / searches if searches else 0.0


def _cost(key: str, n: int, width: int) -> float:
    fixed, variable = COSTS[key]
    return fixed + variable * n * max(1, width)
