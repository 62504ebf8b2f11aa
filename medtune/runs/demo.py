"""The demos: a source model and a second hospital, from nothing to a finished fine-tuning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from medtune.foundation.errors import RunError
from medtune.foundation.settings import Family, Settings, Starting
from medtune.foundation.words import Sentence, say
from medtune.runs import execution
from medtune.runs.folder import RunFolder, Summary
from medtune.runs.progress import Progress
from medtune.runs.record import START
from medtune.runs.store import Store

if TYPE_CHECKING:
    from medtune.cohort.table import Cohort


@dataclass(frozen=True)
class Demo:
    """A pair of cohorts that belong together.

    Attributes
    ----------
    key : str
        What it is called inside.
    title, meaning : Sentence
        What it is called outside, and what it shows.
    model : str
        Name of the source model.
    family, scratch : Family
        What the source model is, and what is trained from scratch beside it.
    """

    key: str
    title: Sentence
    meaning: Sentence
    model: str
    family: Family = field(default_factory=Family)
    scratch: Family = field(default_factory=Family)

    def cohorts(self) -> tuple[Cohort, Cohort]:
        """Source and local patients."""
        from medtune.cohort import demo, gene_demo

        makers: dict[str, Callable] = {
            "two_hospitals": demo.two_hospitals,
            "breast_cancer": demo.breast_cancer,
            "genes": gene_demo.two_gene_studies,
        }
        return makers[self.key]()


DEMOS = {
    demo.key: demo
    for demo in (
        Demo(
            "two_hospitals",
            say("Two hospitals (synthetic)"),
            say("A model made at one made-up hospital is tuned to the patients of another. Nobody's data."),
            "Northgate mortality model (synthetic)",
        ),
        Demo(
            "breast_cancer",
            say("Breast cancer cells (real)"),
            say("Cell measurements from 569 biopsies, split into two “sites” by a stated rule."),
            "Breast cancer source model",
        ),
        Demo(
            "genes",
            say("Genes in two hospitals (synthetic)"),
            say("A gene signature of relapse made at one made-up hospital is tuned to another. Nobody's data."),
            "Relapse signature (synthetic)",
            Family("elastic_net_path"),
            Family("pca_ridge"),
        ),
    )
}


def start_demo(store: Store, key: str = "two_hospitals", local: Cohort | None = None) -> str:
    """Keep the demo's local patients and start a run that makes the source model and tunes it.

    Parameters
    ----------
    store : Store
        Where cohort and run are kept.
    key : str
        One of `DEMOS`.
    local : Cohort, optional
        Its local patients, where they are at hand already.

    Returns
    -------
    str
        Id of the run; its process has been started.
    """
    if key not in DEMOS:
        raise RunError("There is no demo '{key}'; choose one of {known}.", key=key, known=", ".join(DEMOS))
    demo = DEMOS[key]
    local = demo.cohorts()[1] if local is None else local
    settings = Settings(starting=Starting("model", name=demo.model), family=demo.scratch)
    run = store.new_run(
        f"demo_{key}", str(demo.title), store.add_cohort(local), settings.to_json(), starting=demo.model
    )
    execution.start(run.path)
    return run.id


def two_hospitals_job(folder: Path, progress: Progress) -> Summary:
    """Make the source model of the synthetic hospitals, keep it in the library, and tune it."""
    return _job("two_hospitals", folder, progress)


def breast_cancer_job(folder: Path, progress: Progress) -> Summary:
    """Make the source model of the breast cancer data, keep it in the library, and tune it."""
    return _job("breast_cancer", folder, progress)


def genes_job(folder: Path, progress: Progress) -> Summary:
    """Make the signature of the synthetic gene study, keep it in the library, and tune it."""
    return _job("genes", folder, progress)


def _job(key: str, folder: Path, progress: Progress) -> Summary:
    from medtune.models.files import save_model
    from medtune.models.model_library import Library
    from medtune.runs.stages import fine_tune_job
    from medtune.runs.training import train_source

    demo = DEMOS[key]
    library = Library(RunFolder(folder).home)
    known = next((passport for passport in library.list() if passport.name == demo.model), None)
    if known is None:
        source, _ = demo.cohorts()
        known = library.add(train_source(source, demo.model, demo.family, measured=True))
    save_model(library.open(known.id), folder / START)
    settings = Settings.from_json(RunFolder(folder).settings)
    chosen = replace(settings, starting=replace(settings.starting, model=known.id))
    RunFolder(folder).write("settings.json", chosen)
    return fine_tune_job(folder, progress)
