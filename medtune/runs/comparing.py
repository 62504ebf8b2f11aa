"""Every method of a run scored on patients it was not fitted to, for whatever asks: the verdict or a learning curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from medtune.foundation.words import Sentence, say
from medtune.images.alterations import ONE_SOURCE
from medtune.images.keeping import keys_of
from medtune.runs.dependence import digests_of_scores
from medtune.runs.local import Local
from medtune.runs.stage_cache import StageCache, digest_of
from medtune.tuning.candidates import FROM_SCRATCH, Candidate
from medtune.tuning.comparison import Comparing, Measured
from medtune.tuning.planning import search_share
from medtune.tuning.search_record import Budget
from medtune.tuning.validation import Plan, out_of_fold, plan_validation

REFERENCES = ("original", "prevalence")
FEW_FOR_A_SPLIT = 1000


def planned(local: Local, offered: Sequence[str], watch: object | None = None) -> tuple[Plan, list[Sentence]]:
    """Who is learnt from and who is scored; a search for settings gets its share of the time.

    Parameters
    ----------
    local : Local
        The patients and the starting model; its `budget` is set where a search is watched.
    offered : sequence of str
        The methods that take part.
    watch : object, optional
        What a search tells its progress to, see `medtune.tuning.search_record.Budget`.

    Returns
    -------
    plan : Plan
    notes : list of Sentence
        What a reader must know of the design.
    """
    cohort, settings = local.cohort, local.settings
    design, notes = settings.validation, []
    plan = plan_validation(local.y, design, patients=cohort.patients, sites=cohort.site, seed=settings.seed)
    if design.design == "hold_out" and cohort.n < FEW_FOR_A_SPLIT:
        template = "One random split of {n} patients is a weak test; another split may say otherwise."
        notes.append(say(template, n=cohort.n))
    if design.design != "by_site" and keys_of(cohort.frame) is not None:
        notes.append(ONE_SOURCE)
    if watch is not None:
        local.budget = Budget(settings.aids.search, search_share(settings, offered, len(plan.splits)), watch)
    return plan, notes


def scored(
    local: Local,
    keys: Sequence[str],
    plan: Plan,
    step: Callable[[], None] = lambda: None,
    kept: StageCache | None = None,
    tell: Callable[[int, int], None] = lambda known, methods: None,
) -> dict[str, np.ndarray]:
    """Risks of methods for patients they were not fitted to.

    Parameters
    ----------
    local : Local
        The patients and the starting model.
    keys : sequence of str
        The methods, see `medtune.tuning.candidates.TITLES`.
    plan : Plan
        Who is learnt from and who is scored.
    step : callable
        Called after each split.
    kept : StageCache, optional
        Where risks of an earlier run are found, and these are left; every method by itself.
    tell : callable
        Called before the first split with the number of methods found there, and of all that are fitted.

    Returns
    -------
    dict of str to ndarray of shape (repeats, m) or (repeats, m, K)
        With what they are compared with, in the order of `plan.rows`.
    """
    kept = kept or StageCache()
    digests = digests_of_scores(keys, local, plan) if kept.folder else {}
    known = _known(digests, plan, kept)
    tell(len(known), len([key for key in keys if key not in REFERENCES]))
    fitted = [key for key in keys if key not in known]
    updates = [key for key in fitted if key not in (*REFERENCES, *FROM_SCRATCH)]
    risks = out_of_fold(
        local.predictors,
        local.y,
        local.eta0,
        plan,
        updates={key: local.unfitted(key) for key in updates},
        preparation=local.preparation,
        families={key: local.unfitted(key) for key in fitted if key in FROM_SCRATCH},
        source=None if local.at_hand is None else local.at_hand.rows(),
        original=not local.alone,
        step=step,
    )
    for key in digests.keys() - known.keys():
        kept.keep_array(digests[key], risks[key])
    risks |= known
    order = [key for key in keys if key in risks]
    return {key: risks[key] for key in (*order, *(key for key in risks if key not in order))}


def _known(digests: Mapping[str, str], plan: Plan, kept: StageCache) -> dict[str, np.ndarray]:
    """Risks of the methods that an earlier run scored in the same way."""
    found = {key: kept.array(digest) for key, digest in digests.items()}
    shape = plan.repeats, len(plan.rows)
    return {key: risks for key, risks in found.items() if risks is not None and risks.shape == shape}


def measure(comparing: Comparing, key: str, risks: np.ndarray, kept: StageCache | None = None) -> Candidate:
    """One method measured and compared, from what an earlier run measured of the same risks where there is such.

    Parameters
    ----------
    comparing : Comparing
        The patients, and what all methods are compared with.
    key : str
        The method.
    risks : ndarray of shape (repeats, m)
        Its risks on patients it was not fitted to.
    kept : StageCache, optional
        Where measures are found and left.

    Returns
    -------
    Candidate
    """
    kept = kept or StageCache()
    together = comparing.clusters if comparing.clusters is not None else np.zeros(0)
    digest = digest_of("measures", risks, comparing.y, together, comparing.resamples, comparing.seed)
    known = kept.record(Measured, digest)
    if known is None:
        known = comparing.measured(risks)
        kept.keep_record(digest, known)
    return comparing.measure(key, risks, known)
