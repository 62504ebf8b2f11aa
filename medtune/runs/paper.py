"""The model of a run on paper: nomogram and points score, with what the points cost on patients not learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from medtune.cohort.table import Cohort
from medtune.explanation.main_effects import main_effects
from medtune.explanation.nomogram import nomogram
from medtune.explanation.points import PointsCheck, check_points, points_score
from medtune.foundation.errors import ModelError, RunError, SettingsError
from medtune.foundation.files import write_record
from medtune.foundation.settings import Validation
from medtune.foundation.words import Sentence, say
from medtune.models.clinical import ClinicalModel
from medtune.runs.finished import Run
from medtune.runs.gene_columns import columns_of, slimmed
from medtune.runs.later import WITHOUT_SEARCH, among, drawn
from medtune.runs.local import Local
from medtune.runs.opened import opened
from medtune.runs.paper_record import EFFECTS, MOST, Paper, paper_file
from medtune.runs.record import EXPLANATION, read_explanation
from medtune.runs.stages import local_of
from medtune.tuning.update import Update, blended
from medtune.tuning.validation import plan_validation
from medtune.tuning.verdict import Verdict

FOLDS = 5


def paper_of_run(payload: Mapping[str, Any]) -> None:
    """Put the chosen model of a run on paper, and keep it in the run's folder.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder; ``most``, points that may come together.

    Raises
    ------
    ModelError
        When its log-odds are not a sum over columns.
    """
    run, most = opened(payload["run"]), int(payload["most"])
    model = run.model(run.result.verdict.chosen)
    frame = run.cohort.frame
    made, sheet = nomogram(model, frame), points_score(model, frame, most)
    check, note = _checked(local_of(run.folder), run.result.verdict, model, most)
    write_record(run.folder / paper_file(most), Paper(made, sheet, check, note))


def main_effects_of_run(payload: Mapping[str, Any]) -> None:
    """The main effects of a run's chosen model, kept in the run's folder.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder.
    """
    run = opened(payload["run"])
    told = read_explanation(run.folder) if (run.folder / EXPLANATION).exists() else None
    model = run.model(run.result.verdict.chosen)
    write_record(run.folder / EFFECTS, main_effects(model, run.cohort.frame, told, run.settings.seed))


def points_check(run: Run, start_from: object = None, most: int = MOST, source: Cohort | None = None) -> PointsCheck:
    """What a points score of a run's model costs, for scripts.

    Parameters
    ----------
    run : Run
        What `medtune.fine_tune` gave.
    start_from : ClinicalModel or ScoreColumn, optional
        What it was given.
    most : int
        Points that may come together.
    source : Cohort, optional
        The source patients, where they took part.

    Returns
    -------
    PointsCheck

    Raises
    ------
    RunError
        When the patients do not suffice.
    """
    local = Local(run.cohort, start_from, run.settings, source)
    verdict = run.result.verdict
    found, note = _checked(local, verdict, run.models[verdict.chosen], most)
    if found is None:
        raise RunError.of(note)
    return found


def _checked(local: Local, verdict: Verdict, model: ClinicalModel, most: int) -> tuple[PointsCheck | None, Sentence]:
    """Model and sheet made anew without each fifth of the patients, and judged on these."""
    rows, few = drawn(local.y, local.settings.seed)
    patients = None if local.cohort.patients is None else local.cohort.patients[rows]
    try:
        design = Validation(folds=FOLDS, repeats=1)
        plan = plan_validation(local.y[rows], design, patients=patients, seed=local.settings.seed)
    except SettingsError as error:
        return None, error.sentence
    plan = among(plan, rows)
    full, sheet = np.full(len(local.y), np.nan), np.full(len(local.y), np.nan)
    for split in plan.splits:
        fitted = _fitted(local, verdict, model, split.train)
        test = local.frame.iloc[split.test]
        full[split.test] = fitted.risk(test)
        try:
            sheet[split.test] = points_score(fitted, local.frame.iloc[split.train], most).risk(test)
        except ModelError:  # nothing was learnt from these patients: everybody has one risk
            sheet[split.test] = float(fitted.risk(local.frame.iloc[split.train]).mean())
    rows = plan.rows
    found = check_points(local.y[rows], full[rows], sheet[rows], patients, local.settings.seed)
    note = say(
        "Model and sheet were made {folds} times without a part of the patients and judged on that part.", folds=FOLDS
    )
    return found, note if few is None else say("{note} {few}", note=note, few=few)


def _fitted(local: Local, verdict: Verdict, model: ClinicalModel, train: np.ndarray) -> ClinicalModel:
    """The chosen model as these patients alone would have made it; the original as it is."""
    if verdict.chosen == "original":
        return model
    key = verdict.goes_toward if verdict.chosen == "blended" else verdict.chosen
    estimator = local.unfitted(WITHOUT_SEARCH.get(key, key))
    more = {}
    if isinstance(estimator, Update) and estimator.reads_source and local.at_hand is not None:
        more = {"source": local.at_hand.rows()}
    estimator = estimator.fit(local.read_by(key).iloc[train], local.y[train], **more)
    estimator = getattr(estimator, "recalibrated_", getattr(estimator, "best_estimator_", estimator))
    if local.genes:  # other patients speak for other genes than the model in use
        estimator = slimmed(estimator)
        model = ClinicalModel(estimator, replace(model.passport, columns=columns_of(estimator) or model.columns))
    if verdict.chosen == "blended":
        estimator = blended(estimator, verdict.blend)
    return ClinicalModel(estimator, model.passport)
