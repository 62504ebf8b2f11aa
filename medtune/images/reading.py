"""From an archive of pictures to a table with one row a picture, whose predictors are measured in the pictures."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from medtune.cohort.columns import propose_event, propose_roles
from medtune.cohort.events import FEWEST_CLASSES, MOST_CLASSES
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.values import as_levels, in_order
from medtune.foundation.words import Sentence, counted, say
from medtune.images.hashing import alike
from medtune.images.keeping import key_of
from medtune.images.labels import IMAGE, PICTURE
from medtune.images.measuring import Measures
from medtune.images.one_pass import Gathered

FEWEST = 10
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
    digest = hashlib.sha256(b"labelled, by place" if labelled else b"new, by place")
    if isinstance(source, bytes):
        digest.update(source)
    else:
        with open(source, "rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return digest.hexdigest()[:16]


def table_of(gathered: Gathered, set_id: str, measures: Measures) -> pd.DataFrame:
    """The table: one row a picture.

    Parameters
    ----------
    gathered : Gathered
    set_id : str
    measures : Measures

    Returns
    -------
    DataFrame
        `image`, the labels and further columns, `patient` where DICOM headers tell it, `picture`, the measures.
    """
    frame = gathered.labelled.frame.iloc[list(gathered.places)].reset_index(drop=True)
    ids = [picture.patient for picture in gathered.pictures]
    if not gathered.labelled.patient and any(ids):
        # Numbers in place of the ids of the headers: enough to keep a patient's pictures together.
        known = {id: place for place, id in enumerate(dict.fromkeys(id for id in ids if id), start=1)}
        name = PATIENT if PATIENT not in frame else f"{PATIENT} (DICOM)"
        frame[name] = [f"patient {known[id]}" if id else None for id in ids]
    kinds = {picture.modality for picture in gathered.pictures}
    if len(kinds) > 1:
        frame["modality"] = [picture.modality or None for picture in gathered.pictures]
    frame[PICTURE] = [key_of(set_id, place) for place in gathered.places]
    measured = pd.DataFrame(gathered.values, columns=list(measures.names))
    clash = {name: f"{name} (table)" for name in frame.columns if name in set(measures.names)}
    return pd.concat([frame.rename(columns=clash), measured], axis=1)


def about(gathered: Gathered, frame: pd.DataFrame, measures: Measures, name: str) -> About:
    """Roles, report and doubts of a table of pictures.

    Parameters
    ----------
    gathered : Gathered
    frame : DataFrame
        From `table_of`.
    measures : Measures
    name : str
        Of the archive.

    Returns
    -------
    About
    """
    outcome = gathered.labelled.outcome
    patient = gathered.labelled.patient or next((n for n in (f"{PATIENT} (DICOM)", PATIENT) if n in frame), "")
    told = frame[[column for column in frame.columns if column not in set(measures.names)]]
    roles = _roles(told, frame, outcome, patient, measures)
    sizes = Counter(picture.size for picture in gathered.pictures)
    size = say("all {width} x {height} pixels", width=_side(sizes, 0), height=_side(sizes, 1))
    mixed = say("of {count} sizes", count=len(sizes))
    report = say("{count} pictures were read, {sizes}.", count=len(frame), sizes=size if len(sizes) == 1 else mixed)
    look = tuple(_alike(frame, gathered.hashes, outcome, patient))
    doubts = (*_doubts(gathered, patient), *_on_copies(look))
    return About(name, measures.key, roles, (report, *gathered.labelled.report, *gathered.report), doubts, look)


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


def _doubts(gathered: Gathered, patient: str) -> list[Sentence]:
    doubts = []
    if not patient:
        doubts.append(
            say(
                "No column tells which pictures are of the same patient, so each counts as a patient of its own. "
                "If some patients have several pictures, results will look too good."
            )
        )
    elif not gathered.labelled.patient:
        doubts.append(
            say("Patient ids of the DICOM headers were replaced by numbers; they keep a patient's pictures together.")
        )
    written = sum(picture.text_risk for picture in gathered.pictures)
    if written:
        one = "1 DICOM picture may have a name or date written into it; look at it before you share anything."
        many = (
            "{count} DICOM pictures may have names or dates written into them; look at them before you share anything."
        )
        doubts.append(counted(written, one, many))
    more = sum(picture.frames > 1 for picture in gathered.pictures)
    if more:
        one = "1 file holds several pictures; its first was taken."
        doubts.append(counted(more, one, "{count} files hold several pictures each; the first of each was taken."))
    if len(gathered.pictures) < FEWEST:
        doubts.append(say("Only {count} pictures: too few to learn from.", count=len(gathered.pictures)))
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
