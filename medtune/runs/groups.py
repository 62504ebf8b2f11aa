"""Whom a run's models serve: the same measures in each group of its patients, by any column, and between sites."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from medtune.cohort.table import Cohort
from medtune.evaluation.certainty import ConformalSets, coverage, each_against_others
from medtune.evaluation.heterogeneity import Heterogeneity, heterogeneity
from medtune.evaluation.subgroups import FEWEST, MEASURES, subgroups
from medtune.foundation.errors import MedtuneError
from medtune.foundation.estimate import Estimate

MOST = 12
AGES = (0, 40, 50, 60, 70, 80)
ERROR = 0.1


@dataclass(frozen=True)
class GroupRow:
    """One group of patients.

    Attributes
    ----------
    name : str
        The level, band or quarter.
    n, events : int
    enough : bool
        Whether there are 10 events and 10 non-events; without them every estimate is blank.
    measures : mapping of str to mapping of str to Estimate
        By method, then by measure: auroc, oe, slope, sensitivity.
    covered : mapping of str to Estimate
        Of the judged method: share of patients with the event, and without, whose set holds the truth, and of all
        who are referred.
    """

    name: str
    n: int
    events: int
    enough: bool
    measures: Mapping[str, Mapping[str, Estimate]]
    covered: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True)
class Groups:
    """The groups that a column makes.

    Attributes
    ----------
    column : str
    rows : tuple of GroupRow
        Levels in reading order, bands and quarters from low to high.
    spread : mapping of str to Heterogeneity or None
        By measure, of the judged method: how far the groups differ beyond chance.
    unplaced : int
        Patients without a value, or of a level beyond the 12 commonest; they are in no group.
    """

    column: str
    rows: tuple[GroupRow, ...]
    spread: Mapping[str, Heterogeneity | None]
    unplaced: int = 0


def group_labels(cohort: Cohort, column: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """The group of each patient by one column.

    Parameters
    ----------
    cohort : Cohort
    column : str
        A category, a site or a number. Ages make bands, other numbers quarters of the patients.

    Returns
    -------
    labels : ndarray of shape (n,), int
        Place of the group in `names`; -1 in none.
    names : tuple of str

    Raises
    ------
    MedtuneError
        No such column, or one of dates, free text or identifiers.
    """
    kind = cohort.columns[column].kind if column in cohort.columns else ""
    site = column == cohort.roles.site
    if kind not in ("number", "category") and not site:
        raise MedtuneError("Column '{column}' makes no groups; choose a category, a number or the site.", column=column)
    cells = cohort.frame[column]
    if kind == "number" and not site:
        return _bands(cells.to_numpy(dtype=float), column)
    texts = cells.astype("str").where(cells.notna())
    kept = sorted(texts.value_counts().index[:MOST])
    places = texts.map({name: place for place, name in enumerate(kept)})
    return places.fillna(-1).to_numpy(dtype=int), tuple(kept)


def _bands(values: np.ndarray, column: str) -> tuple[np.ndarray, tuple[str, ...]]:
    known = values[np.isfinite(values)]
    if not known.size:
        return np.full(values.size, -1), ()
    if re.search(r"(^|[\W_])age([\W_]|$)", column.lower()) and known.min() >= 0 and known.max() <= 120:
        edges = np.array([edge for edge in AGES if edge <= known.max()], dtype=float)
    else:
        edges = np.unique([known.min(), *np.quantile(known, [0.25, 0.5, 0.75])])
    places = np.where(np.isfinite(values), np.searchsorted(edges, values, side="right") - 1, -1)
    there = [place for place in range(edges.size) if (places == place).any()]
    names = tuple(_name(edges, place, there) for place in there)
    return np.array([there.index(p) if p >= 0 else -1 for p in places]), names


def _name(edges: np.ndarray, place: int, there: list[int]) -> str:
    if place == there[-1]:
        return f"{edges[place]:g} or more"
    upper = f"below {edges[place + 1]:g}"
    return upper if place == there[0] else f"{edges[place]:g} to {upper}"


def who_it_serves(
    cohort: Cohort,
    rows: np.ndarray,
    risks: Mapping[str, np.ndarray],
    tuned: str,
    column: str,
    threshold: float,
    *,
    resamples: int = 500,
    seed: int = 0,
) -> Groups:
    """Evaluate the models of a run in each group of its patients.

    Parameters
    ----------
    cohort : Cohort
        The patients that took part in the run.
    rows : ndarray of shape (m,)
        Positions of those who were scored.
    risks : mapping of str to ndarray of shape (repeats, m)
        Their out-of-fold risks by method.
    tuned : str
        Key of the judged method.
    column : str
        What makes the groups.
    threshold : float
        For sensitivity, the same in all groups.
    resamples, seed : int
        For the intervals.

    Returns
    -------
    Groups
    """
    y = cohort.outcome[rows]
    labels, names = group_labels(cohort, column)
    labels = labels[rows]
    given = np.where(labels >= 0, labels, np.nan)
    ids = None if cohort.patients is None else cohort.patients[rows]
    how = {"threshold": threshold, "clusters": ids, "resamples": resamples, "seed": seed, "fewest": FEWEST}
    found = {key: subgroups(y, risk, given, **how) for key, risk in risks.items()}
    sets = [each_against_others(y, p, ERROR) for p in np.atleast_2d(risks[tuned])]
    made = []
    for own in found[tuned]:
        place = int(float(own.name))
        same = {key: next(g for g in groups if g.name == own.name).measures for key, groups in found.items()}
        covered = _covered(y, sets, labels == place) if own.enough else {}
        made.append(GroupRow(names[place], own.n, own.events, own.enough, same, covered))
    spread = {m: heterogeneity([g.measures[tuned][m] for g in made], m) for m in MEASURES}
    return Groups(column, tuple(made), spread, int((labels < 0).sum()))


def _covered(y: np.ndarray, sets: list[ConformalSets], rows: np.ndarray) -> dict[str, Estimate]:
    each = [coverage(y[rows], ConformalSets(s.event[rows], s.no_event[rows], s.error)) for s in sets]
    parts = ("value", "low", "high")
    return {name: Estimate(*(float(np.mean([getattr(e[name], p) for e in each])) for p in parts)) for name in each[0]}


def columns_for_groups(cohort: Cohort) -> tuple[str, ...]:
    """Columns that make groups: the site first, then categories, then numbers.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    tuple of str
    """
    apart = {cohort.roles.outcome, cohort.roles.patient, cohort.roles.date}
    kinds = {name: c.kind for name, c in cohort.columns.items() if c.distinct > 1 and name not in apart}
    site = [cohort.roles.site] if cohort.roles.site and pd.unique(cohort.site).size > 1 else []
    ordered = [[name for name, kind in kinds.items() if kind == wanted] for wanted in ("category", "number")]
    return tuple(dict.fromkeys([*site, *ordered[0], *ordered[1]]))
