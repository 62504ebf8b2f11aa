"""One pass over an archive: each picture is read once, its pixels are kept, and what is measured in it is noted."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np

from medtune.foundation.errors import PicturesError
from medtune.foundation.files import write_atomically
from medtune.foundation.words import Sentence, counted, listed
from medtune.images.archive import Archive
from medtune.images.decoding import Picture, as_png, decode
from medtune.images.hashing import perceptual_hash
from medtune.images.keeping import keep_picture
from medtune.images.labels import Labelled
from medtune.images.measuring import Measures, measure

CHUNK, MOST_CHUNKS = 32, 200  # pictures that are measured together; each chunk opens the archive anew
NO_PIXELS = np.empty((0, 0), np.uint8)


@dataclass(frozen=True, eq=False)
class Gathered:
    """Pictures of an archive that could be used, their pixels kept in a folder.

    Attributes
    ----------
    labelled : Labelled
    places : tuple of int
        Of `labelled`, which could be used; pixels are kept under these numbers.
    pictures : tuple of Picture
        What is known of each, without its pixels.
    hashes : tuple of int
    values : ndarray of shape (pictures, measures)
    report : tuple of Sentence
        What was left out.
    """

    labelled: Labelled
    places: tuple[int, ...]
    pictures: tuple[Picture, ...]
    hashes: tuple[int, ...]
    values: np.ndarray
    report: tuple[Sentence, ...]


def gather(
    source: Path, labelled: Labelled, folder: Path, measures: Measures, step: Callable[[int], None] = lambda n: None
) -> Gathered:
    """Read the pictures of an archive on all cores, keep their pixels under the place of their row, and measure them.

    Parameters
    ----------
    source : Path
        The archive.
    labelled : Labelled
    folder : Path
        Where pixels are kept, and what was measured until an interruption.
    measures : Measures
    step : callable
        Told how many more pictures are done.

    Returns
    -------
    Gathered
        Pictures that cannot be used are left out and named in the report.

    Raises
    ------
    PicturesError
        When none is left.
    """
    from joblib import Parallel, delayed

    names = labelled.names
    size = max(CHUNK, -(-len(names) // MOST_CHUNKS))
    chunks = [slice(start, min(start + size, len(names))) for start in range(0, len(names), size)]
    values = _measured_before(folder, len(names), measures)
    cores = max(min(os.cpu_count() or 1, len(chunks)), 1)
    given = (delayed(_chunk)(source, names[part], part.start, folder, measures, values[part]) for part in chunks)
    seen: list[tuple[Picture, int] | str] = []
    for part, (told, rows) in zip(chunks, Parallel(n_jobs=cores, return_as="generator")(given), strict=True):
        seen += told
        if not np.array_equal(values[part], rows, equal_nan=True):
            values[part] = rows
            _note(folder, measures, part, rows)
        step(part.stop - part.start)
    troubles: dict[str, list[str]] = {}
    for name, told in zip(names, seen, strict=True):
        if isinstance(told, str):
            troubles.setdefault(told, []).append(PurePosixPath(name).name)
    report = tuple(_left_out(why, some) for why, some in troubles.items())
    places = tuple(place for place, told in enumerate(seen) if not isinstance(told, str))
    if not places:
        raise PicturesError("None of the pictures can be used. {why}", why=report[0])
    pictures, hashes = zip(*(seen[place] for place in places), strict=True)
    return Gathered(labelled, places, pictures, hashes, values[list(places)], report)


def _chunk(
    source: Path, names: Sequence[str], first: int, folder: Path, measures: Measures, known: np.ndarray
) -> tuple[list[tuple[Picture, int] | str], np.ndarray]:
    """Some pictures: what is known of each and its hash, or why it cannot be used; and what is measured in them."""
    told: list[tuple[Picture, int] | str] = []
    waiting: dict[int, np.ndarray] = {}
    with Archive.again(source) as archive:
        for at, name in enumerate(names):
            try:
                picture = decode(archive.read(name))
            except PicturesError as error:
                told.append(str(error.sentence))
                continue
            keep_picture(folder, first + at, as_png(picture.pixels))
            told.append((replace(picture, pixels=NO_PIXELS), perceptual_hash(picture.pixels)))
            if np.isnan(known[at]).all():
                waiting[at] = picture.pixels
    values = known.copy()
    if waiting:
        values[list(waiting)] = measure(list(waiting.values()), measures)
    return told, values


def _measured_before(folder: Path, count: int, measures: Measures) -> np.ndarray:
    """What was measured before an interruption; NaN for all else."""
    values = np.full((count, len(measures.names)), np.nan)
    for path in sorted(folder.glob(f"rows-{measures.key}-*.npy")):
        with contextlib.suppress(OSError, ValueError):  # half written: measured again
            rows = np.load(path, allow_pickle=False)
            values[rows[:, 0].astype(int)] = rows[:, 1:]
    return values


def _note(folder: Path, measures: Measures, part: slice, rows: np.ndarray) -> None:
    """Keep what was measured until all is done."""
    content = BytesIO()
    np.save(content, np.column_stack([np.arange(part.start, part.stop), rows]))
    write_atomically(folder / f"rows-{measures.key}-{part.start:05d}.npy", content.getvalue(), durable=False)


def forget_notes(folder: Path) -> None:
    """Remove what was kept until all was done."""
    for path in folder.glob("rows-*.npy"):
        path.unlink(missing_ok=True)


def _left_out(why: str, names: list[str]) -> Sentence:
    one = "{names} {why}; it was left out."
    return counted(
        len(names), one, "{count} pictures were left out, since each {why}: {names}.", names=listed(names), why=why
    )
