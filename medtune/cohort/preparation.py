"""Make the predictors ready for a model: fill gaps, clip, scale, and spell out categories, learning only in `fit`."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from medtune.cohort.columns import Column, describe
from medtune.cohort.features import MISSING, RARE, Cells, Reading, read_cells, reading_of, write_category, write_number
from medtune.cohort.imputing import filled, fit_imputer, numbers_of
from medtune.cohort.learnt import as_given, feature_names, learn_category, learn_number, learn_rank, medians_of
from medtune.cohort.units import CONVERSIONS
from medtune.foundation import settings as chosen
from medtune.foundation.errors import ColumnsError, SettingsError
from medtune.foundation.words import listed

# What of the settings a preparation takes; leaving out copies is done to the cohort before it is split.
STEPS = {f.name: f.default for f in fields(chosen.Preparation) if f.name != "duplicates"}


class Preparation(TransformerMixin, BaseEstimator):
    """Columns of a cohort to features of a model, in one transformer.

    For each number: convert its unit, clip to learnt quantiles, fill gaps, take the logarithm, bend it into a
    restricted cubic spline, scale, and on wish add a 0/1 column "is missing". For each category: fill gaps with the
    commonest level (or make "missing" a level of its own), group rare levels, and spell out one 0/1 column a level;
    one with an order may enter as the place of its level instead.

    Parameters
    ----------
    columns : sequence of Column, optional
        What the columns are; described from the table in `fit` when None.
    numbers : {"median", "mean", "iterative"}
        How gaps in numbers are filled. "iterative" predicts each number from the others by ridge regression on
        standardised columns, five rounds, without random draws, held to the range seen (scikit-learn's
        IterativeImputer; chained equations, van Buuren 2011); it learns from at most 5,000 rows, evenly spread.
    categories : {"mode", "level"}
        The commonest level, or a level "(missing)".
    indicators : bool
        A 0/1 column for each column that has gaps in the rows fitted.
    scale : {"standard", "robust", "none"}
        Mean and standard deviation (ddof 0), median and quartile distance, or the raw unit. 0/1 columns stay 0/1.
    rare_below : float
        Levels with a smaller share of the known cells are grouped, where there are at least two such levels.
    clip : float
        Numbers are held between this quantile and 1 minus it, unless they have ten or fewer different values.
    ordered : {"levels", "rank"}
        Categories with an order as levels like any other, or as one number, the place of the level.
    curves : {"straight", "spline"}
        Numbers of more than ten different values as they are, or as a restricted cubic spline.
    knots : {3, 4, 5}
        Of a spline, at fixed quantiles of the rows fitted (Harrell 2015).
    skewed : {"keep", "log"}
        Whether the logarithm of numbers skewed to the right is taken.
    shapes : sequence of (column, {"straight", "spline", "log"})
        By column, instead of what `curves` and `skewed` say.
    units : sequence of (column, key of a conversion)
        See `medtune.cohort.units.CONVERSIONS`.
    drop : {"if_binary", "first"}
        Leave out the first level of categories with two, or of every category (for unpenalised fits).
    fills : mapping of str to float or str, optional
        By column, what gaps are filled with instead of what the rows fitted would say: the values of the patients
        a model was made from. A level that these rows do not have is passed over, and so are numbers that
        "iterative" fills.

    Attributes
    ----------
    keys_ : list of str
        Stable name of each feature: "age", "age is missing", "chest_pain=4", "log(crp)", "stage (rank)",
        "age bend 1 (knots 40, 60, 80)".
    origins_ : list of str
        The column each feature comes from.
    left_out_ : list of str
        Columns without a single value in the rows fitted; they give no feature.
    features_ : list of dict
        What was learnt, column by column.

    Notes
    -----
    A level that was not seen in `fit` counts as rare where rare levels were grouped, else it is 0 in every column.
    A transformed row depends on no other row. The output is a DataFrame of float64 with the index of the input.
    """

    def __init__(
        self,
        columns: Sequence[Column] | None = None,
        *,
        numbers: str = "median",
        categories: str = "mode",
        indicators: bool = False,
        scale: str = "standard",
        rare_below: float = 0.02,
        clip: float = 0.0,
        ordered: str = "levels",
        curves: str = "straight",
        knots: int = 4,
        skewed: str = "keep",
        shapes: Sequence[tuple[str, str]] = (),
        units: Sequence[tuple[str, str]] = (),
        drop: str = "if_binary",
        fills: Mapping[str, float | str] | None = None,
    ) -> None:
        self.columns = columns
        self.numbers = numbers
        self.categories = categories
        self.indicators = indicators
        self.scale = scale
        self.rare_below = rare_below
        self.clip = clip
        self.ordered = ordered
        self.curves = curves
        self.knots = knots
        self.skewed = skewed
        self.shapes = shapes
        self.units = units
        self.drop = drop
        self.fills = fills

    def fit(self, X, y=None) -> Preparation:
        """Learn fills, scales and levels.

        Parameters
        ----------
        X : DataFrame or array of shape (n, columns), or Cells
        y : ignored
        """
        self._learn(self._cells(X))
        return self

    def fit_transform(self, X, y=None) -> pd.DataFrame:
        """`fit` and `transform` of the same rows, reading the table once."""
        cells = self._cells(X)
        return self._made(self._learn(cells), X, cells.index)

    def read(self, X) -> Cells:
        """Read a table once, for `fit` and `transform` of many choices of its rows; both then give plain arrays.

        Parameters
        ----------
        X : DataFrame or array of shape (n, columns)

        Returns
        -------
        Cells
            The same features come of it as of the table, whatever rows are taken.
        """
        return copy.copy(self)._cells(X)

    def transform(self, X) -> pd.DataFrame:
        """Make the features.

        Parameters
        ----------
        X : DataFrame or array of shape (n, columns), or Cells
            With the columns of `fit`, in their order.

        Returns
        -------
        DataFrame of float64, shape (n, features)
        """
        check_is_fitted(self)
        if isinstance(X, Cells):
            return self._made([X.columns[learnt["place"]] for learnt in self.features_], X, X.index)
        frame = self._table(X, reset=False)
        cells = [read_cells(frame, learnt["place"], reading_of(learnt)) for learnt in self.features_]
        return self._made(cells, X, frame.index)

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """The stable names of the features, as text."""
        check_is_fitted(self)
        return np.array(self.keys_, dtype=object)

    def _learn(self, table: Cells) -> list:
        """Learn from a table; returns the cells of the columns that give features."""
        self._check_settings()
        self.left_out_, self.features_, cells = [], [], []
        middles = medians_of(table) if self.numbers == "median" and self.clip == 0 else {}
        for place, (reading, read) in enumerate(zip(table.readings, table.columns, strict=True)):
            empty = bool(np.isnan(read).all() if reading.kind == "number" else (read[0] < 0).all())
            if empty:
                self.left_out_.append(reading.name)
                continue
            known = {"column": reading.name, "place": place, "kind": reading.kind, **reading.facts}
            self.features_.append(known | self._fit_column(reading, read, middles.get(place)))
            cells.append(read)
        self._fit_imputer(cells)
        self._name_features()
        return cells

    def _made(self, cells: list, given, index: pd.Index) -> pd.DataFrame | np.ndarray:
        """The features, as an array where the rows came as `Cells`."""
        out = self._make(cells, len(index))
        if isinstance(given, Cells):
            return out
        return pd.DataFrame(out, columns=pd.Index(self.keys_, dtype=object), index=index, copy=False)

    def _make(self, cells: list, n: int) -> np.ndarray:
        out = np.zeros((n, len(self.keys_)), order="F")
        modelled = self._imputed(cells)
        start = 0
        for place, (learnt, read) in enumerate(zip(self.features_, cells, strict=True)):
            width = len(learnt["keys"])
            block = out[:, start : start + width]
            if learnt["kind"] == "number":
                write_number(block, learnt, read, modelled.get(place))
            else:
                write_category(block, learnt, *read)
            start += width
        return out

    # -- what is learnt ------------------------------------------------------------------------------------------

    def _fit_column(self, reading: Reading, read, middle: float | None) -> dict:
        given = (self.fills or {}).get(reading.name)
        if reading.kind != "number":
            return learn_category(self, *read, given)
        if reading.ranks:
            return learn_rank(self, read, reading.ranks, given)
        if reading.unit and isinstance(given, (int, float)):
            given = given * reading.unit[0] + reading.unit[1]
        return learn_number(self, reading.name, read, given, middle)

    def _fit_imputer(self, cells: list) -> None:
        """The model-based fill, over all numbers at once, each in its own spread so that units do not matter."""
        self.imputer_ = None
        self.numeric_ = [place for place, learnt in enumerate(self.features_) if learnt["kind"] == "number"]
        if self.numbers != "iterative" or len(self.numeric_) < 2:
            return
        self.imputer_, self.middle_, self.width_ = fit_imputer(self._numbers_of(cells))

    def _numbers_of(self, cells: list) -> np.ndarray:
        return numbers_of([cells[place] for place in self.numeric_], [self.features_[place] for place in self.numeric_])

    def _name_features(self) -> None:
        self.keys_, self.origins_ = [], []
        used: set[str] = set()
        for learnt in self.features_:
            keys = feature_names(learnt)
            for place, key in enumerate(keys):
                while key in used:  # a column that is itself called "age is missing"
                    key += "'"
                used.add(key)
                keys[place] = key
            learnt["keys"] = keys
            self.keys_ += keys
            self.origins_ += [learnt["column"]] * len(keys)

    # -- how it is applied ---------------------------------------------------------------------------------------

    def _imputed(self, cells: list) -> dict[int, np.ndarray]:
        """Filled number columns by place among the features; empty where nothing is filled by a model."""
        if self.imputer_ is None:
            return {}
        raw = filled(self._numbers_of(cells), self.imputer_, self.middle_, self.width_)
        return {place: raw[:, column] for column, place in enumerate(self.numeric_)}

    # -- what comes in -------------------------------------------------------------------------------------------

    def _check_settings(self) -> None:
        chosen.Preparation(**{name: getattr(self, name) for name in STEPS})
        if self.drop not in ("if_binary", "first"):
            raise SettingsError("Setting 'drop' must be 'if_binary' or 'first'; it is {value!r}.", value=self.drop)

    def _cells(self, X) -> Cells:
        if isinstance(X, Cells):
            return X
        frame = self._table(X, reset=True)
        return Cells.of(frame, self._readings(frame))

    def _table(self, X, reset: bool) -> pd.DataFrame:
        if isinstance(X, pd.DataFrame):
            if self.columns is not None:
                names = [column.name for column in self.columns]
                absent = [name for name in names if name not in X.columns]
                if absent:
                    raise ColumnsError(
                        "The table has no column {names}, which the preparation needs.", names=listed(absent)
                    )
                X = X if list(X.columns) == names else X[names]
            validate_data(self, X, reset=reset, skip_check_array=True)
            return X
        array = check_array(X, dtype="numeric", ensure_all_finite="allow-nan", estimator=self)
        validate_data(self, array, reset=reset, skip_check_array=True)
        names = [column.name for column in self.columns] if self.columns is not None else None
        return pd.DataFrame(array, columns=names or [f"x{place}" for place in range(array.shape[1])])

    def _readings(self, frame: pd.DataFrame) -> list[Reading]:
        if self.columns is None and all(dtype.kind in "fiu" for dtype in frame.dtypes):
            return [Reading(str(name), "number", unit=self._unit(str(name))) for name in frame.columns]
        columns = describe(frame) if self.columns is None else self.columns
        return [self._reading(column) for column in columns]

    def _reading(self, column: Column) -> Reading:
        if column.kind == "number":
            return Reading(column.name, "number", unit=self._unit(column.name))
        if self.ordered == "rank" and column.ordered and len(column.levels) > 2:
            return Reading(column.name, "number", column.levels)
        return Reading(column.name, "category")

    def _unit(self, name: str) -> tuple[float, float, str] | tuple[()]:
        key = dict(self.units).get(name)
        if key is None:
            return ()
        if key not in CONVERSIONS:
            raise SettingsError("There is no conversion of units called {key!r}; choose one that is listed.", key=key)
        return CONVERSIONS[key].factor, CONVERSIONS[key].offset, CONVERSIONS[key].target

    def __setstate__(self, state: dict) -> None:
        # Of a file from before some of the steps existed: they were not taken.
        super().__setstate__({**STEPS, **state})

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []  # float64 whatever comes
        return tags


def make_preparation(
    columns: Sequence[Column],
    settings: chosen.Preparation | None = None,
    drop: str = "if_binary",
    fills: Mapping[str, float | str] | None = None,
) -> Preparation:
    """The preparation that a user's settings ask for.

    Parameters
    ----------
    columns : sequence of Column
        The predictors; numbers stay numbers, every other kind is spelled out as a category.
    settings : foundation.settings.Preparation, optional
        `duplicates` is not a step of it: rows are dropped before validation, see `Cohort.without_duplicates`.
    drop : {"if_binary", "first"}
        See `Preparation`.
    fills : mapping of str to float or str, optional
        See `Preparation`.

    Returns
    -------
    Preparation
        Not fitted.
    """
    settings = settings or chosen.Preparation()
    return Preparation(tuple(columns), drop=drop, fills=fills, **{name: getattr(settings, name) for name in STEPS})


def feature_origins(fitted: Preparation) -> list[str]:
    """The source column of each feature, in order.

    Parameters
    ----------
    fitted : Preparation

    Returns
    -------
    list of str
    """
    check_is_fitted(fitted)
    return list(fitted.origins_)


def feature_fills(fitted: Preparation) -> dict[str, float | str]:
    """What gaps of each column are filled with, by column; bracketed stand-ins for levels are left out.

    Parameters
    ----------
    fitted : Preparation

    Returns
    -------
    dict of str to float or str
    """
    check_is_fitted(fitted)
    return {f["column"]: as_given(f) for f in fitted.features_ if f["fill"] not in (RARE, MISSING)}


def feature_keys(fitted: Preparation) -> list[str]:
    """A stable name of each feature: "age", "age is missing", "chest_pain=4".

    Parameters
    ----------
    fitted : Preparation

    Returns
    -------
    list of str
    """
    check_is_fitted(fitted)
    return list(fitted.keys_)
