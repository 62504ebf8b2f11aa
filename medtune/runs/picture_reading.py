"""Reading an archive of pictures as a job: from the file a user brings to a kept set of pictures with its table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from medtune.foundation.errors import MedtuneError, RunError
from medtune.foundation.files import write_atomically
from medtune.foundation.words import say
from medtune.images.demo import two_clinics
from medtune.images.keeping import PLACE
from medtune.images.measuring import ALL
from medtune.images.opening import read_set
from medtune.runs.folder import RunFolder, Summary, read_record
from medtune.runs.progress import Progress
from medtune.runs.store import Store

KIND = "images"
UPLOAD, WANTED, FOUND = "upload.zip", "wanted.json", "pictures.json"


@dataclass(frozen=True)
class Wanted:
    """How an archive is read.

    Attributes
    ----------
    labelled : bool
        With labels or, to be scored, without.
    measures : str
        What is measured, "" for the best that can be had here.
    drawn : int, optional
        Which archive of the demo is drawn in place of one that is brought.
    """

    labelled: bool = True
    measures: str = ""
    drawn: int | None = None


@dataclass(frozen=True)
class Found:
    """The set of pictures that a job left."""

    set_id: str


def begin_reading(store: Store, content: bytes, name: str, wanted: Wanted | None = None) -> RunFolder:
    """Put an archive into the folder of a job and start its process.

    Parameters
    ----------
    store : Store
        Where it is kept.
    content : bytes
        The archive; empty where it is drawn.
    name : str
        Of the file.
    wanted : Wanted, optional
        How it is read.

    Returns
    -------
    RunFolder
    """
    from medtune.runs import execution

    run = store.new_run(KIND, name)
    if content:
        write_atomically(run.path / UPLOAD, content)
    run.write(WANTED, wanted or Wanted())
    execution.start(run.path)
    return run


def images_job(folder: Path, progress: Progress) -> Summary:
    """Read the archive in a job's folder; the archive itself, with all its headers, does not stay."""
    place = RunFolder(folder)
    wanted = read_record(Wanted, folder / WANTED) or Wanted()
    home, upload = place.home, folder / UPLOAD
    if wanted.drawn is not None:
        progress.stage(say("Drawing pictures"), 1, "draw")
        write_atomically(upload, two_clinics()[wanted.drawn])
    if not upload.exists():
        raise RunError("The archive of pictures is no longer here; choose its file again.")
    (home / PLACE).mkdir(mode=0o700, exist_ok=True)
    try:
        measures = ALL.get(wanted.measures)
        found = read_set(upload, place.job.name, home, wanted.labelled, measures, progress.stage, progress.step)
    except MedtuneError:
        upload.unlink(missing_ok=True)
        raise
    place.write(FOUND, Found(found.id))
    upload.unlink(missing_ok=True)
    count = len(found.frame)
    return Summary(count, None, "", say("{count} pictures were read and measured.", count=count))


def read_found(folder: Path) -> Found:
    """Which set a job left; RunError when it has left none."""
    found = read_record(Found, folder / FOUND)
    if found is None:
        raise RunError("No pictures were read in this run; choose their file again.")
    return found
