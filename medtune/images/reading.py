"""From an archive of pictures to a table with one row a picture, whose predictors are measured in the pictures."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from medtune.cohort.columns import propose_event, propose_roles
from medtune.cohort.events import FEWEST_CLASSES, MOST_CLASSES
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.values import as_levels, in_order
from medtune.foundation.errors import PicturesError
from medtune.foundation.words import Sentence, counted, listed, say
from medtune.images.archive import Archive
from medtune.images.decoding import Picture, as_png, decode
from medtune.images.hashing import alike, perceptual_hash
from medtune.images.keeping import keep_picture, key_of
from medtune.images.labels import IMAGE, PICTURE, Labelled
from medtune.images.measuring import Measures

FEWEST, BATCH = 10, 64
PATIENT = "patient"


@dataclass(frozen=True)
class Alike:
    """Pictures that look the same: names of the files, and whether they differ in label or in patient."""

    images: tuple[str, ...]
    labels_differ: bool
    patients_differ: bool


@dataclass(frozen=True)
class About:
    """What is known of a set of pictures beside its table.

    Attributes
    ----------
    name : str
        Of the archive.
    measures : str
        Key of the measures, see `medtune.images.measuring`.
    roles : Roles
        Proposed for the table.
    report : tuple of Sentence
        What was found and left out.
    doubts : tuple of Sentence
        What a reader must know before the pictures are used.
    alike : tuple of Alike
        Pictures that look the same.
    """

    name: str
    measures: str
    roles: Roles
    report: tuple[Sentence, ...] = ()
    doubts: tuple[Sentence, ...] = ()
    alike: tuple[Alike, ...] = field(default=())

    @property
    def cleaning(self) -> Cleaning:
        """How the cells of the table are read."""
        return Cleaning(kinds={IMAGE: "identifier", PICTURE: "identifier"})


def set_id_of(source: Path | bytes, labelled: bool = True) -> str:
    """The name under which the pictures of an archive are kept: a digest of its content.

    Parameters
    ----------
    source : path or bytes
    labelled : bool
        Whether they are read with labels.

    Returns
    -------
    str
        16 hexadecimal signs.
    """
    digest = hashlib.sha256(b"labelled" if labelled else b"new")
    if isinstance(source, bytes):
        digest.update(source)
    else:
        with open(source, "rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return digest.hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Decoded:
    """Pictures of an archive that could be decoded, their pixels kept in a folder."""

    labelled: Labelled
    places: tuple[int, ...]
    pictures: tuple[Picture, ...]
    hashes: tuple[int, ...]
    report: tuple[Sentence, ...]


def decode_all(archive: Archive, labelled: Labelled, folder: Path, step: Callable[[], None] = lambda: None) -> Decoded:
    """Decode the pictures, and keep their pixels under the place of their row.

    Parameters
    ----------
    archive : Archive
    labelled : Labelled
    folder : Path
        Where the pixels are kept.
    step : callable
        Called after each.

    Returns
    -------
    Decoded
        Pictures that cannot be used are left out and named in the report.

    Raises
    ------
    PicturesError
        When none is left.
    """
    places, pictures, hashes, troubles = [], [], [], {}
    # Threads: decoding and packing pictures leave Python's lock. In batches, so that few pictures are in memory.
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        for start in range(0, len(labelled.names), BATCH):
            names = labelled.names[start : start + BATCH]
            for place, (found, png, hash_) in enumerate(threads.map(partial(_one, archive), names), start=start):
                if isinstance(found, PicturesError):
                    name = PurePosixPath(labelled.names[place]).name
                    troubles.setdefault(str(found.sentence), []).append(name)
                else:
                    keep_picture(folder, len(places), png)
                    hashes.append(hash_)
                    places.append(place)
                    pictures.append(found)
                step()
    report = [_left_out(why, names) for why, names in troubles.items()]
    if not places:
        raise PicturesError("None of the pictures can be used. {why}", why=report[0])
    return Decoded(labelled, tuple(places), tuple(pictures), tuple(hashes), tuple(report))


def _one(archive: Archive, name: str) -> tuple[Picture | PicturesError, bytes, int]:
    """One picture as it is kept, without its pixels: these go to the disk, not into memory."""
    try:
        picture = decode(archive.read(name))
    except PicturesError as error:
        return error, b"", 0
    packed, hash_ = as_png(picture.pixels), perceptual_hash(picture.pixels)
    return Picture(np.empty((0, 0), np.uint8), **_facts(picture)), packed, hash_


def _facts(picture: Picture) -> dict[str, object]:
    return {name: getattr(picture, name) for name in ("size", "bits", "patient", "modality", "text_risk", "frames")}


def _left_out(why: str, names: list[str]) -> Sentence:
    one = "{names} {why}; it was left out."
    return counted(
        len(names), one, "{count} pictures were left out, since each {why}: {names}.", names=listed(names), why=why
    )


def table_of(decoded: Decoded, values: np.ndarray, set_id: str, measures: Measures) -> pd.DataFrame:
    """The table: one row a picture.

    Parameters
    ----------
    decoded : Decoded
    values : ndarray of shape (pictures, measures)
    set_id : str
    measures : Measures

    Returns
    -------
    DataFrame
        `image`, the labels and further columns, `patient` where DICOM headers tell it, `picture`, the measures.
    """
    frame = decoded.labelled.frame.iloc[list(decoded.places)].reset_index(drop=True)
    ids = [picture.patient for picture in decoded.pictures]
    if not decoded.labelled.patient and any(ids):
        # Numbers in place of the ids of the headers: enough to keep a patient's pictures together.
        known = {id: place for place, id in enumerate(dict.fromkeys(id for id in ids if id), start=1)}
        name = PATIENT if PATIENT not in frame else f"{PATIENT} (DICOM)"
        frame[name] = [f"patient {known[id]}" if id else None for id in ids]
    kinds = {picture.modality for picture in decoded.pictures}
    if len(kinds) > 1:
        frame["modality"] = [picture.modality or None for picture in decoded.pictures]
    frame[PICTURE] = [key_of(set_id, place) for place in range(len(frame))]
    measured = pd.DataFrame(values, columns=list(measures.names))
    clash = {name: f"{name} (table)" for name in frame.columns if name in set(measures.names)}
    return pd.concat([frame.rename(columns=clash), measured], axis=1)


def about(decoded: Decoded, frame: pd.DataFrame, measures: Measures, name: str) -> About:
    """Roles, report and doubts of a table of pictures.

    Parameters
    ----------
    decoded : Decoded
    frame : DataFrame
        From `table_of`.
    measures : Measures
    name : str
        Of the archive.

    Returns
    -------
    About
    """
    outcome = decoded.labelled.outcome
    patient = decoded.labelled.patient or next((n for n in (f"{PATIENT} (DICOM)", PATIENT) if n in frame), "")
    told = frame[[column for column in frame.columns if column not in set(measures.names)]]
    roles = _roles(told, frame, outcome, patient, measures)
    sizes = Counter(picture.size for picture in decoded.pictures)
    size = say("all {width} x {height} pixels", width=_side(sizes, 0), height=_side(sizes, 1))
    mixed = say("of {count} sizes", count=len(sizes))
    report = say("{count} pictures were read, {sizes}.", count=len(frame), sizes=size if len(sizes) == 1 else mixed)
    look = tuple(_alike(frame, decoded.hashes, outcome, patient))
    doubts = (*_doubts(decoded, patient), *_on_copies(look))
    return About(name, measures.key, roles, (report, *decoded.labelled.report, *decoded.report), doubts, look)


def _side(sizes: Counter, place: int) -> int:
    return next(iter(sizes))[place]


def _roles(told: pd.DataFrame, frame: pd.DataFrame, outcome: str, patient: str, measures: Measures) -> Roles:
    """The label is the outcome, what is measured the predictors; a constant measure is none."""
    if not outcome:
        return Roles("", predictors=measures.names, patient=patient or None)
    levels = in_order(as_levels(told[outcome]).dropna().unique())
    several = FEWEST_CLASSES <= len(levels) <= MOST_CLASSES
    found = propose_roles(told.drop(columns=[IMAGE, PICTURE]), outcome=outcome)
    event = Event() if several else propose_event(levels)
    if len(levels) == 2 and not event.chosen:
        event = Event(values=(levels[-1],))
    spread = frame[list(measures.names)].to_numpy().std(axis=0)
    varying = tuple(name for name, sd in zip(measures.names, spread, strict=True) if sd > 1e-12)
    site = found.site if found.site not in (outcome, patient) else None
    return Roles(outcome, event, varying, patient or None, site, classes=levels if several else ())


def _doubts(decoded: Decoded, patient: str) -> list[Sentence]:
    doubts = []
    if not patient:
        doubts.append(
            say(
                "No column tells which pictures are of the same patient, so each counts as a patient of its own. "
                "If some patients have several pictures, results will look too good."
            )
        )
    elif not decoded.labelled.patient:
        doubts.append(
            say("Patient ids of the DICOM headers were replaced by numbers; they keep a patient's pictures together.")
        )
    written = sum(picture.text_risk for picture in decoded.pictures)
    if written:
        one = "1 DICOM picture may have a name or date written into it; look at it before you share anything."
        many = (
            "{count} DICOM pictures may have names or dates written into them; look at them before you share anything."
        )
        doubts.append(counted(written, one, many))
    more = sum(picture.frames > 1 for picture in decoded.pictures)
    if more:
        one = "1 file holds several pictures; its first was taken."
        doubts.append(counted(more, one, "{count} files hold several pictures each; the first of each was taken."))
    if len(decoded.pictures) < FEWEST:
        doubts.append(say("Only {count} pictures: too few to learn from.", count=len(decoded.pictures)))
    return doubts


def _alike(frame: pd.DataFrame, hashes: tuple[int, ...], outcome: str, patient: str):
    for group in alike(hashes):
        rows = frame.iloc[group]
        labels = rows[outcome].nunique(dropna=False) if outcome else 1
        patients = rows[patient].nunique(dropna=False) if patient else 1
        yield Alike(tuple(rows[IMAGE].astype("str")), labels > 1, patients > 1)


def _on_copies(found: tuple[Alike, ...]) -> list[Sentence]:
    torn, mixed = sum(group.labels_differ for group in found), sum(group.patients_differ for group in found)
    doubts = []
    if torn:
        one = "1 group of pictures that look the same has different labels; at least one label is wrong."
        many = "{count} groups of pictures that look the same have different labels; at least one of each is wrong."
        doubts.append(counted(torn, one, many))
    if mixed:
        one = "1 group of pictures that look the same is filed under different patients."
        doubts.append(
            counted(mixed, one, "{count} groups of pictures that look the same are filed under different patients.")
        )
    return doubts
