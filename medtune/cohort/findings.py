"""What is doubtful about a table: each finding says what, where and how often, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from medtune.cohort.columns import Column, describe
from medtune.cohort.dates import after_outcome
from medtune.cohort.doubts import Finding, Remedy, View
from medtune.cohort.events import MISSING_LIKE, happened
from medtune.cohort.plausible import ID_KINDS, drift, implausible, near_copies, pressures, repeated_ids, unit_mixtures
from medtune.cohort.roles import Roles
from medtune.cohort.signs import codes_that_stand_apart, identifies, separation
from medtune.cohort.table import Cohort
from medtune.cohort.values import as_levels, as_numbers, level_codes, level_text, spoken
from medtune.cohort.vocabulary import AFTERWARDS, PATIENT, words_of
from medtune.cohort.wide import copies
from medtune.cohort.wide_findings import findings_of_genes, plain_numbers
from medtune.foundation.errors import RolesError
from medtune.foundation.words import Sentence, counted, listed, say

ALMOST_EMPTY = 0.9
GIVEN_AWAY = 0.98  # AUROC of one column alone
GIVES_AWAY = (
    "'{name}' alone tells almost perfectly {whom} (AUROC {area:.2f}). If it was recorded after the outcome, this "
    "result says nothing of new patients: leave it out on the Data page and train again."
)
FEW_EVENTS = 20  # below this the guards withhold most methods
RARE_EVENTS = 0.05


def find(
    table: Cohort | pd.DataFrame, roles: Roles | None = None, columns: Sequence[Column] | None = None
) -> tuple[Finding, ...]:
    """Look for what is doubtful.

    Parameters
    ----------
    table : Cohort or DataFrame
        A cohort brings its own roles and columns.
    roles : Roles, optional
        Of a DataFrame; without them every column is looked at as a predictor, and nothing is said of the outcome.
    columns : sequence of Column, optional
        What `describe` said of a DataFrame.

    Returns
    -------
    tuple of Finding
        The gravest first.
    """
    view = _view(table, roles, columns)
    genes = plain_numbers(view)
    found = list(findings_of_genes(view, genes))
    view = replace(view, predictors=tuple(name for name in view.predictors if name not in genes))
    found += [finding for check in _CHECKS for finding in check(view)]
    order = ("stop", "warn", "note")
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def _view(table: Cohort | pd.DataFrame, roles: Roles | None, columns: Sequence[Column] | None) -> View:
    if isinstance(table, Cohort):
        return View(table.frame, dict(table.columns), table.roles, table.roles.predictors, table.outcome, table.classes)
    known = {column.name: column for column in (describe(table) if columns is None else columns)}
    table = table.set_axis([str(name) for name in table.columns], axis=1)
    if roles is None:
        return View(table, known, Roles(""), tuple(known), None)
    y = None
    if roles.outcome in known and roles.event.chosen and table[roles.outcome].notna().all():
        try:
            y = happened(table[roles.outcome], roles.event).astype(int)
        except RolesError:  # said where the roles are chosen
            y = None
    return View(table, known, roles, tuple(name for name in roles.predictors if name in known), y)


def _duplicates(view: View) -> Iterator[Finding]:
    count = int(copies(view.frame).sum())
    if count:
        yield Finding(
            "warn",
            (),
            count,
            say("1 row is an exact copy of another.")
            if count == 1
            else say("{count} rows are exact copies of others.", count=count),
            Remedy("drop_duplicates"),
            "duplicates",
        )


def _repeated_patients(view: View) -> Iterator[Finding]:
    if view.roles.patient not in view.columns:
        return
    ids = view.frame.loc[~view.frame.duplicated(), view.roles.patient].dropna()
    again = int(ids.duplicated(keep=False).sum())
    if again:
        yield Finding(
            "note",
            (view.roles.patient,),
            again,
            counted(
                ids[ids.duplicated(keep=False)].nunique(),
                "{rows} rows belong to one patient; they are kept together when patients are held out.",
                "{rows} rows belong to {count} patients who come more than once; "
                "they are kept together when patients are held out.",
                rows=again,
            ),
            Remedy("keep_first_row", (view.roles.patient,)),
            "repeated_patients",
            (Remedy("keep_last_row", (view.roles.patient,)),),
        )


def _empty_and_constant(view: View) -> Iterator[Finding]:
    of = [view.columns[name] for name in view.predictors]
    empty = tuple(column.name for column in of if column.missing == 1)
    sparse = tuple(column.name for column in of if ALMOST_EMPTY <= column.missing < 1)
    constant = tuple(column.name for column in of if column.distinct == 1 and column.missing < ALMOST_EMPTY)
    for key, severity, names, template in (
        ("empty", "warn", empty, "Every cell is missing in {names}; a model learns nothing from it here."),
        ("almost_empty", "warn", sparse, "At least nine cells in ten are missing in {names}."),
        ("constant", "note", constant, "Every patient has the same value in {names}; it cannot tell them apart."),
    ):
        if names:
            yield Finding(
                severity, names, len(names), say(template, names=listed(names)), Remedy("leave_out", names), key
            )


def _identifiers(view: View) -> Iterator[Finding]:
    own = set(view.roles.named.values())
    names = tuple(name for name, column in view.columns.items() if name not in own and identifies(view.frame, column))
    used = tuple(name for name in names if name in view.predictors)
    rest = tuple(name for name in names if name not in used)
    if used:
        yield Finding(
            "warn",
            used,
            len(used),
            say("{names} may tell who a patient is and should not be used by a model.", names=listed(used)),
            Remedy("leave_out", used),
            "identifiers",
        )
    if rest:
        yield Finding(
            "note",
            rest,
            len(rest),
            say("{names} may tell who a patient is; no model uses it.", names=listed(rest)),
            _as_patient_id(view, rest),
            "identifiers",
        )


def _as_patient_id(view: View, names: Sequence[str]) -> Remedy | None:
    """What is left out already needs no remedy; the id of a patient has a use, to keep rows together."""
    ids = [name for name in names if words_of(name) & PATIENT and view.columns[name].kind in ID_KINDS]
    return Remedy("choose_patient", (ids[0],)) if ids and not view.roles.patient and view.roles.outcome else None


def _missing_at_one_site(view: View) -> Iterator[Finding]:
    if view.roles.site not in view.columns:
        return
    site, names = level_codes(view.frame[view.roles.site])
    sizes = np.bincount(site[site >= 0], minlength=len(names))
    for name in view.predictors:
        known = view.frame[name].notna().to_numpy() & (site >= 0)
        at = np.bincount(site[known], minlength=len(names))
        by_chance = (1 - known.mean()) ** sizes  # of being missing throughout, where it is missing at random
        absent = [names[place] for place in np.flatnonzero((at == 0) & (sizes >= 5) & (by_chance < 0.001))]
        if absent and at.any():
            yield Finding(
                "warn",
                (name,),
                len(absent),
                say("'{name}' is missing for every patient of {sites}.", name=name, sites=listed(absent)),
                Remedy("leave_out", (name,)),
                "missing_at_one_site",
            )


def _given_away(view: View) -> Iterator[Finding]:
    if view.y is not None:
        words = (
            "'{name}' alone tells almost perfectly {whom} (AUROC {area:.2f}); "
            "it may have been recorded after the outcome."
        )
        for told in _telling_alone(view):
            name = told["name"]
            yield Finding("stop", (name,), len(view.y), say(words, **told), Remedy("leave_out", (name,)), "given_away")
    later = tuple(name for name in view.predictors if words_of(name) & AFTERWARDS)
    if later and view.roles.outcome:
        yield Finding(
            "warn",
            later,
            len(later),
            say("The name of {names} sounds like something known only after the outcome.", names=listed(later)),
            Remedy("leave_out", later),
            "afterwards",
        )


def left_in(cohort: Cohort) -> tuple[Sentence, ...]:
    """Predictors of a cohort that alone tell the outcome almost perfectly, for the notes of a run that used them.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    tuple of Sentence
        One for each, of the template `GIVES_AWAY`.
    """
    return tuple(say(GIVES_AWAY, **told) for told in _telling_alone(_view(cohort, None, None)))


def _telling_alone(view: View) -> Iterator[dict[str, object]]:
    """The predictors that alone tell the outcome almost perfectly: the name, how well, and who is told."""
    for name in view.predictors:
        area, whom = _separated(view, name)
        if area > GIVEN_AWAY:
            yield {"name": name, "whom": whom, "area": area}


def _separated(view: View, name: str) -> tuple[float, Sentence]:
    """How well one column alone tells events from non-events, or the class that it tells best from the others."""
    column = view.frame[name], view.columns[name]
    if not view.classes:
        return separation(*column, view.y), say("who has the event")
    areas = [separation(*column, (view.y == place).astype(int)) for place in range(len(view.classes))]
    best = int(np.argmax(areas))
    return areas[best], say("who is of class ‘{name}’", name=view.classes[best])


def _few_of_a_class(view: View) -> Iterator[Finding]:
    if not view.classes:
        return
    counts = np.bincount(view.y, minlength=len(view.classes))
    rarest = int(np.argmin(counts))
    if counts[rarest] < FEW_EVENTS:
        yield Finding(
            "warn",
            (view.roles.outcome,),
            int(counts[rarest]),
            say(
                "Only {count} patients of class ‘{name}’: few methods can be offered, and results will be uncertain.",
                count=int(counts[rarest]),
                name=view.classes[rarest],
            ),
            Remedy("leave_out_level", (view.roles.outcome,), (view.classes[rarest],)),
            "few_events",
        )


def _few_events(view: View) -> Iterator[Finding]:
    if view.y is None or view.classes:
        return
    n, events = len(view.y), int(view.y.sum())
    fewer, what = (events, "events") if events <= n - events else (n - events, "patients without the event")
    columns = (view.roles.outcome,)
    if fewer < FEW_EVENTS:
        yield Finding(
            "warn",
            columns,
            fewer,
            say(
                "Only {count}: few methods can be offered, and results will be uncertain.",
                count=counted(fewer, "1 event", "{count} events")
                if what == "events"
                else counted(fewer, "1 patient without the event", "{count} patients without the event"),
            ),
            Remedy("validate_only"),
            "few_events",
        )
    if fewer < RARE_EVENTS * n:
        yield Finding(
            "note",
            columns,
            fewer,
            say(
                "{share:.1%} of patients have the event; accuracy says little here, look at calibration "
                "and net benefit. The threshold is the event rate unless you choose another.",
                share=events / n,
            ),
            Remedy("fix_threshold", columns, rule=(events / n,)),
            "imbalance",
            (Remedy("weigh_consequences"),),
        )


def _unknown_outcome(view: View) -> Iterator[Finding]:
    """Values such as "unknown" in the outcome, which count as patients without the event unless they are missing."""
    event = set(view.roles.event.values)
    if view.y is None or view.classes or not event:
        return
    levels = as_levels(view.frame[view.roles.outcome])
    others = [level for level in levels.dropna().unique() if level not in event]
    unknown = tuple(level for level in others if spoken(level) in MISSING_LIKE)
    if unknown and len(unknown) < len(others):
        count = int(levels.isin(unknown).sum())
        said = counted(
            count,
            "1 row whose '{outcome}' is {values} counts as a patient without the event; "
            "mark it as missing if it is not known.",
            "{count} rows whose '{outcome}' is {values} count as patients without the event; "
            "mark them as missing if it is not known.",
            outcome=view.roles.outcome,
            values=listed(unknown),
        )
        mend = Remedy("mark_missing", (view.roles.outcome,), unknown)
        yield Finding("warn", (view.roles.outcome,), count, said, mend, "unknown_outcome")


def _spellings(view: View) -> Iterator[Finding]:
    for name in view.predictors:
        column = view.columns[name]
        if column.kind != "category":
            continue
        groups: dict[str, list[str]] = {}
        for level in column.levels:
            groups.setdefault(spoken(level), []).append(level)
        alike = [level for group in groups.values() if len(group) > 1 for level in group]
        if alike:
            rows = int(as_levels(view.frame[name]).isin(alike).sum())
            yield Finding(
                "warn",
                (name,),
                rows,
                say("Categories {levels} of '{name}' differ only in case or spaces.", levels=listed(alike), name=name),
                Remedy("merge_levels", (name,)),
                "spellings",
            )


def _hidden_codes(view: View) -> Iterator[Finding]:
    """Numbers that stand apart from all others and are usual codes for "missing": 0, -9, 999."""
    for name in view.predictors:
        column = view.columns[name]
        if column.kind != "number" or column.distinct < 10:
            continue
        values = as_numbers(view.frame[name])[0]
        values = values[~np.isnan(values)]
        for code in codes_that_stand_apart(values):
            rest, count = values[values != code], int((values == code).sum())
            yield Finding(
                "warn",
                (name,),
                count,
                say(
                    "'{name}' is {code} in {rows} while every other value lies between {low:g} and {high:g}; "
                    "mark {code} as missing if it stands for that.",
                    name=name,
                    code=level_text(code),
                    rows=counted(count, "1 row", "{count} rows"),
                    low=rest.min(),
                    high=rest.max(),
                ),
                Remedy("mark_missing", (name,), (level_text(code),)),
                "hidden_codes",
            )


_CHECKS = (
    _given_away,
    after_outcome,
    _few_events,
    _few_of_a_class,
    _unknown_outcome,
    _identifiers,
    _duplicates,
    _repeated_patients,
    _hidden_codes,
    _missing_at_one_site,
    _empty_and_constant,
    _spellings,
    implausible,
    pressures,
    unit_mixtures,
    near_copies,
    repeated_ids,
    drift,
)


def leave_out(roles: Roles, names: Sequence[str]) -> Roles:
    """The roles with some columns no longer among the predictors: what the remedy "leave_out" does."""
    return replace(roles, predictors=tuple(name for name in roles.predictors if name not in set(names)))
