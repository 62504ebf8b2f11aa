"""Which columns are genes, and on which scale they were measured: what can be told without learning anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from medtune.cohort.columns import Column
from medtune.foundation import settings as chosen

FEWEST = 200  # numbers from which they may be genes


def gene_names(columns: Sequence[Column], clinical: Sequence[str] = (), batch: str | None = None) -> list[str]:
    """Columns that count as genes: numbers that are not said to be something else.

    Parameters
    ----------
    columns : sequence of Column
    clinical : sequence of str
        Numbers that are no genes.
    batch : str, optional
        The column that names the batch.

    Returns
    -------
    list of str
    """
    apart = {*clinical, batch}
    return [column.name for column in columns if column.kind == "number" and column.name not in apart]


def reads_genes(columns: Sequence[Column], genes: chosen.Genes, rows: int) -> bool:
    """Whether numbers of a table are taken for genes.

    Parameters
    ----------
    columns : sequence of Column
        The predictors.
    genes : foundation.settings.Genes
    rows : int
        Patients.

    Returns
    -------
    bool
        As chosen; by itself where there are at least 200 and more of them than patients.
    """
    if genes.use != "auto":
        return genes.use == "yes"
    return len(gene_names(columns, genes.clinical, genes.batch)) >= max(FEWEST, rows + 1)


def looks_unlogged(values: np.ndarray) -> bool:
    """Whether measurements look as if no logarithm was taken, by the rule of GEO2R (NCBI).

    Parameters
    ----------
    values : ndarray of shape (n, genes)
        NaN is passed over.

    Returns
    -------
    bool
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return False
    lowest, quarter, nearly, highest = np.quantile(known, [0.0, 0.25, 0.99, 1.0])
    return bool(nearly > 100 or (highest - lowest > 50 and quarter > 0))
