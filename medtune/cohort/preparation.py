"""Make the predictors ready for a model: fill gaps, clip, scale, and spell out categories, learning only in `fit`."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from medtune.cohort.columns import Column, describe
from medtune.cohort.features import MISSING, RARE, Cells, centre_and_spread, read_cells, write_category, write_number
from medtune.cohort.imputing import filled, fit_imputer, numbers_of
from medtune.foundation import settings as chosen
from medtune.foundation.errors import ColumnsError, SettingsError
from medtune.foundation.words import listed

FEW_VALUES = 10  # a number with at most this many different values is never clipped: a 0/1 column would turn constant


class Preparation(TransformerMixin, BaseEstimator):
    """Columns of a cohort to features of a model, in one transformer.

    For each number: clip to learnt quantiles, fill gaps, scale, and on wish add a 0/1 column "is missing".
    For each category: fill gaps with the commonest level (or make "missing" a level of its own), group rare levels,
    and spell out one 0/1 column a level.

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
    drop : {"if_binary", "first"}
        Leave out the first level of categories with two, or of every category (for unpenalised fits).
    fills : mapping of str to float or str, optional
        By column, what gaps are filled with instead of what the rows fitted would say: the values of the patients
        a model was made from. A level that these rows do not have is passed over, and so are numbers that
        "iterative" fills.

    Attributes
    ----------
    keys_ : list of str
        Stable name of each feature: "age", "age is missing", "chest_pain=4".
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
        cells = [read_cells(frame, learnt["place"], learnt["kind"]) for learnt in self.features_]
        return self._made(cells, X, frame.index)

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """The stable names of the features, as text."""
        check_is_fitted(self)
        return np.array(self.keys_, dtype=object)

    def _learn(self, table: Cells) -> list:
        """Learn from a table; returns the cells of the columns that give features."""
        self._check_settings()
        self.left_out_, self.features_, cells = [], [], []
        for place, ((name, kind), read) in enumerate(zip(table.kinds, table.columns, strict=True)):
            empty = bool(np.isnan(read).all() if kind == "number" else (read[0] < 0).all())
            if empty:
                self.left_out_.append(name)
                continue
            given = (self.fills or {}).get(name)
            learnt = self._fit_number(read, given) if kind == "number" else self._fit_category(*read, given)
            self.features_.append({"column": name, "place": place, "kind": kind, **learnt})
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

    def _fit_number(self, values: np.ndarray, given: float | str | None) -> dict:
        known = values[~np.isnan(values)]
        low, high = -np.inf, np.inf
        if self.clip > 0 and np.unique(known).size > FEW_VALUES:
            low, high = np.quantile(known, [self.clip, 1 - self.clip])
            known = np.clip(known, low, high)
        fill = known.mean() if self.numbers == "mean" else np.median(known)
        fill = given if isinstance(given, (int, float)) and np.isfinite(given) else fill
        gaps = values.size - known.size
        centre, spread = 0.0, 1.0
        if self.scale != "none":
            centre, spread = centre_and_spread(known, fill, gaps, self.scale)
        return {
            "low": float(low),
            "high": float(high),
            "fill": float(fill),
            "centre": float(centre),
            "spread": float(spread),
            "indicator": bool(self.indicators and gaps),
        }

    def _fit_category(self, codes: np.ndarray, levels: list[str], given: float | str | None) -> dict:
        tally = np.bincount(codes + 1, minlength=len(levels) + 1)
        gaps, known = int(tally[0]), int(tally[1:].sum())
        counts = {level: count for level, count in zip(levels, tally[1:].tolist(), strict=True) if count}
        rare = {level for level, count in counts.items() if count < self.rare_below * known}
        rare = rare if len(rare) > 1 else set()
        own_level = self.categories == "level" and gaps > 0
        most = max(counts.values())
        mode = given if given in counts else min(level for level, count in counts.items() if count == most)
        kept = sorted(counts.keys() - rare)
        spelled = [*kept, *([RARE] if rare else []), *([MISSING] if own_level else [])]
        dropped = len(spelled) > 1 and (self.drop == "first" or len(spelled) == 2)
        return {
            "levels": kept,
            "spelled": spelled,
            "dropped": dropped,
            "grouped": bool(rare),
            "fill": MISSING if own_level else (RARE if mode in rare else mode),
            "indicator": bool(self.indicators and gaps and not own_level),
        }

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
            name = learnt["column"]
            if learnt["kind"] == "number":
                keys = [name]
            else:
                keys = [f"{name}={level}" for level in learnt["spelled"][int(learnt["dropped"]) :]]
            keys += [f"{name} is missing"] if learnt["indicator"] else []
            for place, key in enumerate(keys):
                while key in used:  # a column that is itself called "age is missing"
                    key += "'"
                used.add(key)
                keys[place] = key
            learnt["keys"] = keys
            self.keys_ += keys
            self.origins_ += [name] * len(keys)

    # -- how it is applied ---------------------------------------------------------------------------------------

    def _imputed(self, cells: list) -> dict[int, np.ndarray]:
        """Filled number columns by place among the features; empty where nothing is filled by a model."""
        if self.imputer_ is None:
            return {}
        raw = filled(self._numbers_of(cells), self.imputer_, self.middle_, self.width_)
        return {place: raw[:, column] for column, place in enumerate(self.numeric_)}

    # -- what comes in -------------------------------------------------------------------------------------------

    def _check_settings(self) -> None:
        shared = ("numbers", "categories", "indicators", "scale", "rare_below", "clip")
        chosen.Preparation(**{name: getattr(self, name) for name in shared})
        if self.drop not in ("if_binary", "first"):
            raise SettingsError("Setting 'drop' must be 'if_binary' or 'first'; it is {value!r}.", value=self.drop)

    def _cells(self, X) -> Cells:
        if isinstance(X, Cells):
            return X
        frame = self._table(X, reset=True)
        return Cells.of(frame, self._kinds(frame))

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

    def _kinds(self, frame: pd.DataFrame) -> list[tuple[str, str]]:
        if self.columns is None and all(dtype.kind in "fiu" for dtype in frame.dtypes):
            return [(str(name), "number") for name in frame.columns]
        columns = describe(frame) if self.columns is None else self.columns
        return [(column.name, "number" if column.kind == "number" else "category") for column in columns]

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
    return Preparation(
        tuple(columns),
        numbers=settings.numbers,
        categories=settings.categories,
        indicators=settings.indicators,
        scale=settings.scale,
        rare_below=settings.rare_below,
        clip=settings.clip,
        drop=drop,
        fills=fills,
    )


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
    return {f["column"]: f["fill"] for f in fitted.features_ if f["fill"] not in (RARE, MISSING)}


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
