"""A finished run opened for questions: its patients, their out-of-fold risks, and its models, each read once."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from medtune.cohort.table import Cohort, open_cohort
from medtune.foundation.errors import RunError
from medtune.foundation.settings import Settings
from medtune.models.clinical import ClinicalModel
from medtune.models.files import load_model
from medtune.runs.folder import RunFolder
from medtune.runs.participants import classes_as, taking_part
from medtune.runs.record import RISKS, RunResult, model_file, model_passport, read_result


class OpenedRun:
    """What lies in the folder of a finished run.

    Parameters
    ----------
    folder : Path
        It never changes once the run has finished.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.result: RunResult = read_result(folder)
        self.settings = Settings.from_json(RunFolder(folder).settings)
        self._models: dict[str, ClinicalModel] = {}

    @cached_property
    def cohort(self) -> Cohort:
        """Those who took part."""
        cohort = taking_part(open_cohort(RunFolder(self.folder).cohort_folder), self.settings)[0]
        return classes_as(cohort, getattr(self.result, "classes", ()))

    @cached_property
    def risks(self) -> dict[str, np.ndarray]:
        """Out-of-fold risks by method, shape (repeats, scored) or (repeats, scored, K), and under "rows" whose."""
        return read_risks(self.folder)

    def model(self, key: str) -> ClinicalModel:
        """The model of a method, fitted on all patients; RunError when the run kept none."""
        if key not in self._models:
            passport = model_passport(self.folder, key)
            self._models[key] = ClinicalModel(load_model(model_file(self.folder, key)).estimator, passport)
        return self._models[key]


def read_risks(folder: Path) -> dict[str, np.ndarray]:
    """The out-of-fold risks that a run kept.

    Parameters
    ----------
    folder : Path
        The run's folder.

    Returns
    -------
    dict of str to ndarray of shape (repeats, scored) or (repeats, scored, K)
        By method; and "rows", positions of the scored patients among those who took part.

    Raises
    ------
    RunError
        When the file is not there or damaged.
    """
    try:
        with np.load(folder / RISKS, allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files}
    except (OSError, ValueError, KeyError) as error:
        raise RunError("Run '{run}' kept no risks of its patients; repeat the run.", run=folder.name) from error


def tuned_key(result: RunResult) -> str:
    """The method that is set against the original: the one that is used, or the judged one when that is the original.

    Parameters
    ----------
    result : RunResult

    Returns
    -------
    str
    """
    chosen = result.verdict.chosen
    return result.verdict.method if chosen == result.reference.key else chosen


@lru_cache(maxsize=1)
def opened(folder: str) -> OpenedRun:
    """The run of a folder; the last one stays open, since questions about one run come in rows."""
    return OpenedRun(Path(folder))
