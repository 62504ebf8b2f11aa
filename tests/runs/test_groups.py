"""Whom the models of a run serve: groups by category, age band, quarter and site."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.evaluation.discrimination import auroc
from medtune.evaluation.logistic import expit
from medtune.foundation.errors import MedtuneError
from medtune.foundation.records import from_json, to_json
from medtune.runs.groups import Groups, columns_for_groups, group_labels, who_it_serves


@pytest.fixture(scope="module")
def patients():
    rng = np.random.default_rng(5)
    n = 600
    eta = rng.normal(-0.8, 1.2, n)
    table = pd.DataFrame(
        {
            "age_years": rng.uniform(22, 89, n).round(),
            "lactate": rng.gamma(2, 1, n),
            "sex": np.where(rng.random(n) < 0.5, "woman", "man"),
            "ward": np.where(np.arange(n) < 12, "tiny", rng.choice(["A", "B", "C"], n)),
            "died": (rng.random(n) < expit(eta)).astype(int),
        }
    )
    table.loc[3, "sex"] = None
    roles = Roles("died", Event(values=("1",)), ("age_years", "lactate", "sex"), site="ward")
    risks = {"original": expit(eta + 0.7)[None], "averaged": np.stack([expit(eta), expit(eta + 0.01)])}
    return make_cohort(table, roles), risks


def test_ages_make_bands_and_other_numbers_quarters(patients):
    cohort, _ = patients
    labels, names = group_labels(cohort, "age_years")
    assert names == ("below 40", "40 to below 50", "50 to below 60", "60 to below 70", "70 to below 80", "80 or more")
    ages = cohort.frame["age_years"].to_numpy()
    assert (labels[ages == 50] == 2).all()
    assert ((ages >= 80) == (labels == 5)).all()
    labels, names = group_labels(cohort, "lactate")
    assert len(names) == 4
    assert np.bincount(labels).min() >= 140


def test_each_group_is_measured_as_if_alone(patients):
    cohort, risks = patients
    found = who_it_serves(cohort, np.arange(cohort.n), risks, "averaged", "sex", 0.3, resamples=40)
    assert [row.name for row in found.rows] == ["man", "woman"]
    assert found.unplaced == 1
    men = (cohort.frame["sex"] == "man").to_numpy()
    assert found.rows[0].n == men.sum()
    own = found.rows[0].measures["averaged"]["auroc"]
    assert own.value == pytest.approx(auroc(cohort.outcome[men], risks["averaged"][:, men]))
    assert own.low < own.value < own.high
    assert found.rows[0].covered["event"].value == pytest.approx(0.9, abs=0.08)


def test_a_site_with_too_few_events_stays_blank_and_the_others_are_compared(patients):
    cohort, risks = patients
    found = who_it_serves(cohort, np.arange(cohort.n), risks, "averaged", "ward", 0.3, resamples=40)
    tiny = found.rows[-1]
    assert (tiny.name, tiny.n, tiny.enough) == ("tiny", 12, False)
    assert not any(e.known for e in tiny.measures["averaged"].values())
    assert found.spread["auroc"].sites == 3
    assert found.spread["auroc"].i2 < 0.8
    assert columns_for_groups(cohort) == ("ward", "sex", "age_years", "lactate")


def test_the_answer_travels_as_json(patients):
    cohort, risks = patients
    found = who_it_serves(cohort, np.arange(cohort.n), risks, "averaged", "ward", 0.3, resamples=20)
    again = from_json(Groups, to_json(found))
    assert again.rows[0].measures["averaged"]["oe"] == found.rows[0].measures["averaged"]["oe"]
    assert again.spread["slope"] == found.spread["slope"]


def test_a_column_that_makes_no_groups_is_refused(patients):
    with pytest.raises(MedtuneError, match="makes no groups"):
        group_labels(patients[0], "nobody")


def test_a_column_of_one_value_is_one_group(patients):
    cohort, risks = patients
    table = cohort.frame.assign(lactate=1.5)
    same = make_cohort(table, cohort.roles)
    found = who_it_serves(same, np.arange(same.n), risks, "averaged", "lactate", 0.3, resamples=20)
    assert len(found.rows) == 1
    assert found.spread["auroc"] is None
