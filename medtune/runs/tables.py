"""The table last uploaded, as it was read, kept so that a reload does not lose it."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from medtune.foundation.errors import TableError
from medtune.foundation.files import patiently, write_atomically
from medtune.foundation.records import from_plain, to_plain
from medtune.foundation.words import Sentence
from medtune.runs.folder import checked_id

if TYPE_CHECKING:
    from medtune.cohort.reading import Table
    from medtune.cohort.wishes import Wishes

FRAME, LABEL, SOURCE = "table.parquet", "table.json", "source"


def keep_table(home: Path, table: Table, name: str, source: bytes | None = None, wishes: Wishes | None = None) -> str:
    """Keep a table in place of the one kept before.

    Parameters
    ----------
    home : Path
        The folder of everything kept.
    table : Table
        As read.
    name : str
        Name of its file.
    source : bytes, optional
        The file itself, so that it can be read again in another way.
    wishes : Wishes, optional
        How the user wanted it read.

    Returns
    -------
    str
        Its id.
    """
    folder = home / "tables" / f"t{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700, parents=True)
    if source is not None:
        write_atomically(folder / SOURCE, source)
    _write(folder, table, name, wishes)
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder.name


def renew_table(home: Path, id: str, table: Table, name: str, wishes: Wishes) -> None:
    """Keep what reading a kept file again in another way gave, under the same id.

    Parameters
    ----------
    home, id, table, name, wishes
        As in `keep_table`.
    """
    _write(home / "tables" / checked_id(id), table, name, wishes)


def table_source(home: Path, id: str) -> bytes:
    """The file that a kept table was read from.

    Parameters
    ----------
    home : Path
    id : str

    Returns
    -------
    bytes

    Raises
    ------
    TableError
        When it is no longer there.
    """
    try:
        return (home / "tables" / checked_id(id) / SOURCE).read_bytes()
    except OSError as error:
        raise TableError("The file of this table is no longer there; upload it again.") from error


def _write(folder: Path, table: Table, name: str, wishes: Wishes | None) -> None:
    from pandas.api.types import is_object_dtype

    from medtune.cohort.frame_file import write_frame

    frame = table.frame
    mixed = {column: "str" for column, dtype in frame.dtypes.items() if is_object_dtype(dtype)}
    aside = folder / f".{FRAME}.part"
    write_frame(frame.astype(mixed) if mixed else frame, aside)
    patiently(aside.replace, folder / FRAME)
    label = {
        "name": name,
        "report": to_plain(table.report),
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "decimal": table.decimal,
        "form": table.form,
        "found": to_plain(table.found),
        "parts": list(table.parts),
        "wishes": to_plain(wishes),
    }
    write_atomically(folder / LABEL, json.dumps(label))


def open_table(home: Path, id: str) -> tuple[Table, str, Wishes]:
    """Read the table that was kept.

    Parameters
    ----------
    home : Path
        The folder of everything kept.
    id : str
        What `keep_table` gave.

    Returns
    -------
    table : Table
    name : str
        Name of its file.
    wishes : Wishes
        How the user wanted it read.

    Raises
    ------
    TableError
        When it is no longer there or damaged.
    """
    from medtune.cohort.frame_file import read_frame
    from medtune.cohort.reading import Table
    from medtune.cohort.wishes import Wishes

    folder = home / "tables" / checked_id(id)
    try:
        label = json.loads((folder / LABEL).read_text(encoding="utf-8"))
        frame = read_frame(folder / FRAME)
        report = tuple(from_plain(Sentence, sentence) for sentence in label["report"])
        found = from_plain(Wishes, label.get("found") or {})
        wishes = from_plain(Wishes, label.get("wishes") or {})
        how = (label["name"], label["encoding"], label["delimiter"], label["decimal"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TableError("The table of the last session is no longer there; upload its file again.") from error
    table = Table(frame, report, *how, label.get("form", ""), found, tuple(label.get("parts", ())))
    return table, label["name"], wishes
