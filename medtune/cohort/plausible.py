"""Findings about values that cannot be, units that were mixed, rows that are nearly the same, and sites that differ."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from medtune.cohort.doubts import Finding, Remedy, View
from medtune.cohort.mixtures import other_unit
from medtune.cohort.units import quantity_of
from medtune.cohort.values import as_numbers, level_codes, level_text
from medtune.cohort.vocabulary import PATIENT, words_of
from medtune.foundation.words import counted, listed, say

# Words of a column's name -> lowest and highest value that a living patient can have, in any usual unit.
LIMITS: tuple[tuple[frozenset[str], float, float], ...] = tuple(
    (frozenset(words.split()), low, high)
    for words, low, high in (
        ("age alter 年龄 edad", 0, 120),
        ("sbp systolic sysbp sys 收缩压", 20, 320),
        ("dbp diastolic diabp 舒张压", 0, 220),
        ("pulse hr heartrate 心率 脉搏", 0, 350),
        ("bmi", 6, 120),
        ("spo2 sao2 saturation 血氧", 0, 100),
        ("temperature temp 体温", 20, 115),
        ("height 身高", 0.2, 260),
        ("weight 体重", 0.2, 700),
        ("cholesterol glucose creatinine sodium potassium hemoglobin haemoglobin crp 血糖 肌酐 胆固醇", 0, 1e5),
    )
)
MOST_CODES = 20  # different values that a remedy marks as missing
ID_KINDS = ("number", "text", "identifier")
SHIFTED = 1.0  # standardised difference between a site and the others


def implausible(view: View) -> Iterator[Finding]:
    """Values that no patient can have, such as a negative age."""
    for name in view.predictors:
        limits = next(((low, high) for words, low, high in LIMITS if words_of(name) & words), None)
        if view.columns[name].kind != "number" or limits is None:
            continue
        values = as_numbers(view.frame[name])[0]
        known = values[~np.isnan(values)]
        # Standardised or transformed columns are no measurements: most of their values lie outside.
        outside = known[(known < limits[0]) | (known > limits[1])]
        if not outside.size or outside.size > 0.2 * known.size:
            continue
        codes = tuple(level_text(value) for value in np.unique(outside))
        few = len(codes) <= MOST_CODES
        yield Finding(
            "warn",
            (name,),
            int(outside.size),
            counted(
                outside.size,
                "1 value of '{name}' lies outside {low:g} to {high:g}, where a patient's can be.",
                "{count} values of '{name}' lie outside {low:g} to {high:g}, where a patient's can be.",
                name=name,
                low=limits[0],
                high=limits[1],
            ),
            Remedy("mark_missing", (name,), codes) if few else Remedy("leave_out", (name,)),
            "implausible",
        )


def pressures(view: View) -> Iterator[Finding]:
    """Systolic pressures below the diastolic one of the same row."""
    systolic = [name for name in view.predictors if words_of(name) & LIMITS[1][0]]
    diastolic = [name for name in view.predictors if words_of(name) & LIMITS[2][0]]
    if len(systolic) != 1 or len(diastolic) != 1:
        return
    names = (systolic[0], diastolic[0])
    upper, lower = (as_numbers(view.frame[name])[0] for name in names)
    count = int((upper < lower).sum())
    if count:
        one = "'{upper}' is below '{lower}' in 1 row; the two may be swapped there."
        many = "'{upper}' is below '{lower}' in {count} rows; the two may be swapped there."
        said = counted(count, one, many, upper=names[0], lower=names[1])
        yield Finding("warn", names, count, said, Remedy("leave_out", names), "pressures")


def unit_mixtures(view: View) -> Iterator[Finding]:
    """Two clusters of values whose middles lie apart by a factor between two units."""
    for name in view.predictors:
        column = view.columns[name]
        if column.kind != "number" or column.distinct < 10 or (column.integer and quantity_of(name) is None):
            continue  # whole numbers of nothing known are counts or codes, such as that of a region
        found = other_unit(as_numbers(view.frame[name])[0], name)
        if found is None:
            continue
        (cut, side, factor), count = found
        one = "1 value of '{name}' {beyond} is about {factor:.3g} times as {large} as the others; "
        many = "{count} values of '{name}' {beyond} are about {factor:.3g} times as {large} as the others; "
        said = counted(
            count,
            one + "it may be in another unit.",
            many + "they may be in another unit.",
            name=name,
            beyond=say("above {cut:.4g}" if side > 0 else "below {cut:.4g}", cut=cut),
            large=say("large") if side > 0 else say("small"),
            factor=max(factor, 1 / factor),
        )
        remedy = Remedy("one_unit", (name,), rule=(cut, side, factor))
        yield Finding("warn", (name,), count, said, remedy, "unit_mixture")


def near_copies(view: View) -> Iterator[Finding]:
    """Rows that agree in every predictor and the outcome without being exact copies: one patient under two ids."""
    names = list(view.predictors) + ([view.roles.outcome] if view.roles.outcome in view.columns else [])
    variety = sum(math.log(max(view.columns[name].distinct, 1)) for name in names)
    if len(view.predictors) < 4 or variety < 3 * math.log(max(len(view.frame), 2)):
        return  # so few different rows are possible that patients agree by chance
    some = view.frame[names]
    full = some.notna().mean(axis=1).to_numpy() > 0.5
    alike = some.duplicated(keep=False).to_numpy() & ~view.frame.duplicated(keep=False).to_numpy() & full
    count = int(alike.sum())
    if count:
        said = counted(
            count,
            "1 row agrees with a copied row in every predictor; it may be the same patient.",
            "{count} rows agree with another in every predictor and the outcome; they may be the same patients.",
        )
        yield Finding("warn", (), count, said, Remedy("drop_near_copies"), "near_copies")


def repeated_ids(view: View) -> Iterator[Finding]:
    """A column of patient ids with repeats that nobody has called the patient id."""
    if view.roles.patient is not None or not view.roles.outcome:
        return
    named = set(view.roles.named.values())
    for name, column in view.columns.items():
        if name in named or not words_of(name) & PATIENT or column.kind not in ID_KINDS:
            continue
        ids = view.frame[name].dropna()
        again = int(ids.duplicated(keep=False).sum())
        if again and ids.nunique() > 0.1 * len(ids):
            one = many = "{count} rows share their '{name}' with another row; as patient id it keeps them together."
            said = counted(again, one, many, name=name)
            yield Finding("warn", (name,), again, said, Remedy("choose_patient", (name,)), "repeated_ids")
            return


def drift(view: View) -> Iterator[Finding]:
    """Predictors whose values at one site lie far from those of the others."""
    if view.roles.site not in view.columns:
        return
    site, names = level_codes(view.frame[view.roles.site])
    sizes = np.bincount(site[site >= 0], minlength=len(names))
    if not 2 <= len(names) <= 50:
        return
    shifted = [name for name in view.predictors if _shift(view, name, site, sizes) > SHIFTED]
    if shifted:
        one, many = "{names} differs a lot between sites (", "{names} differ a lot between sites ("
        rest = "more than one standard deviation); compare units and ways of measuring."
        said = say((one if len(shifted) == 1 else many) + rest, names=listed(shifted))
        yield Finding("note", tuple(shifted), len(shifted), said, Remedy("leave_out", tuple(shifted)), "drift")


def _shift(view: View, name: str, site: np.ndarray, sizes: np.ndarray) -> float:
    """Largest standardised difference between one site and all others."""
    if view.columns[name].kind != "number":
        return 0.0
    values = as_numbers(view.frame[name])[0]
    known = ~np.isnan(values) & (site >= 0)
    if known.sum() < 40:
        return 0.0
    values, at = values[known], site[known]
    largest = 0.0
    for place in np.flatnonzero(sizes >= 20):
        here, there = values[at == place], values[at != place]
        if min(here.size, there.size) >= 20:
            spread = math.sqrt((here.var() + there.var()) / 2)
            largest = max(largest, abs(here.mean() - there.mean()) / spread if spread else 0.0)
    return largest
