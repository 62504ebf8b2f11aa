"""An archive of pictures as a kept set with its table, or as a cohort in one call."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePath

import pandas as pd

from medtune.cohort.table import Cohort, make_cohort
from medtune.foundation.errors import PicturesError
from medtune.foundation.files import write_atomically, write_record
from medtune.foundation.records import from_plain
from medtune.foundation.words import Sentence, say
from medtune.images.archive import Archive
from medtune.images.keeping import ABOUT, TABLE, folder_of, forget_unused
from medtune.images.labels import label_pictures
from medtune.images.measuring import Measures, measures_here
from medtune.images.one_pass import forget_notes, gather
from medtune.images.reading import About, about, set_id_of, table_of

Tell = Callable[[Sentence, int], None]
READING = say("Reading and measuring the pictures")


@dataclass(frozen=True, eq=False)
class PictureSet:
    """Pictures that were read: their id, the table with one row each, and what is known of them."""

    id: str
    frame: pd.DataFrame
    about: About


def read_set(
    source: Path,
    name: str,
    home: Path,
    labelled: bool = True,
    measures: Measures | None = None,
    tell: Tell = lambda sentence, total: None,
    step: Callable[[int], None] = lambda n=1: None,
) -> PictureSet:
    """Read an archive of pictures, measure them, and keep pixels and table under the folder of everything kept.

    Parameters
    ----------
    source : Path
        The archive.
    name : str
        What the user calls it.
    home : Path
        Where it is kept; an archive that was read before with the same measures is not read again.
    labelled : bool
        Whether labels are needed.
    measures : Measures, optional
        The best that can be had here unless given.
    tell, step : callable
        Told what is being done and how many steps it has; and of steps done.

    Returns
    -------
    PictureSet

    Raises
    ------
    PicturesError
        With one sentence on what is wrong and what to do.
    """
    measures = measures or measures_here()
    set_id = set_id_of(source, labelled)
    known = _known(home, set_id, measures)
    if known is not None:
        return known
    forget_unused(home, time.time())
    archive = Archive(source)
    given = label_pictures(archive, labelled)
    folder = folder_of(home, set_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tell(READING, len(given.names))
    gathered = gather(source, given, folder, measures, step)
    frame = table_of(gathered, set_id, measures)
    found = about(gathered, frame, measures, name)
    content = BytesIO()
    frame.to_parquet(content, engine="pyarrow")
    write_atomically(folder / TABLE, content.getvalue())
    write_record(folder / ABOUT, found)  # last: a set with it is complete
    forget_notes(folder)
    return open_set(home, set_id)


def open_set(home: Path, set_id: str) -> PictureSet:
    """A set that was read before.

    Parameters
    ----------
    home : Path
    set_id : str

    Returns
    -------
    PictureSet

    Raises
    ------
    PicturesError
        When it is no longer there.
    """
    folder = folder_of(home, set_id)
    try:
        found = from_plain(About, json.loads((folder / ABOUT).read_text(encoding="utf-8")))
        return PictureSet(set_id, pd.read_parquet(folder / TABLE, engine="pyarrow"), found)
    except (OSError, ValueError, KeyError, TypeError) as trouble:
        raise PicturesError("The pictures of this archive are no longer kept; bring it again.") from trouble


def _known(home: Path, set_id: str, measures: Measures) -> PictureSet | None:
    try:
        known = open_set(home, set_id)
    except PicturesError:
        return None
    return known if known.about.measures == measures.key else None


def read_pictures(
    source: str | Path | bytes, *, home: str | Path | None = None, measures: Measures | None = None
) -> Cohort:
    """A cohort from a zip file of pictures in one call: `medtune.read_pictures("lesions.zip")`.

    Parameters
    ----------
    source : path or bytes
        The archive: pictures, and a table of labels or one folder for each label.
    home : path, optional
        Where pixels are kept, so that maps and hard pictures can be shown; nowhere when None.
    measures : Measures, optional
        What is measured in each picture; the best that can be had here unless given.

    Returns
    -------
    Cohort

    Raises
    ------
    MedtuneError
        With one sentence on what is wrong and what to do.
    """
    with tempfile.TemporaryDirectory() as aside:
        path = Path(aside) / "pictures.zip" if isinstance(source, bytes) else Path(source)
        if isinstance(source, bytes):
            path.write_bytes(source)
        elif not path.is_file():
            raise PicturesError("The file '{name}' cannot be opened; check its name and place.", name=path.name)
        found = read_set(path, path.name, Path(home) if home else Path(aside), measures=measures)
    return cohort_of(found)


def cohort_of(found: PictureSet) -> Cohort:
    """The cohort that the proposed roles make of a set; what was found goes into its notes."""
    cohort = make_cohort(found.frame, found.about.roles, found.about.cleaning, PurePath(found.about.name).stem)
    return replace(cohort, notes=(*found.about.report, *found.about.doubts, *cohort.notes))
