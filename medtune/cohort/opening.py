"""A cohort from a file in one call, with every choice that is not given taken from the proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from medtune.cohort.checks import check_columns
from medtune.cohort.columns import propose_roles
from medtune.cohort.reading import read_table
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.table import Cohort, clean, make_cohort
from medtune.cohort.values import as_levels, in_order


def read_cohort(
    source: str | Path | bytes,
    outcome: str | None = None,
    *,
    event: Event | str | float | None = None,
    classes: Sequence[str] | bool = False,
    predictors: Sequence[str] | None = None,
    cleaning: Cleaning | None = None,
    name: str = "",
    **roles: str | None,
) -> Cohort:
    """Read a table of patients and check it.

    Parameters
    ----------
    source : path or bytes
        The file.
    outcome : str, optional
        Column of what is predicted; proposed when None.
    event : Event, str or float, optional
        Which value counts as the event; proposed when None.
    classes : sequence of str or bool
        Values that are classes of their own, or True for all: the outcome is then no event but one of 3 to 8 classes.
    predictors : sequence of str, optional
        Columns a model may use; proposed when None.
    cleaning : Cleaning, optional
        Kinds, missing codes and which rows to keep.
    name : str
        What the cohort is called; the file's name when empty.
    **roles : str
        Further columns: ``patient``, ``site``, ``date``, ``treatment``, ``score``.

    Returns
    -------
    Cohort

    Raises
    ------
    MedtuneError
        When the file is not a table, or the choices do not fit it.
    """
    cleaning = cleaning or Cleaning()
    label = name or (Path(source).stem if isinstance(source, (str, Path)) else "")
    table = read_table(source, label)
    # An outcome that is yet to be proposed is one of the table's own columns.
    check_columns(table.frame, Roles(outcome or str(table.frame.columns[0]), **roles), cleaning)
    tidy, columns, _, _ = clean(table.frame, cleaning)
    proposal = propose_roles(tidy, tuple(columns.values()), outcome)
    if event is not None:
        event = event if isinstance(event, Event) else Event(values=(event,))
        proposal = replace(proposal, event=event)
    if classes:
        levels = in_order(as_levels(tidy[proposal.outcome]).dropna().unique()) if proposal.outcome else ()
        proposal = replace(proposal, classes=levels if classes is True else tuple(classes))
    taken = {column for column in roles.values() if column}
    chosen = predictors if predictors is not None else [c for c in proposal.predictors if c not in taken]
    return make_cohort(table.frame, replace(proposal, predictors=tuple(chosen), **roles), cleaning, label)
