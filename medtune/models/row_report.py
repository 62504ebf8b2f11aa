"""What of each new patient a model does not know: the same words in the table, on the page and in a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.conform import Conformed

BETWEEN = "; "  # warnings of one patient


@dataclass(frozen=True, eq=False)
class Doubt:
    """One thing about one column that a model does not know, and the patients it is true of.

    Attributes
    ----------
    column : str
    words : str
        Without any value of a patient.
    rows : ndarray of int
        Their positions, rising.
    """

    column: str
    words: str
    rows: np.ndarray


def doubts(columns: Sequence[Column], checked: Conformed) -> tuple[Doubt, ...]:
    """Look for what the model does not know, patient by patient.

    Parameters
    ----------
    columns : sequence of Column
        As the model knows them.
    checked : Conformed
        The table in the form of the model.

    Returns
    -------
    tuple of Doubt
        Column by column: missing, unreadable, in another unit, below or above the known range, an unknown category.
    """
    found = []
    for column in columns:
        cells = checked.frame[column.name]
        missing = cells.isna().to_numpy()
        nothing = np.zeros(len(missing), dtype=bool)
        refused = checked.refused.get(column.name, nothing)
        kinds = [
            (missing & ~refused, "{name} is missing"),
            (refused, "{name} is not a number and counts as missing"),
            (checked.converted.get(column.name, nothing), "{name} was converted from another unit"),
        ]
        if column.kind == "number":
            values = cells.to_numpy(dtype=float)
            known = f"the known range ({column.low:.4g} to {column.high:.4g})"
            kinds.append((values < column.low, f"{{name}} is below {known}"))
            kinds.append((values > column.high, f"{{name}} is above {known}"))
        elif column.kind == "category" and column.levels:
            kinds.append((~cells.isin(list(column.levels)).to_numpy() & ~missing, "{name} has an unknown category"))
        for mask, words in kinds:
            if mask.any():
                found.append(Doubt(column.name, words.replace("{name}", column.name), np.flatnonzero(mask)))
    return tuple(found)


def in_words(found: Sequence[Doubt], n: int) -> np.ndarray:
    """One text a patient, "" where nothing is doubtful.

    Parameters
    ----------
    found : sequence of Doubt
    n : int
        Patients.

    Returns
    -------
    ndarray of str, shape (n,)
    """
    texts = np.full(n, "", dtype=object)
    for doubt in found:
        texts[doubt.rows] = [f"{told}{BETWEEN}{doubt.words}" if told else doubt.words for told in texts[doubt.rows]]
    return texts


def row_report(warnings: pd.Series) -> pd.DataFrame:
    """The warnings as a table of their own, one line each.

    Parameters
    ----------
    warnings : Series of str, shape (n,)
        What `in_words` gave.

    Returns
    -------
    DataFrame with columns "patient" (1 is the first row of the table) and "warning"
    """
    some = pd.Series(warnings.to_numpy(), index=pd.RangeIndex(1, len(warnings) + 1))
    lines = some[some != ""].str.split(BETWEEN, regex=False).explode()
    return pd.DataFrame({"patient": lines.index, "warning": lines.to_numpy(dtype=object)})


def tally(warnings: pd.Series) -> list[tuple[str, int]]:
    """How many patients each warning is true of, the commonest first.

    Parameters
    ----------
    warnings : Series of str, shape (n,)

    Returns
    -------
    list of (str, int)
    """
    counts = row_report(warnings)["warning"].value_counts()
    return [(str(words), int(count)) for words, count in counts.items()]
