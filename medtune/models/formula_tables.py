"""An equation as rows of a table, and read from whatever text a user has: a formula, rows, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from medtune.cohort.values import as_number
from medtune.foundation.errors import ModelError
from medtune.models.formula_reading import LONGEST, Sum, read_formula, read_term
from medtune.models.formula_writing import number_text, written_factor
from medtune.models.terms import Factor, Formula, Term

MOST_ROWS = 2000
HEADINGS = {
    "coefficient": ("coefficient", "coef", "beta", "b", "estimate", "weight", "log odds ratio", "log-odds", "logor"),
    "ratio": ("odds ratio", "or", "exp(b)", "exp(beta)"),
    "column": ("column", "term", "variable", "predictor", "name", "parameter", "feature", ""),
    "how": ("transformation", "transform", "how"),
    "details": ("details", "level", "category", "knots", "value"),
    "times": ("times", "interaction", "with"),
}


@dataclass(frozen=True)
class Row:
    """A term as a row of the editable table.

    Attributes
    ----------
    coefficient : float
    column : str
        A column, or a whole term such as ``log(age)``.
    how : str
        A transformation, one of `medtune.models.terms.TRANSFORMS`.
    details : str
        The category, or the numbers: ``50``; ``40, 55, 70, term=1``; ``centre=60, scale=10``.
    times : str
        What it is multiplied with, as in a formula: ``(sex=male)``.
    """

    coefficient: float = math.nan
    column: str = ""
    how: str = "linear"
    details: str = ""
    times: str = ""


@dataclass(frozen=True)
class Published:
    """An equation as it was read, with what its source says about it."""

    formula: Formula
    name: str = ""
    outcome: str = ""


def rows_of(formula: Formula) -> tuple[Row, ...]:
    """One row for each term.

    Parameters
    ----------
    formula : Formula

    Returns
    -------
    tuple of Row
    """
    return tuple(_row(term) for term in formula.terms)


def _row(term: Term) -> Row:
    first, *others = term.factors
    details = [first.level] if first.transform == "level" else [*map(number_text, first.numbers)]
    details += [f"term={first.term}"] if first.transform == "spline" else []
    details += [f"centre={number_text(first.centre)}"] if first.centre else []
    details += [f"scale={number_text(first.scale)}"] if first.scale != 1 else []
    return Row(
        term.coefficient, first.column, first.transform, ", ".join(details), "*".join(map(written_factor, others))
    )


def from_rows(intercept: float, rows: Sequence[Row], fills: Mapping[str, str] | None = None) -> Formula:
    """The equation of a table.

    Parameters
    ----------
    intercept : float
    rows : sequence of Row
        Empty ones are passed over.
    fills : mapping of str to str, optional
        What stands for missing values, by column.

    Returns
    -------
    Formula

    Raises
    ------
    ModelError
        When a row cannot be read; the sentence names it.
    """
    total: Sum = {(): float(intercept)}
    for place, row in enumerate(rows, 1):
        if not row.column.strip() and not math.isfinite(row.coefficient):
            continue
        if not math.isfinite(row.coefficient):
            raise ModelError("Row {row} of the equation, '{column}', has no coefficient.", row=place, column=row.column)
        for factors, coefficient in _product(row).items():
            total[factors] = total.get(factors, 0.0) + row.coefficient * coefficient
    terms = tuple(Term(coefficient, factors) for factors, coefficient in total.items() if factors)
    columns = {name for term in terms for name in term.columns}
    kept = {column: fill for column, fill in (fills or {}).items() if column in columns and fill.strip()}
    return Formula(total[()], terms, kept).check()


def _product(row: Row) -> Sum:
    first = {(_factor(row),): 1.0}
    if not row.times.strip():
        return first
    second = read_term(row.times)
    return {(*a, *b): x * y for a, x in first.items() for b, y in second.items()}


def _factor(row: Row) -> Factor:
    column = row.column.strip()
    if row.how == "level":
        return Factor(column, "level", level=row.details.strip())
    numbers, options = [], {}
    for part in filter(None, re.split(r"[,;\s]+", re.sub(r"\s*=\s*", "=", row.details))):
        key, _, value = part.rpartition("=")
        number = as_number(value)
        if number is None or key not in ("", "term", "centre", "scale"):
            raise ModelError(
                "“{part}” beside '{column}' is not understood; write numbers, 40, 55, 70 or centre=60, scale=10.",
                part=part[:30],
                column=column,
            )
        if key:
            options[key] = int(number) if key == "term" else number
        else:
            numbers.append(number)
    return replace(Factor(column, row.how, tuple(numbers)), **options)


def from_text(text: str) -> Published:
    """Read an equation from JSON, a table (tab, comma or semicolon between the cells) or a formula.

    Parameters
    ----------
    text : str
        A table has a row for each term: a column or term, its coefficient; headings are optional. A column
        headed "odds ratio" is turned into coefficients.

    Returns
    -------
    Published

    Raises
    ------
    ModelError
        When it is none of these.
    """
    text = text.strip().lstrip("\ufeff")
    if not text:
        raise ModelError("There is nothing to read; paste a formula or a table of terms and coefficients.")
    if len(text) > 20 * LONGEST:
        raise ModelError("This is too long for an equation; paste only its terms and coefficients.")
    if text.startswith("{"):
        return _from_json(text)
    lines = [line for line in text.splitlines() if line.strip()]
    delimiter = _delimiter(lines)
    return _from_table(lines, delimiter) if delimiter else Published(read_formula(" ".join(lines)))


def _delimiter(lines: Sequence[str]) -> str:
    for mark in ("\t", ";", ","):
        if len(lines) > 1 and all(mark in line for line in lines):
            return mark
    # Two columns with spaces between them, as R prints coefficients.
    pairs = [re.fullmatch(r"\s*(\S.*?)\s{1,}([-+\u2212]?[\d.]+(?:[eE][-+]?\d+)?)\s*", line) for line in lines]
    return " " if len(lines) > 1 and all(pairs) else ""


def _from_table(lines: Sequence[str], delimiter: str) -> Published:
    if len(lines) > MOST_ROWS:
        raise ModelError("A table of {rows} rows is no equation; paste its terms and coefficients.", rows=len(lines))
    if delimiter == " ":
        cells = [[part.strip() for part in line.strip().rsplit(None, 1)] for line in lines]
    else:
        cells = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
        ]
    places = _places(cells[0])
    if places:
        cells = cells[1:]
    else:
        places = {"column": 0, "coefficient": 1}
    total, terms = 0.0, []
    for line, row in enumerate(cells, 1):
        entry = {key: row[place] if place < len(row) else "" for key, place in places.items()}
        if not entry["column"]:
            continue
        for factors, coefficient in _read_row(entry, line).items():
            if factors:
                terms.append(Term(coefficient, factors))
            else:
                total += coefficient
    return Published(Formula(total, tuple(terms)).check())


def _read_row(entry: Mapping[str, str], line: int) -> Sum:
    key = "coefficient" if "coefficient" in entry else "ratio"
    number = _number(entry[key])
    if number is None or (key == "ratio" and number <= 0):
        raise ModelError(
            "Row {row} of the table has no coefficient that is a number; give one for each term.", row=line
        )
    weight = number if key == "coefficient" else math.log(number)
    how, details = entry.get("how", "").casefold().replace(" ", "_"), entry.get("details", "")
    if how or details or entry.get("times"):
        how = how or ("level" if details and _number(details) is None else "linear")
        product = _product(Row(weight, entry["column"], how, details, entry.get("times", "")))
    else:
        product = read_term(entry["column"])
    return {factors: weight * coefficient for factors, coefficient in product.items()}


def _number(text: str) -> float | None:
    text = text.strip().replace("\u2212", "-").replace("\u2013", "-")
    number = as_number(text)
    return as_number(text.replace(",", ".")) if number is None and text.count(",") == 1 else number


def _places(heads: Sequence[str]) -> dict[str, int]:
    """Where each part stands, when the first row holds headings."""
    found: dict[str, int] = {}
    for place, head in enumerate(heads):
        for key, names in HEADINGS.items():
            if head.casefold().replace("_", " ") in names and key not in found:
                found[key] = place
                break
    has_weight = "coefficient" in found or "ratio" in found
    return found if has_weight and "column" in found else {}


def _from_json(text: str) -> Published:
    try:
        content = json.loads(text)
        intercept = float(content.get("intercept", 0.0))
        fills = {str(key): str(value) for key, value in dict(content.get("fills") or {}).items()}
        formula, terms = (
            content.get("formula"),
            content.get("coefficients") or content.get("terms") or content.get("coef"),
        )
        words = {key: str(content.get(key) or "") for key in ("name", "outcome")}
        pairs = None if isinstance(formula, str) else _pairs(terms)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise ModelError(
            'This JSON holds no equation that can be read; it needs "intercept" and "coefficients", or "formula".'
        ) from error
    if pairs is None:
        read = read_formula(formula)
        return Published(replace(read, fills=fills).check(), **words)
    total: Sum = {(): intercept}
    for term, weight in pairs:
        for factors, coefficient in read_term(term).items():
            total[factors] = total.get(factors, 0.0) + weight * coefficient
    terms = tuple(Term(coefficient, factors) for factors, coefficient in total.items() if factors)
    return Published(Formula(total[()], terms, fills).check(), **words)


def _pairs(terms: object) -> list[tuple[str, float]]:
    """Terms and coefficients of JSON: {"age": 0.06} or [{"term": "age", "coefficient": 0.06}]."""
    if isinstance(terms, Mapping):
        return [(str(term), float(weight)) for term, weight in terms.items()]
    return [(str(term.get("term") or term.get("column", "")), float(term["coefficient"])) for term in terms]
