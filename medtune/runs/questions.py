"""What the warm process answers to pages; it keeps the last cohort at hand, since questions come in rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from medtune.cohort.frame_file import read_frame
from medtune.cohort.preview import Preview, preview
from medtune.cohort.table import Cohort, open_cohort, save_cohort
from medtune.cohort.table_one import TableOne, table_one
from medtune.explanation.reasons import with_reasons
from medtune.foundation.records import from_plain
from medtune.foundation.settings import Preparation, Settings
from medtune.models.clinical import ClinicalModel
from medtune.models.files import load_model, save_model
from medtune.models.formula_tables import Published
from medtune.models.model_library import Library
from medtune.models.passport import Passport
from medtune.models.scoring import save_scored, score
from medtune.runs.demo import DEMOS
from medtune.runs.folder import RunFolder
from medtune.runs.groups import Groups, who_it_serves
from medtune.runs.participants import taking_part
from medtune.runs.record import RISKS


@lru_cache(maxsize=1)
def _cohort(folder: str) -> Cohort:
    """A folder is named after its content, so it never has to be read again."""
    return open_cohort(Path(folder))


def preview_preparation(payload: Mapping[str, Any]) -> Preview:
    """What a preparation does to a cohort and to one of its columns.

    Parameters
    ----------
    payload : mapping
        ``folder`` of the cohort, ``preparation`` settings, ``column``.
    """
    settings = from_plain(Preparation, payload["preparation"])
    return preview(_cohort(payload["folder"]), settings, payload["column"])


def describe_patients(payload: Mapping[str, Any]) -> TableOne:
    """Table 1 of a cohort.

    Parameters
    ----------
    payload : mapping
        ``folder`` of the cohort; ``by`` and ``hide``, see `medtune.cohort.table_one.table_one`.
    """
    return table_one(_cohort(payload["folder"]), payload["by"], payload["hide"])


def demo_cohort(payload: Mapping[str, Any]) -> None:
    """Write the patients of a demo where the page can open them; one of them comes with scikit-learn.

    Parameters
    ----------
    payload : mapping
        ``demo``, a key of `medtune.runs.demo.DEMOS`; ``place``, 0 for the source and 1 for the local patients;
        ``folder`` to write to.
    """
    save_cohort(DEMOS[payload["demo"]].cohorts()[payload["place"]], Path(payload["folder"]))


def inspect_model(payload: Mapping[str, Any]) -> Passport:
    """Open a model file that a user brings, once it is known to be safe, and say what it is.

    Parameters
    ----------
    payload : mapping
        ``model``, path of the file; ``name``, what the user calls the file; ``keep``, where to write it in the form
        that the library and runs read.

    Raises
    ------
    ModelError
        When it is a pickle, damaged, or not a model that can be used here; the sentence says which.
    """
    # The bytes, not the path: a sentence about the file shall carry the user's name for it.
    model = load_model(Path(payload["model"]).read_bytes(), payload["name"])
    save_model(model, payload["keep"])
    return model.passport


def keep_equation(payload: Mapping[str, Any]) -> Passport:
    """Make a model of a published equation, in the form that the library and runs read.

    Parameters
    ----------
    payload : mapping
        ``published``, a record of `medtune.models.formula_tables.Published`; ``keep``, where to write the model.

    Raises
    ------
    ModelError
        When the equation cannot be computed.
    """
    from medtune.models.equation import published_model

    published = from_plain(Published, payload["published"])
    model = published_model(published.formula, published.name, published.outcome)
    save_model(model, payload["keep"])
    return model.passport


def keep_mean(payload: Mapping[str, Any]) -> Passport:
    """Make the mean of several models of the library, in the form that the library and runs read.

    Parameters
    ----------
    payload : mapping
        ``home``; ``models``, their ids; ``name`` of the mean, may be empty; ``keep``, where to write the model.

    Raises
    ------
    ModelError
        When a model has gone, or the models do not go together.
    """
    from medtune.models.several import mean_of

    library = Library(payload["home"])
    model = mean_of([library.open(identifier) for identifier in payload["models"]], payload["name"])
    save_model(model, payload["keep"])
    return model.passport


def export_model(payload: Mapping[str, Any]) -> None:
    """Write a model of the library into a file, under its present name.

    Parameters
    ----------
    payload : mapping
        ``home``, ``id`` of the model, ``file`` to write.
    """
    Path(payload["file"]).write_bytes(Library(payload["home"]).export_bytes(payload["id"]))


def score_table(payload: Mapping[str, Any]) -> None:
    """Score a table of new patients.

    Parameters
    ----------
    payload : mapping
        ``model`` and ``passport``, paths of the two files of a model; ``table``, path of the patients as parquet;
        ``folder`` to leave the scored table in, see `medtune.models.scoring.open_scored`.
    """
    passport = Passport.from_json(Path(payload["passport"]).read_text(encoding="utf-8"))
    model = ClinicalModel(load_model(payload["model"]).estimator, passport)
    table = read_frame(Path(payload["table"]))
    scored = score(model, table)
    save_scored(with_reasons(scored, model, table), Path(payload["folder"]))


def groups_of_run(payload: Mapping[str, Any]) -> Groups:
    """The models of a run in each group of its patients.

    Parameters
    ----------
    payload : mapping
        ``folder`` of the run, ``column`` that makes the groups, ``keys`` of the methods with the judged one last,
        ``threshold`` for sensitivity.
    """
    place = RunFolder(Path(payload["folder"]))
    settings = Settings.from_json(place.settings)
    cohort, _ = taking_part(_cohort(str(place.cohort_folder)), settings)
    with np.load(place.path / RISKS) as kept:
        rows, risks = kept["rows"], {key: kept[key] for key in payload["keys"]}
    how = {"resamples": settings.validation.resamples, "seed": settings.seed}
    return who_it_serves(cohort, rows, risks, payload["keys"][-1], payload["column"], payload["threshold"], **how)
