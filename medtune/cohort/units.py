"""Units of measurement of the columns that clinical models read, and what turns one into another."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Quantity:
    """Something that is measured in several units.

    Attributes
    ----------
    key : str
        Its English name.
    names : tuple of str
        Words by which columns name it, in lower case.
    units : dict of str to (float, float)
        Factor and offset from each unit to the first one, as value x factor + offset.
    typical : float
        A common value of adults in the first unit, by which the unit of a column is guessed; NaN for none.
    """

    key: str
    names: tuple[str, ...]
    units: dict[str, tuple[float, float]]
    typical: float = np.nan


@dataclass(frozen=True)
class Conversion:
    """From one unit to another of the same quantity: value x factor + offset."""

    key: str
    quantity: str
    source: str
    target: str
    factor: float
    offset: float

    def apply(self, values: np.ndarray | float) -> np.ndarray | float:
        """Values in the target unit."""
        return values * self.factor + self.offset

    def undo(self, values: np.ndarray | float) -> np.ndarray | float:
        """Values back in the source unit."""
        return (values - self.offset) / self.factor


def _substance(mass: float, *, milli: bool = True) -> float:
    """mmol/L (or umol/L) in 1 mg/dL of a substance of this molar mass in g/mol: 10 mg/L over the mass."""
    return 10 / mass if milli else 10_000 / mass


# Molar masses in g/mol: PubChem (glucose CID 5793, cholesterol 5997, creatinine 588, bilirubin 5280352, urea 1176,
# uric acid 1175, lactic acid 612; triglycerides as triolein 5497163); calcium 40.078, nitrogen 14.0067 (IUPAC 2021);
# haemoglobin per chain, 16 114.5 (ICSH). Pound and inch are exact (1959 agreement), as is mmHg = 133.322387415 Pa
# (NIST SP 811). HbA1c: NGSP % = 0.09148 x IFCC + 2.152 (NGSP). A year has 365.25 days.
QUANTITIES = tuple(
    Quantity(*described)
    for described in (
        ("glucose", ("glucose", "glu", "gluc", "sugar"), {"mmol/L": (1, 0), "mg/dL": (_substance(180.156), 0)}, 6.0),
        (
            "cholesterol",
            ("cholesterol", "chol", "ldl", "hdl", "tchol"),
            {"mmol/L": (1, 0), "mg/dL": (_substance(386.65), 0)},
            5.0,
        ),
        (
            "triglycerides",
            ("triglycerides", "triglyceride", "trig", "tg"),
            {"mmol/L": (1, 0), "mg/dL": (_substance(885.4), 0)},
            1.5,
        ),
        (
            "creatinine",
            ("creatinine", "creat", "crea", "scr"),
            {"umol/L": (1, 0), "mg/dL": (_substance(113.12, milli=False), 0)},
            85.0,
        ),
        (
            "bilirubin",
            ("bilirubin", "bili", "tbil"),
            {"umol/L": (1, 0), "mg/dL": (_substance(584.66, milli=False), 0)},
            11.0,
        ),
        (
            "urea",
            ("urea", "bun"),
            # Blood urea nitrogen counts the two nitrogen atoms of urea alone.
            {
                "mmol/L": (1, 0),
                "mg/dL": (_substance(60.056), 0),
                "mg/dL as nitrogen (BUN)": (_substance(2 * 14.0067), 0),
            },
            6.0,
        ),
        (
            "uric acid",
            ("urate", "uricacid", "uric"),
            {"umol/L": (1, 0), "mg/dL": (_substance(168.11, milli=False), 0)},
            330.0,
        ),
        ("calcium", ("calcium", "ca"), {"mmol/L": (1, 0), "mg/dL": (_substance(40.078), 0)}, 2.3),
        ("lactate", ("lactate", "lac"), {"mmol/L": (1, 0), "mg/dL": (_substance(90.08), 0)}, 1.5),
        (
            "haemoglobin",
            ("haemoglobin", "hemoglobin", "hb", "hgb"),
            {"g/dL": (1, 0), "g/L": (0.1, 0), "mmol/L": (1.61145, 0)},
            13.5,
        ),
        ("HbA1c", ("hba1c", "a1c"), {"%": (1, 0), "mmol/mol": (0.09148, 2.152)}, 6.0),
        ("albumin", ("albumin", "alb"), {"g/L": (1, 0), "g/dL": (10, 0)}, 38.0),
        ("CRP", ("crp",), {"mg/L": (1, 0), "mg/dL": (10, 0)}),
        (
            "weight",
            ("weight", "wt", "bodyweight", "mass"),
            {"kg": (1, 0), "lb": (0.45359237, 0), "g": (0.001, 0)},
            75.0,
        ),
        ("length", ("height", "ht", "stature", "length"), {"cm": (1, 0), "in": (2.54, 0), "m": (100, 0)}, 170.0),
        (
            "temperature",
            ("temperature", "temp"),
            {"\N{DEGREE SIGN}C": (1, 0), "\N{DEGREE SIGN}F": (5 / 9, -160 / 9)},
            37.0,
        ),
        (
            "pressure",
            (
                "pressure",
                "sbp",
                "dbp",
                "map",
                "bp",
                "systolic",
                "diastolic",
                "trestbps",
                "pao2",
                "paco2",
                "po2",
                "pco2",
            ),
            {"mmHg": (1, 0), "kPa": (1 / 0.133322387415, 0)},
        ),
        (
            "time",
            ("age", "time", "duration", "los", "stay", "since", "interval"),
            {"years": (1, 0), "months": (1 / 12, 0), "weeks": (7 / 365.25, 0), "days": (1 / 365.25, 0)},
        ),
        (
            "share",
            (
                "ef",
                "lvef",
                "fraction",
                "fio2",
                "spo2",
                "sao2",
                "saturation",
                "haematocrit",
                "hematocrit",
                "hct",
                "share",
            ),
            {"fraction": (1, 0), "%": (0.01, 0)},
        ),
    )
)

SPELLINGS = {
    "mmol/L": ("mmoll", "mmol"),
    "umol/L": ("umoll", "umol", "micromoll", "micromol"),
    "mg/dL": ("mgdl", "mgperdl"),
    "mg/L": ("mgl",),
    "g/dL": ("gdl",),
    "g/L": ("gl",),
    "mmol/mol": ("mmolmol",),
    "kg": ("kg", "kgs", "kilograms"),
    "lb": ("lb", "lbs", "pounds"),
    "g": ("g", "grams"),
    "cm": ("cm",),
    "in": ("in", "inch", "inches"),
    "m": ("m", "meters", "metres"),
    "\N{DEGREE SIGN}C": ("c", "celsius", "degc"),
    "\N{DEGREE SIGN}F": ("f", "fahrenheit", "degf"),
    "mmHg": ("mmhg",),
    "kPa": ("kpa",),
    "years": ("years", "year", "yrs", "yr", "y"),
    "months": ("months", "month", "mo", "mths"),
    "weeks": ("weeks", "week", "wks"),
    "days": ("days", "day", "d"),
    "fraction": ("fraction", "ratio"),
    "%": ("percent", "pct", "perc", "pc"),
}
BY_SPELLING = {spelling: unit for unit, spellings in SPELLINGS.items() for spelling in spellings}


def _conversions() -> dict[str, Conversion]:
    found = {}
    for quantity in QUANTITIES:
        for source, (a, b) in quantity.units.items():
            for target, (c, d) in quantity.units.items():
                if source != target:
                    key = f"{quantity.key}: {source} to {target}"
                    found[key] = Conversion(key, quantity.key, source, target, a / c, (b - d) / c)
    return found


CONVERSIONS = _conversions()


def tokens(name: str) -> list[str]:
    """The lower-case words and numbers of a column's name, with the percent sign spelt out."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name.replace("\u00b5", "u").replace("\u03bc", "u"))
    return re.findall(r"[^\W_]+", spaced.replace("%", " percent ").casefold())


def read_name(name: str) -> tuple[tuple[str, ...], str]:
    """Split a column's name into its words and its unit.

    Parameters
    ----------
    name : str
        For example "creatinine_mg_dl", "Weight (kg)", "GlucoseMmolL".

    Returns
    -------
    words : tuple of str
        Without the unit.
    unit : str
        As the quantities write it; "" when the name says none.
    """
    words = tokens(name)
    for last in (3, 2, 1):
        if len(words) > last and (unit := BY_SPELLING.get("".join(words[-last:]))):
            return tuple(words[:-last]), unit
    return tuple(words), ""


def quantity_of(*names: str) -> Quantity | None:
    """The quantity that one of these column names speaks of; None when none does.

    Parameters
    ----------
    *names : str

    Returns
    -------
    Quantity or None
    """
    for name in names:
        words, _ = read_name(name)
        for quantity in QUANTITIES:
            if set(words) & set(quantity.names) or "".join(words) in quantity.names:
                return quantity
    return None


def unit_in(name: str, quantity: Quantity) -> str:
    """The unit of a quantity that a column's name tells; "" when it tells none.

    Parameters
    ----------
    name : str
    quantity : Quantity

    Returns
    -------
    str
    """
    words, unit = read_name(name)
    if quantity.key == "urea" and "bun" in words:
        return "mg/dL as nitrogen (BUN)" if unit in ("", "mg/dL") else unit
    return unit if unit in quantity.units else ""


def unit_of_value(value: float, quantity: Quantity) -> str:
    """The unit in which a value would be typical; "" where none is within a factor of two or nothing is typical.

    Parameters
    ----------
    value : float
        A median.
    quantity : Quantity

    Returns
    -------
    str
    """
    if not (np.isfinite(quantity.typical) and value > 0):
        return ""
    away = {unit: abs(np.log(max(value * a + b, 1e-12) / quantity.typical)) for unit, (a, b) in quantity.units.items()}
    nearest = min(away, key=away.__getitem__)
    return nearest if away[nearest] < np.log(2) else ""


def conversion_between(quantity: Quantity, source: str, target: str) -> str:
    """Key of the conversion; "" when the units are the same or unknown.

    Parameters
    ----------
    quantity : Quantity
    source, target : str
        Units.

    Returns
    -------
    str
    """
    key = f"{quantity.key}: {source} to {target}"
    return key if key in CONVERSIONS else ""
