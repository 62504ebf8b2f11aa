"""New patients with the risk of each class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from medtune.foundation.words import Sentence

LIKELY, VERDICT = "most_likely", "conformal_verdict"


def risk_column(name: str) -> str:
    """The column that holds the risk of a class."""
    return f"risk_{name}"


@dataclass(frozen=True, eq=False)
class ClassScored:
    """New patients with the risks of a model of several classes.

    Attributes
    ----------
    table : DataFrame of shape (n, columns + K + 2 or 3)
        The table as given, and ``most_likely``, a column ``risk_NAME`` (0 to 1) for each class, ``warnings``, and
        ``conformal_verdict`` where the model knows from which risks on a class remains possible.
    notes : tuple of Sentence
        What was done to the columns.
    classes : tuple of str
        Names, in the order of the risks.
    remarks : tuple of Sentence
        On further columns, such as reasons.
    """

    table: pd.DataFrame
    notes: tuple[Sentence, ...]
    classes: tuple[str, ...]
    remarks: tuple[Sentence, ...] = ()

    @property
    def risks(self) -> np.ndarray:
        """Estimated risks, shape (n, K)."""
        return self.table[self.columns].to_numpy()

    @property
    def columns(self) -> list[str]:
        """Names of the columns that hold the risks."""
        return [risk_column(name) for name in self.classes]

    @property
    def n(self) -> int:
        """How many patients were scored."""
        return len(self.table)

    @property
    def likely(self) -> dict[str, int]:
        """Patients by their most likely class."""
        counts = self.table[LIKELY].value_counts()
        return {name: int(counts.get(name, 0)) for name in self.classes}

    @property
    def warned(self) -> int:
        """How many of them carry a warning."""
        return int((self.table["warnings"] != "").sum())

    def with_column(self, name: str, values: np.ndarray, notes: tuple[Sentence, ...] = ()) -> ClassScored:
        """The same patients with one more column, and notes on it."""
        table = self.table.copy(deep=False)
        table[name] = values
        return ClassScored(table, self.notes, self.classes, (*self.remarks, *notes))

    def top(self, rows: int, name: str) -> pd.DataFrame:
        """The patients with the highest risks of a class, highest first; the index says where they stand."""
        order = np.argsort(-self.table[risk_column(name)].to_numpy(), kind="stable")[:rows]
        return self.table.reset_index(drop=True).iloc[order]

    def as_csv(self) -> bytes:
        """The table as CSV, UTF-8 with a mark that spreadsheets understand; no cell starts a formula."""
        from medtune.models.scoring import safe_csv

        return safe_csv(self.table)


def with_risks(
    frame: pd.DataFrame,
    risks: np.ndarray,
    classes: tuple[str, ...],
    warnings: np.ndarray,
    settles: tuple[float, ...] = (),
) -> pd.DataFrame:
    """A table with the risks of its patients beside it.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
    risks : ndarray of shape (n, K)
    classes : tuple of str
    warnings : ndarray of shape (n,)
        What of each patient the model has not met.
    settles : tuple of float
        See `medtune.models.passport.Passport`; empty where it is not known which classes remain possible.

    Returns
    -------
    DataFrame
        A table that was scored before keeps one set of these columns: the new one.
    """
    table = frame.reset_index(drop=True)
    names = np.array(classes, dtype=object)
    table[LIKELY] = names[risks.argmax(axis=1)] if len(risks) else np.empty(0, dtype=object)
    for place, name in enumerate(classes):
        table[risk_column(name)] = np.round(risks[:, place], 6)
    table["warnings"] = warnings
    if settles:
        table[VERDICT] = class_verdict(risks, classes, settles)
    return table


def class_verdict(risks: np.ndarray, classes: tuple[str, ...], settles: tuple[float, ...]) -> np.ndarray:
    """Which classes remain possible at the error the model was calibrated for.

    Parameters
    ----------
    risks : ndarray of shape (n, K)
    classes : tuple of str
    settles : tuple of (error, limit of each class)
        See `medtune.models.passport.Passport`.

    Returns
    -------
    ndarray of str, shape (n,)
        The name of the only one; "refer: NAME, NAME" where several remain; "refer: unlike the others" where none does.
    """
    sets, which = np.unique(risks >= np.array(settles[1:]), axis=0, return_inverse=True)
    words = []
    for possible in sets:
        names = [name for name, there in zip(classes, possible, strict=True) if there]
        words.append(names[0] if len(names) == 1 else "refer: " + (", ".join(names) or "unlike the others"))
    return np.array(words, dtype=object)[which.ravel()]
