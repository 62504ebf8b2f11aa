"""What the warm process answers about the models of a finished run of several classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from medtune.evaluation.class_reclassification import one_risk_of_each
from medtune.explanation.changes import Changes, class_changes, contribution_changes, reason
from medtune.explanation.contributions import Explanation, explain
from medtune.explanation.hard_patients import class_error_map, hard_class_patients
from medtune.explanation.one_class import class_counterfactuals, class_interval, one_class
from medtune.explanation.what_if import BACKGROUND, Changeable, Counterfactual, one_row, strange
from medtune.foundation.estimate import Estimate
from medtune.foundation.files import write_record
from medtune.foundation.records import from_plain
from medtune.foundation.words import Sentence
from medtune.runs.change_questions import Reason
from medtune.runs.folder import read_record
from medtune.runs.opened import opened, tuned_key
from medtune.runs.patient_questions import Curve, curve_of, models_of
from medtune.runs.review_questions import Review


@dataclass(frozen=True, eq=False)
class ClassSeen:
    """What the models say of one patient.

    Attributes
    ----------
    risks : tuple of Estimate
        Of each class, with a 95% interval where the method has one.
    before : tuple of float
        Risks under the original; empty without one.
    notes : tuple of Sentence
        Values that the model has not met, and gaps.
    """

    risks: tuple[Estimate, ...]
    before: tuple[float, ...]
    notes: tuple[Sentence, ...]

    @property
    def likely(self) -> int:
        """Number of the most likely class."""
        return int(np.argmax([risk.value for risk in self.risks]))


def changes_file(folder: Path, place: int) -> Path:
    """Where a run keeps what changed about one class."""
    return folder / f"changes-class-{place}.json"


def read_class_changes(folder: Path, place: int) -> Changes | None:
    """What changed about one class of a run.

    Parameters
    ----------
    folder : Path
        The run's folder.
    place : int
        Of the class.

    Returns
    -------
    Changes or None
        None when nobody asked yet.
    """
    return read_record(Changes, changes_file(folder, place))


def class_changes_of_run(payload: Mapping[str, Any]) -> None:
    """Compare original and tuned model on one class, and keep what comes of it in the run's folder.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder; ``place`` of the class.
    """
    run, place = opened(payload["run"]), int(payload["place"])
    pair = run.model("original"), run.model(tuned_key(run.result))
    write_record(changes_file(run.folder, place), class_changes(*pair, run.cohort.frame, place, run.settings.seed))


def class_change_reasons(payload: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Why the most likely class of some patients changed: what moved the risk of the new one, one thing each.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder; ``rows``, positions among those who took part; ``places``, the new class of each.
    """
    run = opened(payload["run"])
    rows, places = np.asarray(payload["rows"], dtype=int), np.asarray(payload["places"], dtype=int)
    pair = run.model("original"), run.model(tuned_key(run.result))
    found = []
    for place in np.unique(places).tolist():
        views = [one_class(model, place) for model in pair]
        told, _ = contribution_changes(*views, run.cohort.frame, rows[places == place], run.settings.seed)
        found += [Reason(int(row), *reason(told, at), told.baseline) for at, row in enumerate(told.rows)]
    return tuple(found)


def look_at_class_patient(payload: Mapping[str, Any]) -> ClassSeen:
    """Estimate the risks of a patient.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder; ``values`` by column, None where missing.
    """
    _, model, original = models_of(payload)
    patient = one_row(payload["values"], model.columns)
    risks, limits = model.predict_proba(patient)[0], class_interval(model, patient)
    told = [Estimate(float(risk)) for risk in risks]
    if limits is not None:
        told = [Estimate(float(risk), float(low), float(high)) for risk, (low, high) in zip(risks, limits, strict=True)]
    before = () if original is None else tuple(original.predict_proba(patient)[0].tolist())
    return ClassSeen(tuple(told), before, strange(model.columns, patient))


def class_patient_parts(payload: Mapping[str, Any]) -> Explanation:
    """What each column contributes to a patient's risk of one class.

    Parameters
    ----------
    payload : mapping
        ``run``, ``values`` as for `look_at_class_patient`; ``place`` of the class.
    """
    run, model, _ = models_of(payload)
    patient = one_row(payload["values"], model.columns)
    view = one_class(model, int(payload["place"]))
    return explain(view, patient, run.cohort.frame, limit=BACKGROUND, seed=run.settings.seed)


def class_patient_curve(payload: Mapping[str, Any]) -> Curve:
    """How a patient's risk of one class follows one column.

    Parameters
    ----------
    payload : mapping
        ``run``, ``values``, ``place`` as for `class_patient_parts`; ``column``.
    """
    run, model, original = models_of(payload)
    place = int(payload["place"])
    views = [one_class(one, place) for one in (model, original) if one is not None]
    return curve_of(views, run.cohort.frame, payload["values"], payload["column"])


def class_patient_alternatives(payload: Mapping[str, Any]) -> tuple[Counterfactual, ...]:
    """Smallest changes with which a class becomes the most likely one, or no longer is.

    Parameters
    ----------
    payload : mapping
        ``run``, ``values``, ``place`` as for `class_patient_parts`; ``changeable``, records of
        `medtune.explanation.what_if.Changeable`.
    """
    _, model, _ = models_of(payload)
    changeable = tuple(from_plain(Changeable, one) for one in payload["changeable"])
    patient = one_row(payload["values"], model.columns)
    return class_counterfactuals(model, patient, changeable, int(payload["place"]))


def class_review_run(payload: Mapping[str, Any]) -> Review:
    """Whom the chosen method gets wrong, by its out-of-fold risks of the classes.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder.
    """
    run = opened(payload["run"])
    rows = run.risks["rows"].astype(int)
    risks = one_risk_of_each(run.risks[run.result.verdict.chosen])
    y, frame = run.cohort.outcome[rows], run.cohort.predictors.iloc[rows]
    groups = class_error_map(frame, run.cohort.predictor_columns, y, risks, run.settings.seed)
    return Review(hard_class_patients(y, risks, rows), groups)
