"""Which label and patient belong to each picture of an archive: from a table in it, or from its folders."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath

import pandas as pd

from medtune.cohort.columns import describe, propose_roles
from medtune.cohort.reading import read_table
from medtune.cohort.vocabulary import PATIENT, words_of
from medtune.foundation.errors import MedtuneError, PicturesError
from medtune.foundation.words import Sentence, counted, say
from medtune.images.archive import Archive

IMAGE, PICTURE, LABEL, FOLDER = "image", "picture", "label", "folder"
LABEL_WORDS = {"label", "labels", "class", "diagnosis", "target", "outcome", "finding", "truth"}


@dataclass(frozen=True, eq=False)
class Labelled:
    """The pictures of an archive and what is known of each.

    Attributes
    ----------
    frame : DataFrame of shape (pictures, columns)
        `image`, the name of the file, and the columns of the table or the label told by folders.
    names : tuple of str
        The pictures within the archive, in the order of the rows.
    outcome, patient : str
        Proposed columns; "" for none.
    report : tuple of Sentence
        What was found, and what was left out.
    """

    frame: pd.DataFrame
    names: tuple[str, ...]
    outcome: str
    patient: str
    report: tuple[Sentence, ...]


def label_pictures(archive: Archive, labelled: bool = True) -> Labelled:
    """Find the label of each picture.

    Parameters
    ----------
    archive : Archive
    labelled : bool
        Whether labels are needed; new pictures to be scored have none.

    Returns
    -------
    Labelled
        Pictures without a label are left out where labels are needed, and counted in the report.

    Raises
    ------
    PicturesError
        When no label can be found, or all pictures have the same.
    """
    found = archive.contents
    if found.tables:
        try:
            return _by_table(archive, labelled)
        except PicturesError:
            if labelled:
                raise
    if labelled:
        return _by_folder(found.pictures)
    frame = pd.DataFrame({IMAGE: list(found.pictures)})
    return Labelled(frame, found.pictures, "", "", ())


def _by_folder(names: tuple[str, ...]) -> Labelled:
    paths = [PurePosixPath(name) for name in names]
    labels = [path.parent.name for path in paths]
    if len(set(labels)) < 2:
        raise PicturesError(
            "No labels were found: put a CSV with file names and labels into the zip file, "
            "or the pictures into one folder for each label."
        )
    frame = pd.DataFrame({IMAGE: list(names), LABEL: labels})
    above = ["/".join(path.parts[:-2]) for path in paths]
    if len(set(above)) > 1:
        frame[FOLDER] = above
    counts = ", ".join(f"{label} {count}" for label, count in sorted(Counter(labels).items())[:8])
    report = say("The label of each picture is the name of its folder: {counts}.", counts=counts)
    return Labelled(frame, names, LABEL, "", (report,))


def _by_table(archive: Archive, labelled: bool) -> Labelled:
    pictures, tables = archive.contents.pictures, archive.contents.tables
    name, table, column, rows = _best_table(archive, pictures, tables)
    report = [say("Labels were taken from '{file}', file names from its column '{column}'.", file=name, column=column)]
    kept = pd.DataFrame({IMAGE: list(pictures), "row": [rows.get(picture, -1) for picture in pictures]})
    lost, spare = int((kept["row"] < 0).sum()), len(table) - len(set(kept["row"]) - {-1})
    kept = kept[kept["row"] >= 0] if labelled else kept
    if lost and labelled:
        one = "1 picture is not named in '{file}' and was left out."
        report.append(counted(lost, one, "{count} pictures are not named in '{file}' and were left out.", file=name))
    if spare:
        one = "1 row of '{file}' names a picture that is not in the archive, and was left out."
        many = "{count} rows of '{file}' name pictures that are not in the archive, and were left out."
        report.append(counted(spare, one, many, file=name))
    rest = table.drop(columns=column).rename(columns={IMAGE: f"{IMAGE} (table)", PICTURE: f"{PICTURE} (table)"})
    taken = rest.reindex(kept["row"].where(kept["row"] >= 0)).reset_index(drop=True)
    frame = pd.concat([kept[[IMAGE]].reset_index(drop=True), taken], axis=1)
    outcome, patient = _roles(rest) if len(rest.columns) else ("", "")
    if labelled and (not outcome or frame[outcome].nunique() < 2):
        raise PicturesError(
            "Every picture has the same label, or '{file}' has no column of labels; two labels are needed.", file=name
        )
    return Labelled(frame, tuple(kept[IMAGE]), outcome, patient, tuple(report))


def _best_table(archive: Archive, pictures: tuple[str, ...], tables: tuple[str, ...]):
    """The table that names most pictures: its name, rows, the column of file names, and the row of each picture."""
    best, trouble = None, None
    for name in tables:
        try:
            table = read_table(archive.read(name), PurePosixPath(name).name).frame
        except MedtuneError as error:
            trouble = trouble or error
            continue
        for column in table.columns:
            rows = _named(table[column], pictures)
            if rows and (best is None or len(rows) > len(best[3])):
                best = PurePosixPath(name).name, table, str(column), rows
    if best is None:
        if trouble is not None and len(tables) == 1:
            raise PicturesError(
                "The table '{file}' in the archive cannot be read. {why}",
                file=PurePosixPath(tables[0]).name,
                why=trouble.sentence,
            )
        raise PicturesError(
            "No column of '{file}' names the pictures; one must hold their file names, such as '{example}'.",
            file=PurePosixPath(tables[0]).name,
            example=PurePosixPath(pictures[0]).name,
        )
    return best


def _named(column: pd.Series, pictures: tuple[str, ...]) -> dict[str, int]:
    """The row that names each picture: by its path, else its name, else its name without ending; each way at once."""
    cells = column.dropna().astype("str").str.strip().str.replace("\\", "/").str.lower()
    if cells.empty:
        return {}
    best: dict[str, int] = {}
    for short in (_whole, _name, _stem):
        known: dict[str, list[str]] = {}
        for picture in pictures:
            known.setdefault(short(picture), []).append(picture)
        first = cells[~cells.map(short).duplicated()].map(short)
        rows = {known[cell][0]: int(row) for row, cell in first.items() if len(known.get(cell, ())) == 1}
        best = rows if len(rows) > len(best) else best
    return best


def _whole(name: str) -> str:
    return name.lower().removeprefix("./")


def _name(name: str) -> str:
    return PurePosixPath(name).name.lower()


def _stem(name: str) -> str:
    return PurePosixPath(name).stem.lower()


def _roles(table: pd.DataFrame) -> tuple[str, str]:
    """The columns that look like label and patient id."""
    names = [str(name) for name in table.columns]
    columns = describe(table)
    roles = propose_roles(table, columns)
    patient = next((name for name in names if set(words_of(name)) & PATIENT), roles.patient or "")
    few = [c.name for c in columns if 2 <= c.distinct <= 60 and c.name != patient]
    outcome = next((name for name in few if set(words_of(name)) & LABEL_WORDS), "")
    outcome = outcome or (roles.outcome if roles.outcome in few else "")
    return outcome or (few[0] if few else ""), patient
