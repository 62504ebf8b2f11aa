"""Make many columns of measurements ready for a model: log, batches, the most variable, scale; learnt only in `fit`."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, column_or_1d, validate_data

from medtune.cohort.columns import Column
from medtune.cohort.genes import gene_names, looks_unlogged
from medtune.cohort.preparation import Preparation, feature_fills, make_preparation
from medtune.cohort.values import as_levels
from medtune.evaluation.ranking import strength
from medtune.foundation import settings as chosen
from medtune.foundation.errors import ColumnsError
from medtune.foundation.words import listed

BATCH_ROWS = 5  # fewer patients of a batch do not say where it lies


class Expression(TransformerMixin, BaseEstimator):
    """Gene measurements to features of a model; columns that are no genes go through the usual preparation.

    In this order: log2, centring by batch, the genes that vary most, on wish those that differ most between the
    outcomes, mean 0 and standard deviation 1. Gaps take the gene's median.

    Parameters
    ----------
    columns : sequence of Column, optional
        What the columns are; every column is a gene when None.
    log : {"auto", "log2", "none"}
        log2(1 + x), what is below 0 counting as 0. "auto" takes logarithms where the values look as if none were
        taken: 99th percentile above 100, or a range above 50 with a positive lower quartile (the rule of GEO2R).
    batch : str, optional
        Column that names the batch: from each gene the mean of its batch is taken and that of all is added.
        Patients of a batch that was not seen in `fit`, or seen in fewer than five patients, stay as they are.
    keep : int
        So many genes are kept, those that vary most; the outcome plays no part in it.
    ranked : int
        Of these, so many that differ most between the outcomes (Welch's t or F); 0 keeps all.
    clinical : sequence of str
        Columns of numbers that are no genes.
    others : foundation.settings.Preparation, optional
        How columns that are no genes are prepared.

    Attributes
    ----------
    genes_ : list of str
        Those kept.
    logged_ : bool
        Whether logarithms were taken.
    fill_, centre_, spread_ : ndarray of shape (genes,)
        Median, mean and standard deviation of each, after the logarithm and the batches.
    offsets_ : dict of str to ndarray
        By batch, what is taken from each gene.
    rest_ : Preparation or None
        Of the other columns.
    keys_, origins_ : list of str
        Stable name of each feature, and the column it comes from; genes first.
    """

    def __init__(
        self,
        columns: Sequence[Column] | None = None,
        *,
        log: str = "auto",
        batch: str | None = None,
        keep: int = 2000,
        ranked: int = 0,
        clinical: Sequence[str] = (),
        others: chosen.Preparation | None = None,
    ) -> None:
        self.columns = columns
        self.log = log
        self.batch = batch
        self.keep = keep
        self.ranked = ranked
        self.clinical = clinical
        self.others = others

    def fit(self, X, y=None) -> Expression:
        """Learn from these rows alone.

        Parameters
        ----------
        X : DataFrame or array of shape (n, columns)
        y : array-like of shape (n,), optional
            Outcomes; needed where genes are ranked by them.
        """
        chosen.Genes(log=self.log, keep=self.keep, ranked=self.ranked)
        frame = self._table(X, reset=True)
        genes, rest = self._sorted_out(frame)
        values = _numbers(frame, genes)
        known = ~np.isnan(values).all(axis=0)
        genes, values = [gene for gene, there in zip(genes, known, strict=True) if there], values[:, known]
        self.logged_ = self.log == "log2" or (self.log == "auto" and looks_unlogged(values))
        values = _logged(values) if self.logged_ else values
        fill = np.nanmedian(values, axis=0) if len(genes) else np.zeros(0)
        values = np.where(np.isnan(values), fill, values)
        offsets = self._batches(frame, values)
        for batch, rows in _rows_of(frame, self.batch).items():
            values[rows] -= offsets.get(batch, 0.0)
        kept = self._kept(values, y)
        self.genes_, self.fill_ = [genes[at] for at in kept], fill[kept]
        self.offsets_ = {batch: offset[kept] for batch, offset in offsets.items()}
        self.centre_ = values[:, kept].mean(axis=0)
        spread = values[:, kept].std(axis=0)
        self.spread_ = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(self.centre_)), spread, 1.0)
        self.rest_ = self._prepare_rest(frame, rest)
        self._name()
        return self

    def transform(self, X) -> pd.DataFrame:
        """Make the features.

        Parameters
        ----------
        X : DataFrame or array of shape (n, columns)
            With the columns of `fit`; of a restricted one, with those it still reads.

        Returns
        -------
        DataFrame of float64, shape (n, features)
        """
        check_is_fitted(self)
        frame = self._table(X, reset=False)
        values = _numbers(frame, self.genes_)
        values = _logged(values) if self.logged_ else values
        values = np.where(np.isnan(values), self.fill_, values)
        for batch, rows in _rows_of(frame, self.batch).items():
            if batch in self.offsets_:
                values[rows] -= self.offsets_[batch]
        values = (values - self.centre_) / self.spread_
        if self.rest_ is not None:
            names = [column.name for column in self.rest_.columns]
            values = np.column_stack([values, np.asarray(self.rest_.transform(frame[names]), float)])
        return pd.DataFrame(values, columns=pd.Index(self.keys_, dtype=object), index=frame.index, copy=False)

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """The stable names of the features, as text."""
        check_is_fitted(self)
        return np.array(self.keys_, dtype=object)

    def restricted(self, features: np.ndarray) -> Expression:
        """The same for some features alone; it then reads no other column.

        Parameters
        ----------
        features : ndarray of bool, shape (features,)
            Which of them a model uses; columns that are no genes stay in any case.

        Returns
        -------
        Expression
            Fitted.
        """
        check_is_fitted(self)
        kept = np.flatnonzero(np.asarray(features, bool)[: len(self.genes_)])
        small = copy.copy(self)
        small.genes_ = [self.genes_[at] for at in kept]
        small.fill_, small.centre_, small.spread_ = self.fill_[kept], self.centre_[kept], self.spread_[kept]
        small.offsets_ = {batch: offset[kept] for batch, offset in self.offsets_.items()}
        small._name()
        read = {*small.genes_, *([self.batch] if self.batch else [])}
        read |= {column.name for column in small.rest_.columns} if small.rest_ is not None else set()
        if self.columns is not None:
            small.columns = tuple(column for column in self.columns if column.name in read)
            small.feature_names_in_ = np.array([column.name for column in small.columns], dtype=object)
            small.n_features_in_ = len(small.columns)
        return small

    @property
    def fills(self) -> dict[str, float | str]:
        """What gaps of each column are filled with, in the units of the table."""
        raw = np.exp2(self.fill_) - 1 if self.logged_ else self.fill_
        own = dict(zip(self.genes_, raw.tolist(), strict=True))
        return own | (feature_fills(self.rest_) if self.rest_ is not None else {})

    # -- what is learnt ------------------------------------------------------------------------------------------

    def _batches(self, frame: pd.DataFrame, values: np.ndarray) -> dict[str, np.ndarray]:
        middle = values.mean(axis=0)
        rows = {batch: at for batch, at in _rows_of(frame, self.batch).items() if at.size >= BATCH_ROWS}
        return {batch: values[at].mean(axis=0) - middle for batch, at in rows.items()}

    def _kept(self, values: np.ndarray, y) -> np.ndarray:
        """Places of the genes kept, in their order."""
        if not values.shape[1]:
            return np.zeros(0, dtype=int)
        spread = values.std(axis=0)
        varying = np.flatnonzero(spread > 1e-12 * np.maximum(1.0, np.abs(values.mean(axis=0))))
        varying = varying if varying.size else np.arange(values.shape[1])
        kept = varying[np.argsort(-spread[varying], kind="stable")[: self.keep]]
        if self.ranked and self.ranked < kept.size and y is not None:
            outcome = np.unique(column_or_1d(y), return_inverse=True)[1]
            kept = kept[np.argsort(-strength(values[:, kept], outcome), kind="stable")[: self.ranked]]
        return np.sort(kept)

    def _prepare_rest(self, frame: pd.DataFrame, rest: list[Column]) -> Preparation | None:
        if not rest:
            return None
        return make_preparation(rest, self.others).fit(frame[[column.name for column in rest]])

    def _name(self) -> None:
        taken, self.keys_ = set(), []
        for key in (*self.genes_, *(self.rest_.keys_ if self.rest_ is not None else ())):
            while key in taken:
                key += "'"
            taken.add(key)
            self.keys_.append(key)
        self.origins_ = [*self.genes_, *(self.rest_.origins_ if self.rest_ is not None else ())]

    # -- what comes in -------------------------------------------------------------------------------------------

    def _sorted_out(self, frame: pd.DataFrame) -> tuple[list, list[Column]]:
        """Names of the genes, and the columns that are none; the batch is neither."""
        if self.columns is None:
            return list(frame.columns), []
        return gene_names(self.columns, self.clinical, self.batch), [
            column
            for column in self.columns
            if column.name != self.batch and (column.kind != "number" or column.name in set(self.clinical))
        ]

    def _table(self, X, reset: bool) -> pd.DataFrame:
        names = None if self.columns is None else [column.name for column in self.columns]
        if isinstance(X, pd.DataFrame):
            if names is not None:
                there = set(X.columns)
                absent = [name for name in names if name not in there]
                if absent:
                    raise ColumnsError(
                        "The table has no column {names}, which the preparation needs.", names=listed(absent)
                    )
                X = X if list(X.columns) == names else X[names]
            validate_data(self, X, reset=reset, skip_check_array=True)
            return X
        array = check_array(X, dtype="numeric", ensure_all_finite="allow-nan", estimator=self)
        validate_data(self, array, reset=reset, skip_check_array=True)
        return pd.DataFrame(array, columns=names or [f"x{place}" for place in range(array.shape[1])])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []  # float64 whatever comes
        return tags


def make_expression(
    columns: Sequence[Column], genes: chosen.Genes, others: chosen.Preparation | None = None
) -> Expression:
    """The preparation of genes that a user's settings ask for, not fitted.

    Parameters
    ----------
    columns : sequence of Column
        Predictors, and the batch where there is one.
    genes : foundation.settings.Genes
    others : foundation.settings.Preparation, optional
        For columns that are no genes.

    Returns
    -------
    Expression
    """
    batch = genes.batch if any(column.name == genes.batch for column in columns) else None
    return Expression(
        tuple(columns),
        log=genes.log,
        batch=batch,
        keep=genes.keep,
        ranked=genes.ranked,
        clinical=genes.clinical,
        others=others,
    )


def _logged(values: np.ndarray) -> np.ndarray:
    return np.log2(1 + np.maximum(values, 0.0))  # NaN stays


def _numbers(frame: pd.DataFrame, names: list) -> np.ndarray:
    values = frame[names].to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    values[np.isinf(values)] = np.nan
    return values


def _rows_of(frame: pd.DataFrame, batch: str | None) -> dict[str, np.ndarray]:
    """Rows of each batch; nobody's where there are none. A patient without one belongs to no batch."""
    if not batch or batch not in frame.columns:
        return {}
    levels = as_levels(frame[batch]).to_numpy(dtype=object)
    return {str(level): np.flatnonzero(levels == level) for level in pd.unique(levels) if isinstance(level, str)}
