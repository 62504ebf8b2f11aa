"""What the warm process answers about one patient and the models of a finished run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from medtune.explanation.effects import grid
from medtune.explanation.what_if import Changeable, Counterfactual, Seen, counterfactuals, curve, look, one_row
from medtune.foundation.records import from_plain
from medtune.runs.opened import OpenedRun, opened


@dataclass(frozen=True, eq=False)
class Curve:
    """Risk of one patient by the value of one column: with the model in use, and with the original (or empty)."""

    values: np.ndarray
    levels: tuple[str, ...]
    risk: np.ndarray
    before: np.ndarray


def look_at_patient(payload: Mapping[str, Any]) -> Seen:
    """Estimate and explain the risk of a patient.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder; ``values`` by column, None where missing.
    """
    run, model, original = models_of(payload)
    patient = one_row(payload["values"], model.columns)
    return look(model, original, patient, run.cohort.frame, run.settings.seed)


def patient_curve(payload: Mapping[str, Any]) -> Curve:
    """How the risk of a patient follows one column.

    Parameters
    ----------
    payload : mapping
        ``run``, ``values`` as for `look_at_patient`; ``column``.
    """
    run, model, original = models_of(payload)
    models = [model] + ([original] if original is not None else [])
    return curve_of(models, run.cohort.frame, payload["values"], payload["column"])


def curve_of(models: Sequence[Any], frame: pd.DataFrame, values: Mapping[str, Any], name: str) -> Curve:
    """The curve of one patient for the model in use and, where there is a second, the original.

    Parameters
    ----------
    models : sequence of ClinicalModel
    frame : DataFrame
        The local patients, who say where the column is looked at.
    values : mapping of str to object
        Of the patient, by column.
    name : str
        Of the column.

    Returns
    -------
    Curve
    """
    patient = one_row(values, models[0].columns)
    column = next(column for column in models[0].columns if column.name == name)
    places = grid(frame[name] if name in frame else patient[name], column, 41)
    risks = curve(models, patient, name, places)
    numeric = column.kind == "number"
    return Curve(
        np.asarray(places, dtype=float) if numeric else np.empty(0),
        () if numeric else tuple(map(str, places)),
        risks[0],
        risks[1] if len(risks) > 1 else np.empty(0),
    )


def patient_alternatives(payload: Mapping[str, Any]) -> tuple[Counterfactual, ...]:
    """Smallest changes that bring a patient to the other side of the threshold.

    Parameters
    ----------
    payload : mapping
        ``run``, ``values`` as for `look_at_patient`; ``threshold``; ``changeable``, records of
        `medtune.explanation.what_if.Changeable`.
    """
    _, model, _ = models_of(payload)
    changeable = tuple(from_plain(Changeable, one) for one in payload["changeable"])
    patient = one_row(payload["values"], model.columns)
    return counterfactuals(model, patient, changeable, payload["threshold"], model.columns)


def models_of(payload: Mapping[str, Any]) -> tuple[OpenedRun, Any, Any]:
    """The run, the model it chose, and the original when that is another one."""
    run = opened(payload["run"])
    chosen = run.result.verdict.chosen
    original = None if run.result.verdict.from_scratch or chosen == "original" else run.model("original")
    return run, run.model(chosen), original
