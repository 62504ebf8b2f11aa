"""The made-up trial in one click: its patients and the comparison of its options come into view."""

from __future__ import annotations

from medtune.foundation.settings import Settings
from medtune.runs.trial_demo import start_trial_demo
from medtune.ui.state import state


def try_it() -> None:
    """Keep the patients, start the comparison, and bring both into view."""
    with state.troubles_kept():
        run = start_trial_demo(state.store)
        state.use_comparison(run.id)
        state.change(treatment=Settings.from_json(run.settings).treatment)
