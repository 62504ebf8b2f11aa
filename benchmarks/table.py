"""What every benchmark ends with: a table on the screen and the same numbers as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Row:
    """One number that was measured.

    Attributes
    ----------
    case : str
        What it was measured on, for example "300 x 10".
    measure : str
        What was measured, for example "first paint, p95".
    value : float
        The number.
    unit : str
        Its unit, for example "s".
    """

    case: str
    measure: str
    value: float
    unit: str


def quantiles(case: str, measure: str, values: Sequence[float], unit: str) -> list[Row]:
    """Median and 95th percentile of repeated measurements.

    Parameters
    ----------
    case, measure, unit : str
        As in `Row`; the name of the quantile is added to the measure.
    values : sequence of float
        One number a repeat, at least one.

    Returns
    -------
    list of Row
        p50 and p95; the latter is the largest value when there are fewer than 20.
    """
    ordered = sorted(values)
    high = ordered[-1] if len(ordered) < 20 else statistics.quantiles(ordered, n=20, method="inclusive")[-1]
    return [Row(case, f"{measure}, p50", statistics.median(ordered), unit), Row(case, f"{measure}, p95", high, unit)]


def publish(name: str, rows: Sequence[Row], folder: Path = RESULTS) -> Path:
    """Print the rows as a table and write them to `benchmarks/results/NAME.json`.

    Parameters
    ----------
    name : str
        Name of the benchmark.
    rows : sequence of Row
        What was measured, in the order to be shown.
    folder : Path
        Where the file goes.

    Returns
    -------
    Path
        The file.
    """
    print(table(rows))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    return path


def table(rows: Sequence[Row]) -> str:
    """The rows as text with aligned columns, numbers to the right.

    Parameters
    ----------
    rows : sequence of Row
        What was measured.

    Returns
    -------
    str
        A heading and one line a row.
    """
    cells = [("case", "measure", "value", "unit")]
    cells += [(row.case, row.measure, in_words(row.value), row.unit) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    return "\n".join(
        f"{case:<{widths[0]}}  {measure:<{widths[1]}}  {value:>{widths[2]}}  {unit}".rstrip()
        for case, measure, value, unit in cells
    )


def in_words(value: float) -> str:
    """A number with about three digits that mean something."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    digits = 1 if abs(value) >= 100 else 2 if abs(value) >= 10 else 4
    return f"{value:,.{digits}f}"
