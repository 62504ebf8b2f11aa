"""A table in one Parquet file, quickly also with very many columns of numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from medtune.cohort.wide import MANY

KINDS = ("float64", "int64")
LONG = 50_000  # rows from which on a column each is quick enough, and a second copy of the numbers would be large
TOLD = b"medtune"


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a table.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
        Column names are text, each there once.
    path : Path
        Replaced when it is there.

    Notes
    -----
    Parquet takes a tenth of a millisecond for each column, whatever is in it. So 300 or more columns of numbers of one
    kind become one column, in which a cell holds the bytes of a whole row; the file's own metadata says which they are.
    """
    blocks = _blocks(frame)
    if not blocks:
        frame.to_parquet(path, engine="pyarrow")
        return
    import pyarrow as pa
    from pyarrow import parquet

    others = np.setdiff1d(np.arange(frame.shape[1]), np.concatenate(list(blocks.values())))
    table = pa.Table.from_pandas(frame.iloc[:, others], preserve_index=True)
    told = []
    for kind, places in blocks.items():
        values = np.ascontiguousarray(frame.iloc[:, places].to_numpy(), dtype=np.dtype(kind).newbyteorder("<"))
        rows = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(values.itemsize * values.shape[1]), len(values), [None, pa.py_buffer(values)]
        )
        key = _unused(kind, table.column_names)
        table = table.append_column(key, rows)
        told.append({"key": key, "kind": kind, "names": list(frame.columns[places])})
    about = {**table.schema.metadata, TOLD: json.dumps({"blocks": told, "order": list(frame.columns)}).encode()}
    parquet.write_table(table.replace_schema_metadata(about), path, use_dictionary=False, write_statistics=False)


def read_frame(path: Path) -> pd.DataFrame:
    """Read what `write_frame`, or pandas, has written.

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame

    Raises
    ------
    OSError, ValueError, KeyError
        When the file is missing or damaged.
    """
    from pyarrow import parquet

    told = (parquet.read_schema(path).metadata or {}).get(TOLD)
    if told is None:
        return pd.read_parquet(path, engine="pyarrow")
    told, table = json.loads(told), parquet.read_table(path)
    parts = [table.drop_columns([block["key"] for block in told["blocks"]]).to_pandas()]
    if parts[0].index.equals(pd.RangeIndex(len(parts[0]))):
        parts[0].index = pd.RangeIndex(len(parts[0]))
    for block in told["blocks"]:
        cells = table.column(block["key"]).combine_chunks()
        kind = np.dtype(block["kind"])
        values = np.frombuffer(cells.buffers()[1], dtype=kind.newbyteorder("<"))
        start = cells.offset * len(block["names"])
        values = values[start : start + len(cells) * len(block["names"])].reshape(len(cells), -1)
        parts.append(pd.DataFrame(values.astype(kind), index=parts[0].index, columns=block["names"], copy=False))
    whole = pd.concat(parts, axis=1)
    return whole if list(whole.columns) == told["order"] else whole[told["order"]]


def _blocks(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Positions of the columns of numbers of one kind, where they are very many."""
    if frame.shape[1] < MANY or not 0 < len(frame) < LONG:
        return {}
    dtypes = frame.dtypes.to_list()
    places = {kind: np.flatnonzero([dtype == np.dtype(kind) for dtype in dtypes]) for kind in KINDS}
    return {kind: at for kind, at in places.items() if at.size >= MANY}


def _unused(kind: str, names: list[str]) -> str:
    key = f"numbers, {kind}"
    while key in names:
        key += "'"
    return key
