"""The demo of pictures: a model made of drawn lesions at one clinic is tuned to those of another."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from medtune.cohort.table import Cohort, make_cohort
from medtune.foundation.files import write_atomically
from medtune.foundation.settings import Genes, Settings, Starting, Validation
from medtune.foundation.words import counted, say
from medtune.images.demo import two_clinics
from medtune.images.keeping import PLACE
from medtune.images.labels import IMAGE
from medtune.images.measuring import HEAD
from medtune.images.opening import PictureSet, read_set
from medtune.runs import execution
from medtune.runs.folder import JOB, RunFolder, Summary
from medtune.runs.progress import Progress
from medtune.runs.record import START
from medtune.runs.store import Store

KIND = "demo_two_clinics"
TITLE = say("Skin lesions of two clinics (drawn)")
MODEL = "Lesion model of Clinic A (drawn pictures)"
NAMES = ("clinic_a_drawn.zip", "clinic_b_drawn.zip")


def start_picture_demo(store: Store) -> str:
    """Start a run that draws and measures pictures of two clinics, makes a model of the first, and tunes it.

    Parameters
    ----------
    store : Store
        Where it is kept.

    Returns
    -------
    str
        Id of the run; its cohort is kept when its pictures have been measured.
    """
    settings = Settings(
        starting=Starting("model", name=MODEL), family=HEAD, validation=Validation(repeats=2), genes=Genes(use="no")
    )
    run = store.new_run(KIND, str(TITLE), "", settings.to_json(), MODEL)
    execution.start(run.path)
    return run.id


def two_clinics_job(folder: Path, progress: Progress) -> Summary:
    """Draw and measure, make the source model and keep it in the library, and tune it."""
    from medtune.models.files import save_model
    from medtune.models.model_library import Library
    from medtune.runs.stages import fine_tune_job
    from medtune.runs.training import train_source

    run = RunFolder(folder)
    progress.stage(say("Drawing lesions of two clinics"), 1)
    archives = two_clinics()
    source, local = (
        _measured(run.home, name, content, progress) for name, content in zip(NAMES, archives, strict=True)
    )
    library = Library(run.home)
    known = next((passport for passport in library.list() if passport.name == MODEL), None)
    made_of = _cohort(source, "Clinic A (drawn)")
    if known is None or {column.name for column in known.columns} != set(made_of.roles.predictors):
        known = library.add(train_source(made_of, MODEL, HEAD, measured=True))
    save_model(library.open(known.id), folder / START)
    cohort = _cohort(local, "Clinic B (drawn)")
    id = Store(run.home).add_cohort(cohort, NAMES[1])
    run.write(JOB, replace(run.job, cohort=id))
    settings = Settings.from_json(run.settings)
    run.write("settings.json", replace(settings, starting=replace(settings.starting, model=known.id)))
    return fine_tune_job(folder, progress)


def _measured(home: Path, name: str, content: bytes, progress: Progress) -> PictureSet:
    (home / PLACE).mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory() as aside:
        path = write_atomically(Path(aside) / name, content)
        return read_set(path, name, home, tell=progress.stage, step=progress.step)


def _cohort(found: PictureSet, name: str) -> Cohort:
    """The cohort, without pictures filed twice: none of those whose two labels differ."""
    about = found.about
    spare = {image for group in about.alike for image in (group.images if group.labels_differ else group.images[1:])}
    kept = ~found.frame[IMAGE].isin(spare).to_numpy()
    cohort = make_cohort(found.frame[kept].reset_index(drop=True), about.roles, about.cleaning, name)
    gone = int(np.sum(~kept))
    one = "1 picture that looks the same as another was left out."
    many = "{count} pictures that look the same as another were left out."
    return replace(cohort, notes=(*about.report, *([counted(gone, one, many)] if gone else []), *cohort.notes))
