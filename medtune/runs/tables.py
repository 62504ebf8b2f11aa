"""The table last uploaded, as it was read, kept so that a reload does not lose it."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from medtune.foundation.errors import TableError
from medtune.foundation.files import write_atomically
from medtune.foundation.records import from_plain, to_plain
from medtune.foundation.words import Sentence
from medtune.runs.folder import checked_id

if TYPE_CHECKING:
    from medtune.cohort.reading import Table

FRAME, LABEL = "table.parquet", "table.json"


def keep_table(home: Path, table: Table, name: str) -> str:
    """Keep a table in place of the one kept before.

    Parameters
    ----------
    home : Path
        The folder of everything kept.
    table : Table
        As read.
    name : str
        Name of its file.

    Returns
    -------
    str
        Its id.
    """
    from pandas.api.types import is_object_dtype

    folder = home / "tables" / f"t{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700, parents=True)
    frame = table.frame
    mixed = {column: "str" for column in frame.columns if is_object_dtype(frame[column])}
    (frame.astype(mixed) if mixed else frame).to_parquet(folder / FRAME, engine="pyarrow")
    label = {
        "name": name,
        "report": to_plain(table.report),
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "decimal": table.decimal,
    }
    write_atomically(folder / LABEL, json.dumps(label))
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder.name


def open_table(home: Path, id: str) -> tuple[Table, str]:
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

    Raises
    ------
    TableError
        When it is no longer there or damaged.
    """
    import pandas as pd

    from medtune.cohort.reading import Table

    folder = home / "tables" / checked_id(id)
    try:
        label = json.loads((folder / LABEL).read_text(encoding="utf-8"))
        frame = pd.read_parquet(folder / FRAME, engine="pyarrow")
        report = tuple(from_plain(Sentence, sentence) for sentence in label["report"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TableError("The table of the last session is no longer there; upload its file again.") from error
    return Table(frame, report, label["name"], label["encoding"], label["delimiter"], label["decimal"]), label["name"]
