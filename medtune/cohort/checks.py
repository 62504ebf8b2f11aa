"""What must hold before a table becomes a cohort; each trouble is one sentence with what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from medtune.cohort.columns import KINDS, Column
from medtune.cohort.roles import Cleaning, Roles
from medtune.foundation.errors import RolesError
from medtune.foundation.words import listed

FEWEST_PATIENTS = 10


def check_columns(frame: pd.DataFrame, roles: Roles, cleaning: Cleaning) -> None:
    """Every column that is spoken of is there, once."""
    names = list(frame.columns)
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise RolesError("The table has more than one column named {names}; rename them.", names=listed(twice))
    if not roles.outcome:
        raise RolesError("No outcome is chosen; choose the column that holds what is to be predicted.")
    spoken = [
        *roles.named.values(),
        *roles.predictors,
        *cleaning.kinds,
        *cleaning.merge,
        *cleaning.order,
        *cleaning.other_unit,
        *(name for pair in cleaning.not_after for name in pair),
        *(name for name in cleaning.one_row[::2] if name),
        *(set(cleaning.missing) - {"*"}),
    ]
    spoken += [cleaning.only[0]] if cleaning.only else []
    known = set(names)
    unknown = [name for name in dict.fromkeys(spoken) if name not in known]
    if unknown:
        raise RolesError(
            "The table has no column {unknown}; choose among its columns {names}.",
            unknown=listed(unknown),
            names=listed(names, limit=12),
        )
    for name, kind in cleaning.kinds.items():
        if kind not in KINDS:
            raise RolesError(
                "Column '{name}' cannot be of the kind '{kind}'; choose one of {kinds}.",
                name=name,
                kind=kind,
                kinds=", ".join(KINDS),
            )
    if cleaning.only and not cleaning.only[1]:
        raise RolesError(
            "No value of '{column}' is chosen, so no row would be used; choose at least one.", column=cleaning.only[0]
        )


def check_roles(roles: Roles, columns: Mapping[str, Column]) -> None:
    """No column gives the outcome away by its role, and each predictor is of a kind that models read."""
    if not roles.predictors:
        raise RolesError("No predictor is chosen; choose at least one column that a model may use.")
    for role, word in (("outcome", "the outcome"), ("patient", "the patient id"), ("treatment", "the treatment")):
        column = roles.named.get(role)
        if column in roles.predictors:
            raise RolesError(
                "Column '{column}' is chosen both as {role} and as a predictor; leave it out of the predictors.",
                column=column,
                role=word,
            )
    seen: dict[str, str] = {}
    for role, column in roles.named.items():
        if column in seen:
            raise RolesError(
                "Column '{column}' is chosen both as {first} and as {second}; give it one role.",
                column=column,
                first=seen[column],
                second=role,
            )
        seen[column] = role
    twice = sorted(name for name, times in Counter(roles.predictors).items() if times > 1)
    if twice:
        raise RolesError("Predictors {names} are chosen twice; choose each once.", names=listed(twice))
    _check_kinds(roles, columns)


_UNREADABLE = {
    "identifier": "Predictor {names} tells patients apart, which no model should use; leave it out, "
    "or change its kind when it is a measurement.",
    "date": "Predictor {names} is a date, which models cannot use as it is; leave it out, or turn it into a number "
    "such as days since admission before uploading.",
    "text": "Predictor {names} is free text, which models cannot use; leave it out, or change its kind to category.",
}


def _check_kinds(roles: Roles, columns: Mapping[str, Column]) -> None:
    for kind, template in _UNREADABLE.items():
        names = [name for name in roles.predictors if columns[name].kind == kind]
        if names:
            raise RolesError(template, names=listed(names[:1]))
    if roles.score and columns[roles.score].kind != "number":
        raise RolesError(
            "Column '{column}' is chosen as the existing risk but does not hold numbers; choose another.",
            column=roles.score,
        )
    if roles.date and columns[roles.date].kind != "date":
        raise RolesError(
            "Column '{column}' is chosen as the date but does not hold dates; choose another, or none.",
            column=roles.date,
        )


def check_enough(roles: Roles, n: int) -> None:
    """Enough patients with a known outcome."""
    if n < FEWEST_PATIENTS:
        raise RolesError(
            "Only {n} rows with a known outcome '{outcome}' are left; at least {fewest} are needed.",
            n=n,
            outcome=roles.outcome,
            fewest=FEWEST_PATIENTS,
        )


def check_outcome(roles: Roles, happened: np.ndarray) -> None:
    """Patients with the event and without."""
    n, events = len(happened), int(happened.sum())
    if events in (0, n):
        raise RolesError(
            "All {n} patients have the event in '{outcome}', so there is nothing to compare; "
            "choose another event value or another outcome."
            if events
            else "None of the {n} patients has the event in '{outcome}', so there is nothing to compare; "
            "choose another event value or another outcome.",
            n=n,
            outcome=roles.outcome,
        )


def check_predictors(roles: Roles, columns: Mapping[str, Column]) -> None:
    """At least one predictor has values."""
    if all(columns[name].missing == 1 for name in roles.predictors):
        raise RolesError(
            "Every chosen predictor is missing in all patients: {names}; choose other predictors.",
            names=listed(roles.predictors),
        )
