"""Tables of statistics programs and Parquet files: their types are kept, and their value labels become categories."""

from __future__ import annotations

import datetime
import io
import math
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from medtune.cohort.dialect import unique_names
from medtune.cohort.parsing import without_codes
from medtune.cohort.pieces import Progress, no_progress
from medtune.cohort.values import level_text
from medtune.foundation.errors import TableError
from medtune.foundation.words import Sentence, counted, listed, say

_UNKNOWN_WORDS = (
    "missing",
    "unknown",
    "not known",
    "no answer",
    "refused",
    "not applicable",
    "n/a",
    "缺失",
    "不详",
    "未查",
)
PARTS, FEWEST = 10, 1000  # of a long table read part by part, and rows of each at least
MOST_NUMBERS = 12  # different values of a column with labels, above which it is a number with some labelled codes


def read_statistical(
    content: bytes, form: str, codes: tuple[str, ...], progress: Progress = no_progress
) -> tuple[pd.DataFrame, list[Sentence]]:
    """Read a file of SPSS, Stata or SAS, or a Parquet file.

    Parameters
    ----------
    content : bytes
    form : {"SPSS", "Stata", "SAS", "Parquet"}
    codes : tuple of str
        What stands for a missing value in columns of text.
    progress : callable
        Told the share of the rows that is read, where they are many and the file says how many.

    Returns
    -------
    frame : DataFrame of shape (patients, columns)
        Numbers, text and dates; a number with a label for each of its values is a category of those labels.
    report : list of Sentence

    Raises
    ------
    TableError
        When the file is damaged, or holds no patients.
    """
    if form == "Parquet":
        frame, report = _parquet(content, progress), []
    else:
        frame, labels = _labelled(content, form, progress)
        frame, report = _with_labels(frame, labels)
    if not len(frame) or not frame.shape[1]:
        raise TableError("The file has no patients; choose a file with a row for each patient.")
    names, repeated, _ = unique_names([str(name) for name in frame.columns])
    frame = frame.set_axis(names, axis=1).reset_index(drop=True)
    if repeated:
        report.append(say("Several columns are named {names}; the later ones got a number.", names=listed(repeated)))
    tidy, found = {}, {}
    for name in names:
        series = _plain(frame[name])
        if isinstance(series.dtype, pd.StringDtype):
            series, hits = without_codes(series, set(codes))
            for code, cells in hits.items():
                found[code] = found.get(code, 0) + cells
        tidy[name] = series
    for code, cells in found.items():
        report.append(
            counted(
                cells,
                "'{code}' is read as missing in {count} cell.",
                "'{code}' is read as missing in {count} cells.",
                code=code,
            )
        )
    return pd.DataFrame(tidy), report


def _parquet(content: bytes, progress: Progress) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        parts = []
        for place in range(file.num_row_groups):
            parts.append(file.read_row_group(place, use_pandas_metadata=True))
            progress((place + 1) / file.num_row_groups)
        frame = (pa.concat_tables(parts) if parts else file.read(use_pandas_metadata=True)).to_pandas()
    except (OSError, ValueError, KeyError, NotImplementedError) as trouble:
        raise TableError("The Parquet file is damaged; write it anew.") from trouble
    plain = isinstance(frame.index, pd.RangeIndex)
    return frame if plain else frame.reset_index(names=[name or "row" for name in frame.index.names])


_READERS = {
    b"$FL2": "read_sav",
    b"$FL3": "read_sav",
    b"HEAD": "read_xport",
    b"\0\0\0\0": "read_sas7bdat",
}


def _labelled(content: bytes, form: str, progress: Progress) -> tuple[pd.DataFrame, Mapping[str, Mapping]]:
    """The table and, by column, the labels of its values."""
    import pyreadstat

    reader = _READERS.get(content[:4], {"SPSS": "read_por", "Stata": "read_dta", "SAS": "read_sas7bdat"}[form])
    frame = meta = None
    with tempfile.TemporaryDirectory(prefix="medtune-") as folder:
        path = Path(folder) / "table"  # the readers take a path only; the file goes as soon as it was read
        path.write_bytes(content)
        for encoding in (None, "gb18030", "cp1252"):
            extra = {"encoding": encoding} if encoding and reader != "read_por" else {}
            try:
                frame, meta = _all_rows(partial(getattr(pyreadstat, reader), str(path), **extra), progress)
                break
            except UnicodeDecodeError:
                continue
            except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError) as trouble:
                if "convert string" in str(trouble) and encoding != "cp1252":
                    continue
                raise TableError("The file of {form} is damaged; save it anew.", form=form) from trouble
    if frame is None:
        raise TableError("The text in the file of {form} cannot be read; save it anew with UTF-8.", form=form)
    return frame, meta.variable_value_labels


def _all_rows(read: Callable, progress: Progress) -> tuple[pd.DataFrame, object]:
    """The whole table; part by part where it is long, so that one can see how far it is."""
    rows = read(metadataonly=True)[1].number_rows or 0
    if rows < PARTS * FEWEST:
        return read()
    step = -(-rows // PARTS)
    parts = []
    for start in range(0, rows, step):
        part, meta = read(row_offset=start, row_limit=step)
        parts.append(part)
        progress(min(1.0, (start + step) / rows))
    if any(not part.dtypes.equals(parts[0].dtypes) for part in parts):
        return read()  # a column that only some parts have values in looks different there
    return pd.concat(parts, ignore_index=True), meta


def _with_labels(frame: pd.DataFrame, labels: Mapping[str, Mapping]) -> tuple[pd.DataFrame, list[Sentence]]:
    """Labels in place of codes where every value has one; labelled codes for "missing" are marked so."""
    used, partly, missing, tidy = [], [], [], {}
    for name in frame.columns:
        series = frame[name]
        given = {value: str(label).strip() for value, label in labels.get(name, {}).items()}
        if not given or series.notna().sum() == 0:
            tidy[name] = series
            continue
        gone = [value for value, label in given.items() if label.casefold().startswith(_UNKNOWN_WORDS)]
        values = series.dropna().unique()
        unlabelled = [value for value in values if value not in given]
        if unlabelled and (len(unlabelled) > len(values) / 2 or len(values) > MOST_NUMBERS):
            hits = series.isin(gone)
            missing += [name] if hits.any() else []
            tidy[name] = series.mask(hits)
            continue
        partly += [name] if unlabelled else []
        used.append(name)
        tidy[name] = series.map(_distinct(given, unlabelled)).astype("str").where(series.notna())
    report = []
    if used:
        report.append(say("The value labels of {names} are used as categories.", names=listed(used)))
    if partly:
        report.append(say("Some values of {names} have no label and are kept as they are.", names=listed(partly)))
    if missing:
        report.append(say("Values of {names} whose label says that they are missing count so.", names=listed(missing)))
    return pd.DataFrame(tidy), report


def _distinct(given: Mapping, unlabelled: list) -> dict:
    """A text for each value; a label that two values share is told apart by its value."""
    texts = list(given.values())
    named = {
        value: label if label and texts.count(label) == 1 else f"{label} ({level_text(value)})".strip()
        for value, label in given.items()
    }
    return named | {value: level_text(value) for value in unlabelled}


def _plain(series: pd.Series) -> pd.Series:
    """Numbers as they are, dates as dates, everything else as text."""
    dtype = series.dtype
    if pd.api.types.is_bool_dtype(dtype) and not series.isna().any():
        return series.astype(bool)
    if isinstance(dtype, pd.CategoricalDtype):
        return _plain(series.astype(series.cat.categories.dtype))
    if pd.api.types.is_numeric_dtype(dtype):
        numbers = (
            series.to_numpy(dtype=np.float64, na_value=np.nan)
            if dtype.kind not in "iu" or series.isna().any()
            else None
        )
        if numbers is None:
            return series
        return pd.Series(np.where(np.isinf(numbers), np.nan, numbers), index=series.index)
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return series.dt.tz_localize(None) if series.dt.tz is not None else series
    known = series.dropna()
    if not known.empty and known.map(lambda cell: isinstance(cell, (datetime.date, pd.Timestamp))).all():
        return pd.to_datetime(series, errors="coerce")
    if not known.empty and known.map(lambda cell: isinstance(cell, (int, float)) and math.isfinite(cell)).all():
        return series.astype("float64")
    texts = series.map(_text, na_action="ignore").astype("str")
    return texts.where(series.notna() & texts.str.strip().ne(""))


def _text(cell: object) -> str:
    return cell.decode("utf-8", errors="replace") if isinstance(cell, bytes) else str(cell)
