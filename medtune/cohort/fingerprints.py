"""A hash of what a cohort is, by which it is known again on any machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.roles import Cleaning, Roles
from medtune.cohort.wide import numeric_places
from medtune.foundation.records import to_json, to_plain


def fingerprint_of(frame: pd.DataFrame, columns: Mapping[str, Column], roles: Roles, cleaning: Cleaning) -> str:
    """Hash content, roles and cleaning.

    Parameters
    ----------
    frame : DataFrame of n rows
        Cleaned.
    columns : mapping of str to Column
        What each column is.
    roles : Roles
    cleaning : Cleaning

    Returns
    -------
    str
        Hexadecimal.
    """
    chosen = to_plain(roles)
    if not roles.classes:
        # Cohorts from before there were classes keep their fingerprint.
        del chosen["classes"]
    cleaned = to_plain(cleaning)
    for later in ("order", "other_unit", "not_after", "one_row"):
        if not cleaned[later]:  # likewise those from before these could be chosen
            del cleaned[later]
    digest = hashlib.sha256(to_json([chosen, cleaned]).encode())
    many = numeric_places(frame)
    # Of a wide table the numbers are laid out column after column once.
    values = _plain(frame.iloc[:, many].to_numpy(dtype=np.float64).T)
    row = {int(place): at for at, place in enumerate(many)}
    for place, name in enumerate(frame.columns):
        digest.update(name.encode() + b"\0" + columns[name].kind.encode() + b"\0")
        parts = (
            (np.ascontiguousarray(values[row[place]]).tobytes(),) if place in row else _bytes_of(frame.iloc[:, place])
        )
        for part in parts:
            digest.update(part)
    return digest.hexdigest()


def _plain(numbers: np.ndarray) -> np.ndarray:
    """Numbers with one zero and one NaN, as 8 bytes each, the lowest first."""
    numbers = numbers + 0.0
    numbers[np.isnan(numbers)] = np.nan
    return numbers.astype("<f8", copy=False)


def _bytes_of(series: pd.Series) -> tuple[bytes, ...]:
    """A column's content as bytes that do not depend on how the machine or pandas stores it."""
    if series.dtype == np.float64:
        return (_plain(series.to_numpy()).tobytes(),)
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return (series.to_numpy().astype("datetime64[ns]").astype("<i8").tobytes(),)
    codes, levels = pd.factorize(series)
    return codes.astype("<i4").tobytes(), "\x1f".join(map(str, levels)).encode()
