"""What the warm process answers about the pictures of a run: where its model looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from medtune.evaluation.logistic import logit
from medtune.explanation.picture_maps import occlusion
from medtune.foundation.errors import RunError
from medtune.images.keeping import keys_of, open_picture
from medtune.images.measuring import PLAIN, WITH_NETWORK, Measures, measure
from medtune.images.network import NETWORK
from medtune.runs.folder import RunFolder
from medtune.runs.opened import opened


@dataclass(frozen=True)
class PictureMap:
    """Where the model of a run looks in one picture: its risk, and what each part adds to the log-odds."""

    risk: float
    parts: list[list[float]]


def measures_in(frame: pd.DataFrame) -> Measures:
    """The measures that a table of pictures holds."""
    return WITH_NETWORK if NETWORK[0] in frame else PLAIN


def with_measures(row: pd.DataFrame, values: np.ndarray, measures: Measures) -> pd.DataFrame:
    """Rows of a table with other measures of their pictures.

    Parameters
    ----------
    row : DataFrame of n rows, or of one row that is taken n times
    values : ndarray of shape (n, measures)
    measures : Measures

    Returns
    -------
    DataFrame of n rows
    """
    rows = row if len(row) == len(values) else row.iloc[np.zeros(len(values), dtype=int)]
    rest = rows.drop(columns=[name for name in measures.names if name in rows]).reset_index(drop=True)
    return pd.concat([rest, pd.DataFrame(values, columns=list(measures.names))], axis=1)[list(row.columns)]


def picture_map(payload: Mapping[str, Any]) -> PictureMap:
    """Where the chosen model of a run looks in one picture.

    Parameters
    ----------
    payload : mapping
        ``run``, the run's folder; ``row``, position among those who took part.
    """
    run = opened(payload["run"])
    row = run.cohort.frame.iloc[[int(payload["row"])]]
    keys = keys_of(row)
    if keys is None:
        raise RunError("The patients of this run have no pictures.")
    model, measures = run.model(run.result.verdict.chosen), measures_in(row)
    pixels = open_picture(RunFolder(Path(payload["run"])).home, keys[0])

    def log_odds(pictures: Sequence[np.ndarray]) -> np.ndarray:
        return logit(model.predict_proba(with_measures(row, measure(pictures, measures), measures))[:, 1])

    parts = occlusion(pixels, log_odds)
    return PictureMap(float(model.predict_proba(row)[0, 1]), parts.tolist())
