"""The fine-tuning job: from a run's folder to a run's folder."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np

from medtune.cohort.table import Cohort, open_cohort
from medtune.foundation.files import write_atomically, write_record
from medtune.foundation.settings import Settings
from medtune.images.keeping import look_in
from medtune.models.clinical import ClinicalModel
from medtune.models.files import load_model, save_model
from medtune.models.mapped import mapped
from medtune.models.starting import ScoreColumn
from medtune.runs.class_record import ClassResult
from medtune.runs.class_tuning import LocalClasses
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.finished import Run
from medtune.runs.folder import RunFolder, Summary
from medtune.runs.gene_columns import of_genes
from medtune.runs.gene_marks import mark_genes
from medtune.runs.local import Local, starting_of
from medtune.runs.progress import Progress
from medtune.runs.record import CLASS_RESULT, CLOSER, EXPLANATION, RESULT, RISKS, START, model_file
from medtune.runs.stage_cache import StageCache


def fine_tune_job(folder: Path, progress: Progress) -> Summary:
    """Do the run whose settings, cohort and starting model lie in `folder`, and leave its result there."""
    place = RunFolder(folder)
    look_in(place.home)
    settings = Settings.from_json(place.settings)
    cohort = open_cohort(place.cohort_folder)
    source = open_cohort(place.source_folder) if place.source_folder is not None else None
    kept = StageCache(place.home, place.job.cohort)
    run = fine_tune(cohort, _starting(folder, settings, cohort), settings, progress, source, kept)
    if of_genes(run.cohort, settings):
        mark_genes(folder)
    _keep(run, folder)
    result = run.result
    return Summary(result.n, result.events, result.verdict.state, result.verdict.headline)


def local_of(folder: Path) -> Local:
    """The patients and the starting model of a run, as its comparison saw them.

    Parameters
    ----------
    folder : Path
        The run's folder.

    Returns
    -------
    Local
    """
    place = RunFolder(folder)
    settings = Settings.from_json(place.settings)
    cohort = open_cohort(place.cohort_folder)
    source = open_cohort(place.source_folder) if place.source_folder is not None else None
    base = _starting(folder, settings, cohort)
    if cohort.classes:
        return LocalClasses(cohort, base, replace(settings, starting=starting_of(base, settings.starting)))
    starting = replace(starting_of(base, settings.starting), source=settings.starting.source)
    return Local(cohort, base, replace(settings, starting=starting), source)


def _starting(folder: Path, settings: Settings, cohort: Cohort):
    starting = settings.starting
    if starting.kind == "scratch":
        return None
    if starting.kind == "score_column":
        return ScoreColumn(starting.name, starting.scale)
    model = load_model(folder / START)
    # The library may have given the file another name since it was written.
    passport = model.passport.with_(name=starting.name or model.name, id=starting.model or model.passport.id)
    return mapped(ClinicalModel(model.estimator, passport), starting.mapping, cohort.columns)


def _keep(run: Run, folder: Path) -> None:
    for key, model in run.models.items():
        path = save_model(model, model_file(folder, key))
        # Beside it, so that pages can read whose model it is without opening it.
        write_atomically(path.with_suffix(".json"), model.passport.to_json())
    arrays = BytesIO()
    np.savez_compressed(arrays, rows=run.rows, **{key: risk.astype(np.float64) for key, risk in run.risks.items()})
    write_atomically(folder / RISKS, arrays.getvalue())
    if run.explanation is not None:
        write_record(folder / EXPLANATION, run.explanation)
    if run.closer is not None:
        write_record(folder / CLOSER, run.closer)
    # Last, so that a result that is there is complete.
    write_record(folder / (CLASS_RESULT if isinstance(run.result, ClassResult) else RESULT), run.result)
