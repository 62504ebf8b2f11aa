"""medtune: fine-tune a clinical prediction model to local patients, and see honestly whether that helped."""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

# The public face. Each name is imported when it is first used: opening a page must not wait for scikit-learn.
_ROOMS = {
    "read_cohort": "medtune.cohort.opening",
    "make_cohort": "medtune.cohort.table",
    "read_table": "medtune.cohort.reading",
    "read_pictures": "medtune.images.opening",
    "Cohort": "medtune.cohort.table",
    "Roles": "medtune.cohort.roles",
    "Cleaning": "medtune.cohort.roles",
    "Event": "medtune.cohort.roles",
    "load_model": "medtune.models.files",
    "read_equation": "medtune.models.equation",
    "mean_of": "medtune.models.several",
    "ScoreColumn": "medtune.models.starting",
    "save_model": "medtune.models.files",
    "fine_tune": "medtune.runs.fine_tuning",
    "validate": "medtune.runs.validating",
    "explain": "medtune.explanation.contributions",
    "interplay": "medtune.explanation.interplay",
    "explain_class": "medtune.explanation.one_class",
    "main_effects": "medtune.explanation.main_effects",
    "nomogram": "medtune.explanation.nomogram",
    "points_score": "medtune.explanation.points",
    "points_check": "medtune.runs.paper",
    "score": "medtune.models.scoring",
    "evaluate": "medtune.evaluation.performance",
    "Settings": "medtune.foundation.settings",
    "MedtuneError": "medtune.foundation.errors",
}

__all__ = sorted(_ROOMS)


def __getattr__(name: str):
    if name not in _ROOMS:
        raise AttributeError(f"module 'medtune' has no attribute '{name}'")
    thing = getattr(import_module(_ROOMS[name]), name)
    globals()[name] = thing
    return thing


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
