"""What the warm process answers about the patients whom a run's model gets wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medtune.evaluation.reclassification import one_risk
from medtune.explanation.hard_patients import ErrorGroup, Hard, Opposite, error_map, hard_patients, opposites
from medtune.runs.opened import opened


@dataclass(frozen=True)
class Review:
    """The review list and the error map of a run."""

    hard: tuple[Hard, ...]
    groups: tuple[ErrorGroup, ...]


def review_run(payload: Mapping[str, Any]) -> Review:
    """Whom the chosen method gets wrong, by its out-of-fold risks.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder.
    """
    run = opened(payload["run"])
    rows = run.risks["rows"].astype(int)
    risk = one_risk(run.risks[run.result.verdict.chosen])
    y, frame = run.cohort.outcome[rows], run.cohort.predictors.iloc[rows]
    groups = error_map(frame, run.cohort.predictor_columns, y, risk, run.settings.seed)
    return Review(hard_patients(y, risk, rows), groups)


def similar_patients(payload: Mapping[str, Any]) -> tuple[Opposite, ...]:
    """The most similar patients who had the other outcome.

    Parameters
    ----------
    payload : mapping
        ``run``; ``row``, position among those who took part.
    """
    cohort = opened(payload["run"]).cohort
    return opposites(cohort.predictors, cohort.predictor_columns, cohort.outcome, int(payload["row"]))
