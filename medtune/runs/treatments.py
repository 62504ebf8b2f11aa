"""The comparison of treatments as a run: from a kept cohort to a result in its folder."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from medtune.foundation.errors import RunError
from medtune.foundation.files import write_atomically, write_record
from medtune.foundation.settings import Settings
from medtune.foundation.words import say
from medtune.runs.folder import RunFolder, Summary, read_record
from medtune.runs.progress import Progress
from medtune.treatment.record import TreatmentResult

if TYPE_CHECKING:
    from medtune.runs.store import Store

KIND = "treatment"
RESULT, PATIENTS = "treatment.json", "patients.npz"


def begin_comparison(store: Store, cohort_name: str, cohort_id: str, treatment: str, settings: Settings) -> RunFolder:
    """Put a comparison of treatments into its folder and start its process.

    Parameters
    ----------
    store : Store
        Where it is kept.
    cohort_name, cohort_id : str
        The patients, as they are kept in the store.
    treatment : str
        Name of the treatment column, for the list of runs.
    settings : Settings
        Its `treatment`, `preparation` and `seed` are read.

    Returns
    -------
    RunFolder
    """
    from medtune.runs import execution

    run = store.new_run(KIND, f"{treatment}: {cohort_name}", cohort_id, settings.to_json(), treatment)
    execution.start(run.path)
    return run


def treatment_job(folder: Path, progress: Progress) -> Summary:
    """Compare the options of the treatment column of the run's patients, and leave the result in its folder."""
    from medtune.cohort.table import open_cohort
    from medtune.treatment.comparison import compare_treatments

    place = RunFolder(folder)
    cohort = open_cohort(place.cohort_folder)
    progress.stage(say("Comparing the options on patients no model was fitted to"), 1, "comparison")
    found = compare_treatments(cohort, Settings.from_json(place.settings))
    progress.step()
    arrays = BytesIO()
    np.savez_compressed(arrays, rows=found.rows, risk=found.risk, difference=found.difference)
    write_atomically(folder / PATIENTS, arrays.getvalue())
    write_record(folder / RESULT, found.result)
    return Summary(found.result.n, found.result.events, "", found.result.headline)


def read_comparison(folder: Path) -> TreatmentResult:
    """The result in a run's folder; RunError when it has none or it is damaged."""
    record = read_record(TreatmentResult, folder / RESULT)
    if record is None:
        raise RunError("Run '{run}' compared no treatments; start a comparison.", run=folder.name)
    return record


def read_patients(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, risks and differences of the patients of a comparison.

    Parameters
    ----------
    folder : Path
        The run's folder.

    Returns
    -------
    rows : ndarray of int, shape (n,)
        Where each patient stood in the table, from 0.
    risk, difference : ndarray of shape (n, arms, 3)
        Value, low and high under each option; the difference is from the first one.
    """
    try:
        with np.load(folder / PATIENTS, allow_pickle=False) as kept:
            return kept["rows"], kept["risk"], kept["difference"]
    except (OSError, ValueError, KeyError) as error:
        raise RunError("The patients of run '{run}' cannot be read; repeat it.", run=folder.name) from error
