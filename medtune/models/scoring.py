"""A model applied to a table of new patients: one risk a row, and every reason for doubt beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from medtune.cohort.frame_file import read_frame, write_frame
from medtune.foundation.files import write_record
from medtune.foundation.records import from_json
from medtune.foundation.words import Sentence
from medtune.models.class_scoring import VERDICT, ClassScored, with_risks
from medtune.models.row_report import doubts, in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medtune.cohort.columns import Column
    from medtune.models.clinical import ClinicalModel
    from medtune.models.passport import Passport

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
TABLE, NOTES = "scored.parquet", "scored.json"
RISK, FLAGGED, WARNINGS = "estimated_risk", "flagged", "warnings"
COMMON = 0.5  # the threshold of a model that brings none


@dataclass(frozen=True, eq=False)
class Scored:
    """New patients with their risks.

    Attributes
    ----------
    table : DataFrame of shape (n, columns + 3)
        The table as given, and ``estimated_risk`` (0 to 1), ``flagged`` ("yes" from the threshold on) and
        ``warnings`` (what of this patient the model has not met, in words; "" when nothing).
    notes : tuple of Sentence
        What was done to the columns.
    threshold : float
        Risk from which a patient is flagged.
    remarks : tuple of Sentence
        On further columns, such as reasons.
    """

    table: pd.DataFrame
    notes: tuple[Sentence, ...]
    threshold: float
    remarks: tuple[Sentence, ...] = ()

    @property
    def risk(self) -> np.ndarray:
        """Estimated risks, shape (n,)."""
        return self.table[RISK].to_numpy()

    @property
    def n(self) -> int:
        """How many patients were scored."""
        return len(self.table)

    @property
    def flagged(self) -> int:
        """How many of them are flagged."""
        return int((self.table[FLAGGED] == "yes").sum())

    @property
    def warned(self) -> int:
        """How many of them the model knows less well than it should: the rows with a warning."""
        return int((self.table[WARNINGS] != "").sum())

    def with_column(self, name: str, values: np.ndarray, notes: tuple[Sentence, ...] = ()) -> Scored:
        """The same patients with one more column, and notes on it."""
        table = self.table.copy(deep=False)
        table[name] = values
        return Scored(table, self.notes, self.threshold, (*self.remarks, *notes))

    def at(self, threshold: float) -> Scored:
        """The same patients, flagged from another threshold on."""
        table = self.table.copy(deep=False)
        table[FLAGGED] = _flags(self.risk, threshold)
        return Scored(table, self.notes, float(threshold), self.remarks)

    def top(self, rows: int) -> pd.DataFrame:
        """The patients with the highest risks, highest first; the index says where they stand in the table."""
        order = np.argsort(-self.risk, kind="stable")[:rows]
        return self.table.reset_index(drop=True).iloc[order]

    def counts(self, steps: int = 40) -> np.ndarray:
        """Patients in equal steps of risk from 0 to 1, shape (steps,)."""
        return np.histogram(self.risk, bins=steps, range=(0.0, 1.0))[0]

    def as_csv(self) -> bytes:
        """The table as CSV, UTF-8 with a mark that spreadsheets understand; no cell starts a formula."""
        return safe_csv(self.table)


def score(model: ClinicalModel, frame: pd.DataFrame, threshold: float | None = None) -> Scored | ClassScored:
    """Estimate the risk of each new patient.

    Parameters
    ----------
    model : ClinicalModel
        The model.
    frame : DataFrame of shape (n, columns)
        New patients; columns that the model does not read are kept as they are.
    threshold : float, optional
        Risk from which a patient is flagged; the model's own when None, else one half.

    Returns
    -------
    Scored or ClassScored
        The latter from a model of several classes, where there is no threshold.

    Raises
    ------
    ColumnsError
        When most of the model's columns are absent, with the difference.
    """
    if model.classes:
        checked = model.check(frame)
        warnings = in_words(doubts(model.columns, checked), len(frame))
        table = with_risks(frame, model.predict_proba(frame), model.classes, warnings, model.passport.settles)
        return ClassScored(table, checked.notes, model.classes)
    limit = own_threshold(model.passport) if threshold is None else float(threshold)
    checked = model.check(frame)
    risk = np.round(model.risk(frame), 6)
    table = frame.reset_index(drop=True)
    for name, values in (
        (RISK, risk),
        (FLAGGED, _flags(risk, limit)),
        (WARNINGS, in_words(doubts(model.columns, checked), len(frame))),
    ):
        # A table that was scored before keeps one set of these columns: the new one.
        table[name] = values
    if model.passport.settles:
        table[VERDICT] = conformal_verdict(risk, model.passport.settles)
    return Scored(table, checked.notes, limit)


def conformal_verdict(risk: np.ndarray, settles: tuple[float, ...]) -> np.ndarray:
    """Which outcome remains possible at the error the model was calibrated for.

    Parameters
    ----------
    risk : ndarray of shape (n,)
    settles : tuple of (error, lower, upper)
        See `medtune.models.passport.Passport`.

    Returns
    -------
    ndarray of str, shape (n,)
        "event", "no event", or "refer" where both or neither remain possible.
    """
    _, lower, upper = settles
    event, none = risk >= lower, risk <= upper
    return np.where(event & ~none, "event", np.where(none & ~event, "no event", "refer"))


def own_threshold(passport: Passport) -> float:
    """The threshold that a model brings, else one half."""
    return float(passport.threshold) if np.isfinite(passport.threshold) else COMMON


def template(columns: Sequence[Column]) -> bytes:
    """A CSV with the columns that a model reads and no patient, to be filled in."""
    return safe_csv(pd.DataFrame(columns=[column.name for column in columns]))


def save_scored(scored: Scored | ClassScored, folder: Path) -> None:
    """Write scored patients into a folder, for `open_scored`.

    Parameters
    ----------
    scored : Scored or ClassScored
    folder : Path
        It is there and readable by this user only.
    """
    write_frame(scored.table, folder / TABLE)
    threshold, classes = getattr(scored, "threshold", COMMON), getattr(scored, "classes", ())
    label = _Label(scored.notes, threshold, classes, getattr(scored, "remarks", ()))
    write_record(folder / NOTES, label, durable=False)


def open_scored(folder: Path) -> Scored | ClassScored:
    """Read what `save_scored` wrote; no model and no scikit-learn is needed for it."""
    label = from_json(_Label, (folder / NOTES).read_text(encoding="utf-8"))
    table = read_frame(folder / TABLE)
    if label.classes:
        return ClassScored(table, label.notes, label.classes, label.remarks)
    return Scored(table, label.notes, label.threshold, label.remarks)


@dataclass(frozen=True)
class _Label:
    notes: tuple[Sentence, ...]
    threshold: float
    classes: tuple[str, ...] = ()
    remarks: tuple[Sentence, ...] = ()


def _flags(risk: np.ndarray, threshold: float) -> np.ndarray:
    """From the rounded risk, so that the table agrees with itself."""
    return np.where(risk >= threshold, "yes", "no")


def safe_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV in which no text cell or heading starts a formula in a spreadsheet.

    Parameters
    ----------
    table : DataFrame of shape (n, columns)
        Any table.

    Returns
    -------
    bytes
        UTF-8 with a byte order mark. A text that starts with ``= + - @`` gets an apostrophe before it.
    """
    safe = table.rename(columns=lambda name: _text(str(name)))
    for at, dtype in enumerate(safe.dtypes):
        if pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype):
            continue
        safe.isetitem(at, safe.iloc[:, at].map(_text, na_action="ignore"))
    # As RFC 4180 has it: with "\n" alone a carriage return in a cell goes unquoted, and what follows it starts a row.
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _text(cell: object) -> object:
    if not isinstance(cell, str) or not cell.startswith(FORMULA_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell
