"""Cohorts to try medtune with: two synthetic hospitals whose truth is known, and a real diagnosis task in two sites."""

from __future__ import annotations

import numpy as np
import pandas as pd

from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.table import Cohort, make_cohort

N_SOURCE, N_LOCAL, N_COPIES = 1200, 300, 4
PREDICTORS = (
    "age_years",
    "sex",
    "admission_type",
    "systolic_bp_mmhg",
    "heart_rate_per_min",
    "temperature_c",
    "creatinine_umol_l",
    "lactate_mmol_l",
    "platelets_10e9_l",
    "diabetes",
    "ventilated",
)
INTERCEPT_SHIFT = -0.9
SLOPE = 0.65
LACTATE_SHIFT = -0.9  # per doubling: the effect that is +0.9 at the source nearly vanishes locally


def two_hospitals(seed: int = 0) -> tuple[Cohort, Cohort]:
    """Two synthetic hospitals: death in hospital after admission with suspected sepsis. Nobody's patients.

    Parameters
    ----------
    seed : int

    Returns
    -------
    source, local : Cohort
        1,200 patients of "Hospital A", and 300 of "Hospital B" with 4 rows entered twice and a column
        `published_risk` with the risk that an older published score gave each of them.

    Notes
    -----
    The truth, with l2 = log2(lactate), c2 = log2(creatinine / 80)::

        risk at the source: expit(eta)
        eta = -1.3 + 0.05 (age - 65) + 0.9 (l2 - 1) + 0.5 c2 - 0.022 (systolic - 115) + 0.012 (heart rate - 95)
              - 0.25 (temperature - 37.5) - 0.003 (platelets - 220) + 0.9 ventilated + 0.3 diabetes + 0.1 male
              + {emergency 0.3, transfer 0.6, elective -0.7, other hospital ward 0}
        risk locally: expit(-0.9 + 0.65 (eta - 0.9 (l2 - 1)))

    So three things differ at Hospital B: deaths are rarer than the source would predict (intercept), effects are
    weaker (slope below 1), and lactate acts differently: it is drawn after the first litres of fluid there and
    tells nearly nothing. Case mix differs too: patients are older, fewer are ventilated, more come electively.
    Values are missing at random, 2 to 4 in 100; lactate more often when the admission was elective.
    The published score knows age, blood pressure, lactate, creatinine and ventilation, with the source's effects.
    """
    rng = np.random.default_rng(seed)
    source, eta, _ = _patients(rng, N_SOURCE, local=False)
    source["died"] = _deaths(rng, eta)
    local, eta, lactate = _patients(rng, N_LOCAL, local=True)
    local["published_risk"] = _published_risk(local)
    local["died"] = _deaths(rng, INTERCEPT_SHIFT + SLOPE * (eta + LACTATE_SHIFT * (lactate - 1)))
    source, local = _open_gaps(rng, source), _open_gaps(rng, local)
    copies = local.iloc[np.sort(rng.choice(N_LOCAL, N_COPIES, replace=False))]
    local = pd.concat([local, copies], ignore_index=True)
    roles = {
        "outcome": "died",
        "event": Event(values=("yes",)),
        "predictors": PREDICTORS,
        "patient": "patient_id",
        "site": "hospital",
        "date": "admission_date",
    }
    return (
        make_cohort(source, Roles(**roles), name="Hospital A (synthetic)"),
        make_cohort(local, Roles(**roles, score="published_risk"), name="Hospital B (synthetic)"),
    )


def _patients(rng: np.random.Generator, n: int, local: bool) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Patients without gaps, their linear predictor at the source, and log2 of their lactate."""
    severity = rng.normal(-0.15 if local else 0.0, 1.0, n)
    age = np.clip(rng.normal(70 if local else 63, 14, n), 18, 98).round()
    shares = (0.45, 0.10, 0.30, 0.15) if local else (0.58, 0.17, 0.15, 0.10)
    admission = rng.choice(["emergency", "transfer", "elective", "other ward"], n, p=shares)
    ventilated = rng.random(n) < _expit(-1.8 + 0.8 * severity - (0.7 if local else 0.0))
    diabetes = rng.random(n) < (0.31 if local else 0.24)
    male = rng.random(n) < 0.56
    systolic = np.clip(rng.normal(116 - 9 * severity, 18, n), 55, 210).round()
    heart_rate = np.clip(rng.normal(96 + 8 * severity, 17, n), 40, 190).round()
    temperature = np.clip(rng.normal(37.6, 0.9, n), 33.5, 41.2).round(1)
    creatinine = np.clip(np.exp(rng.normal(4.45 + 0.18 * severity + 0.006 * (age - 65), 0.42, n)), 25, 900).round()
    lactate = np.clip(np.exp(rng.normal(0.62 + 0.28 * severity, 0.45, n)), 0.4, 18).round(1)
    platelets = np.clip(rng.normal(225 - 18 * severity, 75, n), 15, 700).round()
    log_lactate = np.log2(lactate)
    by_type = {"emergency": 0.3, "transfer": 0.6, "elective": -0.7, "other ward": 0.0}
    eta = (
        -1.3
        + 0.05 * (age - 65)
        + 0.9 * (log_lactate - 1)
        + 0.5 * np.log2(creatinine / 80)
        - 0.022 * (systolic - 115)
        + 0.012 * (heart_rate - 95)
        - 0.25 * (temperature - 37.5)
        - 0.003 * (platelets - 220)
        + 0.9 * ventilated
        + 0.3 * diabetes
        + 0.1 * male
        + np.array([by_type[kind] for kind in admission])
    )
    start, letter = ("2022-01-01", "B") if local else ("2018-01-01", "A")
    days = np.sort(rng.integers(0, 365 if local else 1095, n))
    frame = pd.DataFrame(
        {
            "patient_id": [f"{letter}-{number:04d}" for number in range(1, n + 1)],
            "hospital": f"Hospital {letter}",
            "admission_date": pd.Timestamp(start) + pd.to_timedelta(days, unit="D"),
            "age_years": age,
            "sex": np.where(male, "male", "female"),
            "admission_type": admission,
            "systolic_bp_mmhg": systolic,
            "heart_rate_per_min": heart_rate,
            "temperature_c": temperature,
            "creatinine_umol_l": creatinine,
            "lactate_mmol_l": lactate,
            "platelets_10e9_l": platelets,
            "diabetes": np.where(diabetes, "yes", "no"),
            "ventilated": np.where(ventilated, "yes", "no"),
        }
    )
    return frame, eta, log_lactate


def _expit(eta: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-eta))


def _deaths(rng: np.random.Generator, eta: np.ndarray) -> np.ndarray:
    return np.where(rng.random(eta.size) < _expit(eta), "yes", "no")


def _published_risk(frame: pd.DataFrame) -> np.ndarray:
    eta = (
        -1.2
        + 0.045 * (frame["age_years"] - 65)
        + 0.9 * (np.log2(frame["lactate_mmol_l"]) - 1)
        + 0.5 * np.log2(frame["creatinine_umol_l"] / 80)
        - 0.02 * (frame["systolic_bp_mmhg"] - 115)
        + 0.8 * (frame["ventilated"] == "yes")
    )
    return _expit(eta.to_numpy()).round(3)


def _open_gaps(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out 2 to 4 values in 100; lactate of an elective admission 12 in 100."""
    frame = frame.copy()
    for place, name in enumerate(PREDICTORS[2:], start=2):
        share = np.full(len(frame), 0.02 + 0.005 * (place % 5))
        if name == "lactate_mmol_l":
            share[(frame["admission_type"] == "elective").to_numpy()] = 0.12
        frame.loc[rng.random(len(frame)) < share, name] = np.nan
    return frame


CELL_FEATURES = (
    "mean_radius",
    "mean_smoothness",
    "mean_compactness",
    "mean_concavity",
    "mean_symmetry",
    "mean_fractal_dimension",
    "radius_error",
    "concavity_error",
    "symmetry_error",
)
TEXTURE_FROM = 21.0


def breast_cancer() -> tuple[Cohort, Cohort]:
    """Real fine-needle aspirates of breast lumps (Wisconsin, 1995), split into two "sites" by texture.

    Returns
    -------
    source, local : Cohort
        Outcome `diagnosis`, event "malignant", nine measures of the cell nuclei. Site B holds the images with
        a mean texture of at least 21 (grey-scale standard deviation), site A the rest; texture itself is not
        a predictor. That gives site B a higher share of cancers: a case-mix shift that the models cannot see.

    Notes
    -----
    Source: Street, Wolberg and Mangasarian 1993; scikit-learn's copy of the UCI data, CC BY 4.0. The sites are
    made up; the patients are not.
    """
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer(as_frame=True)
    frame = data.data.rename(columns=lambda name: name.replace(" ", "_"))
    site_b = frame["mean_texture"] >= TEXTURE_FROM
    table = frame[list(CELL_FEATURES)].assign(
        site=np.where(site_b, "Site B", "Site A"),
        image=[f"BC-{number:03d}" for number in range(1, len(frame) + 1)],
        diagnosis=np.where(data.target == 0, "malignant", "benign"),
    )
    roles = Roles("diagnosis", Event(values=("malignant",)), CELL_FEATURES, patient="image", site="site")
    source, local = (
        make_cohort(
            table, roles, Cleaning(kinds={"image": "identifier"}, only=("site", (site,))), f"Breast lumps, {site}"
        )
        for site in ("Site A", "Site B")
    )
    return source, local


def as_csv(table: Cohort | pd.DataFrame) -> bytes:
    """A cohort or table as a CSV file (UTF-8) that spreadsheets open without running anything.

    Parameters
    ----------
    table : Cohort or DataFrame

    Returns
    -------
    bytes
        Whole numbers without ".0", dates without a time of day, missing cells empty. A text cell that starts
        with = + - or @ gets an apostrophe before it, so that it stays text.
    """
    frame = (table.frame if isinstance(table, Cohort) else table).copy()
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_float_dtype(column.dtype):
            known = column.dropna()
            if not np.isinf(known).any() and (known % 1 == 0).all() and (known.abs() < 1e15).all():
                frame[name] = column.astype("Int64")
        elif pd.api.types.is_datetime64_any_dtype(column.dtype):
            if (column.dropna() == column.dropna().dt.normalize()).all():
                frame[name] = column.dt.strftime("%Y-%m-%d")
        elif not pd.api.types.is_numeric_dtype(column.dtype):
            text = column.astype("str")
            frame[name] = text.mask(text.str.match(r"\s*[=+\-@]").fillna(False).astype(bool), "'" + text)
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
