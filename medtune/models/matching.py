"""Which local column feeds which predictor of a model, guessed from names, units, levels and values."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column
from medtune.cohort.units import (
    CONVERSIONS,
    QUANTITIES,
    conversion_between,
    quantity_of,
    read_name,
    unit_in,
    unit_of_value,
)
from medtune.cohort.values import as_numbers, spoken
from medtune.foundation.settings import Feed
from medtune.models.formula_reading import read_formula
from medtune.models.passport import Passport
from medtune.models.terms import Formula

EQUATION, GAP = "Log-odds = {formula}", "A missing '{column}' counts as {fill}."
ALIKE = 0.85  # of the letters of two names, below which they are no longer taken for the same
CLEARLY_NEARER = math.log(1.5)
USUALLY_INSIDE, SELDOM_INSIDE = 0.8, 0.5
SEX = (("m", "male", "man", "men", "boy", "\u7537"), ("f", "female", "woman", "women", "girl", "w", "\u5973"))
SWITCH = (
    ("1", "yes", "y", "true", "t", "present", "positive", "pos", "+", "\u662f", "\u6709"),
    ("0", "no", "n", "false", "absent", "negative", "neg", "none", "-", "\u5426", "\u65e0"),
)
SYNONYMS = (
    {"sex", "gender"},
    {"sbp", "systolic", "sysbp", "trestbps", "resting bp", "resting blood pressure"},
    {"dbp", "diastolic", "diabp"},
    {"hr", "pulse", "heartrate", "heart rate"},
    {"bmi", "body mass index"},
    {"dm", "diabetes", "diabetic"},
    {"temp", "temperature"},
    {"wt", "weight", "bodyweight"},
    {"ht", "height", "stature"},
    {"cp", "chest pain", "chest pain type"},
    {"thalach", "maxhr", "max hr", "max heart rate", "maximum heart rate"},
    {"exang", "exercise angina", "exercise induced angina"},
    {"oldpeak", "st depression"},
    {"fbs", "fasting blood sugar"},
    {"restecg", "resting ecg"},
)
LIPOPROTEINS = ("hdl", "vldl", "ldl", "non")  # a cholesterol that is not the total


def propose_mapping(
    columns: Sequence[Column],
    local: Mapping[str, Column],
    frame: pd.DataFrame,
    *,
    means: Mapping[str, float] | None = None,
    among: Sequence[str] | None = None,
) -> tuple[Feed, ...]:
    """Guess how a table feeds a model.

    Parameters
    ----------
    columns : sequence of Column
        What the model reads.
    local : mapping of str to Column
        The table's columns.
    frame : DataFrame of n rows
        The table.
    means : mapping of str to float, optional
        Mean of the model's columns where it was made.
    among : sequence of str, optional
        The local columns that may feed it; all when None. The outcome is best left out.

    Returns
    -------
    tuple of Feed
        One for each predictor, in the model's order.
    """
    offered = [name for name in (local if among is None else among) if name in local]
    matches = match_names([column.name for column in columns], offered)
    feeds = []
    for column in columns:
        name = matches.get(column.name, "")
        if not name:
            feeds.append(Feed(column.name))
            continue
        codes = propose_codes(column, local[name])
        conversion = ""
        if column.kind == "number" and local[name].kind == "number" and not codes:
            values = as_numbers(frame[name])[0]
            conversion = propose_conversion(column, name, values, (means or {}).get(column.name, math.nan))
        feeds.append(Feed(column.name, name, conversion, codes))
    return tuple(feeds)


def formula_of(passport: Passport) -> Formula | None:
    """The formula of a published equation, from its passport; None for any other model.

    Parameters
    ----------
    passport : Passport

    Returns
    -------
    Formula or None
    """
    notes = [note for note in passport.notes if note.template == EQUATION]
    if passport.method != "equation" or not notes:
        return None
    fills = {note.fields["column"]: str(note.fields["fill"]) for note in passport.notes if note.template == GAP}
    return replace(read_formula(str(notes[0].fields["formula"])), fills=fills)


def columns_to_feed(passport: Passport) -> tuple[Column, ...]:
    """What a model reads, with the levels that an equation names; any other level is its reference.

    Parameters
    ----------
    passport : Passport

    Returns
    -------
    tuple of Column
    """
    formula = formula_of(passport)
    if formula is None:
        return passport.columns
    named = {
        column.name: tuple(dict.fromkeys(factor.level for factor in formula.factors(column.name) if factor.level))
        for column in passport.columns
    }
    return tuple(
        replace(column, levels=named[column.name]) if column.kind == "category" else column
        for column in passport.columns
    )


def match_names(predictors: Sequence[str], offered: Sequence[str]) -> dict[str, str]:
    """The local column that each predictor is most likely called.

    Parameters
    ----------
    predictors, offered : sequence of str

    Returns
    -------
    dict of str to str
        Each local column at most once; predictors without a likely column are left out. Surer signs go first:
        the same name, the same letters, the same words without the unit, a synonym, nearly the same letters.
    """
    found: dict[str, str] = {}
    rules = (lambda name: name, _letters, lambda name: " ".join(sorted(read_name(name)[0])), _synonym)
    for rule in rules:
        _pair(found, predictors, offered, rule)
    for predictor in predictors:
        free = {
            _letters(name): name
            for name in offered
            if name not in found.values() and not (_synonym(name) and _synonym(predictor))  # known, and not the same
        }
        near = difflib.get_close_matches(_letters(predictor), free, 2, ALIKE) if predictor not in found else []
        if len(near) == 1 and len(near[0]) > 3:
            found[predictor] = free[near[0]]
    return found


def _pair(found: dict[str, str], predictors: Sequence[str], offered: Sequence[str], rule) -> None:
    """Pair what is the same by the rule, where that is one column on either side."""
    left = [name for name in predictors if name not in found and rule(name)]
    right = [name for name in offered if name not in found.values() and rule(name)]
    for predictor in left:
        same = [name for name in right if rule(name) == rule(predictor)]
        if len(same) == 1 and sum(rule(name) == rule(predictor) for name in left) == 1:
            found[predictor] = same[0]


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _synonym(name: str) -> str:
    words, _ = read_name(name)
    plain = " ".join(words)
    for number, group in enumerate(SYNONYMS):
        if plain in group or set(words) & group:
            return f"synonym {number}"
    quantity = quantity_of(name)
    if quantity is not None and quantity.key == "cholesterol":
        part = next((one for one in LIPOPROTEINS if one in words), "total")
        return f"{part} cholesterol"
    # A pressure or a time may be many things; a glucose is a glucose.
    return quantity.key if quantity and quantity.key not in ("pressure", "time", "share") else ""


def propose_codes(model: Column, local: Column) -> tuple[tuple[str, str], ...]:
    """How local levels are written in the model, where they differ.

    Parameters
    ----------
    model, local : Column

    Returns
    -------
    tuple of (local, model's)
        Empty when nothing has to be changed, or nothing could be matched.
    """
    ours, theirs = _levels(local), _levels(model)
    if model.kind == "number" and math.isnan(model.low) and len(ours) == 2 and local.kind == "category":
        theirs = ("0", "1")  # a coefficient printed for "sex" or "diabetes" belongs to a switch
    if (local.kind == "number" and model.kind == "number") or not ours or not theirs:
        return ()
    known = {spoken(level): level for level in theirs}
    pairs = {level: known[spoken(level)] for level in ours if spoken(level) in known}
    rest = [level for level in ours if level not in pairs]
    for level in rest:
        meaning = _meaning(level, local.name)
        same = [other for other in theirs if other not in pairs.values() and _meaning(other, model.name) == meaning]
        if meaning and len(same) == 1:
            pairs[level] = same[0]
    return tuple((level, other) for level, other in pairs.items() if level != other)


def _levels(column: Column) -> tuple[str, ...]:
    """The levels of a category, and of a number that is a switch."""
    if column.kind == "category":
        return column.levels
    return ("0", "1") if column.kind == "number" and (column.low, column.high) == (0, 1) and column.integer else ()


def _meaning(level: str, column: str) -> str:
    """What a level of two says: male or female, yes or no; a switch in a column of a sex is that sex."""
    said = spoken(level)
    words = set(read_name(column)[0])
    about_sex = words & {"sex", "gender", "male", "female", "m", "f"}
    for names, meaning in zip(SEX, ("male", "female"), strict=True):
        if said in names and not (said in ("f",) and not about_sex):
            return meaning
    for names, yes in zip(SWITCH, (True, False), strict=True):
        if said in names:
            if about_sex:
                return "male" if yes != bool(words & {"female", "f"}) else "female"
            return "yes" if yes else "no"
    return ""


def propose_conversion(model: Column, name: str, values: np.ndarray, mean: float = math.nan) -> str:
    """The conversion of units that a local column seems to need.

    Parameters
    ----------
    model : Column
        What the model reads.
    name : str
        The local column.
    values : ndarray of shape (n,)
        Its values, NaN where missing.
    mean : float
        Mean where the model was made, NaN when unknown.

    Returns
    -------
    str
        Key in `units.CONVERSIONS`; "" for none. Units in the names decide; then means or ranges a known factor
        apart; then values that are typical of a unit.
    """
    quantity = quantity_of(model.name, name)
    values = values[np.isfinite(values)]
    if quantity is None or not values.size:
        return ""
    source, target = unit_in(name, quantity), unit_in(model.name, quantity)
    if source and target:
        return conversion_between(quantity, source, target)
    fitting = [c for c in CONVERSIONS.values() if c.quantity == quantity.key]
    fitting = [c for c in fitting if source in ("", c.source) and target in ("", c.target)]
    if math.isfinite(mean) and mean > 0:
        return _by_mean(fitting, float(values.mean()), mean)
    if math.isfinite(model.low) and model.high > model.low:
        return _by_range(fitting, values, model.low, model.high)
    middle = float(np.median(values))
    source = source or unit_of_value(middle, quantity)
    return conversion_between(quantity, source, target)


def _by_mean(fitting, ours: float, theirs: float) -> str:
    def away(mean: float) -> float:
        return abs(math.log(mean / theirs)) if mean > 0 else math.inf

    if not fitting:
        return ""
    best = min(fitting, key=lambda conversion: away(conversion.apply(ours)))
    return best.key if away(ours) - away(best.apply(ours)) > CLEARLY_NEARER else ""


def _by_range(fitting, values: np.ndarray, low: float, high: float) -> str:
    def inside(some: np.ndarray) -> float:
        return float(np.mean((some >= low) & (some <= high)))

    if not fitting or inside(values) >= SELDOM_INSIDE:
        return ""
    best = max(fitting, key=lambda conversion: inside(conversion.apply(values)))
    return best.key if inside(best.apply(values)) >= USUALLY_INSIDE else ""


def offered_conversions(predictor: str, column: str) -> tuple[str, ...]:
    """Conversions that make sense for two columns: those of their quantity, else all.

    Parameters
    ----------
    predictor, column : str
        Names.

    Returns
    -------
    tuple of str
    """
    quantity = quantity_of(predictor, column)
    keys = [q.key for q in QUANTITIES] if quantity is None else [quantity.key]
    return tuple(key for key, conversion in CONVERSIONS.items() if conversion.quantity in keys)
