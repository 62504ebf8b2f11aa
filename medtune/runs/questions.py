"""What the warm process answers to pages; it keeps the last cohort at hand, since questions come in rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from medtune.cohort.preview import Preview, preview
from medtune.cohort.table import Cohort, open_cohort, save_cohort
from medtune.foundation.records import from_plain
from medtune.foundation.settings import Preparation
from medtune.runs.demo import DEMOS


@lru_cache(maxsize=1)
def _cohort(folder: str) -> Cohort:
    """A folder is named after its content, so it never has to be read again."""
    return open_cohort(Path(folder))


def preview_preparation(payload: Mapping[str, Any]) -> Preview:
    """What a preparation does to a cohort and to one of its columns.

    Parameters
    ----------
    payload : mapping
        ``folder`` of the cohort, ``preparation`` settings, ``column``.
    """
    settings = from_plain(Preparation, payload["preparation"])
    return preview(_cohort(payload["folder"]), settings, payload["column"])


def demo_cohort(payload: Mapping[str, Any]) -> None:
    """Write the patients of a demo where the page can open them; one of them comes with scikit-learn.

    Parameters
    ----------
    payload : mapping
        ``demo``, a key of `medtune.runs.demo.DEMOS`; ``place``, 0 for the source and 1 for the local patients;
        ``folder`` to write to.
    """
    save_cohort(DEMOS[payload["demo"]].cohorts()[payload["place"]], Path(payload["folder"]))
