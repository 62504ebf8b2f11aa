"""Sums over source patients, brought to the units that a preparation converts columns to, and back again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from medtune.cohort.shapes import name_of
from medtune.cohort.units import CONVERSIONS
from medtune.models.passport import Aggregates


def in_prepared_units(sums: Aggregates, units: Mapping[str, str]) -> Aggregates:
    """The sums as a preparation names and measures its features.

    Parameters
    ----------
    sums : Aggregates
        In the units of the table.
    units : mapping of str to str
        By column, key of the conversion that the preparation begins with.

    Returns
    -------
    Aggregates
        Fills stay as they are: a preparation converts them itself. The information is per SD and stays.
    """
    names, sds, means = list(sums.features), list(sums.sd), list(sums.means)
    for column, key in units.items():
        if column in names:
            at, conversion = names.index(column), CONVERSIONS[key]
            names[at] = name_of(column, {"unit": {"target": conversion.target}})
            sds[at], means[at] = sds[at] * abs(conversion.factor), float(conversion.apply(means[at]))
    return replace(sums, features=tuple(names), sd=tuple(sds), means=tuple(means))


def in_table_units(sums: Aggregates, features: list[dict]) -> Aggregates:
    """The sums of a preparation's features, in the units of the table it was given.

    Parameters
    ----------
    sums : Aggregates
        As the preparation names and measures its features.
    features : list of dict
        What it learnt, column by column.

    Returns
    -------
    Aggregates
        So that another hospital's model or table finds the column under its own name. A column whose logarithm was
        taken, or that was bent, keeps its features as they are.
    """
    names, sds, means = list(sums.features), list(sums.sd), list(sums.means)
    for learnt in features:
        unit = learnt.get("unit")
        if unit and not learnt.get("log") and not learnt.get("knots"):
            at = names.index(learnt["keys"][0])
            names[at] = learnt["column"]
            sds[at], means[at] = sds[at] / abs(unit["factor"]), (means[at] - unit["offset"]) / unit["factor"]
    return replace(sums, features=tuple(names), sd=tuple(sds), means=tuple(means))
