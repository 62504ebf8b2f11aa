"""Every method of the comparison as an estimator that is yet to be fitted."""

from __future__ import annotations

from collections.abc import Sequence

from medtune.cohort.columns import Column
from medtune.foundation.settings import Genes, Settings
from medtune.models.families import make_family
from medtune.models.passport import Aggregates
from medtune.tuning.boosted import BoostedRevision
from medtune.tuning.boosted_search import SearchedRevision
from medtune.tuning.candidates import CAUTIOUS, FROM_SCRATCH
from medtune.tuning.pooled import PooledRefit
from medtune.tuning.revision import ShrunkenRevision
from medtune.tuning.search import Searched
from medtune.tuning.search_record import Budget
from medtune.tuning.training_aids import AidedTraining
from medtune.tuning.update import UPDATES, AveragedUpdate


def make_method(
    key: str,
    settings: Settings,
    columns: Sequence[Column],
    *,
    base=None,
    preparation=None,
    source: Aggregates | None = None,
    new: Sequence[str] = (),
    budget: Budget | None = None,
    rows: int = 0,
    genes: Genes | None = None,
):
    """The estimator of one method.

    Parameters
    ----------
    key : str
        One of `medtune.tuning.candidates.TITLES` that can be fitted, or the cautious update.
    settings : Settings
        All that was chosen.
    columns : sequence of Column
        The local predictors.
    base : fitted classifier, optional
        The original.
    preparation : transformer, optional
        Unfitted and unscaled, for updates that read predictors.
    source : Aggregates, optional
        SDs and information of the source patients.
    new : sequence of str
        Local predictors that the original never had.
    budget : Budget, optional
        What each search for settings may use; as many trials as were chosen, without a clock, when None.
    rows : int
        Local patients, where that is known; see `medtune.models.families.make_family`.
    genes : Genes, optional
        Likewise.

    Returns
    -------
    estimator
        An `Update`, a family's pipeline, or a family with an aid to its training.
    """
    if key in FROM_SCRATCH:
        family = make_family(columns, settings.preparation, settings.family, settings.seed, rows, genes)
        if key == "scratch":
            return family
        if key == "searched":
            return Searched(family, settings.family.name, budget or Budget(settings.aids.search), settings.seed)
        augmentation = settings.aids.augmentation if key == "augmented" else "none"
        return AidedTraining(family, columns, augmentation, key == "hard_examples", settings.seed)
    if key == "averaged":
        return AveragedUpdate(base, preparation, source, settings.averaging)
    if key == CAUTIOUS:
        return AveragedUpdate(base, preparation, source, settings.averaging.more_cautious)
    if key in ("revision", "extension"):
        return ShrunkenRevision(base, preparation, source, without=tuple(new) if key == "revision" else ())
    if key == "boosted":
        return BoostedRevision(base, preparation, seed=settings.seed)
    if key == "boosted_searched":
        budget = budget or Budget(settings.aids.search)
        return SearchedRevision(base, preparation, budget=budget, seed=settings.seed)
    if key == "pooled":
        return PooledRefit(base, preparation)
    return UPDATES[key](base, preparation if UPDATES[key].reads_predictors else None)
