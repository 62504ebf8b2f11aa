"""Pictures that were read, kept as plain pixels beside the cohorts made of them, and removed with the last of these."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from medtune.foundation.errors import PicturesError
from medtune.foundation.files import write_atomically
from medtune.foundation.place import usual_place
from medtune.images.labels import PICTURE

PLACE, TABLE, ABOUT = "images", "pictures.parquet", "about.json"
UNUSED = 7 * 86_400  # seconds
KEY = re.compile(r"([0-9a-f]{16})-(\d{5})")
_looked_in: list[Path] = []


def look_in(home: Path) -> None:
    """From here on models of this process that look at pictures find them under this folder of everything kept."""
    _looked_in[:] = [Path(home)]


def home_of_pictures() -> Path:
    """The folder of everything kept, under which models that look at pictures find them."""
    return _looked_in[0] if _looked_in else usual_place()


def key_of(set_id: str, place: int) -> str:
    """The name of a picture in the column `picture` of its cohort."""
    return f"{set_id}-{place:05d}"


def folder_of(home: Path, set_id: str) -> Path:
    """Where the pictures read from one archive lie."""
    return Path(home) / PLACE / set_id


def picture_file(home: Path, key: str) -> Path:
    """Where a picture lies.

    Parameters
    ----------
    home : Path
        The folder of everything kept.
    key : str
        From the column `picture`.

    Returns
    -------
    Path

    Raises
    ------
    PicturesError
        When the key names none.
    """
    match = KEY.fullmatch(str(key))
    if match is None:
        raise PicturesError("There is no such picture; choose one of the list.")
    return folder_of(home, match[1]) / f"{match[2]}.png"


def keep_picture(folder: Path, place: int, png: bytes) -> None:
    """Keep the pixels of a picture."""
    write_atomically(folder / f"{place:05d}.png", png, durable=False)


def open_picture(home: Path, key: str) -> np.ndarray:
    """The pixels of a kept picture.

    Parameters
    ----------
    home : Path
        The folder of everything kept.
    key : str
        From the column `picture`.

    Returns
    -------
    ndarray of uint8, shape (height, width) or (height, width, 3)

    Raises
    ------
    PicturesError
        When it is no longer there.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture_file(home, key).read_bytes()), formats=("PNG",)) as image:
            return np.asarray(image)
    except OSError as trouble:
        raise PicturesError(
            "The pictures of these patients are no longer kept; bring their archive again."
        ) from trouble


def keys_of(frame: pd.DataFrame) -> list[str] | None:
    """The pictures of the rows of a table; None where the rows have none."""
    if PICTURE not in frame:
        return None
    keys = frame[PICTURE].astype("str").tolist()
    return keys if keys and all(KEY.fullmatch(key) for key in keys) else None


def sets_of(cohort: Path) -> set[str]:
    """The sets of pictures that belong to the cohort in a folder; empty where it has none."""
    return _sets_in(Path(cohort) / "cohort.parquet") or set()


def forget_sets(home: Path, sets: set[str]) -> None:
    """Remove sets of pictures, but not those that belong to a kept cohort.

    Parameters
    ----------
    home : Path
        The folder of everything kept; cohorts lie in its folder `cohorts`.
    sets : set of str
    """
    if not sets:
        return
    used: set[str] = set()
    for file in (Path(home) / "cohorts").glob("*/cohort.parquet"):
        found = _sets_in(file)
        if found is None:
            return  # whose pictures these patients have is not known: none are removed
        used |= found
    for set_id in sets - used:
        shutil.rmtree(folder_of(home, set_id), ignore_errors=True)


def forget_unused(home: Path, now: float) -> None:
    """Remove sets that were read more than a week ago and never used."""
    old = {
        folder.name
        for folder in (Path(home) / PLACE).glob("*")
        if folder.is_dir() and now - folder.stat().st_mtime > UNUSED
    }
    forget_sets(home, old)


def _sets_in(file: Path) -> set[str] | None:
    """Sets that the patients in a file have pictures of; None where the file is there but cannot be read."""
    import pyarrow.parquet

    try:
        if PICTURE not in pyarrow.parquet.read_schema(file).names:
            return set()
        keys = pd.read_parquet(file, columns=[PICTURE])[PICTURE].dropna().astype("str")
    except FileNotFoundError:  # deleted meanwhile
        return set()
    except (OSError, ValueError):
        return None
    return {match[1] for key in keys if (match := KEY.fullmatch(key))}
