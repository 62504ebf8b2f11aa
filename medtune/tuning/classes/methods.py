"""Every method for several classes as an estimator that is yet to be fitted."""

from __future__ import annotations

from collections.abc import Sequence

from medtune.cohort.columns import Column
from medtune.foundation.settings import Genes, Settings
from medtune.models.families import make_family
from medtune.models.passport import Aggregates
from medtune.tuning.candidates import CAUTIOUS, FROM_SCRATCH
from medtune.tuning.classes.update import CLASS_UPDATES, AveragedClassUpdate, ShrunkenClassRevision
from medtune.tuning.search import Searched
from medtune.tuning.search_record import Budget


def make_class_method(
    key: str,
    settings: Settings,
    columns: Sequence[Column],
    *,
    base=None,
    preparation=None,
    source: Aggregates | None = None,
    new: Sequence[str] = (),
    budget: Budget | None = None,
    genes: Genes | None = None,
):
    """The estimator of one method, yet to be fitted.

    Parameters
    ----------
    key : str
        One of `CLASS_MEANINGS` that can be fitted.
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
        What a search for settings may use; as many trials as were chosen, without a clock, when None.
    genes : Genes, optional
        See `medtune.models.families.make_family`.

    Returns
    -------
    estimator
        A `ClassUpdate`, a family's pipeline, or a family that searches for its settings.
    """
    if key in FROM_SCRATCH:
        family = make_family(columns, settings.preparation, settings.family, settings.seed, genes=genes)
        if key == "scratch":
            return family
        return Searched(family, settings.family.name, budget or Budget(settings.aids.search), settings.seed)
    if key == "averaged":
        return AveragedClassUpdate(base, preparation, source, settings.averaging)
    if key == CAUTIOUS:
        return AveragedClassUpdate(base, preparation, source, settings.averaging.more_cautious)
    if key in ("revision", "extension"):
        return ShrunkenClassRevision(base, preparation, source, without=tuple(new) if key == "revision" else ())
    kind = CLASS_UPDATES[key]
    return kind(base, preparation if kind.reads_predictors else None)
