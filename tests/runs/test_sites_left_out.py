"""A model judged at each site by a fit that never saw that site, and how far the sites then differ."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.evaluation.logistic import expit
from medtune.foundation.settings import Settings, Starting, Validation
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.groups import who_it_serves
from medtune.runs.participants import taking_part

SITES = 6
LEAVE_OUT = Settings(starting=Starting("scratch"), validation=Validation("by_site", resamples=100))


def tuned_by_site(shifts, seed=0):
    """A model from scratch, each of the sites left out in turn; the event rate differs between sites by `shifts`."""
    rng = np.random.default_rng(seed)
    n = 200 * SITES
    site = np.arange(n) % SITES
    x = rng.normal(size=n)
    died = rng.random(n) < expit(-0.6 + x + np.asarray(shifts)[site])
    table = pd.DataFrame({"x": x, "ward": [f"w{k}" for k in site], "died": died.astype(int)})
    cohort = make_cohort(table, Roles("died", Event(values=("1",)), ("x",), site="ward"))
    run = fine_tune(cohort, settings=LEAVE_OUT)
    cohort, _ = taking_part(cohort, LEAVE_OUT)
    found = who_it_serves(cohort, run.rows, run.risks, "scratch", "ward", 0.4, resamples=100)
    return cohort, run, found


@pytest.fixture(scope="module")
def unlike():
    return tuned_by_site([-1.2, -0.6, 0, 0, 0.6, 1.2])


def test_each_site_is_scored_by_a_model_that_never_saw_it(unlike):
    cohort, run, _ = unlike
    assert "leaving out each of 6 sites" in str(run.result.design)
    # The site with most events is expected to have fewer than it has, since its own events took no part.
    here = cohort.site[run.rows] == "w5"
    assert run.risks["scratch"][:, here].mean() < cohort.outcome[run.rows][here].mean() - 0.1


def test_sites_that_differ_are_found_to_and_a_further_one_may_lie_far_off(unlike):
    _, _, found = unlike
    level, ranking = found.spread["oe"], found.spread["auroc"]
    assert level.sites == SITES
    assert level.i2 > 0.8
    assert level.p < 1e-6
    assert level.prediction.low < 0.7 < 1.4 < level.prediction.high
    assert ranking.p > 0.01  # ranking is the same everywhere


def test_sites_that_are_alike_are_not_said_to_differ():
    _, _, found = tuned_by_site(np.zeros(SITES), seed=3)
    # The fit to the other sites varies too, which a site's own interval leaves out: five sites add a fifth.
    assert found.spread["oe"].p > 0.005
    assert found.spread["oe"].prediction.low > 0.6
