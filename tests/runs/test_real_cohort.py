"""A real cohort goes into the store and comes back the same in another session."""

import numpy as np
import pandas as pd

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.runs.store import Store


def test_a_cohort_comes_back_the_same_after_a_restart(store):
    age = np.tile(np.arange(50.0, 60.0), 4) + 0.5
    frame = pd.DataFrame({"age": age, "sex": ["f", "m"] * 20, "died": [0, 0, 1, 1] * 10})
    cohort = make_cohort(frame, Roles("died", Event(at_least=1), ("age", "sex")), name="Synthetic")
    run = store.new_run("fine_tune", "First", cohort=store.add_cohort(cohort, file="synthetic.csv"))
    again = Store(store.place)
    (entry,) = again.cohorts()
    assert (entry.name, entry.n, entry.events, entry.outcome) == ("Synthetic", 40, 20, "died")
    opened = again.open_cohort(entry.id)
    assert opened.fingerprint == cohort.fingerprint == entry.id
    pd.testing.assert_frame_equal(opened.frame, cohort.frame)
    assert (again.run(run.id).cohort_folder / "cohort.parquet").exists()
