"""The patients of the run in view: who took part, and what each of them is called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from medtune.cohort.table import Cohort
from medtune.foundation.errors import MedtuneError
from medtune.foundation.settings import Settings
from medtune.runs.participants import classes_as, taking_part
from medtune.runs.record import read_result
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import number, translate


def those() -> tuple[Cohort, np.ndarray] | None:
    """Who took part in the run in view and where they stand in the cohort as kept; None when it is no longer kept."""
    run = state.run
    if run is None or state.cohort is None or run.job.cohort != state.cohort_id:
        return None

    def make() -> tuple[Cohort, np.ndarray] | None:
        try:
            cohort, places = taking_part(state.cohort, Settings.from_json(run.settings))
            return classes_as(cohort, getattr(read_result(run.path), "classes", ())), places
        except (MedtuneError, ValueError, LookupError, TypeError):  # of another version
            return None

    return once("those", run.id, make)


def names(rows: Sequence[int] | np.ndarray) -> list[str]:
    """What patients of the run are called, by position in it: the id where there is one, else the table's row."""
    found = those()
    if found is None or np.max(rows, initial=0) >= found[0].n:
        return [translate("patient {row}", row=number(int(row) + 1)) for row in rows]
    cohort, _ = found
    ids = cohort.patients
    if ids is not None:
        return [str(ids[row]) for row in rows]
    return [translate("row {row}", row=number(int(cohort.rows[row]) + 1)) for row in rows]
