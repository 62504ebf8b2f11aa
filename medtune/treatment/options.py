"""The options that patients of a cohort had, read from its treatment column."""

from __future__ import annotations

from medtune.cohort.table import Cohort
from medtune.cohort.values import as_levels


def options_of(cohort: Cohort) -> dict[str, int]:
    """The options in the treatment column, with how many patients had each, the most common first."""
    if cohort.roles.treatment is None:
        return {}
    counts = as_levels(cohort.frame[cohort.roles.treatment]).value_counts()
    return {str(name): int(count) for name, count in counts.items()}
