"""What a preparation would do to a cohort, in words and for one column in numbers, before anything is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medtune.cohort.column_preview import ColumnPreview, one_column
from medtune.cohort.features import MISSING
from medtune.cohort.table import Cohort
from medtune.cohort.units import CONVERSIONS
from medtune.foundation import settings as chosen
from medtune.foundation.errors import ColumnsError
from medtune.foundation.words import Sentence, listed, say

if TYPE_CHECKING:
    from medtune.cohort.preparation import Preparation

LIMIT = 2000  # patients looked at
NAMED = 8  # columns with gaps named one by one


@dataclass(frozen=True)
class Preview:
    """What would happen.

    Attributes
    ----------
    n, looked_at : int
        Patients that a run would use, without copies that are left out, and how many of them were looked at.
    predictors, features, filled : int
        Columns that go in and come out, and missing values filled on the way.
    sentences : tuple of Sentence
        What would happen, step by step.
    column : ColumnPreview
    """

    n: int
    looked_at: int
    predictors: int
    features: int
    filled: int
    sentences: tuple[Sentence, ...]
    column: ColumnPreview


def preview(cohort: Cohort, settings: chosen.Preparation, column: str, limit: int = LIMIT, seed: int = 0) -> Preview:
    """Fit the preparation on the cohort and say what it did.

    Parameters
    ----------
    cohort : Cohort
    settings : Preparation
    column : str
        The predictor to be shown before and after.
    limit : int
        At most so many patients are looked at, drawn at random.
    seed : int
        Of that draw.

    Returns
    -------
    Preview
        In a run the same is learnt from training patients only, so its values differ a little.

    Raises
    ------
    ColumnsError
        When `column` is no predictor of the cohort.
    """
    from medtune.cohort.preparation import make_preparation  # scikit-learn: a page that shows a Preview needs none

    if column not in cohort.roles.predictors:
        raise ColumnsError("Column '{column}' is no predictor of these patients; choose another.", column=column)
    kept = cohort.without_duplicates(settings.duplicates)
    copies = cohort.n - kept.n
    looked_at = kept
    if kept.n > limit:
        looked_at = kept.take(np.sort(np.random.default_rng(seed).choice(kept.n, limit, replace=False)))
    raw = looked_at.predictors
    fitted = make_preparation(looked_at.predictor_columns, settings).fit(raw)
    made = fitted.transform(raw)
    shape = (*_converted(fitted), *_levels(fitted), *_shape(fitted, settings), *_scaled(fitted, settings))
    sentences = (_copies(copies, settings), *_gaps(fitted, looked_at), *shape)
    return Preview(
        n=kept.n,
        looked_at=looked_at.n,
        predictors=len(cohort.roles.predictors),
        features=len(fitted.keys_),
        filled=int(raw.drop(columns=fitted.left_out_).isna().sum().sum()),
        sentences=sentences,
        column=one_column(fitted, looked_at.columns[column], raw[column], made),
    )


def _copies(count: int, settings: chosen.Preparation) -> Sentence:
    if settings.duplicates == "keep":
        return say("Rows that are exact copies of others are kept.")
    if settings.duplicates == "near":
        words = "Rows that are copies of another, or nearly so, are left out: {count}."
        return say(words, count=count)
    if count == 0:
        return say("No row is an exact copy of another.")
    if count == 1:
        return say("1 row that is an exact copy of another is left out.")
    return say("{count} rows that are exact copies of others are left out.", count=count)


def _gaps(fitted: Preparation, cohort: Cohort) -> Iterator[Sentence]:
    """Where values are missing, and what they become; the fullest gaps first."""
    if fitted.left_out_:
        yield (
            say("{names} have no value at all and are left out.", names=listed(fitted.left_out_))
            if len(fitted.left_out_) > 1
            else say("{names} has no value at all and is left out.", names=listed(fitted.left_out_))
        )
    counts = cohort.predictors.isna().sum()
    gaps = sorted((f for f in fitted.features_ if counts[f["column"]]), key=lambda f: -counts[f["column"]])
    if not gaps and not fitted.left_out_:
        yield say("No value is missing.")
    for learnt in gaps[:NAMED]:
        name = learnt["column"]
        yield say(
            "Missing values of '{column}' ({count}) {become}.",
            count=int(counts[name]),
            column=name,
            become=_become(fitted, learnt),
        )
    if len(gaps) > NAMED:
        rest = len(gaps) - NAMED
        several = "Missing values of {count} more columns are filled in the same way."
        yield say(several if rest > 1 else "Missing values of one more column are filled in the same way.", count=rest)
    marked = sum(learnt["indicator"] for learnt in fitted.features_)
    if marked:
        yield say("{count} further features tell whether a value was missing.", count=marked)


def _become(fitted: Preparation, learnt: dict) -> Sentence:
    if learnt.get("ranks"):
        level = learnt["ranks"][int(learnt["fill"])]
        return say("become the middle level of the training patients, '{level}'", level=level)
    if learnt["kind"] != "number":
        if learnt["fill"] == MISSING:
            return say("become a level of their own")
        return say("become the commonest level of the training patients, '{level}'", level=learnt["fill"])
    if fitted.imputer_ is not None:
        return say("are estimated from the other numbers of the same patient")
    template = "become the mean of the training patients, {value:.4g}"
    if fitted.numbers != "mean":
        template = "become the median of the training patients, {value:.4g}"
    return say(template, value=learnt["fill"])


def _converted(fitted: Preparation) -> Iterator[Sentence]:
    units = dict(fitted.units)
    for learnt in fitted.features_:
        if learnt.get("unit"):
            conversion = CONVERSIONS[units[learnt["column"]]]
            yield say(
                "'{column}' is converted from {source} to {target}.",
                column=learnt["column"],
                source=conversion.source,
                target=conversion.target,
            )


def _levels(fitted: Preparation) -> Iterator[Sentence]:
    for learnt in fitted.features_:
        if learnt["kind"] != "number" and learnt["grouped"]:
            yield say("Rare levels of '{column}' are grouped into one.", column=learnt["column"])
    ranks = [learnt["column"] for learnt in fitted.features_ if learnt.get("ranks")]
    if ranks:
        one = "{names} enters as one number, the place of the level in its order."
        many = "{names} enter as one number each, the place of the level in its order."
        yield say(one if len(ranks) == 1 else many, names=listed(ranks))


def _shape(fitted: Preparation, settings: chosen.Preparation) -> Iterator[Sentence]:
    clipped = [learnt for learnt in fitted.features_ if np.isfinite(learnt.get("low", np.nan))]
    if clipped:
        yield say(
            "Extreme values of {names} are drawn in to the {low:g}th and {high:g}th percentile.",
            names=listed(learnt["column"] for learnt in clipped),
            low=100 * settings.clip,
            high=100 * (1 - settings.clip),
        )
    logs = {learnt["column"] for learnt in fitted.features_ if learnt.get("log")}
    bent = {learnt["column"]: len(learnt["knots"]) for learnt in fitted.features_ if learnt.get("knots")}
    wished = {shape: {name for name, one in settings.shapes if one == shape} for shape in ("log", "spline")}
    if logs:
        yield say("The logarithm is taken of {names}.", names=listed(sorted(logs)))
    elif settings.skewed == "log":
        yield say("No number is skewed enough to the right for a logarithm.")
    for knots in sorted(set(bent.values())):
        names = listed(name for name, count in bent.items() if count == knots)
        yield say("The effect of {names} may follow a curve with {knots} knots.", names=names, knots=knots)
    present = {learnt["column"] for learnt in fitted.features_}
    for name in sorted((wished["log"] - logs) & present):
        yield say("No logarithm is taken of '{name}': it has values below 0, or none above.", name=name)
    for name in sorted((wished["spline"] - bent.keys()) & present):
        yield say("'{name}' has too few different values for a curve and stays straight.", name=name)


def _scaled(fitted: Preparation, settings: chosen.Preparation) -> Iterator[Sentence]:
    if settings.scale == "standard":
        yield say("Each number is shifted and stretched to mean 0 and standard deviation 1.")
    elif settings.scale == "robust":
        yield say("Each number is shifted and stretched to median 0 and quartile distance 1.")
    bent = any(learnt.get("knots") for learnt in fitted.features_)
    yield say(
        "{columns} columns become {features} features, one for each number, bend of a curve and level of a category."
        if bent
        else "{columns} columns become {features} features, one for each number and for each level of a category.",
        columns=len(fitted.features_),
        features=len(fitted.keys_),
    )
