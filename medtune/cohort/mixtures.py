"""One column in two units: how it is noticed, and how the values of the smaller part are brought to the other unit."""

from __future__ import annotations

import math

import numpy as np

from medtune.cohort.units import QUANTITIES, Quantity, quantity_of
from medtune.foundation.words import Sentence, counted

# Between usual units of a quantity that the column's name does not tell: powers of ten, and what `units` knows.
PLAIN = (10.0, 100.0, 1000.0)
FACTORS = tuple(sorted({*PLAIN, *(max(f, 1 / f) for q in QUANTITIES for f, o in q.units.values() if f != 1 and not o)}))
WITHIN = 0.3  # how far, as a logarithm, the middles of two parts may miss the factor
FEWEST, LEAST_SHARE = 30, 0.02
LEAST_GAP = math.log(1.6)
# Of clusters that touch: they must be this many widths apart, the smaller hold this share, the valley be this deep.
FEWEST_WIDTHS, TOUCHING_SHARE, SHALLOW = 2.8, 0.05, 0.4
ROUNDS, MOST_LOOKED_AT = 60, 5000


def other_unit(values: np.ndarray, name: str = "") -> tuple[tuple[float, float, float], int] | None:
    """Find two clusters of values whose middles lie apart by the factor between two units.

    Parameters
    ----------
    values : ndarray of shape (n,)
        NaN where missing.
    name : str
        Of the column; where it tells what is measured, only factors between units of that are looked for.

    Returns
    -------
    rule : tuple of (cut, side, factor)
        Values above (side 1) or below (side -1) the cut are the fewer ones; times the factor they join the others.
    count : int
        How many they are.
    None where there is one cluster.

    Notes
    -----
    Clusters are parted by the widest gap between neighbours on the logarithmic scale. Where the column's name tells
    what is measured they may touch, as weights in kg and lb do: then they are parted at the deepest valley between
    the two parts of a mixture of two normal distributions of one width.
    """
    logs = np.sort(np.log(values[values > 0]))
    if logs.size < FEWEST or logs.size < 0.9 * np.isfinite(values).sum():
        return None
    known = quantity_of(name) if name else None
    cut = _gap(logs)
    if cut is None and known is not None:
        cut = _valley(logs)
    if cut is None:
        return None
    low, high = logs[logs < cut], logs[logs >= cut]
    apart = float(np.median(high) - np.median(low))
    factor = min(_factors(known), key=lambda f: abs(apart - math.log(f)))
    narrow = max(low.std(), high.std()) < apart / 3
    if not narrow or abs(apart - math.log(factor)) > min(WITHIN, 0.25 * math.log(factor)):
        return None
    side = 1.0 if high.size <= low.size else -1.0
    return (float(np.exp(cut)), side, 1 / factor if side > 0 else factor), min(low.size, high.size)


def _gap(logs: np.ndarray) -> float | None:
    """Middle of the widest gap between two parts of which neither is too small."""
    least = max(3, math.ceil(LEAST_SHARE * logs.size))
    gaps = np.diff(logs)[least - 1 : logs.size - least]
    if not gaps.size or gaps.max() < LEAST_GAP:
        return None
    place = int(np.argmax(gaps)) + least - 1
    return float(logs[place] + logs[place + 1]) / 2


def _valley(logs: np.ndarray) -> float | None:
    """Where two humps of one width touch; None where there is one hump, or the second is no more than a shoulder."""
    some = logs[:: max(1, logs.size // MOST_LOOKED_AT)]
    low, high, width, share = _two_humps(some)
    apart = high - low
    if apart < FEWEST_WIDTHS * width or not TOUCHING_SHARE < share < 1 - TOUCHING_SHARE:
        return None
    places = np.linspace(low, high, 41)
    near = 0.5 * width
    counts = np.array([np.searchsorted(some, p + near) - np.searchsorted(some, p - near) for p in places])
    at = int(np.argmin(counts))
    shallow = counts[at] > SHALLOW * min(counts[0], counts[-1])
    return None if shallow or min(counts[0], counts[-1]) < 8 else float(places[at])


def _two_humps(values: np.ndarray) -> tuple[float, float, float, float]:
    """Middles, common width and share of the upper one of two normal distributions, by expectation and maximisation."""
    low, high = np.quantile(values, [0.1, 0.9])
    width, share = max(values.std() / 2, 1e-9), 0.5
    for _ in range(ROUNDS):
        gap = (values - low) ** 2 - (values - high) ** 2
        upper = 1 / (1 + (1 - share) / share * np.exp(np.clip(-gap / (2 * width**2), -700, 700)))
        share = float(np.clip(upper.mean(), 1e-3, 1 - 1e-3))
        low, high = np.average(values, weights=1 - upper + 1e-12), np.average(values, weights=upper + 1e-12)
        spread = (1 - upper) * (values - low) ** 2 + upper * (values - high) ** 2
        width = max(float(np.sqrt(spread.mean())), 1e-9)
    return float(low), float(high), width, share


def _factors(quantity: Quantity | None) -> tuple[float, ...]:
    if quantity is None:
        return FACTORS
    units = [f for f, offset in quantity.units.values() if not offset]
    between = {max(a / b, b / a) for a in units for b in units if a != b}
    return tuple(sorted(between | {*PLAIN}))


def in_one_unit(values: np.ndarray, rule: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Bring the values that are in another unit to that of the others.

    Parameters
    ----------
    values : ndarray of shape (n,)
        NaN where missing.
    rule : tuple of (cut, side, factor), or empty
        From `other_unit`.

    Returns
    -------
    values : ndarray of shape (n,)
        A value that would not join the others stays as it is, so that doing it again changes nothing.
    moved : ndarray of bool, shape (n,)
    """
    if not rule:
        return values, np.zeros(len(values), dtype=bool)
    cut, side, factor = rule
    moved = (side * values > side * cut) & (side * values * factor <= side * cut)
    return np.where(moved, values * factor, values), moved


def note_on(name: str, rule: tuple[float, ...], count: int) -> Sentence:
    """That values were brought to the unit of the others.

    Parameters
    ----------
    name : str
        Of the column.
    rule : tuple of (cut, side, factor)
    count : int
        How many values.

    Returns
    -------
    Sentence
    """
    cut, side, factor = rule
    one = "1 value of '{name}' above {cut:.4g} was taken to be in another unit and multiplied by {factor:.4g}."
    many = "{count} values of '{name}' above {cut:.4g} were taken to be in another unit and multiplied by {factor:.4g}."
    if side < 0:
        one, many = one.replace("above", "below"), many.replace("above", "below")
    return counted(count, one, many, name=name, cut=cut, factor=factor)
