"""What the Data page decides about a table: proposals kept in step with each other, and the cohort they would make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath

import pandas as pd

from medtune.cohort.columns import Column, propose_event, propose_roles
from medtune.cohort.events import FEWEST_CLASSES, MOST_CLASSES
from medtune.cohort.evidence import evidence
from medtune.cohort.reading import Table
from medtune.cohort.roles import Cleaning, Event
from medtune.cohort.table import Cleaned, Cohort, clean, make_cohort
from medtune.cohort.values import as_levels, in_order, level_text
from medtune.cohort.wide import numeric_places
from medtune.foundation.errors import MedtuneError
from medtune.foundation.settings import VALIDATE, Family
from medtune.foundation.words import Sentence
from medtune.images.keeping import keys_of
from medtune.images.measuring import HEAD
from medtune.ui.memory import once
from medtune.ui.state import state

MOST_LEVELS = 60  # levels offered for choosing among
USABLE = ("number", "category")
CODES_APART = ","
LOOKED_AT = 20_000  # rows, to say why a column is taken for what it is


def take_table(table: Table, name: str, upload: str = "") -> None:
    """Put a table on the Data page; choices made for a table with the same columns are kept."""
    before = state.table
    _suit(before, table.frame)
    same = before is not None and list(before.frame.columns) == list(table.frame.columns)
    state.set_table(table, name, upload)
    state.cohort_name = ""
    if not same or state.roles is None:
        state.roles, state.cleaning = propose_roles(table.frame), Cleaning()


def take_cohort(cohort: Cohort) -> None:
    """Put the table of a cohort on the Data page, with the choices it was made by."""
    _suit(state.table, cohort.frame)
    state.set_table(Table(cohort.frame, ()), cohort.name)
    state.roles, state.cleaning, state.cohort_name = cohort.roles, cohort.cleaning, cohort.name


def _suit(before: Table | None, frame: pd.DataFrame) -> None:
    """What was chosen because of pictures goes with them: that numbers are no genes, and the head they suit."""
    genes, pictures = state.settings.genes, keys_of(frame) is not None
    if pictures and genes.use == "auto":
        state.change(genes=replace(genes, use="no"))
    elif not pictures and before is not None and keys_of(before.frame) is not None:
        if genes.use == "no":
            state.change(genes=replace(genes, use="auto"))
        if state.settings.family == HEAD:
            state.change(family=Family())
        state.change(aids=replace(state.settings.aids, network=False))


@dataclass(frozen=True)
class View:
    """The table as the choices read it: cleaned rows, and what each column is."""

    frame: pd.DataFrame
    columns: dict[str, Column]
    cleaned: Cleaned


def view() -> View:
    """The rows in use, cleaned by the present choices; all rows while the row filter is not complete."""
    table, cleaning = state.table, state.cleaning
    if cleaning.only is not None and not cleaning.only[1]:
        cleaning = replace(cleaning, only=None)

    def make() -> View:
        cleaned = clean(table.frame, cleaning)
        return View(*cleaned[:2], cleaned)

    return once("view", (state.edition, cleaning), make)


def draft() -> tuple[Cohort | None, MedtuneError | None]:
    """The cohort that the present choices make, or the sentence that says why there is none."""
    table, roles, cleaning = state.table, state.roles, state.cleaning

    def make() -> tuple[Cohort | None, MedtuneError | None]:
        try:
            whole = cleaning.only is None or cleaning.only[1]
            return make_cohort(table.frame, roles, cleaning, cleaned=view().cleaned if whole else None), None
        except MedtuneError as error:
            return None, error

    given, name = (state.edition, roles, cleaning), cohort_name()
    cohort, trouble = once("draft", given, make)
    if cohort is not None:  # a name is no reason to check the table again
        cohort = once("named draft", (*given, name), lambda: replace(cohort, name=name))
    return cohort, trouble


def in_use(cohort: Cohort) -> bool:
    """Whether these are the patients in use already, under the same name."""
    used = state.cohort
    if used is None or (used.name, used.roles, used.cleaning) != (cohort.name, cohort.roles, cohort.cleaning):
        return False
    return used.fingerprint == cohort.fingerprint  # last, since it reads every cell once


def cohort_name() -> str:
    """What the patients are called: the user's name for them, or file and kept levels."""
    only = state.cleaning.only
    kept = [", ".join(only[1])] if only and only[1] else []
    return state.cohort_name.strip() or ", ".join([PurePath(state.table_name).stem.split(".")[0], *kept])


def levels_of(name: str, *, all_rows: bool = False) -> tuple[str, ...]:
    """The values of a column as text in reading order; empty when there are too many to choose among."""
    frame = state.table.frame if all_rows else view().frame

    def make() -> tuple[str, ...]:
        uniques = pd.unique(frame[name].dropna())
        return in_order(as_levels(pd.Series(uniques)).dropna().unique()) if len(uniques) <= MOST_LEVELS else ()

    return once(f"levels.{all_rows}.{name}", (state.edition, None if all_rows else state.cleaning), make)


def evidence_of(column: Column) -> Sentence:
    """Why a column of the table is taken for what it is."""
    table, chosen = state.table.frame, column.name in state.cleaning.kinds
    series = table[column.name].iloc[:LOOKED_AT]
    return once(f"evidence.{column.name}", (state.edition, column, chosen), lambda: evidence(series, column, chosen))


def filterable() -> list[str]:
    """Columns with few enough values for 'use only patients where', the one in use among them."""
    frame = state.table.frame

    def make() -> list[str]:
        # Of a wide table plain numbers, which would take seconds to count, are no groups.
        apart = numeric_places(frame)
        counts = frame.drop(columns=frame.columns[apart]).nunique()
        return [str(name) for name in counts.index if 2 <= counts[name] <= MOST_LEVELS]

    names, only = once("filterable", state.edition, make), state.cleaning.only
    return names if only is None or only[0] in names else [*names, only[0]]


def choose_filter() -> None:
    """After the column of the row filter was chosen: its first value is kept until the user says otherwise."""
    if state.cleaning.only is not None:
        column = state.cleaning.only[0]
        state.cleaning = replace(state.cleaning, only=(column, levels_of(column, all_rows=True)[:1]))


def choose_outcome() -> None:
    """After another outcome was chosen: propose its event, and take the column out of the predictors."""
    levels = levels_of(state.roles.outcome)
    event = propose_event(levels) if levels else Event()
    state.roles = replace(state.roles, event=event, classes=())
    keep_roles_apart()


def classes_offered() -> tuple[str, ...]:
    """The values of the outcome, where they can be classes of their own; empty where they cannot."""
    levels = levels_of(state.roles.outcome)
    return levels if FEWEST_CLASSES <= len(levels) <= MOST_CLASSES else ()


def choose_classes(every: bool) -> None:
    """Make each value of the outcome a class, or go back to an event and the proposal for it."""
    if every:
        state.roles = replace(state.roles, classes=classes_offered(), event=Event())
    else:
        choose_outcome()


def counted_from() -> float:
    """The number from which on the outcome counts as the event, when none is chosen yet: its middle."""
    outcome = view().frame[state.roles.outcome]
    return float(pd.to_numeric(outcome, errors="coerce").median())


def keep_roles_apart() -> None:
    """A column with a role of its own is no predictor, nor one that models cannot read."""
    named, columns = set(state.roles.named.values()), view().columns
    kept = tuple(name for name in state.roles.predictors if name not in named and columns[name].kind in USABLE)
    if kept != state.roles.predictors:
        state.roles = replace(state.roles, predictors=kept)


def predictors_offered() -> list[str]:
    """Columns a model may use."""
    apart = {state.roles.outcome, state.roles.patient, state.roles.treatment}
    chosen = set(state.roles.predictors)
    return [c.name for c in view().columns.values() if c.name in chosen or (c.kind in USABLE and c.name not in apart)]


def unreadable() -> list[str]:
    """Columns without a role that are of a kind no model reads."""
    named = set(state.roles.named.values())
    return [c.name for c in view().columns.values() if c.kind not in USABLE and c.name not in named]


def use_predictors(every: bool) -> None:
    """Choose all columns offered as predictors, or none."""
    state.roles = replace(state.roles, predictors=tuple(predictors_offered()) if every else ())


def edit_column(place: int, kind: str | None = None, codes: str | None = None) -> None:
    """Write what the user changed in a row of the column table.

    Parameters
    ----------
    place : int
        Position of the column in the table.
    kind : str, optional
        Its kind, where the guess was wrong.
    codes : str, optional
        Missing codes, separated by commas.
    """
    name, cleaning = str(state.table.frame.columns[place]), state.cleaning
    if kind is not None:
        cleaning = replace(cleaning, kinds={**cleaning.kinds, name: kind})
    if codes is not None:
        chosen = tuple(code.strip() for code in codes.split(CODES_APART) if code.strip())
        cleaning = replace(cleaning, missing={**cleaning.missing, name: chosen})
    state.cleaning = cleaning
    keep_roles_apart()


def mark_missing(names: Iterable[str], codes: Iterable[str]) -> None:
    """Let codes of columns count as missing."""
    missing = dict(state.cleaning.missing)
    for name in names:
        missing[name] = tuple(dict.fromkeys((*missing.get(name, ()), *codes)))
    state.cleaning = replace(state.cleaning, missing=missing)


def merge_spellings(names: Iterable[str]) -> None:
    """Read levels of these columns that differ only in case or spaces as one."""
    state.cleaning = replace(state.cleaning, merge=tuple(dict.fromkeys((*state.cleaning.merge, *names))))


def one_unit(name: str, rule: tuple[float, ...]) -> None:
    """Bring the values of a column that are in another unit to that of the others."""
    state.cleaning = replace(state.cleaning, other_unit={**state.cleaning.other_unit, name: rule})


def order_levels(name: str, levels: Iterable[str]) -> None:
    """Put the levels of an ordered category in another order, the lowest first."""
    state.cleaning = replace(state.cleaning, order={**state.cleaning.order, name: tuple(levels)})


def drop_duplicates(how: str = "drop") -> None:
    """Leave copies of rows out of every run: exact ones, or near ones too."""
    state.change(preparation=replace(state.settings.preparation, duplicates=how))


def validate_only() -> None:
    """Measure the starting model as it is, and fit nothing to these patients."""
    state.change(method=VALIDATE)


def drop_late_rows(pair: tuple[str, str]) -> None:
    """Leave rows out in which the first date lies after the second."""
    kept = tuple(dict.fromkeys((*state.cleaning.not_after, pair)))
    state.cleaning = replace(state.cleaning, not_after=kept)


def keep_one_row(patient: str, which: str) -> None:
    """Keep only the first or the last row of each patient, by the date of the rows where there is one."""
    date = state.roles.date or ""
    state.cleaning = replace(state.cleaning, one_row=(patient, which, date))


def leave_out_level(name: str, levels: Iterable[str]) -> None:
    """Leave patients with these levels of the outcome out: without a known outcome they are not used."""
    levels = tuple(levels)
    mark_missing([name], levels)
    kept = tuple(level for level in state.roles.classes if level not in levels)
    if len(kept) >= FEWEST_CLASSES:
        state.roles = replace(state.roles, classes=kept)
    else:
        choose_outcome()
        if not state.roles.event.chosen:  # of two values that say nothing themselves the rarer is the event
            rarer = view().frame[name].value_counts().index[-1]
            state.roles = replace(state.roles, event=Event(values=(level_text(rarer),)))


def fix_threshold(risk: float) -> None:
    """Let the next run begin with this threshold."""
    low, high = state.settings.limits("threshold")
    state.change(threshold=round(min(max(risk, low), high), 4))


def weigh_consequences() -> None:
    """Choose the threshold of the results by how many false alarms are as bad as one missed event."""
    state.acting = replace(state.acting, way="consequence")


def leave_out(*names: str) -> None:
    """Take columns out of the predictors."""
    kept = tuple(name for name in state.roles.predictors if name not in names)
    state.roles = replace(state.roles, predictors=kept)


def choose_patient(name: str) -> None:
    """Take a column for the patient id."""
    state.roles = replace(state.roles, patient=name)
    keep_roles_apart()
