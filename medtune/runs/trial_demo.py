"""The demo of treatments: a made-up trial, from nothing to a comparison of its options."""

from __future__ import annotations

from medtune.foundation.settings import Settings, Treatment
from medtune.runs.folder import RunFolder
from medtune.runs.store import Store
from medtune.runs.treatments import begin_comparison


def start_trial_demo(store: Store) -> RunFolder:
    """Keep the patients of the made-up trial and start the comparison of what they were given.

    Parameters
    ----------
    store : Store
        Where patients and comparison are kept.

    Returns
    -------
    RunFolder
        Its process has been started.
    """
    from medtune.cohort.trial_demo import OPTIONS, synthetic_trial

    cohort = synthetic_trial()
    settings = Settings(treatment=Treatment("randomised", OPTIONS[0]))
    return begin_comparison(store, cohort.name, store.add_cohort(cohort), cohort.roles.treatment, settings)
