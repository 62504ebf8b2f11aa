"""External validation from Python: a model as it is on patients it was not made from."""

from __future__ import annotations

from dataclasses import replace

from medtune.cohort.table import Cohort
from medtune.foundation.errors import RunError
from medtune.foundation.settings import VALIDATE, Settings
from medtune.models.clinical import ClinicalModel
from medtune.models.starting import ScoreColumn
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.finished import Run


def validate(cohort: Cohort, model: ClinicalModel | ScoreColumn | str, settings: Settings | None = None) -> Run:
    """Measure a model as it is, without changing anything.

    Parameters
    ----------
    cohort : Cohort
        Patients the model was not made from.
    model : ClinicalModel, ScoreColumn or str
        A model, or the name of a column that holds a risk.
    settings : Settings, optional
        The threshold, resamples and seed are read.

    Returns
    -------
    Run
        Its result holds the original alone, in the state ``validated``.

    Raises
    ------
    MedtuneError
        Points have no risk of their own; the model was made from these very patients; or all outcomes are the same.
    """
    if isinstance(model, ScoreColumn) and model.scale == "points":
        raise RunError("Points have no risk of their own to validate; fine-tune them into risks first.")
    return fine_tune(cohort, model, replace(settings or Settings(), method=VALIDATE))
