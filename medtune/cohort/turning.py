"""Gene tables as they come: rows that are genes become columns, outcomes are joined from a second table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from medtune.cohort.values import as_levels, as_numbers
from medtune.foundation.errors import TableError
from medtune.foundation.words import Sentence, counted, listed, say

SAMPLE = "sample"
FEWEST_GENES, MOST_NOTES = 100, 30  # rows that are genes, and rows of patient notes above them
NUMERIC = 0.9
FEW_VALUES = 5  # a column with so few different numbers is a code or an outcome, no sample


@dataclass(frozen=True)
class Turned:
    """A table with a row for each patient, and what was done to it."""

    frame: pd.DataFrame
    report: tuple[Sentence, ...]


def rows_are_genes(frame: pd.DataFrame) -> bool:
    """Whether a table has a row for each gene and a column for each patient.

    Parameters
    ----------
    frame : DataFrame
        As read.

    Returns
    -------
    bool
        Many more rows than columns, the first column names each row once, nearly all other cells are numbers.
    """
    rows, columns = frame.shape
    if rows < FEWEST_GENES or columns < 4 or rows < 2 * columns:
        return False
    names = frame.iloc[:, 0]
    if pd.api.types.is_numeric_dtype(names.dtype) or names.isna().any() or names.duplicated().any():
        return False
    below = frame.iloc[MOST_NOTES:, 1:]
    numeric = [at for at in range(below.shape[1]) if _share_of_numbers(below.iloc[:, at]) > NUMERIC]
    return len(numeric) > 0.7 * below.shape[1] and _on_one_scale(below.iloc[:, numeric])


def _on_one_scale(numbers: pd.DataFrame) -> bool:
    """Whether columns measure the same of different samples, as those of genes do, and not age, sodium and so on."""
    values = numbers.apply(lambda column: as_numbers(column)[0])
    if (values.nunique() <= FEW_VALUES).mean() > 0.1:
        return False
    low, middles, high = (values.quantile(share) for share in (0.25, 0.5, 0.75))
    apart = (middles - middles.median()).abs()
    return float((apart <= 2 * (high - low).median()).mean()) > 0.8


def turned(frame: pd.DataFrame) -> Turned:
    """Turn a table whose rows are genes.

    Parameters
    ----------
    frame : DataFrame
        The first column names the genes; rows of text on top, such as a status, are notes on the patients; further
        columns of text describe the genes.

    Returns
    -------
    Turned
        A row for each patient: "sample", the notes, then a column for each gene.

    Raises
    ------
    TableError
        When the first column does not name every row once, or no column of numbers is there.
    """
    names = as_levels(frame.iloc[:, 0])
    if names.isna().any() or names.duplicated().any():
        raise TableError(
            "The table cannot be turned: its first column must name every row once. Give genes that come twice "
            "different names, and rows without a name one."
        )
    below = frame.iloc[min(MOST_NOTES, len(frame) // 2) :]
    patients = [at for at in range(1, frame.shape[1]) if _share_of_numbers(below.iloc[:, at]) > NUMERIC]
    if not patients:
        raise TableError("The table cannot be turned: no column holds numbers throughout.")
    body = frame.iloc[:, patients]
    values = np.column_stack([_numbers(body.iloc[:, at]) for at in range(body.shape[1])])
    gaps, missing = np.isnan(values), body.isna().to_numpy()
    notes = (gaps & ~missing).mean(axis=1) > 0.5
    notes[MOST_NOTES:] = False
    columns = {SAMPLE: [str(name) for name in body.columns]}
    for at in np.flatnonzero(notes):
        columns[str(names.iloc[at])] = as_levels(body.iloc[at]).to_numpy(dtype=object)
    genes = pd.DataFrame(values[~notes].T, columns=[str(name) for name in names[~notes]])
    whole = pd.concat([pd.DataFrame(columns), genes], axis=1)
    report = [
        say(
            "Rows are genes here, so the table was turned: {patients} patients, {genes} genes.",
            patients=len(patients),
            genes=int((~notes).sum()),
        )
    ]
    if notes.any():
        on_top = listed(names[notes])
        report.append(counted(notes.sum(), "1 row is a note on patients: {names}.",
                              "{count} rows are notes on patients: {names}.", names=on_top))  # fmt: skip
    rest = [str(frame.columns[at]) for at in range(1, frame.shape[1]) if at not in set(patients)]
    if rest:
        report.append(say("Columns {names} describe the genes and were left out.", names=listed(rest)))
    return Turned(whole, tuple(report))


def joined(genes: pd.DataFrame, outcomes: pd.DataFrame) -> Turned:
    """Add a second table's columns to each patient, by the sample's id.

    Parameters
    ----------
    genes : DataFrame
        A row for each patient.
    outcomes : DataFrame
        One row for each patient at most, one of its columns holds the ids.

    Returns
    -------
    Turned
        Patients that the second table does not know stay, with gaps.

    Raises
    ------
    TableError
        When no two columns share ids, or an id comes twice in the second table.
    """
    best, most = None, 0
    for ours in _of_text(genes):
        known = set(as_levels(genes[ours]).dropna())
        for theirs in _of_text(outcomes):
            shared = len(known & set(as_levels(outcomes[theirs]).dropna()))
            if shared > most:
                best, most = (ours, theirs), shared
    if best is None or most < max(2, 0.2 * len(genes)):
        raise TableError(
            "The two tables share no ids: no column of the second names the samples as the first does. "
            "Give both a column with the same sample ids."
        )
    ours, theirs = best
    keys = as_levels(outcomes[theirs])
    if keys.duplicated().any():
        raise TableError(
            "In the second table an id of column '{column}' comes more than once; keep one row for each sample.",
            column=theirs,
        )
    new = outcomes.drop(columns=theirs).set_axis(keys, axis=0)
    twice = [name for name in new.columns if name in set(genes.columns)]
    new = new.drop(columns=twice).reindex(as_levels(genes[ours])).reset_index(drop=True)
    unknown = len(genes) - most
    report = [say("Joined by ‘{ours}’ and ‘{theirs}’: {count} samples are in both.",
                  ours=ours, theirs=theirs, count=most)]  # fmt: skip
    if unknown:
        one, many = "1 sample is not in the second table.", "{count} samples are not in the second table."
        report.append(counted(unknown, one, many))
    if twice:
        report.append(say("Columns {names} were there already and were not taken.", names=listed(twice)))
    return Turned(pd.concat([new, genes.reset_index(drop=True)], axis=1), tuple(report))


def _of_text(frame: pd.DataFrame) -> list[str]:
    """Columns that may hold ids: text, or whole numbers in a narrow table."""
    dtypes = zip(frame.columns, frame.dtypes, strict=True)
    narrow = frame.shape[1] <= MOST_NOTES
    return [name for name, dtype in dtypes if not pd.api.types.is_float_dtype(dtype) and (
        narrow or not pd.api.types.is_numeric_dtype(dtype))]  # fmt: skip


def _numbers(series: pd.Series) -> np.ndarray:
    return pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _share_of_numbers(series: pd.Series) -> float:
    """Of the cells with a value, how many are numbers."""
    known = series.notna().to_numpy()
    return float(np.isfinite(_numbers(series)[known]).mean()) if known.any() else 0.0
