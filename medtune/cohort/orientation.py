"""Doubts about what a row is: a patient, one measurement of many, or one variable of all patients."""

from __future__ import annotations

import pandas as pd

from medtune.cohort.vocabulary import words_in, words_of
from medtune.foundation.words import Sentence, say

MEASURED = words_in("test variable parameter item analyte measurement merkmal laborwert 项目 指标 检验项目")
MEASURES = words_in("value result wert messwert valeur valor 结果 值 数值")
FEW_ROWS, MANY_COLUMNS = 10, 10
MOST_TESTS = 500
SAMPLE = 20_000  # rows looked at


def doubts_about_rows(frame: pd.DataFrame) -> list[Sentence]:
    """Say where a table does not seem to have one row for each patient.

    Parameters
    ----------
    frame : DataFrame
        As read.

    Returns
    -------
    list of Sentence
    """
    rows, columns = frame.shape
    if rows < FEW_ROWS and columns >= MANY_COLUMNS:
        return [
            say(
                "There are {columns} columns and only {rows} rows; if each column is a patient, exchange rows and "
                "columns in a spreadsheet program first.",
                columns=columns,
                rows=rows,
            )
        ]
    found = _measurements(frame.iloc[:SAMPLE])
    if found is None:
        return []
    return [
        say(
            "Each row seems to be one measurement ('{test}', '{value}'), not one patient; make a column of each "
            "'{test}' first, so that a patient has one row.",
            test=found[0],
            value=found[1],
        )
    ]


def _measurements(frame: pd.DataFrame) -> tuple[str, str] | None:
    """Columns that say what was measured and what came of it, where a third one repeats in each combination."""
    names = [str(name) for name in frame.columns]
    values = [name for name in names if words_of(name) & MEASURES]
    tests = [name for name in names if words_of(name) & MEASURED and name not in values]
    if len(values) != 1 or len(tests) != 1 or len(set(names)) < len(names):
        return None
    kinds = frame.set_axis(names, axis=1)[tests[0]]
    if pd.api.types.is_numeric_dtype(kinds.dtype) or not 2 <= kinds.nunique() <= MOST_TESTS:
        return None
    for name in names:
        if name in (*values, *tests):
            continue
        keys = frame.set_axis(names, axis=1)[[name, tests[0]]]
        if keys[name].nunique() < 0.7 * len(keys) and keys.duplicated().mean() < 0.1:
            return tests[0], values[0]
    return None
