"""What a user may say about how a file is to be read; whatever is not said is found in the file."""

from __future__ import annotations

from dataclasses import dataclass

from medtune.foundation.errors import TableError

MISSING_CODES = (
    *("?", "NA", "N/A", "n/a", "na", "N.A.", "n.a.", "NaN", "nan", "NULL", "Null", "null", "<NA>", ".", "-", "--"),
    *("#N/A", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "missing", "Missing", "n.d.", "k.A."),
    *("not done", "Not done", "keine Angabe", "未查", "未测", "未做", "未检", "不详", "缺失", "无数据"),
)
DECIMALS = (".", ",")
THOUSANDS = ("none", ",", ".", " ", "'")
LONG_ROWS = ("refuse", "leave out")


@dataclass(frozen=True)
class Wishes:
    """How a file is to be read; "" and None mean: as the file itself shows.

    Attributes
    ----------
    part : str
        The sheet of a workbook, or the file in an archive.
    encoding : str
        A name that Python knows, such as "cp1252".
    delimiter : str
        What stands between columns; one sign or several, " " for any number of spaces.
    decimal : str
        "." or ",".
    thousands : str
        What separates thousands: ",", ".", " ", "'" or "none".
    header : int, optional
        Row of the column names as a spreadsheet counts, from 1; 0 when there is none.
    header_rows : int, optional
        How many rows the names take up.
    footer : int, optional
        How many rows at the end are no patients.
    missing : tuple of str, optional
        Codes that stand for a missing value, in every column.
    long_rows : {"refuse", "leave out"}
        What happens to rows with more cells than there are names.
    """

    part: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    thousands: str = ""
    header: int | None = None
    header_rows: int | None = None
    footer: int | None = None
    missing: tuple[str, ...] | None = None
    long_rows: str = "refuse"

    def __post_init__(self) -> None:
        allowed = {"decimal": ("", *DECIMALS), "thousands": ("", *THOUSANDS), "long_rows": LONG_ROWS}
        for name, choices in allowed.items():
            if getattr(self, name) not in choices:
                raise TableError("'{name}' must be one of {choices}.", name=name, choices=", ".join(map(repr, choices)))
        if self.missing is not None:
            object.__setattr__(self, "missing", tuple(str(code).strip() for code in self.missing))

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that stand for a missing value."""
        return MISSING_CODES if self.missing is None else self.missing
