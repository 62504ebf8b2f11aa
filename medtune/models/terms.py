"""What a published equation consists of: coefficients times products of transformed columns, and their log-odds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from medtune.cohort.values import as_levels, as_number, as_numbers, spoken
from medtune.foundation.errors import ModelError
from medtune.foundation.words import listed


def spline_basis(x: np.ndarray, knots: tuple[float, ...], term: int) -> np.ndarray:
    """A non-linear basis term of a restricted cubic spline, linear beyond its outer knots.

    Parameters
    ----------
    x : ndarray of shape (n,)
    knots : tuple of float
        Three or more, increasing.
    term : int
        1 for the first non-linear term (rms writes it x'), up to the number of knots less 2.

    Returns
    -------
    ndarray of shape (n,)
        Divided by the squared distance of the outer knots, as rms' `rcs` does, so that it is in units of x.

    References
    ----------
    Harrell, Regression Modeling Strategies, 2nd ed. 2015, section 2.4.5; `Hmisc::rcspline.eval`, norm = 2.
    """
    first, last, before = knots[0], knots[-1], knots[-2]
    own = knots[term - 1]

    def cube(knot: float) -> np.ndarray:
        return np.maximum(x - knot, 0) ** 3

    ends = cube(before) * (last - own) - cube(last) * (before - own)
    return (cube(own) - ends / (last - before)) / (last - first) ** 2


Transformation = Callable[[np.ndarray, "Factor"], np.ndarray]
# How a column enters the equation: what is done to x = (value - centre) / scale, and how many numbers that needs.
TRANSFORMS: dict[str, tuple[Transformation, tuple[int, int]]] = {
    "linear": (lambda x, factor: x, (0, 0)),
    "log": (lambda x, factor: np.log(x), (0, 0)),
    "log10": (lambda x, factor: np.log10(x), (0, 0)),
    "log2": (lambda x, factor: np.log2(x), (0, 0)),
    "exp": (lambda x, factor: np.exp(x), (0, 0)),
    "square": (lambda x, factor: x**2, (0, 0)),
    "sqrt": (lambda x, factor: np.sqrt(x), (0, 0)),
    "power": (lambda x, factor: x ** factor.numbers[0], (1, 1)),
    "above_knot": (lambda x, factor: np.maximum(x - factor.numbers[0], 0) ** (*factor.numbers[1:], 1.0)[0], (1, 2)),
    "spline": (lambda x, factor: spline_basis(x, factor.numbers, factor.term), (3, 20)),
    "at_least": (lambda x, factor: _where(x >= factor.numbers[0], x), (1, 1)),
    "above": (lambda x, factor: _where(x > factor.numbers[0], x), (1, 1)),
    "at_most": (lambda x, factor: _where(x <= factor.numbers[0], x), (1, 1)),
    "below": (lambda x, factor: _where(x < factor.numbers[0], x), (1, 1)),
    "level": (lambda x, factor: x, (0, 0)),
}


def _where(there: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(x), np.nan, there.astype(float))


@dataclass(frozen=True)
class Factor:
    """A column as it enters a term.

    Attributes
    ----------
    column : str
    transform : str
        One of `TRANSFORMS`: "above_knot" is max(x - knot, 0), to a power when a second number is given; "spline" a
        term of a restricted cubic spline; "at_least" and its kin are 1 or 0; "level" is 1 in one category.
    numbers : tuple of float
        The power, the knot or knots, the limit.
    level : str
        The category, for "level".
    term : int
        Which non-linear term of the spline, from 1.
    centre, scale : float
        x = (value - centre) / scale is what is transformed.
    """

    column: str
    transform: str = "linear"
    numbers: tuple[float, ...] = ()
    level: str = ""
    term: int = 1
    centre: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", tuple(float(number) for number in self.numbers))

    def check(self) -> None:
        """Raise a ModelError when it cannot be computed."""
        if not self.column.strip():
            raise ModelError("A term of the equation names no column; choose one or delete the row.")
        if self.transform not in TRANSFORMS:
            raise ModelError(
                "Transformation '{transform}' of '{column}' is not known; choose one of {known}.",
                transform=self.transform,
                column=self.column,
                known=", ".join(TRANSFORMS),
            )
        fewest, most = TRANSFORMS[self.transform][1]
        if not fewest <= len(self.numbers) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            template = "“{transform}” of '{column}' needs {wanted} numbers (knots, power or limit); it has {count}."
            raise ModelError(
                template, transform=self.transform, column=self.column, wanted=wanted, count=len(self.numbers)
            )
        if not all(map(math.isfinite, (*self.numbers, self.centre, self.scale))) or self.scale == 0:
            raise ModelError("The numbers of '{column}' must be finite, and its scale not 0.", column=self.column)
        if self.transform == "level" and not self.level:
            raise ModelError("Choose which category of '{column}' the coefficient belongs to.", column=self.column)
        if self.transform == "spline":
            self._check_spline()

    def _check_spline(self) -> None:
        if any(a >= b for a, b in zip(self.numbers, self.numbers[1:], strict=False)):
            raise ModelError("The knots of '{column}' must increase.", column=self.column)
        if not 1 <= self.term <= len(self.numbers) - 2:
            raise ModelError(
                "A spline of '{column}' with {knots} knots has non-linear terms 1 to {last}; term {term} is not one.",
                column=self.column,
                knots=len(self.numbers),
                last=len(self.numbers) - 2,
                term=self.term,
            )

    def values(self, cells: pd.Series) -> np.ndarray:
        """The factor of each row, NaN where the cell is missing or cannot be transformed; shape (n,)."""
        if self.transform == "level":
            return _is_level(cells, self.level)
        x = (as_numbers(cells)[0] - self.centre) / self.scale
        with np.errstate(all="ignore"):
            values = TRANSFORMS[self.transform][0](x, self)
        return np.where(np.isfinite(values), values, np.nan)


def _is_level(cells: pd.Series, level: str) -> np.ndarray:
    """1 where the cell is the level, without regard to case and spaces; "1", "1.0" and True are one number."""
    if pd.api.types.is_bool_dtype(cells.dtype):
        cells = cells.astype("float64")
    texts = as_levels(cells)
    number = as_number(level)
    uniques = pd.unique(texts.dropna())
    same = [
        text for text in uniques if spoken(text) == spoken(level) or (number is not None and as_number(text) == number)
    ]
    return np.where(texts.isna(), np.nan, texts.isin(same).astype(float))


@dataclass(frozen=True)
class Term:
    """A coefficient times a product of factors; more than one factor is an interaction."""

    coefficient: float
    factors: tuple[Factor, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, each once."""
        return tuple(dict.fromkeys(factor.column for factor in self.factors))


@dataclass(frozen=True)
class Formula:
    """Log-odds = intercept + sum of terms.

    Attributes
    ----------
    intercept : float
    terms : tuple of Term
    fills : mapping of str to str
        What stands for a missing value, by column; a column without one must be known for every patient.
    """

    intercept: float = 0.0
    terms: tuple[Term, ...] = ()
    fills: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, each once, in the order of the terms."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.columns))

    @property
    def additive(self) -> bool:
        """Whether each term reads one column, so that the log-odds are a sum over columns."""
        return all(len(term.columns) == 1 for term in self.terms)

    def factors(self, column: str) -> tuple[Factor, ...]:
        """All factors of one column."""
        return tuple(factor for term in self.terms for factor in term.factors if factor.column == column)

    def reads_levels(self, column: str) -> bool:
        """Whether the column is read as categories, not as a number."""
        return all(factor.transform == "level" for factor in self.factors(column))

    def check(self) -> Formula:
        """The formula itself; ModelError when a part of it cannot be computed."""
        if not math.isfinite(self.intercept):
            raise ModelError("The intercept of the equation must be a number.")
        if not self.terms:
            raise ModelError("The equation has no terms; enter at least one column with its coefficient.")
        for term in self.terms:
            if not math.isfinite(term.coefficient) or not term.factors:
                raise ModelError(
                    "The coefficient of {columns} must be a number.", columns=listed(term.columns) or "a row"
                )
            for factor in term.factors:
                factor.check()
        for column, fill in self.fills.items():
            if column in self.columns and np.isnan(self._of_fill(column, fill)).any():
                raise ModelError(
                    "The value for missing '{column}' cannot be used in the equation; give one that can.",
                    column=column,
                )
        return self

    def _of_fill(self, column: str, fill: str) -> np.ndarray:
        return np.array([factor.values(pd.Series([fill], dtype=object))[0] for factor in self.factors(column)])

    def parts(self, frame: pd.DataFrame) -> np.ndarray:
        """Coefficient times factors of each row.

        Parameters
        ----------
        frame : DataFrame of n rows
            Has the columns the formula reads.

        Returns
        -------
        ndarray of shape (n, terms)

        Raises
        ------
        ModelError
            When a column is absent, or lacks values and has none to stand for them.
        """
        known = {factor: values for column in self.columns for factor, values in self._column(frame, column).items()}
        products = [
            term.coefficient * np.prod([known[factor] for factor in term.factors], axis=0) for term in self.terms
        ]
        return np.column_stack(products) if products else np.zeros((len(frame), 0))

    def _column(self, frame: pd.DataFrame, column: str) -> dict[Factor, np.ndarray]:
        if column not in frame.columns:
            raise ModelError("The table has no column '{column}', which the equation reads.", column=column)
        factors = self.factors(column)
        values = np.array([factor.values(frame[column]) for factor in factors])
        lacking = np.isnan(values).any(axis=0)
        if lacking.any():
            fill = self.fills.get(column, "")
            if not fill:
                raise ModelError(
                    "The equation needs '{column}' for every patient, and {count} of {n} have no value it can use; "
                    "give a value that stands for a missing one, or leave these patients out.",
                    column=column,
                    count=int(lacking.sum()),
                    n=len(frame),
                )
            values[:, lacking] = self._of_fill(column, fill)[:, None]
        return dict(zip(factors, values, strict=True))

    def log_odds(self, frame: pd.DataFrame) -> np.ndarray:
        """Intercept plus terms, shape (n,); ModelError as for `parts`."""
        return self.intercept + self.parts(frame).sum(axis=1)

    def worked_example(self, values: Mapping[str, object]) -> float:
        """The risk of one patient, to be checked against the published example.

        Parameters
        ----------
        values : mapping of str to object
            A number or level for each column.

        Returns
        -------
        float
            Risk, between 0 and 1.
        """
        from medtune.evaluation.logistic import expit

        row = {name: [values.get(name)] for name in self.columns}
        return float(expit(self.log_odds(pd.DataFrame(row, dtype=object)))[0])
