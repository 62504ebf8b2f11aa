"""Genes looked at one by one: differences with false discovery, stability, and what a heat map shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.expression import make_expression
from medtune.evaluation.ranking import rank_columns
from medtune.foundation.settings import Settings
from medtune.foundation.words import say
from medtune.genes.record import GeneResult
from medtune.genes.stability import PAIRS, stability

SHOWN, CLIPPED = 30, 3.0
TOO_FEW = say(
    "A class has fewer than 8 patients, so how often genes are chosen from halves of them is not known. Leave the "
    "class out on the Data page to see it."
)


def look_at_genes(
    columns: Sequence[Column],
    table: pd.DataFrame,
    y: np.ndarray,
    classes: Sequence[str],
    settings: Settings,
    pairs: int = PAIRS,
    step: Callable[[], None] = lambda: None,
) -> GeneResult:
    """Rank the genes, draw halves of the patients, and lay out the most telling ones.

    Parameters
    ----------
    columns : sequence of Column
        Predictors, and the batch where there is one.
    table : DataFrame of n rows
        With these columns.
    y : ndarray of int, shape (n,)
        Classes as numbers from 0.
    classes : sequence of str
        Their names.
    settings : Settings
        Its `genes` and `seed`.
    pairs : int
        See `stability`.
    step : callable
        Called after each pair of halves.

    Returns
    -------
    GeneResult
    """
    genes = replace(settings.genes, ranked=0)
    prepared = make_expression(columns, genes, settings.preparation).fit(table)
    scaled = np.asarray(prepared.transform(table), float)[:, : len(prepared.genes_)]
    ranking = rank_columns(scaled * prepared.spread_, y)
    chosen, found = stability(scaled, y, settings.seed, pairs, step)
    order = np.lexsort((ranking.p_value, -chosen if chosen.size else np.zeros(len(prepared.genes_))))
    shown = order[:SHOWN]
    return GeneResult(
        names=tuple(prepared.genes_),
        total=sum(column.kind == "number" for column in columns),
        classes=tuple(classes),
        difference=ranking.difference,
        p_value=ranking.p_value,
        q_value=ranking.q_value,
        chosen=chosen,
        stability=found,
        logged=prepared.logged_,
        shown=shown,
        values=np.clip(scaled[:, shown], -CLIPPED, CLIPPED).round(3),
        outcome=np.asarray(y, int),
        notes=() if found is not None else (TOO_FEW,),
    )
