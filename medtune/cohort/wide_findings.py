"""What is doubtful about a table with very many columns of numbers, said of all of them together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from medtune.cohort.doubts import Finding, Remedy, View
from medtune.cohort.genes import looks_unlogged
from medtune.cohort.wide import MANY, alike, numbers_of
from medtune.evaluation.discrimination import placements
from medtune.evaluation.ranking import strength
from medtune.foundation.words import counted, listed, say

GIVEN_AWAY = 0.98  # AUROC of one column alone
LOOKED_AT = 200  # columns that differ most, of which the AUROC is found
FEW_PATIENTS = 30


def plain_numbers(view: View) -> frozenset[str]:
    """Numbers among the predictors where they are very many; they are looked at together.

    Parameters
    ----------
    view : View

    Returns
    -------
    frozenset of str
        Empty where they are few.
    """
    names = [name for name in view.predictors if view.columns[name].kind == "number"]
    return frozenset(names) if len(names) >= MANY else frozenset()


def findings_of_genes(view: View, genes: frozenset[str]) -> Iterator[Finding]:
    """Look over very many columns of numbers.

    Parameters
    ----------
    view : View
    genes : frozenset of str
        From `plain_numbers`.

    Yields
    ------
    Finding
    """
    if not genes:
        return
    names = [name for name in view.predictors if name in genes]
    columns = [view.columns[name] for name in names]
    yield from _few_patients(view, len(names))
    empty = tuple(column.name for column in columns if column.missing == 1)
    constant = tuple(column.name for column in columns if column.distinct == 1)
    for key, some, one, many in (
        ("empty", empty, "1 column has no value at all.", "{count} columns have no value at all."),
        ("constant", constant, "1 column is the same in every patient.", "{count} columns never vary."),
    ):
        if some:
            yield Finding(
                "note", some[:1], len(some), counted(len(some), one, many), Remedy("leave_out", some), f"genes_{key}"
            )
    names = [column.name for column in columns if column.distinct > 1]
    if len(names) < MANY:
        return
    values = numbers_of(view.frame, names)
    if looks_unlogged(values):
        said = say("The values look as if no logarithm was taken; log2 is taken inside training folds.")
        yield Finding("note", (), len(names), said, None, "unlogged")
    gaps = np.isnan(values)
    if gaps.any():
        values = np.where(gaps, np.nanmedian(values, axis=0), values)
    yield from _given_away(view, names, values)
    yield from _alike(values)


def _few_patients(view: View, count: int) -> Iterator[Finding]:
    n = len(view.frame)
    if n < FEW_PATIENTS:
        said = say(
            "{n} patients and {count} columns: by chance alone some columns will fit the outcome perfectly. "
            "Trust only what patients show who were not looked at.",
            n=n,
            count=count,
        )
        yield Finding("warn", (), n, said, Remedy("validate_only"), "few_patients_many_columns")


def _given_away(view: View, names: list[str], values: np.ndarray) -> Iterator[Finding]:
    """Columns that alone tell the outcomes apart: usual for genes, and a leak where one was made from the outcome."""
    if view.y is None or view.classes or min(view.y.sum(), (1 - view.y).sum()) < 5:
        return
    best = np.argsort(-strength(values, view.y))[:LOOKED_AT]
    areas = np.array([placements(view.y, values[:, at])[0].mean() for at in best])
    given = tuple(names[at] for at in best[np.maximum(areas, 1 - areas) > GIVEN_AWAY])
    if given:
        said = counted(
            len(given),
            "1 column alone tells almost perfectly who has the event ({names}); make sure that it is a measurement "
            "and not made from the outcome.",
            "{count} columns, each alone, tell almost perfectly who has the event ({names}); make sure that they are "
            "measurements and not made from the outcome.",
            names=listed(given, limit=4),
        )
        yield Finding("warn", given[:1], len(given), said, Remedy("leave_out", given), "genes_given_away")


def _alike(values: np.ndarray) -> Iterator[Finding]:
    """Pairs of patients whose columns all agree: one sample measured twice, or entered twice."""
    pairs = alike(values)
    if len(pairs):
        said = counted(
            len(pairs),
            "1 pair of patients has nearly the same values in every column; one sample may be here twice.",
            "{count} pairs of patients have nearly the same values in every column; samples may be here twice.",
        )
        yield Finding("warn", (), len(pairs), said, Remedy("drop_near_copies"), "genes_alike")
